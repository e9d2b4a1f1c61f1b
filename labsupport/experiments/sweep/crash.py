"""Forks a process that is killed right before its n-th step, and reads which steps it took."""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from labsupport.experiments.sweep.steps import STOPPED, Counter, Step, signal_group

LIMIT = 60
"""Seconds after which a process that still runs is killed, and the sweep ends."""


RAISED = "raised "


class CannotSweep(Exception):
    """What is swept does not do what it should when nothing happens to it, or does not end."""


class Process:
    """One process and what comes of it: forked, counted, and struck right before a step."""

    def __init__(self, counter: Counter, be: Callable[[], object], point: int = 0):
        """Run `be` in a fork, and return when it has ended or was stopped. Raises CannotSweep."""
        self.counter = counter
        self.stopped = False
        self._said = b""
        self._state: dict[str, int] = {}
        counter.begin(point)
        self._log, log = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            try:
                os.setpgrp()
                os.close(self._log)
                nothing = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nothing, 1)
                os.dup2(nothing, 2)
                counter.install(log)
                be()
            except BaseException as error:
                text = f"{type(error).__name__}: {error}".replace("\n", " ")
                os.write(log, f"{RAISED}{text}\n".encode(errors="replace"))
            finally:
                os._exit(0)
        os.close(log)
        self._read()

    @property
    def steps(self) -> list[Step]:
        """What it has sent so far."""
        lines = [line for line in self._lines() if not line.startswith(RAISED)]
        return [Step(int(point), *rest) for point, *rest in (line.split("|", 3) for line in lines)]

    @property
    def error(self) -> str:
        """The exception that ended it, or empty."""
        return next((line.removeprefix(RAISED) for line in self._lines() if line.startswith(RAISED)), "")

    def _lines(self) -> list[str]:
        return self._said.replace(STOPPED, b"").decode(errors="replace").splitlines()

    def go_on(self) -> None:
        """Let it run to its end, if it was stopped. Raises CannotSweep."""
        if not self.stopped:
            return
        self.stopped = False
        self.counter.restore(self._state)
        for group in (self.counter.shared.worker, self.counter.shared.horse):
            if group:
                signal_group(group, signal.SIGCONT)
        self._read()

    def _read(self) -> None:
        """Read what it says until nobody holds the other end any more: it is gone, and so are its children."""
        end = time.monotonic() + LIMIT
        ended = False
        try:
            while select.select([self._log], [], [], max(0.0, end - time.monotonic()))[0]:
                chunk = os.read(self._log, 65536)
                self._said += chunk
                if chunk.endswith(STOPPED):
                    self.stopped, self._state = True, self.counter.state()
                    return
                if not chunk:
                    ended = True
                    return
            raise CannotSweep(f"A process was still busy after {LIMIT} s, and was killed.")
        finally:
            if not self.stopped:
                self._end(ended)

    def _end(self, ended: bool) -> None:
        if not ended:
            for group in {self._pid, self.counter.shared.horse} - {0}:
                signal_group(group, signal.SIGKILL)
        os.close(self._log)
        with suppress(ChildProcessError):
            os.waitpid(self._pid, 0)
            while os.waitpid(-1, os.WNOHANG)[0]:  # an orphaned work-horse
                pass


def adopt_orphans() -> None:
    """From now on, a work-horse whose worker was killed is this process's to wait for."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER
