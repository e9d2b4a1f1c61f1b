"""Makes sweeps, in a small process of its own: to fork a notebook, with its threads, is not safe.

`sweep` starts this module on a leash, and asks it through a socket. For each sweep it forks two processes, each with a
server that nobody else uses, which share the crash points. A fork has RQ loaded, and none of the reader's modules: it reads
their newest version.
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import connection
from typing import Any

from labsupport.experiments.sweep.bullmq import BullmqJob
from labsupport.experiments.sweep.cases import Case, Program, RqJob
from labsupport.experiments.sweep.crash import CannotSweep, adopt_orphans
from labsupport.processes.leash import session_members
from labsupport.processes.redis_server import EmbeddedServer

AT_ONCE = 2
"""Processes that share the points of a sweep."""

CASES: dict[str, Callable[..., Case]] = {"job": RqJob, "program": Program, "bullmq": BullmqJob}


@dataclass(frozen=True)
class Order:
    """A sweep. case: a key of CASES. options: what it takes. path: where the reader's modules are found.

    points: the crash points; None for all.
    """

    case: str
    options: dict[str, Any]
    path: list[str]
    cwd: str
    points: list[int] | None


class _Part:
    """A process that sweeps a share of the points: of so many processes, the one with this number."""

    def __init__(self, order: Order, number: int, many: int, server: EmbeddedServer):
        self.answers, answers = connection.Pipe(duplex=False)
        self._pid = os.fork()
        if self._pid == 0:
            try:
                os.setsid()
                self.answers.close()
                _sweep(order, number, many, server.url, answers)
            finally:
                os._exit(0)
        answers.close()

    def end(self) -> None:
        """Kill what is left of it and of its session."""
        while members := [*session_members(self._pid), self._pid] if self._alive() else session_members(self._pid):
            for pid in members:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.005)
        self.answers.close()

    def _alive(self) -> bool:
        with suppress(ChildProcessError):
            return os.waitpid(self._pid, os.WNOHANG)[0] == 0
        return False


def _sweep(order: Order, number: int, many: int, url: str, answers: connection.Connection) -> None:
    """In the fork: send the number of points, then a row for each of this part's."""
    try:
        adopt_orphans()
        os.chdir(order.cwd)
        sys.path[:0] = order.path
        importlib.invalidate_caches()  # the reader may have written a module a moment ago
        sys.dont_write_bytecode = True  # or a module of the same second and size would pass for this one
        gc.freeze()
        case = CASES[order.case](url, **order.options)
        steps = [step for step in case.dry_run() if order.points is None or step.point in order.points]
        answers.send(len(steps))
        for step in steps[number::many]:
            answers.send({**step._asdict(), **case.strike(step.point)})
        answers.send(None)
    except CannotSweep as error:
        answers.send(str(error))
    except BaseException as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        answers.send(f"{type(error).__name__}: {error} ({os.path.basename(last.filename)}, line {last.lineno})")


def sweep(order: Order, client: connection.Connection, servers: list[EmbeddedServer]) -> None:
    """Make one sweep, and send what its parts say. Ends when the client is gone: the cell was interrupted."""
    if order.points is not None:  # no process that only looks which steps there are
        servers = servers[: max(1, len(order.points))]
    parts = [_Part(order, number, len(servers), server) for number, server in enumerate(servers)]
    running = {part.answers: part for part in parts}
    try:
        while running:
            for ready in connection.wait([client, *running]):
                if ready is client:
                    return  # nobody asks for anything while it waits
                said = None
                with suppress(EOFError):
                    said = ready.recv()
                if said is None:
                    running.pop(ready)
                else:
                    client.send(said)
        client.send(None)
    finally:
        for part in parts:
            part.end()


def main(socket: str) -> None:
    """Listen on a socket file, and make the sweeps that each client asks for. The leash ends it."""
    del sys.path[0]  # the notebook's folder
    with connection.Listener(socket, family="AF_UNIX") as listener:
        servers = [EmbeddedServer() for _ in range(AT_ONCE)]
        while True:
            with listener.accept() as client, suppress(EOFError, BrokenPipeError, ConnectionResetError):
                sweep(Order(**client.recv()), client, servers)


if __name__ == "__main__":
    main(sys.argv[1])
