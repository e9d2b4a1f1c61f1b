"""A check-list of what a lab needs, each point with its fix."""

import importlib.metadata
import os
import socket
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import psutil
from packaging.requirements import Requirement
from redis import OutOfMemoryError, Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from labsupport import namespace
from labsupport.errors import LabError
from labsupport.paths import CHECKOUT
from labsupport.processes import fork_server, leash, node
from labsupport.processes.redis_server import PATIENCE, address, product

NEARLY = 0.95
"""The part of its memory with which a server counts as full."""


class Finding(NamedTuple):
    """What was looked at, what was seen, and how to fix it; `fix` is empty if it is as it should be."""

    subject: str
    seen: str
    fix: str = ""


def examine(url: str) -> None:
    """Print the list for a lab on the Redis at `url`: the same lines wherever all is well."""
    for finding in _findings(url):
        print(f"{'FIX ' if finding.fix else 'ok  '} {finding.subject}: {finding.seen}")
        if finding.fix:
            print(f"     → {finding.fix}")


def _findings(url: str) -> Iterator[Finding]:
    yield _python()
    yield _kernel()
    yield _packages()
    yield from _redis(url)
    yield _fork()
    yield _ports()
    yield _proxy()
    yield _disk()
    yield _bullmq()
    yield _leftovers()


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    fine = sys.version_info >= (3, 10)
    return Finding(
        "Python", version, "" if fine else "make clean, then make lab PYTHON=python3.12, or another from 3.10 on"
    )


def _kernel() -> Finding:
    if Path(sys.prefix).resolve() == CHECKOUT / ".venv":
        return Finding("kernel", "the kit's own environment")
    fix = "open the labs with make lab, and choose Kernel → Change Kernel → Python 3 (ipykernel)"
    return Finding("kernel", f"another environment, {sys.prefix}", fix)


def _packages() -> Finding:
    wrong = ", ".join(_wrong_packages())
    return (
        Finding("packages", wrong, "make clean, then make lab")
        if wrong
        else Finding("packages", "as requirements.txt pins them")
    )


def _wrong_packages() -> Iterator[str]:
    lines = (CHECKOUT / "requirements.txt").read_text(encoding="utf8").splitlines()
    for pin in (Requirement(line) for line in (line.partition("#")[0].strip() for line in lines) if line):
        if pin.marker and not pin.marker.evaluate():
            continue
        try:
            found = importlib.metadata.version(pin.name)
        except importlib.metadata.PackageNotFoundError:
            found = "missing"
        if found == "missing" or found not in pin.specifier:
            yield f"{pin.name} is {found}, should be {str(pin.specifier).removeprefix('==')}"


def _redis(url: str) -> Iterator[Finding]:
    """What concerns the server; if it does not answer within seconds, that alone."""
    whose = f"run the set-up cell again; for a server of your own, see that {address(url)} is up"
    patient = {"socket_connect_timeout": PATIENCE, "socket_timeout": PATIENCE}
    try:
        with Redis.from_url(url, retry=Retry(NoBackoff(), 0), **patient) as redis:
            yield Finding("Redis", f"{product(redis)} answers")
            yield _memory(redis)
            yield _rights(redis)
    except RedisError as error:
        yield Finding("Redis", f"no answer: {error}", whose)


def _memory(redis: Redis) -> Finding:
    """Whether it takes jobs, or has no room for them."""
    memory = redis.info("memory")
    most, used = memory.get("maxmemory", 0), memory["used_memory"]
    if most and used > NEARLY * most and memory.get("maxmemory_policy") == "noeviction":
        seen = f"full: {used / 2**20:.0f} of {most / 2**20:.0f} MiB are used"
        return Finding("memory", seen, "delete what fills it, or set its maxmemory higher, or unset REDIS_URL")
    return Finding("memory", "there is room for jobs")


def _rights(redis: Redis) -> Finding:
    """Whether it lets this user do what RQ and a lab do."""
    names = namespace.claim()
    try:
        names.check_rights(redis)
        redis.scan(match=names.root + "*", count=1)
    except OutOfMemoryError:
        pass  # said already
    except RedisError as error:
        return Finding(
            "rights", f"it refused: {error}", f"the user of the URL needs {namespace.RIGHTS}; or unset REDIS_URL"
        )
    return Finding("rights", "all that a lab needs")


def _fork() -> Finding:
    return Finding("fork", "there") if hasattr(os, "fork") else Finding("fork", "missing", "on Windows, work in WSL")


def _ports() -> Finding:
    try:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
    except OSError as error:
        return Finding("ports", str(error), "a firewall or sandbox forbids servers on 127.0.0.1; allow them for Python")
    return Finding("ports", "free ones on 127.0.0.1")


def _proxy() -> Finding:
    if {"http", "all"} & urllib.request.getproxies().keys() and not urllib.request.proxy_bypass("127.0.0.1"):
        fix = (
            "run the set-up cell again; in a terminal: export NO_PROXY=127.0.0.1,localhost no_proxy=127.0.0.1,localhost"
        )
        return Finding("proxy", "HTTP_PROXY is asked for 127.0.0.1, too", fix)
    return Finding("proxy", "none is asked for 127.0.0.1")


def _disk() -> Finding:
    """Whether a file of a megabyte can be written where logs and where notebooks go."""
    where = "a folder for temporary files"
    try:
        for where in (tempfile.gettempdir(), os.getcwd()):
            with tempfile.TemporaryFile(dir=where) as file:
                file.write(bytes(2**20))
                file.flush()
                os.fsync(file.fileno())
    except OSError as error:
        fix = "free some space there; TMPDIR=/another/folder make lab takes another place for temporary files"
        return Finding("disk", f"{where} can't be written to: {error.strerror}", fix)
    return Finding("disk", "room for logs and notebooks")


def _bullmq() -> Finding:
    """Whether Node.js runs, and has BullMQ. One lab needs it."""
    try:
        fine = node.version(node.node()) >= node.OLDEST
    except LabError:
        fine = False
    return Finding(
        "BullMQ", "there, for 11-bullmq" if fine else "missing", "" if fine else "for 11-bullmq: make bullmq"
    )


def _leftovers() -> Finding:
    suspects = [process for process in psutil.process_iter() if _is_stray(process)]
    # One whose notebook has ended a moment ago is on its way out.
    _, strays = psutil.wait_procs(suspects, timeout=1)
    pids = " ".join(str(process.pid) for process in strays)
    return Finding("leftovers", f"processes {pids}", f"kill {pids}") if pids else Finding("leftovers", "none")


def _is_stray(process: psutil.Process) -> bool:
    """Whether it is this user's, was started by a leash or a fork server, and that one was killed before it."""
    try:
        if process.uids().real != os.getuid() or leash.MARK not in (environment := process.environ()):
            return False
        if _runs(process.pid, leash):
            return False
        if _runs(process.pid, fork_server):  # the server itself, which its notebook started, or a fork of it
            return process.ppid() != int(environment[leash.MARK]) and not _runs(process.ppid(), fork_server)
        # Its parent may have died before it, but its session is still the leash's.
        around = {parent.pid for parent in process.parents()} | {os.getsid(process.pid)}
        return not any(_runs(pid, leash) or _runs(pid, fork_server) for pid in around)
    except (psutil.Error, ProcessLookupError):
        return False  # it is gone, or nothing that one may look at


def _runs(pid: int, module: ModuleType) -> bool:
    try:
        return module.__name__ in psutil.Process(pid).cmdline()
    except psutil.Error:
        return False
