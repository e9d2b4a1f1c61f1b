"""`make lab`: JupyterLab on the reader's copies, on loopback, in surroundings in which a lab works."""

import json
import os
import socket
import stat
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from labsupport.commands import open_labs
from labsupport.commands.docker import start as start_docker
from labsupport.errors import LabError
from labsupport.paths import CHECKOUT, MY_LABS
from tests.kernels import alive, family, soon


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_jupyterlab_opens_on_the_copy():
    """The real thing: JupyterLab, on loopback, with its token, at the first lab."""
    command = [sys.executable, "-m", open_labs.__name__, "--no-browser", "--port=0", "--ServerApp.token=secret"]
    started = subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        runtime = Path(subprocess.run(
            [sys.executable, "-m", "jupyter", "--runtime-dir"], capture_output=True, text=True, check=True
        ).stdout.strip())  # fmt: skip
        note = runtime / f"jpserver-{started.pid}.json"
        assert soon(lambda: note.exists() and note.read_text().endswith("}"), within=180)
        facts = json.loads(note.read_text())
        # The note is written a moment before JupyterLab listens.
        assert soon(lambda: listening(facts["port"]), within=180)
        assert facts["hostname"] == "127.0.0.1"
        assert facts["token"] == "secret"
        assert Path(facts["root_dir"]) == MY_LABS
        assert stat.S_IMODE(MY_LABS.stat().st_mode) == 0o700
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"{facts['url']}api/contents/notebooks")
        answer = urllib.request.urlopen(f"{facts['url']}api/contents/notebooks/{open_labs.FIRST}?token=secret")
        assert json.load(answer)["name"] == open_labs.FIRST
        landing = urllib.request.urlopen(f"{facts['url']}?token=secret").url.partition("?")[0]
        assert landing.endswith(f"/lab/tree/notebooks/{open_labs.FIRST}")
    finally:
        below = family(started.pid)
        started.terminate()
        started.wait(timeout=20)
    assert soon(lambda: not alive(below))


def in_surroundings(code: str, **environment: str) -> str:
    """What a kernel of JupyterLab would print, if the reader's shell had these variables."""
    surroundings = open_labs.surroundings({**os.environ, **environment})
    return subprocess.run(
        [sys.executable, "-c", code], env=surroundings, check=True, capture_output=True
    ).stdout.decode()


@pytest.mark.parametrize("exempt", [{}, {"NO_PROXY": "intranet"}, {"NO_PROXY": "", "no_proxy": "intranet"}])
def test_a_proxy_is_for_what_is_elsewhere(exempt):
    """A lab's own API is on loopback, where no proxy finds it."""
    code = """
import urllib.request
import httpx
print([bool(urllib.request.proxy_bypass(host)) for host in ("127.0.0.1", "localhost", "intranet", "example.org")])
print(httpx.get("http://127.0.0.1:{}/").text)
"""
    with socket.create_server(("127.0.0.1", 0)) as api:

        def answer() -> None:
            caller, _ = api.accept()
            with caller:
                caller.recv(1000)
                caller.sendall(b"HTTP/1.0 200 OK\r\n\r\nat once")

        threading.Thread(target=answer, daemon=True).start()
        dead = "http://127.0.0.1:9"  # nobody listens there
        said = in_surroundings(code.format(api.getsockname()[1]), HTTP_PROXY=dead, http_proxy=dead, **exempt)
    assert said == f"[True, True, {bool(exempt)}, False]\nat once\n"


def test_what_a_kernel_prints_is_utf8():
    said = in_surroundings("print('é → 日')", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert said == "é → 日\n"


def test_a_terminal_finds_rq():
    assert in_surroundings("import shutil; print(shutil.which('rq'))", PATH="").strip() == f"{sys.prefix}/bin/rq"


def test_an_error_is_its_lines_and_no_traceback():
    run = subprocess.run(
        [sys.executable, "-m", open_labs.__name__, "--docker"],
        cwd=CHECKOUT, capture_output=True, text=True, env={**os.environ, "PATH": "/nonexistent"},
    )  # fmt: skip
    assert run.returncode == 1
    assert run.stderr.splitlines() == [
        "Docker Compose is not installed. Install Docker, or use make lab, which needs none."
    ]


def test_docker_missing(monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(LabError, match="use make lab, which needs none"):
        start_docker()


@pytest.mark.parametrize(
    ("said", "link"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"JUPYTERHUB_SERVICE_PREFIX": "/user/ada/"}, "/user/ada/proxy/8000"),
        ({"JUPYTERHUB_PUBLIC_URL": "", "JUPYTERHUB_SERVICE_PREFIX": "/user/ada/"}, "/user/ada/proxy/8000"),
        ({"JUPYTERHUB_PUBLIC_URL": "https://hub.example/user/ada/"}, "https://hub.example/user/ada/proxy/8000"),
        ({"JUPYTERHUB_SERVICE_PREFIX": "/user/ada/", "LAB_ADDRESS": "https://duck.example"}, "https://duck.example/proxy/8000"),
    ],
)  # fmt: skip
def test_where_a_service_is_found_on_a_hub_and_where_there_is_none(said, link, tmp_path):
    """For a kit that many share, the copies are in one's own folder, too."""
    others = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTERHUB_", "LAB_"))}
    shows = "from labsupport.processes.services import _link; print(_link(8000))"
    command = [sys.executable, "-m", open_labs.__name__, "--run", sys.executable, "-c", shows]
    environment = {**others, **said, "HOME": str(tmp_path), "LAB_WORK": "~/my work"}
    run = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == link
    assert (tmp_path / "my work" / "notebooks" / open_labs.FIRST).is_file()
