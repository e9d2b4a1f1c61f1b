"""The folder, copied out under another name and run by itself, where nothing of the labs can be imported."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from labsupport.notifications import processor
from labsupport.processes.redis_server import free_port
from tests.kernels import soon

WITHOUT_LABS = """
import sys

class Refuse:
    def find_spec(self, name, *_):
        if name.partition(".")[0] == "labsupport":
            raise ModuleNotFoundError(f"No module named {name!r}")

sys.meta_path.insert(0, Refuse())
"""


@pytest.fixture
def run(tmp_path):
    """Starts `python …` beside the copy, in an environment that says nothing of Redis, keys or labs."""
    shutil.copytree(Path(processor.__file__).parent, tmp_path / "post", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "sitecustomize.py").write_text(WITHOUT_LABS)  # Python imports it when it starts
    ours = ("REDIS_", "RQ_", "NOTIFICATIONS_")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    started = []

    def start(*words: str, **environment: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, *words], cwd=tmp_path, env={**clean, "PYTHONPATH": str(tmp_path), **environment},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def test_it_serves_and_its_jobs_are_worked_off(run, server):
    assert "No module named 'labsupport'" in run("-c", "import labsupport").communicate()[0]
    port = str(free_port())
    api = run("-m", "uvicorn", "post.api:api", "--port", port, REDIS_URL=server.url)
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            return httpx.get(f"{url}/users/1").status_code == 200
        except httpx.ConnectError:
            return False

    assert soon(lambda: answers() or api.poll() is not None, within=30)
    job = url + httpx.post(f"{url}/notifications", json={"message": "Hi"}).headers["Location"]
    assert httpx.get(job).json()["state"] == "queued"
    worker = run(
        "-m", "rq.cli", "worker", "--config", "post.rq_settings", "--serializer", "json", "--burst",
        "--worker-class", "post.service_worker.ServiceWorker",
        "--connection-class", "post.service_worker.PatientRedis",
        REDIS_URL=server.url,
    )  # fmt: skip
    said, _ = worker.communicate(timeout=60)
    assert "Processing job send-notification with data: {'message': 'Hi'}" in said.splitlines()
    state = httpx.get(job).json()
    assert (state["kind"], state["state"], state["result"]) == ("send-notification", "finished", True)
    assert server.redis.lrange("notifications:provider:delivered", 0, -1) == [b"Hi"]


@pytest.mark.parametrize(
    "words",
    [
        ("-m", "uvicorn", "post.api:api", "--port", "0"),
        ("-m", "rq.cli", "worker", "--config", "post.rq_settings", "--burst"),
        ("-c", "from post.processor import send_notification; send_notification({'message': 'Hi'})"),
    ],
    ids=["api", "worker", "direct"],
)
def test_without_a_redis_it_says_so_in_a_line(run, words):
    """It does not go and write to whatever listens on port 6379."""
    process = run(*words)
    said, _ = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "NotConfigured: REDIS_URL is not set. It names the Redis to use, such as redis://localhost:6379." in said
