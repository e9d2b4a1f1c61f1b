"""What is swept: RQ at work on one job, or a program of the reader's. Runs in a process of the sweep's own."""

from __future__ import annotations

import importlib
import os
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import rq
import rq.worker_registration
from redis import Redis
from rq.job import Job
from rq.serializers import JSONSerializer

from labsupport.experiments.sweep.crash import LIMIT, CannotSweep, Process
from labsupport.experiments.sweep.passing import HOUR, an_hour_passes
from labsupport.experiments.sweep.steps import Counter, Step

ROUNDS = 4
"""Workers that come after a crash, an hour apart. RQ needs two for an id in its intermediate list: one notes it, the next
one frees it."""

JOB = "job-1"


class Case(Protocol):
    def begin(self) -> None:
        """A clean server, with what there is to do."""

    def dry_run(self) -> list[Step]:
        """The steps of one that nothing happens to."""

    def strike(self, point: int) -> dict[str, Any]:
        """Strike before this step, let the others finish, and say what became of it."""


def function_of(path: str) -> Callable[..., Any]:
    """The function of a dotted path, from the newest version of its module."""
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


def _took_too_long(*_: object) -> None:
    raise CannotSweep(f"A function was still busy after {LIMIT} s, and was ended")


class RqJob:
    """RQ's worker, from taking one job to being done with it."""

    def __init__(
        self,
        url: str,
        *,
        job: str,
        args: tuple,
        delivered: str,
        retry: rq.Retry | None,
        queues: int,
        kill: str,
        fault: str,
        worker: str,
        scheduler: bool,
        inside: bool,
        after: tuple[int, ...],
    ):
        self._url, self._job, self._args, self._retry = url, job, args, retry
        self._delivered = function_of(delivered) if delivered else None
        self._queues, self._worker, self._scheduler, self._after = (
            ["urgent", "jobs"][-queues:],
            worker,
            scheduler,
            after,
        )
        self._redis, self._counter, self._workers = Redis.from_url(url), Counter(), 0
        self._counter.inside = inside
        self._strikes = signal.SIGSTOP if fault == "stop" else signal.SIGKILL
        self._victims = {"both": ("worker", "horse"), "work-horse": ("horse",), "worker": ("worker",)}[kill]
        function_of(job)  # here once, and not in every fork

    def begin(self) -> None:
        self._redis.flushall()
        self._redis.script_flush()  # a script that is known saves the next caller a command
        shared = self._counter.shared
        shared.runs = shared.returned = self._workers = 0
        rq.Queue(self._queues[-1], connection=self._redis, serializer=JSONSerializer).enqueue(
            self._job, args=self._args, retry=self._retry, job_id=JOB, result_ttl=99 * HOUR
        )
        for point in self._after:
            self._work(point)
            an_hour_passes(self._redis)

    def dry_run(self) -> list[Step]:
        self.begin()
        steps = self._work().steps
        if not self._after and self._status() == "failed":
            error = (Job.fetch(JOB, self._redis, serializer=JSONSerializer).latest_result().exc_string or "").strip()
            raise CannotSweep(f"{self._job} fails with no crash at all: {error.rpartition(chr(10))[2]}")
        return [step for step in steps if "worker" in self._victims or step.sender != "worker"]

    def strike(self, point: int) -> dict[str, Any]:
        self.begin()
        struck = self._work(point)
        history = [(self._workers, step) for step in struck.steps]
        for _ in range(ROUNDS):
            an_hour_passes(self._redis)
            history += [(self._workers, step) for step in self._work().steps]
            if self._ended() and not {"jobs", "jobs:intermediate"} & set(self._found()):
                break
        if struck.stopped:
            seen = len(struck.steps)
            struck.go_on()
            history += [(len(self._after) + 1, step) for step in struck.steps[seen:]]
            an_hour_passes(self._redis)
            self._work()
        return {
            "promised": 1,
            "delivered": self._count(),
            "status": self._status(),
            "found": " ".join(self._found()),
            "runs": self._counter.shared.runs,
            "history": history,
        }

    def _count(self) -> int:
        return int(self._delivered(self._redis)) if self._delivered else self._counter.shared.returned

    def _status(self) -> str:
        return (self._redis.hget(f"rq:job:{JOB}", "status") or b"gone").decode()

    def _ended(self) -> bool:
        return self._status() in ("finished", "failed")

    def _found(self) -> list[str]:
        """The lists and registries that hold the job's id, without RQ's prefix."""
        found = []
        for key in sorted(self._redis.keys("rq:*")):
            read = {b"list": self._redis.lrange, b"zset": self._redis.zrange}.get(self._redis.type(key))
            if read and any(member.split(b":")[0] == JOB.encode() for member in read(key, 0, -1)):
                found.append(key.decode().removeprefix("rq:").removeprefix("queue:"))
        return found

    def _work(self, point: int = 0) -> Process:
        """A burst worker, struck before this step."""
        self._workers += 1
        self._counter.strikes, self._counter.victims = self._strikes, self._victims
        return Process(self._counter, self._be_a_worker, point)

    def _be_a_worker(self) -> None:
        """In the fork: what `rq worker --burst` is."""
        counter, execute, worker_keys = self._counter, Job._execute, rq.worker_registration.get_keys

        class Counted(getattr(rq, self._worker)):  # type: ignore[misc]
            def fork_work_horse(self, job: Job, queue: rq.Queue) -> None:
                super().fork_work_horse(job, queue)
                counter.shared.horse = self.horse_pid

            def monitor_work_horse(self, *arguments: Any) -> None:
                super().monitor_work_horse(*arguments)
                counter.shared.horse = 0

            def unsubscribe(self) -> None:
                # RQ ends this thread after UNSUBSCRIBE; then it may wait for it for a second.
                self.pubsub_thread.stop()
                super().unsubscribe()

        # A set has another order in each process, and a step is named after the first key of its command.
        rq.worker_registration.get_keys = lambda *found, **by: sorted(worker_keys(*found, **by))
        Job._execute = lambda job: counter.job(lambda: execute(job))
        client = Redis.from_url(self._url)  # a new one, since RQ keeps what INFO said with a client
        queues = [rq.Queue(name, connection=client, serializer=JSONSerializer) for name in self._queues]
        name = f"worker-{self._workers}"
        worker = Counted(queues, connection=client, name=name, serializer=JSONSerializer)
        worker.work(burst=True, logging_level="CRITICAL", with_scheduler=self._scheduler)


class Program:
    """Functions of the reader's, each of which is given a Redis and a SQLite database."""

    def __init__(
        self, url: str, *, run: str, then: str, begin: str, delivered: str, promised: str, fault: str, folder: str
    ):
        self._url, self._redis, self._counter = url, Redis.from_url(url), Counter()
        self._run, self._then, self._delivered = function_of(run), function_of(then), function_of(delivered)
        self._promised = function_of(promised) if promised else None
        self._begin = function_of(begin) if begin else None
        self._counter.strikes = signal.SIGSTOP if fault == "stop" else signal.SIGKILL
        self._counter.victims = ("worker",)
        self._file = Path(folder) / f"{os.getpid()}.sqlite"

    def begin(self) -> None:
        self._redis.flushall()
        self._redis.script_flush()
        for file in self._file.parent.glob(f"{self._file.name}*"):
            file.unlink()
        if self._begin:
            self._call(self._begin)

    def dry_run(self) -> list[Step]:
        self.begin()
        work = self._work(self._run)
        if work.error:
            raise CannotSweep(f"{self._run.__name__} fails with no crash at all: {work.error}")
        return work.steps

    def strike(self, point: int) -> dict[str, Any]:
        self.begin()
        struck = self._work(self._run, point)
        history = [(1, step) for step in struck.steps]
        raised = ""
        for number in range(2, ROUNDS):
            an_hour_passes(self._redis)
            later = self._work(self._then)
            raised = raised or later.error
            history += [(number, step) for step in later.steps]
        if struck.stopped:
            seen = len(struck.steps)
            struck.go_on()
            history += [(1, step) for step in struck.steps[seen:]]
        return {
            "promised": int(self._call(self._promised)) if self._promised else 1,
            "delivered": int(self._call(self._delivered)),
            "status": "",
            "raised": raised,
            "history": history,
        }

    def _call(self, function: Callable[..., Any]) -> Any:
        """Call it here and not in a fork: it may remember. Raises CannotSweep if it does not end."""
        signal.signal(signal.SIGALRM, _took_too_long)
        signal.alarm(LIMIT)
        try:
            with sqlite3.connect(self._file) as database:
                returned = function(self._redis, database)
            database.close()
            return returned
        finally:
            signal.alarm(0)

    def _work(self, function: Callable[..., Any], point: int = 0) -> Process:
        def be() -> None:
            database = sqlite3.connect(self._file)
            self._counter.watch(database)
            function(Redis.from_url(self._url), database)

        return Process(self._counter, be, point)
