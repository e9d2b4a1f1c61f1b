"""A check-list of what a lab needs, each point with its mend."""

import importlib.metadata
import os
import re
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
from redis import Redis, RedisError

from labsupport.paths import CHECKOUT
from labsupport.processes.redis_server import address, product


def examine(redis: Redis, url: str) -> None:
    """Print the list: `ok` or `MEND`, what was looked at, what was seen, and how to mend it."""
    for fine, subject, seen, mend in _checks(redis, url):
        print(f"{'ok  ' if fine else 'MEND'} {subject}: {seen}" + ("" if fine else f"\n     → {mend}"))


def _checks(redis: Redis, url: str) -> Iterator[tuple[bool, str, str, str]]:
    yield (
        sys.version_info >= (3, 10),
        "Python",
        ".".join(map(str, sys.version_info[:3])),
        "make clean, then make lab PYTHON=python3.12, or another from 3.10 on",
    )
    inside = Path(sys.prefix).resolve() == CHECKOUT / ".venv"
    yield (
        inside,
        "kernel",
        "the kit's own environment" if inside else f"another environment, {sys.prefix}",
        "open the labs with make lab, and choose Kernel → Change Kernel → Python 3 (ipykernel)",
    )
    wrong = list(_wrong_packages())
    yield not wrong, "packages", ", ".join(wrong) or "as requirements.txt pins them", "make clean, then make lab"
    yield (*_redis(redis), f"run the set-up cell again; for a server of your own, see that {address(url)} is up")
    yield hasattr(os, "fork"), "fork", "there" if hasattr(os, "fork") else "missing", "on Windows, work in WSL"
    yield (*_loopback(), "a firewall or sandbox forbids servers on 127.0.0.1; allow them for Python")
    strays = list(_strays())
    yield (
        not strays,
        "leftovers",
        f"processes {', '.join(strays)}" if strays else "none",
        f"kill {' '.join(strays)}",
    )


def _wrong_packages() -> Iterator[str]:
    for line in (CHECKOUT / "requirements.txt").read_text(encoding="utf8").splitlines():
        name, version, newer = _PIN.match(line).groups() if _PIN.match(line) else (None, None, None)
        if (
            name is None
            or (newer == ">=" and sys.version_info < (3, 11))
            or (newer == "<" and sys.version_info >= (3, 11))
        ):
            continue
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found = "missing"
        if found != version:
            yield f"{name} is {found}, should be {version}"


_PIN = re.compile(r'([\w-]+)==([\w.]+)(?:; python_version (>=|<) "3\.11")?')


def _redis(redis: Redis) -> tuple[bool, str, str]:
    try:
        redis.ping()
        return True, "Redis", f"{product(redis)} answers"
    except RedisError as error:
        return False, "Redis", f"no answer: {error}"


def _loopback() -> tuple[bool, str, str]:
    try:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
        return True, "ports", "free ones on 127.0.0.1"
    except OSError as error:
        return False, "ports", str(error)


def _strays() -> Iterator[str]:
    """Processes of labs whose notebook is gone: their leash was killed before they were."""
    for process in psutil.process_iter(["cmdline", "uids"]):
        line = " ".join(process.info["cmdline"] or [])
        mine = process.info["uids"] and process.info["uids"].real == os.getuid()
        ours = "labsupport.measure.recorder.RecordingWorker" in line or f"{tempfile.gettempdir()}/jobs-lab-" in line
        if mine and ours and "labsupport.processes.leash" not in line and not _leashed(process):
            yield str(process.pid)


def _leashed(process: psutil.Process) -> bool:
    try:
        return any("labsupport.processes.leash" in " ".join(parent.cmdline()) for parent in process.parents())
    except psutil.Error:
        return True  # it ended meanwhile
