"""What the exercises of 05-schedule ask of jobs that wait for their time."""

import fcntl
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta, timezone
from multiprocessing.synchronize import SemLock
from pathlib import Path

from redis import Redis
from rq import Queue, SimpleWorker
from rq.defaults import RQ_KEY_PREFIX
from rq.exceptions import DeserializationError, NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.utils import now

from labsupport.exercises import trial
from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import fetched, jobs_of
from labsupport.namespace import root

PATIENCE = 20
"""Seconds for a worker of a check. The jobs are short; a busy machine starts a worker in some seconds."""


def due(job: Job, redis: Redis) -> datetime | None:
    """When the job's queue has it planned for, in UTC; None if it does not wait for its time."""
    registry = Queue(job.origin, connection=redis).scheduled_job_registry
    score = redis.zscore(registry.key, job.id)
    return None if score is None else datetime.fromtimestamp(score, timezone.utc)


def planned(queue: Queue) -> dict[Job, datetime]:
    """The queue's jobs that wait for their time, and when that is, the earliest first.

    Raises NotYet if one has no data, or data that a worker could not read.
    """
    known = {job.id: job for job in jobs_of(queue)}
    entries = queue.connection.zrange(queue.scheduled_job_registry.key, 0, -1, withscores=True)
    return {
        known[name.decode()]: datetime.fromtimestamp(score, timezone.utc)
        for name, score in entries
        if name.decode() in known
    }


def make_due(job: Job, context: Context) -> None:
    """Let the time of a planned job have come."""
    registry = Queue(job.origin, connection=context.redis).scheduled_job_registry
    context.redis.zadd(registry.key, {job.id: int(time.time()) - 1}, xx=True)


def worked_off_here(queue: Queue) -> None:
    """Let RQ's SimpleWorker work off a queue of the check's own, in a child: it costs a tenth of what a new process does.

    It has a scheduler, so that what is planned and due is run, too.

    Raises NotYet if it is not done in time.
    """
    _at_work(queue, lambda worker: worker.work(burst=True, with_scheduler=True, logging_level="CRITICAL"))


def run_here(queue: Queue, *jobs: Job) -> None:
    """Let RQ's SimpleWorker run these jobs, planned or queued, and what else is on the reader's queue stays as it is.

    A job that fails and has retries is run until it has failed for good.

    Raises NotYet if it is not done in time.
    """

    def run(worker: SimpleWorker) -> None:
        worker.register_birth()
        for job in jobs:
            while Job.exists(job.id, queue.connection) and job.get_status() in ("queued", "scheduled"):
                queue.remove(job)
                queue.scheduled_job_registry.remove(job)
                worker.execute_job(Job.fetch(job.id, queue.connection, queue.serializer), queue)
        worker.register_death()

    _at_work(queue, run)


def _at_work(queue: Queue, work: Callable[[SimpleWorker], object]) -> None:
    def in_child() -> None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        work(SimpleWorker([queue], connection=queue.connection, serializer=queue.serializer))

    seen = trial.run(in_child, deadline=PATIENCE)
    if seen.error:
        raise NotYet(f"A worker was given the job. It {seen}.")


def waits_for_its_time(answer: object, context: Context, queue: str = "notification-queue") -> tuple[Job, datetime]:
    """The answer's job as a worker will find it, and when it is due.

    Raises NotYet if the answer is no job, or one that does not wait for its time on this queue.
    """
    moment = due(answer, context.redis) if isinstance(answer, Job) else None
    if moment is None or answer.origin != queue or answer.get_status() != "scheduled":
        job = fetched(answer, context, queue)
        if "delay" in job.kwargs or any(name in str(job.args) for name in ("delay", "eta", "countdown")):
            raise NotYet(
                "`delay` is no option of RQ's enqueue: it went along as data, and the job waits for nothing. "
                "RQ has methods for that: enqueue_in and enqueue_at."
            )
        raise NotYet(
            f"The job is {job.get_status().value}, and not planned for later: a worker would run it at once. "
            "queue.enqueue has no option for a time; two other methods have."
        )
    job = Job.fetch(answer.id, connection=context.redis, serializer=JSONSerializer)
    try:
        job.args  # noqa: B018  (reads what Redis holds)
    except DeserializationError:
        raise NotYet(
            "The job is not written in JSON, and a worker of this course would fail it. Use the lab's queue."
        ) from None
    lasts(job, context.redis)
    return job, moment


def lasts(job: Job, redis: Redis) -> None:
    """Raise NotYet if a planned job expires before it is due."""
    moment, left = due(job, redis), redis.ttl(job.key)
    if moment and 0 <= left < (moment - now()).total_seconds():
        raise NotYet(
            f"Redis forgets the job in {left} s, before it is due: ttl says how long a job may wait. No worker would run it."
        )


@contextmanager
def tidied(context: Context) -> Iterator[Callable[[], set[str]]]:
    """Deletes, after the block, what the answer wrote down beside its jobs. Yields what names these keys.

    On a server of the reader's, it sees only the keys of this notebook: see `labsupport.namespace`.
    """
    own = Queue.redis_queue_namespace_prefix

    def names() -> set[str]:
        found = {key.decode() for key in context.redis.scan_iter(match=f"{root()}*", count=1000)}
        # A key below a queue's is no key of RQ's, but for one.
        below = {key for key in found if key.startswith(own) and ":" in key.removeprefix(own)}
        below -= {key for key in below if key.endswith(":intermediate")}
        others = {key for key in found if not key.startswith((f"{RQ_KEY_PREFIX}:", f"{root()}notifications"))}
        return below | others

    before = names()
    try:
        yield lambda: names() - before
    finally:
        for key in names() - before:
            context.redis.unlink(key)


EAST = timedelta(hours=4, minutes=37)
"""How far `elsewhere` is east of Greenwich."""


def elsewhere(function: Callable) -> Callable:
    """The function as it runs on a machine with another time zone than any user's."""

    def call(*arguments: object) -> object:
        os.environ["TZ"] = "LAB-4:37"  # EAST; it needs no list of time zones
        time.tzset()
        return trial.call(function, *arguments)

    return call


def if_naive(off: timedelta) -> str:
    """What is said of a time that is off by so much, if it is a naive one in UTC."""
    if abs(off + EAST) > timedelta(minutes=2):
        return ""
    return " A naive time is the machine's, which is in another zone in this check. Give RQ an aware one."


def on_its_own_machine(function: Callable) -> Callable:
    """The function on a machine of its own: a file or a lock of this one holds nothing there, and is not there later."""

    def call(*arguments: object) -> object:
        made: set[Path] = set()

        def look(event: str, what: tuple) -> None:
            makes = event in ("os.mkdir", "sqlite3.connect") or event == "open" and what[2] & os.O_CREAT
            if makes and not isinstance(what[0], int) and not os.path.exists(what[0]):
                made.add(Path(os.fsdecode(what[0])).absolute())

        fcntl.flock = fcntl.lockf = SemLock.__enter__ = SemLock.__exit__ = lambda *_: None
        sys.addaudithook(look)
        try:
            return trial.call(function, *arguments)
        finally:
            for path in made:
                with suppress(OSError):
                    path.rmdir() if path.is_dir() else path.unlink()

    return call


def later(connection: Redis, seconds: int, keys: Iterable[str]) -> None:
    """Let what would have expired within so many seconds expire now, of these keys."""
    for key in keys:
        if 0 <= connection.pttl(key) <= 1000 * seconds:
            with suppress(NoSuchJobError):
                if key.startswith(prefix := Job.redis_job_namespace_prefix):
                    Job.fetch(key.removeprefix(prefix), connection=connection, serializer=JSONSerializer).delete()
            connection.unlink(key)
