"""`make serve`: the whole service by one command, and nothing left of it after Ctrl-C."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from labsupport.processes.redis_server import free_port
from tests.kernels import alive, family, soon


@pytest.mark.parametrize(
    ("end", "temporary"),
    [(signal.SIGINT, "a space"), (signal.SIGTERM, "tmp"), (signal.SIGKILL, "tmp")],
    ids=["SIGINT, a space in TMPDIR", "SIGTERM", "SIGKILL"],
)
def test_one_command_and_nothing_left(end, temporary, tmp_path):
    (tmp_path / temporary).mkdir()
    port, dashboard = free_port(), free_port()
    log = tmp_path / "log"
    environment = {name: value for name, value in os.environ.items() if name not in ("RQ_KEY_PREFIX", "REDIS_URL")}
    environment["TMPDIR"] = str(tmp_path / temporary)
    with open(log, "wb") as output:
        serve = subprocess.Popen(
            [sys.executable, "-m", "labsupport.commands.serve", "--port", str(port), "--dashboard-port", str(dashboard)],
            stdout=output, stderr=subprocess.STDOUT, start_new_session=True, env=environment,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),  # as a shell's background job has it
        )  # fmt: skip
    try:
        assert soon(lambda: "Ctrl-C ends all" in log.read_text(), within=60), log.read_text()
        url = f"http://127.0.0.1:{port}"
        job = httpx.post(f"{url}/notifications", json={"message": "Hi"})
        assert job.status_code == 202
        assert soon(lambda: httpx.get(url + job.headers["Location"]).json()["result"] is True, within=20)
        assert httpx.get(f"{url}/health").json()["workers"] == 2
        # The dashboard knows the queue, whose jobs are JSON, and shows the job.
        board = httpx.Client(auth=tuple(re.search(r"log in as (\w+), password (\w+)", log.read_text()).groups()))
        queues = board.get(f"http://127.0.0.1:{dashboard}/0/data/queues.json").json()["queues"]
        assert [(queue["name"], queue["finished_job_registry_count"]) for queue in queues] == [
            ("notification-queue", 1)
        ]
        page = board.get(f"http://127.0.0.1:{dashboard}/0/data/job/{job.json()['job']}.json")
        assert page.json()["result"] is True
        processes = family(serve.pid)
        assert len(processes) >= 10  # leashes and commands: server, API, two workers, dashboard
        folder = Path(re.search(r"^logs +(.*)$", log.read_text(), re.MULTILINE)[1])
        assert folder.is_dir()
        assert folder.is_relative_to(tmp_path / temporary)
        serve.send_signal(end)
        serve.wait(timeout=30)
        assert soon(lambda: not alive(processes) and not folder.exists()), alive(processes)
    finally:
        serve.kill()


def test_a_taken_port_is_two_lines():
    port = free_port()

    with socket.create_server(("127.0.0.1", port)):
        run = subprocess.run(
            [
                sys.executable,
                "-m",
                "labsupport.commands.serve",
                "--port",
                str(port),
                "--dashboard-port",
                str(free_port()),
            ],
            capture_output=True,
            text=True,
        )
    assert run.returncode == 1
    assert run.stderr.splitlines() == [
        f"api could not start: port {port} is taken by another program.",
        "make serve PORT=8001 DASHBOARD_PORT=9182 takes others.",
    ]
