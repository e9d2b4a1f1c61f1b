"""Schemathesis calls the API with whatever its OpenAPI description allows, and with what it does not allow."""

import re
import subprocess
import sys

import pytest

from labsupport.processes import services
from labsupport.processes.redis_server import EmbeddedServer

CONFORMS = ",".join(
    f"{what}_conformance" for what in ("status_code", "content_type", "response_schema", "response_headers")
)


@pytest.fixture
def api(server: EmbeddedServer, tmp_path, monkeypatch):
    monkeypatch.setenv("REDIS_URL", server.url)
    monkeypatch.setenv("NOTIFICATIONS_DATABASE", str(tmp_path / "notifications.db"))
    running = services.api("labsupport.notifications.api:api", tmp_path, NOTIFICATIONS_LONGEST_QUEUE=1_000_000)
    yield running
    running.kill()


def schemathesis(url: str, folder, *options: str) -> str:
    """What it says. The seed is fixed: a finding today is one tomorrow."""
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json", "--no-color", "--seed", "1"]
    command += ["--max-examples", "50", "--generation-database", "none", *options]
    run = subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=110)
    assert run.returncode == 0, run.stdout[-5000:] + run.stderr[-1000:]
    return run.stdout


def test_no_server_error_and_as_described(api, tmp_path):
    # Of two routes with one path, Starlette names one's methods in the `Allow` header of a 405.
    # /health is a 503 here, as described: no worker listens.
    said = schemathesis(api.url, tmp_path, "--exclude-checks", "allow_header_conformance", "--exclude-path", "/health")
    assert int(re.search(r"(\d+) generated", said).group(1)) > 300
    said = schemathesis(api.url, tmp_path, "--checks", CONFORMS, "--include-path", "/health")
    assert "1 selected" in said


def test_without_redis_nothing_but_the_stated_503(api, server, tmp_path):
    server.kill()
    said = schemathesis(api.url, tmp_path, "--checks", CONFORMS)
    assert int(re.search(r"(\d+) generated", said).group(1)) > 300
    (log,) = tmp_path.glob("api-*.log")
    codes = set(re.findall(r"HTTP/1.1\" (5\d\d)", log.read_text()))
    assert codes == {"503"}
