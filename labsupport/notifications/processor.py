"""What a worker does with a job."""

import logging
from typing import Any

from rq import get_current_job
from rq.job import Job

from . import settings
from .analytics import Events
from .database import Database
from .provider import Provider

JOB_NAME = "send-notification"
SYNC_NAME = "sync-analytics"
UPDATE_NAME = "update-user"
NAMES = (JOB_NAME, SYNC_NAME, UPDATE_NAME)

log = logging.getLogger(__name__)


def _begin(name: str, data: object) -> Job | None:
    """Log the job, and count this attempt in it. None outside a worker."""
    log.info("Processing job %s with data: %s", name, data)
    job = get_current_job()
    if job:
        job.meta["attempts"] = job.meta.get("attempts", 0) + 1
        job.save_meta()
    return job


def send_notification(data: dict[str, Any]) -> bool:
    """Send one notification through the provider. Returns True; raises what the provider raises.

    The job's id goes along as its idempotency key: however often the job runs, the message arrives once. Called without
    a worker, it asks the Redis of the settings.

    data: {"message": text, …}
    """
    job = _begin(JOB_NAME, data)
    if job:
        Provider(job.connection).send(data["message"], key=job.id)
    else:
        with settings.connect() as redis:
            Provider(redis).send(data["message"])
    return True


def sync_analytics() -> int:
    """Bring all events that were collected into the database, as one batch. Returns how many.

    The batch has the job's name: an attempt that dies half-way leaves it to the next. One that dies at the very end may
    take later events, too; each has an id, so none is written twice.
    """
    job = _begin(SYNC_NAME, {})
    if job is None:
        raise RuntimeError("sync_analytics runs in a worker: its batch is named after the job.")
    events = Events(job.connection)
    batch = events.take(job.id)
    Database(settings.database()).add_events(job.id, batch)
    events.forget(job.id)
    return len(batch)


def update_user(number: int, name: str, email: str, version: int) -> bool:
    """Write a user's data. Returns False if a newer version was there already: late and repeated jobs change nothing."""
    _begin(UPDATE_NAME, {"user": number, "version": version})
    return Database(settings.database()).update_user(number, name, email, version)
