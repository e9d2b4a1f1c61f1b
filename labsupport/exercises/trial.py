"""Runs a reader's function as RQ would: in a forked child, with a deadline, with the current job.

So an answer cannot hang the notebook, end it, or pass because of memory that a next attempt would not have. (rq 3.0:
worker/worker_classes.py, `Worker.fork_work_horse`; job.py, `Job.perform`.)
"""

import asyncio
import os
import pickle
import random
import select
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, NoReturn

from redis import BlockingConnectionPool, ConnectionError, ConnectionPool
from rq.job import Job
from rq.timeouts import JobTimeoutException, UnixSignalDeathPenalty

from labsupport.exercises.exercise import NotYet

DEADLINE = 5.0
"""Seconds that a trial may take, unless a judge says otherwise."""


@dataclass(frozen=True)
class Trial:
    """What became of one call.

    returned: the value, or a text that describes it if it can't leave the child.
    error: the name of the exception that came out, or empty.
    kinds: the names of that exception's class and of all classes above it.
    message: the exception's text.
    """

    returned: object = None
    error: str = ""
    kinds: tuple[str, ...] = ()
    message: str = ""

    def __str__(self) -> str:
        """On one line, of 120 letters at most."""
        text = f"raised {self.error}: {self.message}" if self.error else f"returned {self.returned!r}"
        text = " ".join(text.split()).removesuffix(":")
        return text if len(text) <= 120 else f"{text[:119]}…"


@dataclass
class _Said:
    texts: list[str] = field(default_factory=list)


_said = _Said()


@contextmanager
def listening() -> Iterator[list[str]]:
    """Collects what the trials of the block print."""
    _said.texts = []
    yield _said.texts


class _Typed(Job):
    """A job whose function was typed in a notebook, where no path leads to it."""

    typed: Callable

    @property
    def func(self) -> Callable:
        return self.typed


def run(
    function: Callable, *arguments: object, job: Job | None = None, limit: int = 0, deadline: float = DEADLINE
) -> Trial:
    """Call a reader's function in a child of its own.

    job: runs as this job, which is fetched anew, as a worker fetches it for each attempt: the function sees it through
    `get_current_job()`. (What the job itself would call does not matter.)
    limit: whole seconds after which RQ's JobTimeoutException is raised in it; 0 for none.
    deadline: seconds after which it is killed.

    Raises NotYet if it does not end in time, or takes its process down.
    """
    return together(function, [arguments], job=job, limit=limit, deadline=deadline)[0]


def together(
    function: Callable,
    calls: Sequence[tuple],
    *,
    job: Job | None = None,
    limit: int = 0,
    deadline: float = DEADLINE,
) -> list[Trial]:
    """The same for several calls, in a child each, which all begin at the same moment. In the order of the calls."""
    gate, opened = os.pipe()
    children: list[_Child] = []
    try:
        children += [_Child(function, arguments, job, limit, gate, opened) for arguments in calls]
        os.close(opened)
        opened = -1
        end = time.monotonic() + deadline
        return [child.outcome(end, deadline) for child in children]
    finally:
        for child in children:
            child.end()
        os.close(gate)
        if opened >= 0:
            os.close(opened)


class _Child:
    def __init__(self, function: Callable, arguments: tuple, job: Job | None, limit: int, gate: int, opened: int):
        self._answers, answer = os.pipe()
        self._printed: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        self._pid = os.fork()
        if self._pid == 0:
            os.setpgid(0, 0)
            os.close(opened)
            try:
                os.read(gate, 1)  # returns when the parent closes the other end
                _in_child(function, arguments, job, limit, answer, self._printed.fileno())
            finally:
                os._exit(0)
        os.close(answer)

    def outcome(self, end: float, deadline: float) -> Trial:
        """Wait for its answer. Raises NotYet if none comes."""
        chunks = []
        while select.select([self._answers], [], [], max(0.0, end - time.monotonic()))[0]:
            chunk = os.read(self._answers, 65536)
            if not chunk:
                break
            chunks.append(chunk)
        else:
            self._keep_what_it_printed()
            raise NotYet(
                f"Your function was still running after {deadline:.0f} s, and was killed. A worker would wait for it until "
                "the job's timeout, and take no other job meanwhile."
            )
        self._keep_what_it_printed()
        if not chunks:
            raise NotYet("Your function ended its own process. The work-horse would be gone, and the job failed.")
        return pickle.loads(b"".join(chunks))

    def _keep_what_it_printed(self) -> None:
        self._printed.seek(0)
        if text := self._printed.read(4000).decode(errors="replace").strip():
            _said.texts.append(text)

    def end(self) -> None:
        for kill in (os.killpg, os.kill):
            try:
                kill(self._pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue
        os.waitpid(self._pid, 0)
        os.close(self._answers)
        self._printed.close()


def _in_child(function: Callable, arguments: tuple, job: Job | None, limit: int, answer: int, printed: int) -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    asyncio.events._set_running_loop(None)  # the notebook's loop is not this process's
    random.seed()  # as RQ does: two work-horses do not draw the same numbers
    os.dup2(printed, 1)
    os.dup2(printed, 2)
    sys.stdout = sys.stderr = open(1, "w", buffering=1, encoding="utf8", errors="replace", closefd=False)  # noqa: SIM115
    sys.stdin = open(os.devnull)  # noqa: SIM115
    try:
        if job is None:
            run_it: Callable[[], object] = lambda: call(function, *arguments)  # noqa: E731
        else:
            typed = _Typed.fetch(job.id, connection=job.connection, serializer=job.serializer)
            typed.typed, typed.args, typed.kwargs = function, arguments, {}
            run_it = typed.perform
        if limit:
            with UnixSignalDeathPenalty(limit, JobTimeoutException):
                trial = Trial(run_it())
        else:
            trial = Trial(run_it())
    except BaseException as error:
        kinds = tuple(kind.__name__ for kind in type(error).__mro__)
        trial = Trial(error=kinds[0], kinds=kinds, message=str(error))
    try:
        written = pickle.dumps(trial)
        pickle.loads(written)
    except Exception:  # a lock, a class of the notebook's own, …
        written = pickle.dumps(Trial(repr(trial.returned)))
    sys.stdout.flush()
    sent = 0
    while sent < len(written):
        sent += os.write(answer, written[sent:])


def call(function: Callable, *arguments: object) -> object:
    """Call a reader's function, async or not, from a function of the judge's that runs in the child."""
    returned = function(*arguments)
    return asyncio.run(returned) if asyncio.iscoroutine(returned) else returned


def without_redis(function: Callable) -> Callable:
    """The function while Redis is away. (For the child: what is changed here ends with it.)"""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise ConnectionError("Error 111 connecting to Redis. Connection refused.")

    def away(*arguments: object) -> object:
        ConnectionPool.get_connection = BlockingConnectionPool.get_connection = refuse  # type: ignore[method-assign]
        return call(function, *arguments)

    return away
