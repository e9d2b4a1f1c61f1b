"""The queue, and the service that adds jobs to it."""

from typing import Any

from redis import Redis
from rq import Queue, Retry
from rq.job import Job
from rq.serializers import JSONSerializer

from labsupport.notifications import settings
from labsupport.notifications.processor import JOB_NAME, send_notification


def notification_queue(redis: Redis) -> Queue:
    """The queue. Its jobs are JSON: data, never code (RQ's default, pickle, is both)."""
    return Queue(settings.QUEUE_NAME, connection=redis, serializer=JSONSerializer)


class NotificationQueueService:
    """Adds notifications to the queue, and returns before they are sent."""

    def __init__(self, redis: Redis):
        self.queue = notification_queue(redis)

    def add_job(self, data: dict[str, Any]) -> Job:
        """Enqueue `send-notification` with three attempts in all.

        data: what JSON can say, `{"message": …}` at the least.

        RQ counts the retries after the first attempt, BullMQ's `attempts: 3` counts the first one too.
        """
        return self.queue.enqueue(send_notification, data, description=JOB_NAME, retry=Retry(max=2))
