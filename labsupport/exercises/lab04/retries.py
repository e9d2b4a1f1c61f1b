"""What the exercises of 04-retry ask about a job's retries."""

from rq import Retry
from rq.job import Job

from labsupport.exercises.exercise import Context, NotYet
from labsupport.notifications.processor import send_notification

PATIENCE = 20
"""Seconds for a worker of a check. The jobs are short; a busy machine starts a worker in some seconds."""


def stray(job: Job) -> None:
    """Raise NotYet if an option of another queue's became an argument of the job's function."""
    named = {**(job.args[0] if job.args and isinstance(job.args[0], dict) else {}), **job.kwargs}
    for name in ("attempts", "max", "max_retries", "retries", "backoff", "interval", "delay"):
        if name in named:
            raise NotYet(
                f"`{name}` is no option of RQ's enqueue: it went along as data for {send_notification.__name__}. "
                "RQ's option is retry=Retry(max=…)."
            )


def granted(job: Job, context: Context) -> int:
    """The retries that the job was enqueued with: those it has left, and those that a worker has used up meanwhile."""
    while True:
        left = context.redis.hget(job.key, "retries_left")
        attempts = context.attempts()
        outcomes = list(attempts.loc[attempts["job"] == job.id, "outcome"])
        if left == context.redis.hget(job.key, "retries_left"):
            return int(left or 0) + outcomes.count("retried")


def pauses(retry: Retry, job: Job) -> list[float]:
    """The pauses in seconds that RQ makes before each retry. The job is any; it is not changed."""
    scratch = Job(job.id, connection=job.connection, serializer=job.serializer)
    scratch.retry_intervals = retry.intervals
    waits = []
    for scratch.retries_left in range(retry.max, 0, -1):
        waits.append(scratch.get_retry_interval())
    return waits
