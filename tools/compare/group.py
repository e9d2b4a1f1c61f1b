"""The workers of one row and the application that enqueues for them, as processes that do not outlive this one."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from labsupport.errors import LabError
from labsupport.processes import folders
from labsupport.processes.leash import Leashed, memory_of, signal_all, surroundings
from labsupport.waiting import comes_true
from tools.compare.row import Row

LIMIT = 300
"""Seconds in which workers must do what is asked of them."""

SOON = 5
"""Seconds after which a job of a dead worker comes back, where a setting says so. The defaults are up to an hour."""


class Ran(NamedTuple):
    """A line of the ledger: a job that ran."""

    job: str
    start: float
    end: float
    pid: int
    parent: int


class Group:
    """Workers that run, as a context manager, with the means to give them jobs and to see what they did."""

    def __init__(self, row: Row, url: str, *, to_be_killed: bool = False):
        """url: of Redis. to_be_killed: redeliver SOON, where there is a setting for it."""
        self.row = row
        self.folder = folders.make()
        self.ledger = self.folder / "ledger"
        self.ledger.touch()
        self.commands = (row.when_killed or row.commands) if to_be_killed else row.commands
        self.environment = {**os.environ, **row.environment, "REDIS_URL": url, "COMPARE_LEDGER": str(self.ledger)}
        if to_be_killed:
            self.environment["REDELIVER_AFTER"] = str(SOON)
        self.workers: list[Leashed] = []

    def __enter__(self) -> Group:
        with open(self.folder / "producer.log", "wb") as log:
            self.producer = subprocess.Popen(
                [sys.executable, "-m", "tools.compare.producer", self.row.module],
                env=surroundings(self.environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        self.end()
        self.producer.kill()
        self.producer.communicate()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Start the workers, beside those that there are."""
        for command in self.commands:
            log = self.folder / "log"
            self.workers.append(Leashed(list(command), log=log, env=self.environment, remove=self.folder))

    def end(self) -> None:
        """Kill all that came of the workers at one moment, as when a machine dies: none can act on the death of another."""
        self.freeze()
        for worker in self.workers:
            worker.end()
        self.workers = []

    def members(self) -> list[int]:
        """Process ids of all that came of the workers."""
        return [pid for worker in self.workers for pid in worker.members()]

    def signal(self, number: int) -> None:
        """Send a signal to all of them."""
        signal_all(self.members(), number)

    def enqueue(self, job: str, number: int) -> None:
        """Return when so many jobs are enqueued. Raises LabError if the library refused."""
        with contextlib.suppress(BrokenPipeError):
            self.producer.stdin.write(f"{job} {number}\n")
            self.producer.stdin.flush()
        if not self.producer.stdout.readline():
            ended = self.producer.wait(timeout=LIMIT)
            said = _last_line(self.folder / "producer.log")
            raise LabError(f"{self.row.name} could not enqueue: its application ended with {ended}, and {said}")

    def ran(self) -> list[Ran]:
        """What the ledger says."""
        lines = (line.split() for line in self.ledger.read_text().splitlines())
        return [Ran(job, float(start), float(end), int(pid), int(parent)) for job, start, end, pid, parent in lines]

    def wait_for(self, job: str, number: int, *, though_some_died: bool = False) -> list[Ran]:
        """The lines of so many jobs. Raises LabError if there are not as many within LIMIT, or at once if a worker ends."""
        word = f"{job} "

        def count() -> int:
            return sum(line.startswith(word) for line in self.ledger.read_text().splitlines())

        def over() -> bool:
            return count() >= number or (self.died() and not though_some_died)

        start = time.monotonic()
        comes_true(over, within=LIMIT, every=0.05)
        if (ran := count()) < number:
            said = _last_line(self.folder / "log")
            raise LabError(
                f"{self.row.name}: {ran} of {number} jobs ({job}) ran in {time.monotonic() - start:.0f} s.\n"
                f"The last line of its log: {said}"
            )
        return [line for line in self.ran() if line.job == job]

    def died(self) -> bool:
        """Whether a worker ended by itself."""
        return any(worker.poll() is not None for worker in self.workers)

    def memory(self) -> float:
        """MiB that the workers take."""
        return memory_of(self.members())

    def freeze(self) -> None:
        """Stop the workers, so that jobs can be enqueued which nobody takes yet."""
        self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.signal(signal.SIGCONT)


def _last_line(file: Path) -> str:
    lines = file.read_text(encoding="utf8", errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
