"""Starts real `rq cron` processes beside the notebook, and stops them."""

import secrets
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from redis import Redis
from rq.cron_scheduler_registry import get_keys

from labsupport.errors import LabError
from labsupport.processes.leash import Leashed
from labsupport.processes.workers import environment
from labsupport.waiting import comes_true, wait_until

PATIENCE = 10
"""Seconds that one may take to stop. It only sleeps, so it stops at once, unless Redis is away."""


class CronProcess:
    """One running `rq cron`. `pid` is its process id."""

    def __init__(self, config: str, folder: Path):
        self._log = folder / f"cron-{secrets.token_hex(4)}.log"
        command = [sys.executable, "-m", "rq.cli", "cron", config]
        self._process = Leashed(command, log=self._log, env=environment(), remove=folder)
        self.pid = self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def text(self) -> str:
        """Its log so far."""
        return self._log.read_text(encoding="utf8", errors="replace")

    def ready(self, redis: Redis) -> bool:
        """RQ knows it: it is about to enqueue what is due. (rq 3.0: cron.py, `name` is host:pid:random.)"""
        return any(name.split(":")[-2:-1] == [str(self.pid)] for name in get_keys(redis))

    def complaint(self) -> str:
        return next((line.strip() for line in reversed(self.text().split("\n")) if line.strip()), "it wrote nothing")

    def signal(self, number: int) -> None:
        self._process.signal(number)

    def end(self) -> None:
        """Kill it."""
        self._process.end()


class CronGroup:
    """`rq cron` processes that were started together. Call `stop()`, or use it in a `with`."""

    def __init__(self, members: Sequence[CronProcess]):
        self._members = members

    def __enter__(self) -> "CronGroup":
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop them, as a service manager does: with SIGTERM."""
        for member in self._members:
            member.signal(signal.SIGTERM)
        comes_true(lambda: not any(member.running for member in self._members), within=PATIENCE)
        self.end()
        print(f"{_count(len(self._members))} stopped")

    def end(self) -> None:
        """Kill them."""
        for member in self._members:
            member.end()


def start(config: str, count: int, redis: Redis, folder: Path) -> CronGroup:
    """Start them, print the command, and return when all of them are about to enqueue.

    The server and RQ's key prefix are those of this process's environment.

    Raises LabError, with the process's own words, if one ends before.
    """
    print(f"$ rq cron {config}")
    members: list[CronProcess] = []
    try:
        for _ in range(count):
            members.append(CronProcess(config, folder))
        wait_until(
            lambda: all(member.ready(redis) or not member.running for member in members),
            lambda: f"{_count(count)} starting",
            timeout=60,
        )
        for member in members:
            if not member.running:
                raise LabError(f"rq cron {config} could not start: {member.complaint()}")
    except BaseException:
        CronGroup(members).end()
        raise
    print(f"{_count(count)} started")
    return CronGroup(members)


def _count(number: int) -> str:
    return "rq cron" if number == 1 else f"{number} rq cron processes"
