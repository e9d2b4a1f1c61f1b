"""`lab.doctor()`: the same lines wherever all is well, and for each trouble a line that says what to do."""

import errno
import os
import re
import signal
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from labsupport.commands import doctor
from labsupport.processes import leash, node
from labsupport.processes.leash import Leashed
from labsupport.processes.redis_server import PATIENCE, EmbeddedServer
from tests.kernels import soon

WELL = """\
ok   Python: VERSION
ok   kernel: the kit's own environment
ok   packages: as requirements.txt pins them
ok   Redis: Valkey VERSION answers
ok   memory: there is room for jobs
ok   rights: all that a lab needs
ok   fork: there
ok   ports: free ones on 127.0.0.1
ok   proxy: none is asked for 127.0.0.1
ok   disk: room for logs and notebooks
ok   BullMQ: there, for 11-bullmq
ok   leftovers: none
"""


@pytest.fixture(autouse=True)
def _own_mark(monkeypatch):
    """What this file leaves behind on purpose is not seen by a doctor in another test."""
    monkeypatch.setattr(leash, "MARK", "JOBS_LAB_LEASH_OF_A_TEST")


@pytest.fixture
def says(server, capsys):
    """What the doctor prints of a server (default: one of the test's own)."""

    def examine(url: str = server.url) -> str:
        capsys.readouterr()
        doctor.examine(url)
        return re.sub(r"(Python:|Valkey) [\d.]+", r"\1 VERSION", capsys.readouterr().out)

    return examine


def troubles(said: str) -> list[str]:
    """What the doctor has to say beyond `ok`: each subject, what was seen, and the fix below it."""
    return [line for line in said.splitlines() if not line.startswith("ok ")]


def test_all_is_well(says, server):
    assert says() == WELL
    assert server.redis.keys() == []


def test_packages(says, monkeypatch, tmp_path):
    (tmp_path / "requirements.txt").write_text(
        "# a comment\n\nredis==0.1   # another version\nrq>=3\nno-such-package==1\n"
        'pandas==0.1; python_version < "3"\npsutil==0.2; python_version >= "3"\n'
    )
    monkeypatch.setattr(doctor, "CHECKOUT", tmp_path)
    (line,) = re.findall("FIX  packages: (.*)", says())
    assert re.findall(r"([\w-]+) is ([^,]+), should be ([^,]+)", re.sub(r"is \d[\d.]*", "is there", line)) == [
        ("redis", "there", "0.1"),
        ("no-such-package", "missing", "1"),
        ("psutil", "there", "0.2"),
    ]


# The server.


def test_no_server(says):
    said = troubles(says("redis://127.0.0.1:1"))
    assert said[0].startswith("FIX  Redis: no answer: ")
    assert "see that 127.0.0.1:1 is up" in said[1]
    assert len(said) == 2


def test_a_frozen_server(says, server):
    os.kill(server.pid, signal.SIGSTOP)
    try:
        start = time.monotonic()
        said = troubles(says())
        assert time.monotonic() - start < 3 * PATIENCE
        assert said[0].startswith("FIX  Redis: no answer: Timeout")
    finally:
        os.kill(server.pid, signal.SIGCONT)


@pytest.mark.parametrize("part", [0.5, 1, 1.03], ids=["over", "full", "nearly"])
def test_a_full_server(says, server, part):
    server.redis.config_set("maxmemory", int(server.redis.info("memory")["used_memory"] * part))
    said = troubles(says())
    assert re.fullmatch(r"FIX  memory: full: \d+ of \d+ MiB are used", said[0])
    assert "set its maxmemory higher" in said[1]
    assert len(said) == 2


def test_a_server_that_evicts_is_not_full(says, server):
    server.redis.config_set("maxmemory-policy", "allkeys-lru")
    server.redis.config_set("maxmemory", int(server.redis.info("memory")["used_memory"] * 1.03))
    assert troubles(says()) == []


@pytest.mark.parametrize("missing", ["-eval", "-scan", "-set", "-publish"])
def test_rights_that_are_missing(says, server, missing):
    server.redis.execute_command("ACL", "SETUSER", "reader", "on", ">secret", "~*", "&*", "+@all", missing)
    said = troubles(says(f"redis://reader:secret@127.0.0.1:{server.port}"))
    assert said[0].startswith("FIX  rights: it refused: ")
    assert missing.removeprefix("-") in said[0]
    assert "~jobs-lab:* &jobs-lab:* +@all" in said[1]
    assert "secret" not in "".join(said)


# The machine.


def test_a_proxy_that_is_asked_for_loopback(says, monkeypatch):
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", "http://proxy:3128")
    said = troubles(says())
    assert said[0] == "FIX  proxy: HTTP_PROXY is asked for 127.0.0.1, too"
    assert "NO_PROXY=127.0.0.1,localhost" in said[1]
    monkeypatch.setenv("NO_PROXY", "intranet,127.0.0.1")
    assert troubles(says()) == []


def test_a_temporary_folder_that_is_gone(says, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    said = troubles(says())
    assert said[0] == f"FIX  disk: {tmp_path / 'gone'} can't be written to: No such file or directory"
    assert "TMPDIR=/another/folder" in said[1]


def test_a_full_disk(says, monkeypatch):
    def fsync(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fsync)
    assert troubles(says())[0].endswith("can't be written to: No space left on device")


# What is left of labs that are gone.

ORPHAN = """
import subprocess, sys
print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]).pid, flush=True)
"""
"""A program that ends before a program that it starts, as a worker may end before its work-horse."""


def orphan(folder: Path) -> tuple[Leashed, int]:
    """A leash, and the process that its command left behind."""
    process = Leashed([sys.executable, "-c", ORPHAN], log=folder / "log")
    assert soon(lambda: process.poll() == 0, within=30)
    return process, int((folder / "log").read_text())


def test_leftovers(says, tmp_path, server):
    """Found by the leash's mark, so whatever program they are."""
    other = EmbeddedServer()
    process, left = orphan(tmp_path)
    try:
        assert troubles(says()) == []  # all of them are on a living leash
        for leashed in (other._process, process):
            leashed._leash.kill()
            leashed._leash.wait()
        said = troubles(says())
        assert sorted(re.findall(r"\d+", said[0])) == sorted(map(str, (other.pid, left)))
        assert said[0].startswith("FIX  leftovers: processes ")
        command = said[1].split("→ ")[1].split()
        assert command[0] == "kill"
        for pid in map(int, command[1:]):
            psutil.Process(pid).terminate()
        assert soon(lambda: troubles(says()) == [], within=10)
    finally:
        for pid in (other.pid, left):
            if psutil.pid_exists(pid):
                os.kill(pid, signal.SIGKILL)
        process.end()
        other.close()


def test_bullmq_is_missing(says, monkeypatch, tmp_path):
    node.node.cache_clear()
    monkeypatch.setattr(node, "READY", tmp_path / "ready")
    try:
        assert troubles(says()) == ["FIX  BullMQ: missing", "     → for 11-bullmq: make bullmq"]
    finally:
        node.node.cache_clear()
