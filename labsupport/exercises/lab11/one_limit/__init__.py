"""one-limit: a limit per second that holds for all of BullMQ's workers together."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from redis import Redis

from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.lab11.javascript import Running, asked, path_of
from labsupport.processes.redis_server import EmbeddedServer

FILE = "lab11_limited.mjs"

HINTS = (
    "`concurrency` is how many jobs a process works on at once. How many it starts per time is another option of the "
    "worker's, and BullMQ counts in Redis, for all processes.",
    "new Worker('calls', …, { connection, prefix, limiter: { max: …, duration: … } }), with the duration in milliseconds. With "
    "5 and 1000, nine may start within a second, as the cell above shows. How many may start at the end of a short window, and "
    "at the beginning of the next one?",
    "One in each fifth of a second.",
)

LIMIT, JOBS = 5, 20

WINDOW = 0.95
"""Seconds, by Redis' own clock, in which no more than LIMIT jobs start, wherever it begins. It is a little less than a second,
since whoever counts in Redis by himself does so a moment after the start."""

PREFIX, BULLMQS = "check", "bull"
"""What the keys begin with: here, and if a script does not say so."""

HALF = JOBS // 2
"""Jobs after whose start one of the two processes is killed: what is left is for the other one."""

SLOWEST = 6.5
"""Seconds that the starts may take, from first to last; with a pause after the first and one in each fifth of a second it is
about 4.5."""

PATIENCE = 10.0
"""Seconds in which the first job should start: two processes of Node.js start meanwhile."""


def judge(answer: object, context: Context) -> str:
    file = path_of(answer, FILE)
    # The whole script is the reader's, and so is where it writes: it gets a server that nobody else uses.
    server = EmbeddedServer()
    where = {"REDIS_URL": server.url}
    try:
        with Running(file, PREFIX, context, **where) as one, Running(file, PREFIX, context, **where) as other:
            asked("calls.mjs", PREFIX, context, QUEUE_NAME="calls", JOBS=str(JOBS), **where)
            took, alone = _watch(_Starts(server.redis, f"{PREFIX}:calls"), one, other, file)
    finally:
        server.close()
    return (
        f"Two processes started {JOBS} jobs in {took:.1f} s, and never more than {LIMIT} in a second. One of them was killed on "
        f"the way, and the other one started the last {alone} jobs, at the same pace."
    )


def _watch(starts: _Starts, one: Running, other: Running, file: Path) -> tuple[float, int]:
    """Until all jobs have started: how long that took, and how many jobs one process has started alone."""
    before = time.monotonic()
    at_kill = 0
    settled = 0
    while settled < 2:  # a job that was only given back may start again
        time.sleep(0.05)
        starts.read()
        _check_limit(starts, file)
        for process in (other,) if at_kill else (one, other):
            if process.returncode is not None:
                raise NotYet(_ended(process, file))
        if not starts.at:
            waited = time.monotonic() - before
            if waited > PATIENCE / 4 and starts.redis.exists(f"{BULLMQS}:calls:meta"):
                raise NotYet(
                    f"{JOBS} jobs wait. But {file.name} has a worker without `prefix`: it looks for other keys."
                )
            if waited > PATIENCE and starts.given_back:
                raise NotYet(f"In {PATIENCE:.0f} s, jobs were only taken and given back. None was run.")
            if waited > PATIENCE:
                raise NotYet(
                    f"{JOBS} jobs wait, and none was started in {PATIENCE:.0f} s. {file.name} should listen on the queue "
                    f"`calls`, with `connection` and `prefix` as they are. {one.complaint()}".rstrip()
                )
            continue
        if not at_kill and len(starts.at) >= HALF:
            one.end()
            at_kill = len(starts.at)
        settled = settled + 1 if len(starts.at) >= JOBS else 0
        if starts.since() > SLOWEST and not settled:
            raise NotYet(_too_slow(starts, at_kill))
    if starts.failed:
        raise NotYet(
            f"{len(starts.failed)} of {JOBS} jobs failed: {starts.failed[0]:.100}. They should wait for their turn."
        )
    return starts.took(), JOBS - at_kill


def _check_limit(starts: _Starts, file: Path) -> None:
    if _most(starts.at.values()) <= LIMIT:
        return
    time.sleep(0.5)  # so that all of the burst is seen, and what is only taken and given back
    starts.read()
    if (most := _most(starts.at.values())) <= LIMIT:
        return
    raise NotYet(
        f"Two processes ran {file.name}. One job came first, and later {JOBS - 1} more: {most} jobs started within a second, and "
        f"{LIMIT} are allowed.{_how(starts)}"
    )


def _most(times: Iterable[float]) -> int:
    """The most starts in any WINDOW."""
    return max((sum(at <= other < at + WINDOW for other in times) for at in times), default=0)


def _how(starts: _Starts) -> str:
    if starts.limited:
        return " BullMQ's limiter did count, in windows of its own: some jobs started at the end of one, and more in the next."
    return (
        " BullMQ's `limiter`, an option of the worker's, counts in Redis for all processes; its `duration` is in milliseconds. "
        "`concurrency` is how many jobs run at once. What a process counts by itself, or how long it waits, others do not know."
    )


def _too_slow(starts: _Starts, at_kill: int) -> str:
    started = len(starts.at)
    need = f"at {LIMIT} a second, {JOBS} jobs need some {JOBS / LIMIT:.0f} s"
    if not at_kill or starts.limited:
        return f"The limit holds, but only {started} of {JOBS} jobs had started after {SLOWEST} s; {need}."
    return (
        f"Two processes kept the limit. But then one was killed, and after {SLOWEST} s in all only {started} of {JOBS} jobs "
        f"had started; {need}. The limit should be one for all processes, whether there is one or ten."
    )


def _ended(process: Running, file: Path) -> str:
    complaint = process.complaint()
    return f"node {file.name} ended{f': {complaint}' if complaint else ' by itself. A worker goes on listening'}."


@dataclass
class _Starts:
    """What the queue's events say. queue: its keys begin so. at: job → when it started; none if it was given back.

    limited: BullMQ's own limiter was seen to count. given_back: some job was.
    """

    redis: Redis
    queue: str
    at: dict[str, float] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    limited: bool = False
    given_back: bool = False
    _last: str = "-"

    def read(self) -> None:
        self.limited = self.limited or bool(self.redis.exists(f"{self.queue}:limiter"))
        found = cast(
            "list[tuple[bytes, dict[bytes, bytes]]]", self.redis.xrange(f"{self.queue}:events", min=self._last)
        )
        for moment, event in found:
            self._last = f"({moment.decode()}"
            kind, job = event[b"event"].decode(), event.get(b"jobId", b"").decode()
            if kind == "active":
                self.at[job] = int(moment.partition(b"-")[0]) / 1000
            elif kind in ("waiting", "delayed"):
                self.given_back = self.at.pop(job, None) is not None or self.given_back
            elif kind == "failed":
                self.failed.append(event.get(b"failedReason", b"").decode())

    def since(self) -> float:
        """Seconds from the first start to now, by Redis' clock."""
        seconds, micro = cast("tuple[Any, Any]", self.redis.time())
        return seconds + micro / 1e6 - min(self.at.values())

    def took(self) -> float:
        return max(self.at.values()) - min(self.at.values())
