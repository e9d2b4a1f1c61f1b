"""What the exercises of 05-schedule ask of jobs that wait for their time."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timezone

import redis as redis_py
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


def worked_off_here(queue: Queue, *, scheduler: bool = True) -> None:
    """Let RQ's SimpleWorker work off the queue, in a child of its own: it costs a tenth of what a new process does.

    scheduler: it has one, so that what is planned and due is run, too.

    Raises NotYet if it is not done in time.
    """

    def work() -> None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        worker = SimpleWorker([queue], connection=queue.connection, serializer=queue.serializer)
        worker.work(burst=True, with_scheduler=scheduler, logging_level="CRITICAL")

    seen = trial.run(work, deadline=PATIENCE)
    if seen.error:
        raise NotYet(f"A worker was given the job. It {seen}.")


def waits_for_its_time(answer: object, context: Context, queue: str = "notification-queue") -> tuple[Job, datetime]:
    """The answer's job as a worker will find it, and when it is due.

    Raises NotYet if the answer is no job, or one that does not wait for its time on this queue.
    """
    moment = due(answer, context.redis) if isinstance(answer, Job) else None
    if moment is None or answer.origin != queue:
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
def tidied(context: Context, *words: str, below: str = "") -> Iterator[None]:
    """Deletes, after the block, what the answer wrote down under a name with one of these words in it, beside its jobs.

    below: the name of a queue; new keys whose name goes on after that queue's are deleted, too.
    """
    inside = f"{Queue(below, connection=context.redis).key}:*" if below else ""
    before = set(context.redis.scan_iter(match=inside, count=1000)) if below else set()
    try:
        yield
    finally:
        for pattern in [f"{root()}*{word}*" for word in words] + ([inside] if below else []):
            for key in context.redis.scan_iter(match=pattern, count=1000):
                if key not in before and not key.startswith(f"{RQ_KEY_PREFIX}:job:".encode()):
                    context.redis.unlink(key)


def elsewhere(function: Callable) -> Callable:
    """The function as it runs on a machine with another time zone than any user's."""

    def call(*arguments: object) -> object:
        os.environ["TZ"] = "LAB-4:37"  # east of Greenwich by that much; it needs no list of time zones
        time.tzset()
        return trial.call(function, *arguments)

    return call


def without_redis(function: Callable) -> Callable:
    """The function while Redis is away. (For a child: what is changed here ends with it.)"""

    def call(*arguments: object) -> object:
        def refuse(*_, **__):
            raise redis_py.ConnectionError("Error 111 connecting to Redis. Connection refused.")

        redis_py.ConnectionPool.get_connection = redis_py.BlockingConnectionPool.get_connection = refuse
        return trial.call(function, *arguments)

    return call


def later(connection: Redis, seconds: int, *words: str) -> None:
    """Let what would have expired within so many seconds expire now, of the keys with one of these words in their name."""
    for word in words:
        for key in connection.scan_iter(match=f"{root()}*{word}*", count=1000):
            if not 0 <= connection.pttl(key) <= 1000 * seconds:
                continue
            name = key.decode().removeprefix(Job.redis_job_namespace_prefix)
            with suppress(NoSuchJobError):
                if f"{Job.redis_job_namespace_prefix}{name}" == key.decode():
                    Job.fetch(name, connection=connection, serializer=JSONSerializer).delete()
            connection.unlink(key)
