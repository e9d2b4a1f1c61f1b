"""A lab is opened on a server that has its troubles, and leaves nothing behind."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import redis

from labsupport import namespace, session
from labsupport.errors import LabError
from labsupport.namespace import Namespace
from labsupport.processes import folders
from labsupport.processes.redis_server import EmbeddedServer, free_port
from tests.kernels import SET_UP, CellError, alive, soon
from tests.test_namespace import WORK

ROOT = "jobs-lab:0123abcd:"


@pytest.fixture
def places(tmp_path, monkeypatch):
    """A home and a temporary folder of the test's own, and an environment that is as before afterwards."""
    before = dict(os.environ)
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    home.mkdir()
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    os.environ["HOME"] = str(home)
    yield home, temporary
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def opened(places):
    """Opens a lab on a server; it is closed at the end."""
    labs = []

    def on(url: str) -> session.Lab:
        labs.append(session.Lab(Namespace(url, ROOT if url else "")))
        labs[-1].open()
        return labs[-1]

    yield on
    for lab in labs:
        lab.close()
    assert list(places[1].iterdir()) == []
    assert list(places[0].glob(".jobs-lab/*")) == []


def complaint(do) -> str:
    with pytest.raises(LabError) as caught:
        do()
    text = str(caught.value)
    assert len(text.splitlines()) == 2, text
    return text


def user(server: EmbeddedServer, *rules: str) -> str:
    """The URL of a user of the server, with these rights."""
    server.redis.execute_command("ACL", "SETUSER", "reader", "reset", "on", ">secret", *rules)
    return f"redis://reader:secret@127.0.0.1:{server.port}/0"


@pytest.mark.parametrize(
    ("rules", "seen"),
    [
        (["~*", "&*", "+@all", "-scan"], "'scan'"),
        (["~app:*", "&*", "+@all"], "access a key|access one of the keys"),
        (["~*", "&*", "+@read", "+info", "+@connection"], "'(set|hset)'"),
        (["~*", "&*", "+@all", "-@scripting"], "'eval'"),
        (["~*", "resetchannels", "+@all"], "channel"),
    ],
    ids=["no scan", "other keys", "read only", "no scripts", "no channels"],
)
def test_rights_that_are_missing(server, opened, rules, seen):
    text = complaint(lambda: opened(user(server, *rules)))
    assert "does not let this user do what a lab does" in text
    assert namespace.RIGHTS in text
    assert re.search(seen, text)
    server.redis.delete(f"{ROOT}rights")
    assert server.redis.keys() == []


def test_the_rights_that_a_lab_asks_for_are_enough(server, kernel):
    notebook = kernel(REDIS_URL=user(server, *namespace.RIGHTS.split()))
    notebook.run(SET_UP)
    assert notebook.run(WORK).endswith("3 [1, 2, 3]\n")
    notebook.shut_down()
    assert server.redis.keys() == []


def fill(connection: redis.Redis, key: str) -> redis.OutOfMemoryError:
    connection.config_set("maxmemory", connection.info("memory")["used_memory"] + 2_000_000)
    for _ in range(1000):
        try:
            connection.rpush(key, "x" * 100_000)
        except redis.OutOfMemoryError as error:
            connection.config_set("maxmemory", int(connection.info("memory")["used_memory"] * 0.9))  # not a byte more
            return error
    raise AssertionError("it is not full")


def test_a_full_server_can_be_left(server, opened):
    lab = opened(server.url)
    error = fill(server.redis, f"{ROOT}rq:queue:q")
    assert lab.explain(error).splitlines()[0] == f"Redis at 127.0.0.1:{server.port} is full, and refuses to store more."
    lab.open()
    assert server.redis.keys() == [b"jobs-lab:labs"]
    # What others fill it with is theirs.
    fill(server.redis, "theirs")
    assert "is full" in complaint(lab.open)
    assert server.redis.exists("theirs")


def test_a_server_that_fills_up_in_the_middle_of_a_transaction(server, opened):
    lab = opened(server.url)
    with server.redis.client() as transaction:
        for command in ("MULTI", "SET theirs 1"):
            transaction.execute_command(*command.split())
        server.redis.config_set("maxmemory", 1)
        with pytest.raises(redis.exceptions.ExecAbortError) as caught:
            transaction.execute_command("EXEC")
    server.redis.config_set("maxmemory", 0)
    assert "is full" in lab.explain(caught.value)


def test_a_full_server_in_a_cell(server, kernel):
    notebook = kernel(REDIS_URL=server.url)
    notebook.run(SET_UP + "\nfrom rq import Queue\nqueue = Queue('q', connection=lab.redis)")
    server.redis.config_set("maxmemory", server.redis.info("memory")["used_memory"] + 2_000_000)
    with pytest.raises(CellError) as caught:
        notebook.run("while True:\n    queue.enqueue(print, 'x' * 100_000)")
    assert "is full" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 2
    notebook.run(SET_UP)
    assert notebook.run("queue.enqueue(print).get_status().value") == "'queued'"


def test_a_hanging_server_of_ones_own_is_replaced(opened):
    lab = opened("")
    hanging = lab._server.pid
    os.kill(hanging, signal.SIGSTOP)
    lab.open()
    assert lab.redis.ping()
    assert not alive([hanging])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="macOS has no disk that is always full")
def test_a_full_disk_is_named(opened):
    lab = opened("")
    server = lab.move_to_own_server()
    server.stop()
    for file in (server.folder / "appendonlydir").iterdir():
        file.unlink()
    (server.folder / "appendonlydir" / "appendonly.aof.1.incr.aof").symlink_to("/dev/full")
    server.start()
    with pytest.raises(redis.ConnectionError) as caught:
        lab.redis.set("key", "value")
    assert soon(lambda: not server.running)
    assert lab.explain(caught.value).splitlines() == [
        f"Redis at 127.0.0.1:{server.port} can't write to its disk: the disk is full.",
        "Free some space, and run the set-up cell again.",
    ]
    lab.open()  # the notebook's first server is still there
    assert lab.redis.ping()


def test_an_error_of_another_server_is_not_the_labs(opened):
    """`Redis()`, typed in a cell: that the lab's Redis did not answer would be untrue."""
    lab = opened("")
    with pytest.raises(redis.ConnectionError) as caught:
        redis.Redis(port=free_port()).ping()
    assert lab.explain(caught.value) is None
    lab._server.kill()
    assert "did not answer" in lab.explain(caught.value)


def script(code: str, places, **environment: str) -> subprocess.CompletedProcess:
    home, temporary = places
    return subprocess.run(
        [sys.executable, "-c", f"import os, sys, signal\nfrom labsupport.lab import open_lab\n{code}"],
        env={**os.environ, "HOME": str(home), "TMPDIR": str(temporary), "REDIS_URL": "", **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def left(places) -> list[str]:
    home, temporary = places
    return sorted(os.listdir(temporary)) + sorted(
        os.listdir(home / ".jobs-lab") if (home / ".jobs-lab").exists() else []
    )


def test_a_failed_first_set_up_leaves_nothing(places):
    run = script(
        "try: open_lab()\nexcept Exception as error: print(error)", places, REDIS_URL=f"redis://127.0.0.1:{free_port()}"
    )
    assert run.stdout.startswith("No Redis answers")
    assert run.stderr == ""
    assert left(places) == []


def test_a_killed_notebook_without_a_worker_is_tidied_up_after_by_the_next(server, places):
    run = script("open_lab()\nos.kill(os.getpid(), signal.SIGKILL)", places, REDIS_URL=server.url)
    assert run.returncode == -signal.SIGKILL, run.stderr
    assert len(left(places)) == 2  # its folder, and the link to its file
    run = script("lab = open_lab()\nprint(len(os.listdir(os.environ['TMPDIR'])))", places, REDIS_URL=server.url)
    assert run.stdout.splitlines()[-1] == "1", run.stderr
    assert left(places) == []
    assert server.redis.keys() == []


def test_folders_of_the_living_and_of_others_stay(places):
    (places[1] / "jobs-lab-somebody").mkdir()
    (places[1] / "jobs-lab-odd").mkdir()
    (places[1] / "jobs-lab-odd" / "owner.json").write_text("null")
    run = script(f"lab = open_lab()\nimport subprocess\nprint(subprocess.run([sys.executable, '-c', {SET_UP!r}]).returncode)\n"
                 "print(lab.folder.exists(), lab.redis.ping())", places)  # fmt: skip
    assert run.stdout.splitlines()[-2:] == ["0", "True True"], run.stderr
    assert left(places) == ["jobs-lab-odd", "jobs-lab-somebody"]


def test_a_fork_that_ends_leaves_the_lab_alone(places):
    run = script(
        "lab = open_lab()\nif os.fork() == 0:\n    sys.exit()\nos.wait()\nprint(lab.folder.exists(), lab.redis.ping())",
        places,
    )
    assert run.stdout.splitlines()[-1] == "True True", run.stderr
    assert left(places) == []


def test_a_notebook_ends_after_its_server(server, places):
    run = script(f"open_lab()\nos.kill({server.pid}, signal.SIGKILL)", places, REDIS_URL=server.url)
    assert (run.returncode, run.stderr) == (0, "")
    assert left(places) == []


def test_no_temporary_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "no-such-folder"))
    assert "TMPDIR" in complaint(folders.make)


def test_opening_a_lab_is_quick():
    """pandas and matplotlib take seconds of a processor. A kernel that shows no table, and a worker, do without."""
    for code in ("from labsupport.lab import open_lab; open_lab()", "import labsupport.measure.recorder"):
        check = f"{code}\nimport sys\nassert not {{'pandas', 'matplotlib', 'numpy'}} & sys.modules.keys()"
        subprocess.run([sys.executable, "-c", check], check=True, env={**os.environ, "REDIS_URL": ""})


def test_after_the_set_up_cell_nothing_is_told_of_sentinels(lab):
    """A service that is started then must not ask Sentinels that are gone."""
    url = lab.url
    group = lab.move_to_sentinels()
    assert os.environ["REDIS_SENTINELS"] == group.settings["REDIS_SENTINELS"]
    assert group.settings["REDIS_SENTINELS"] in (lab.folder / "terminal.env").read_text()
    assert lab.redis.set("a", 1)
    lab.open()
    assert (lab.url, os.environ["REDIS_URL"]) == (url, url)
    assert "REDIS_SENTINELS" not in os.environ
    assert "REDIS_SENTINELS" not in (lab.folder / "terminal.env").read_text()
    assert not group.primary.running
    assert lab.redis.get("a") is None


def test_sentinels_of_the_readers_environment_are_not_the_labs(lab, monkeypatch):
    monkeypatch.setenv("REDIS_SENTINELS", "somewhere:26379")
    lab.open()
    assert "REDIS_SENTINELS" not in os.environ
