"""The queue, and the service that adds jobs to it."""

from datetime import timedelta
from typing import Any

from redis import Redis
from redis.client import Pipeline
from rq import Queue, Retry
from rq.job import Job
from rq.serializers import JSONSerializer

from labsupport.notifications import settings
from labsupport.notifications.analytics import Events
from labsupport.notifications.processor import (
    JOB_NAME,
    SYNC_NAME,
    UPDATE_NAME,
    send_notification,
    sync_analytics,
    update_user,
)

COLLECT = timedelta(seconds=2)
"""How long events are collected before a job takes them."""


class QueueFull(Exception):
    """So many jobs wait that another one is refused."""


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
    """

    def __init__(self, redis: Redis):
        self.queue = notification_queue(redis)

    def add_job(self, data: dict[str, Any]) -> Job:
        """Enqueue `send-notification` with three attempts in all, soon after each other: the user is waiting for it.

        data: what JSON can say, `{"message": …}` at the least.
        """
        return self.queue.enqueue(
            send_notification, data, description=JOB_NAME, job_timeout=10, retry=Retry(max=2, interval=[1, 4])
        )

    def add_event(self, event: dict[str, Any]) -> None:
        """Collect an event, and see that `sync-analytics` comes for it. Five attempts over half a minute: it can wait.

        event: {"name": text, "user": number}
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

        Events(self.queue.connection).collect(event, enqueue_sync)

    def update_user(self, number: int, name: str, email: str) -> Job:
        """Enqueue `update-user` with four attempts in all. The last of several updates wins, in whatever order they run."""
        # The server's clock, in microseconds: one clock for all who enqueue.
        seconds, micros = self.queue.connection.time()
        return self.queue.enqueue(
            update_user,
            number,
            name,
            email,
            version=seconds * 1_000_000 + micros,
            description=UPDATE_NAME,
            job_timeout=10,
            retry=Retry(max=3, interval=[1, 2, 4]),
        )

    def check_room(self) -> None:
        """Raises QueueFull when the queue is at its limit: better to refuse a job than to be hours late with it."""
        if len(self.queue) >= settings.LONGEST_QUEUE:
            raise QueueFull(f"{settings.LONGEST_QUEUE} jobs are waiting")
