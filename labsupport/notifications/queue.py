"""The queue, and the service that adds jobs to it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from redis.client import Pipeline
from rq import Queue, Retry
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer

from . import settings
from .analytics import Events
from .processor import JOB_NAME, SYNC_NAME, UPDATE_NAME, send_notification, sync_analytics, update_user

COLLECT = timedelta(seconds=2)
"""How long events are collected before a job takes them."""


OLDEST = (6, 2, 0)
"""The oldest Redis that the service runs on."""

TAKE_BACK = """
if redis.call('LLEN', KEYS[1]) <= tonumber(ARGV[1]) then return 0 end
redis.call('RPOP', KEYS[1])
redis.call('DEL', KEYS[2])
return 1
"""
"""Ends the transaction that enqueues a job: takes the job back if it is one too many. Nobody sees it in between."""


class QueueFull(Exception):
    """So many jobs wait that another one is refused."""

    def __init__(self) -> None:
        super().__init__(f"{settings.longest_queue()} jobs are waiting")


def notification_queue(redis: Redis) -> Queue:
    """The queue. Its jobs are JSON: data, never code (RQ's default, pickle, is both).

    One queue for all kinds of work: a worker of a single queue moves a job (LMOVE), and one of several queues pops it,
    so that a job is lost when the worker dies at that moment.
    """
    return Queue(settings.QUEUE_NAME, connection=redis, serializer=JSONSerializer)


class NotificationQueueService:
    """Adds jobs to the queue, and returns before they are done. Each kind has its own retry policy and timeout.

    RQ counts the retries after the first attempt, BullMQ's `attempts: 3` counts the first one too. Pauses need a worker
    with a scheduler.

    With `settings.longest_queue()` jobs waiting, another one is refused: it is better to refuse a job than to be hours
    late with it. The limit holds exactly, however many enqueue at once. Retries come back to the queue all the same.
    """

    def __init__(self, redis: Redis):
        self.queue = notification_queue(redis)

    def add_job(self, data: dict[str, Any]) -> Job:
        """Enqueue `send-notification` with three attempts in all, soon after each other: the user is waiting for it.

        data: what JSON can say, `{"message": …}` at the least.

        Raises QueueFull.
        """
        with self.queue.connection.pipeline() as pipe:
            job = self._notification(data, pipe)
            return _accepted(job, pipe.execute())

    async def add_job_async(self, data: dict[str, Any], redis: AsyncRedis) -> Job:
        """The same in one trip to Redis, during which no thread waits: RQ writes into the pipeline, which is `async`."""
        async with redis.pipeline() as pipe:
            job = self._notification(data, pipe)
            return _accepted(job, await pipe.execute())

    def _notification(self, data: dict[str, Any], pipe: Any) -> Job:
        retry = Retry(max=2, interval=[1, 4])
        return self._put(pipe, send_notification, data, description=JOB_NAME, job_timeout=10, retry=retry)

    def update_user(self, number: int, name: str, email: str) -> Job:
        """Enqueue `update-user` with four attempts in all. The last of several updates wins, in whatever order they run.

        Raises QueueFull.
        """
        # The server's clock, in microseconds: one clock for all who enqueue.
        seconds, micros = self.queue.connection.time()
        with self.queue.connection.pipeline() as pipe:
            job = self._put(
                pipe,
                update_user,
                number,
                name,
                email,
                version=seconds * 1_000_000 + micros,
                description=UPDATE_NAME,
                job_timeout=10,
                retry=Retry(max=3, interval=[1, 2, 4]),
            )
            return _accepted(job, pipe.execute())

    def _put(self, pipe: Any, function: Callable[..., object], *arguments: Any, **options: Any) -> Job:
        """Write a job into a transaction, and at its end take the job back if there is no room for it."""
        # RQ would ask the server for its version, in a trip of its own. Enqueueing does not depend on it.
        self.queue.redis_server_version = OLDEST
        job = self.queue.enqueue(function, *arguments, pipeline=pipe, **options)
        pipe.eval(TAKE_BACK, 2, self.queue.key, job.key, settings.longest_queue())
        return job

    def add_event(self, event: dict[str, Any]) -> None:
        """Collect an event, and see that `sync-analytics` comes for it. Five attempts over half a minute: it can wait.

        event: {"name": text, "user": number}

        Raises QueueFull. However many events come at once, they add one job to the queue, COLLECT later.
        """

        def enqueue_sync(pipe: Pipeline) -> None:
            self.queue.enqueue_in(
                COLLECT,
                sync_analytics,
                description=SYNC_NAME,
                job_timeout=60,
                retry=Retry(max=4, interval=[2, 4, 8, 16]),
                pipeline=pipe,
            )

        if len(self.queue) >= settings.longest_queue():
            raise QueueFull
        Events(self.queue.connection).collect(event, enqueue_sync)

    def job(self, identity: str) -> Job | None:
        """The job of this id, if it is one of this queue."""
        try:
            found = Job.fetch(identity, connection=self.queue.connection, serializer=self.queue.serializer)
        except NoSuchJobError:
            return None
        return found if found.origin == self.queue.name else None


def _accepted(job: Job, results: list[Any]) -> Job:
    """The job, when TAKE_BACK left it in the queue."""
    if results[-1]:
        raise QueueFull
    return job
