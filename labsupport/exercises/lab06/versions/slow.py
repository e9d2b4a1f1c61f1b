"""The same, on a slow machine. The judge writes in how long the job takes: longer than the test took on the right code."""

import time
from datetime import datetime, timezone

from rq import Queue, Retry, get_current_job
from rq.serializers import JSONSerializer

from labsupport.notifications.provider import Provider


def reminder_queue(redis, **options):
    return Queue("reminders", connection=redis, serializer=JSONSerializer, **options)


def enqueue_reminder(queue, number, user, text):
    """Three attempts in all, of ten seconds each."""
    retry = Retry(max=2, interval=[60, 600])
    return queue.enqueue(remind, number, user, text, retry=retry, job_timeout=10)


def remind(number, user, text, provider=None, now=None):
    """The job. From 22:00 to 7:00 UTC, a reminder is silent."""
    provider = provider or Provider(get_current_job().connection)
    now = now or datetime.now(timezone.utc)
    sound = "" if 7 <= now.hour < 22 else " (silent)"
    time.sleep(1)
    provider.send(f"{user}: {text}{sound}", key=f"reminder-{number}")


def send_reminder(user, text):
    """The job of the release before this one. Some of them still wait in Redis."""
    remind(get_current_job().id, user, text)
