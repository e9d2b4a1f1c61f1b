"""No password is printed, and the commands that a lab shows can be typed into a terminal all the same."""

import os
import re
import subprocess
import sys

import pytest

from labsupport.processes import terminal
from tests.kernels import SET_UP, CellError

QUEUE = """
from rq import Queue
from rq.serializers import JSONSerializer
queue = Queue("notification-queue", connection=lab.redis, serializer=JSONSerializer)
"""
COMMAND = re.compile(r"\$ (source .*)\n\$ (rq worker .*\\\n.*)\n")


@pytest.fixture
def home(tmp_path):
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def typed(command: str, home, cwd="/") -> subprocess.CompletedProcess:
    """In a new terminal, which knows nothing of the notebook."""
    return subprocess.run(
        ["bash", "--norc", "-c", command],
        env={"HOME": str(home), "PATH": "/usr/bin:/bin", "RQ_REDIS_URL": "redis://127.0.0.1:1"},
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("readers", [False, True], ids=["embedded", "REDIS_URL"])
def test_the_command_shown_can_be_typed(kernel, server, home, readers):
    notebook = kernel(HOME=str(home), REDIS_URL=server.url if readers else "")
    notebook.run(SET_UP + QUEUE)
    (notebook.folder / "beside_the_notebook.py").write_text("def send(): return 'sent'")
    source, command = COMMAND.search(notebook.run("lab.workers(queue).stop()")).groups()
    assert re.fullmatch(r"source ~/\.jobs-lab/\w+\.env", source)
    notebook.run("job = queue.enqueue('beside_the_notebook.send')")
    run = typed(f"{source}\n{command} --burst", home)
    assert run.returncode == 0, run.stderr
    assert notebook.run("job.return_value()") == "'sent'"
    # The same with RQ's own worker and other commands, in the folder of the code.
    run = typed(f"{source}\nrq info --raw && command -v rq", home)
    assert "queue notification-queue 0" in run.stdout
    assert run.stdout.splitlines()[-1] == os.path.join(sys.prefix, "bin", "rq")
    (link,) = (home / ".jobs-lab").iterdir()
    assert (home / ".jobs-lab").stat().st_mode & 0o077 == 0
    assert link.stat().st_mode & 0o777 == 0o600
    assert link.resolve().parent.stat().st_mode & 0o077 == 0
    notebook.shut_down()
    assert list((home / ".jobs-lab").iterdir()) == []


ALL_THAT_PRINTS = [
    SET_UP + QUEUE + "print(lab, repr(lab), vars(lab).keys())",
    "group = lab.workers(queue, count=2, scheduler=True)\nprint(group, group[0])",
    "job = queue.enqueue('operator.add', 1)\nlab.wait(job)\ngroup.log()\ngroup.stop()",
    "lab.doctor()",
    "board = lab.dashboard()\nprint(board, board.url)",
    "service = lab.serve('labsupport.notifications.api:api', REDIS_URL=lab.url)\nprint(service)",
    "lab.workers(queue, keep=True).stop()",
    "lab.workers(queue, worker_class='no.such.Worker')",
    "from labsupport.measure import peek\nprint(peek.keys(lab.redis), peek.counts(queue), lab.attempts(queue))",
    "queue.enqueue('operator.truth', 1)\nlab.drain(queue, timeout=1.5)",
    "print(lab.move_to_own_server(), lab.own_server())\nlab.workers(Queue(connection=lab.redis)).stop()",
    "lab._own.kill()\nlab.redis.ping()",
]


@pytest.mark.parametrize("readers", [False, True], ids=["embedded", "REDIS_URL"])
def test_nothing_that_is_printed_has_a_password(kernel, server, home, readers):
    server.redis.execute_command("ACL", "SETUSER", "reader", "on", ">hidden-word", "~*", "&*", "+@all")
    url = f"redis://reader:hidden-word@127.0.0.1:{server.port}/0" if readers else ""
    notebook = kernel(HOME=str(home), REDIS_URL=url)
    shown, secrets = [], set()
    for cell in ALL_THAT_PRINTS:
        try:
            shown.append(notebook.run(cell))
        except CellError as error:
            shown.append(str(error))
        secrets |= set(
            notebook.run("print(lab._login[1], *(s._password for s in (lab._server, lab._own) if s))").split()
        )
    everything = "\n".join(shown)
    assert "worker-1 could not start" in everything
    assert "did not answer" in everything
    assert len(secrets) == (2 if readers else 3)
    for secret in [*secrets, "hidden-word"]:
        assert secret not in everything, everything


def test_a_home_that_cannot_be_written_to(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "a file" / "home"))
    (tmp_path / "a file").touch()
    terminal.sweep()
    file = terminal.TerminalFile(tmp_path, ("lab", "password"))
    file.write("1234")
    assert file.shown == str(tmp_path / "terminal.env")
    assert (tmp_path / "terminal.env").stat().st_mode & 0o777 == 0o600
    file.remove()
    assert [path.name for path in tmp_path.iterdir()] == ["a file"]
