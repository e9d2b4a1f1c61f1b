"""The same, written in another way: tests that look at the code, and not at what it does, fail here."""

from datetime import datetime, timezone

from rq import Queue, Retry, get_current_job
from rq.serializers import JSONSerializer

from labsupport.notifications.provider import Provider

DAY = range(7, 22)
ATTEMPTS, PAUSES, LIMIT = 3, [60, 600], 10


def reminder_queue(redis, **options):
    return Queue(name="reminders", connection=redis, serializer=JSONSerializer, **options)


def enqueue_reminder(queue, number, user, text):
    """Three attempts in all, of ten seconds each."""
    again = Retry(ATTEMPTS - 1, interval=PAUSES)
    return queue.enqueue(remind, number, user, text, job_timeout=LIMIT, retry=again)


def _message(user, text, moment):
    return f"{user}: {text}" if moment.hour in DAY else f"{user}: {text} (silent)"


def remind(number, user, text, provider=None, now=None):
    """The job. From 22:00 to 7:00 UTC, a reminder is silent."""
    if now is None:
        now = datetime.now(timezone.utc)
    if provider is None:
        provider = Provider(get_current_job().connection)
    try:
        provider.send(_message(user, text, now), key=f"reminder-{number}")
    except Exception:
        print("could not send reminder", number)
        raise


def send_reminder(user, text):
    """The job of the release before this one. Some of them still wait in Redis."""
    job = get_current_job()
    remind(job.id, user, text)
