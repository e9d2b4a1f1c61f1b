"""What RQ and BullMQ really do with a job that fails each time: how often it is attempted, and with which pauses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from rq import Queue, Retry
from rq.job import Job, JobStatus
from rq.utils import now

from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import at_work, own_queue
from labsupport.exercises.lab11.failing import MOST, fail
from labsupport.exercises.lab11.javascript import asked, own_keys
from labsupport.waiting import comes_true

CLOSE = 0.5
"""Seconds by which two pauses may differ and be the same. (RQ's have no fractions.)"""

PATIENCE = 20
"""Seconds for one attempt of RQ's."""


@dataclass(frozen=True)
class Tried:
    """Of one job: its pauses, in seconds. more: it was stopped, and would have been attempted again."""

    pauses: list[float]
    more: bool = False

    def __str__(self) -> str:
        attempts = len(self.pauses) + 1
        count = f"more than {MOST - 1} attempts" if self.more else f"{attempts} attempt{'s' * (attempts != 1)}"
        if not self.pauses:
            return count
        return f"{count}, with pauses of {', '.join(f'{pause:.4g}' for pause in self.pauses)} s"

    def same(self, other: Tried) -> bool:
        pairs = list(zip(self.pauses, other.pauses, strict=False))
        same_number = len(self.pauses) == len(other.pauses) and self.more == other.more
        return same_number and all(abs(one - two) <= CLOSE for one, two in pairs)


def rq(retry: Retry, context: Context) -> Tried:
    """A real worker attempts a job of a queue of the check's own. No one waits: a job that is scheduled is due at once.

    Raises NotYet if RQ can't do with this Retry.
    """
    _check(retry)
    queue = own_queue(context)
    job = queue.enqueue(fail, retry=retry)
    made: dict[int, float] = {}
    with at_work(queue, context=context):
        while not (ended := _ended(job, queue)):
            attempts = job.get_meta()["attempts"]  # now: once the job is due, the next one may begin
            made[attempts] = _pause(queue, job)
    attempts = job.get_meta().get("attempts", 0)
    return Tried([made.get(number, 0.0) for number in range(1, attempts)], more=ended == "often enough")


def _check(retry: Retry) -> None:
    """A worker would fall over this one, or could not read the job."""
    if type(retry.max) is not int:
        raise NotYet(f"`max` should be a whole number; it is {retry.max!r:.40}.")
    if not retry.intervals:
        raise NotYet("The list of pauses is empty: RQ's worker would fall over it.")
    for pause in retry.intervals:
        try:
            now() + timedelta(seconds=pause)
        except (TypeError, ValueError, OverflowError) as error:
            raise NotYet(f"RQ can't wait for {pause!r:.40} s: {error}.") from None


def _ended(job: Job, queue: Queue) -> str:
    """Wait until the job is scheduled, has failed or was attempted often enough; empty if it is scheduled."""

    def scheduled() -> bool:  # its status says so a moment earlier (rq 3.0: job.py, `Job.retry`)
        return job in queue.scheduled_job_registry

    def failed() -> bool:
        return job.get_status() == JobStatus.FAILED

    def often_enough() -> bool:
        return job.get_meta().get("attempts", 0) >= MOST

    if not comes_true(lambda: scheduled() or failed() or often_enough(), within=PATIENCE):
        status = job.get_status()
        raise NotYet(f"A real worker was given a job with this Retry; after {PATIENCE} s the job is {status}.")
    if often_enough():
        return "often enough"
    return "failed" if failed() else ""


def _pause(queue: Queue, job: Job) -> float:
    """The pause of a scheduled job, which is made due.

    The registry has whole seconds, and may be one off. So RQ is asked, too, which pause it wanted, and believed if both agree.
    """
    job.refresh()
    before = Job(job.id, connection=job.connection, serializer=job.serializer)
    before.retry_intervals, before.retries_left = job.retry_intervals, job.retries_left + 1
    wanted = before.get_retry_interval()
    registry = queue.scheduled_job_registry
    seen = registry.get_scheduled_time(job).timestamp() - job.ended_at.timestamp()
    registry.remove(job)
    queue.enqueue_job(job)
    return wanted if abs(seen - wanted) <= 1.5 else round(seen, 1)


@dataclass(frozen=True)
class Bullmq:
    """What BullMQ did with two jobs, one after the other.

    attempted, ended: how many of them were. delay: seconds for which the first one waited before its first attempt. errors: what
    its worker complained of.
    """

    jobs: list[Tried]
    attempted: int
    ended: int
    delay: float
    errors: list[str]


def bullmq(file: Path, context: Context) -> Bullmq:
    """A real queue and a real worker, with what the file exports as `jobOptions` and `workerOptions`. No one waits, either.

    Raises NotYet if BullMQ refuses them.
    """
    with own_keys(context) as prefix:
        said = asked("retries.mjs", prefix, context, file, MOST_ATTEMPTS=str(MOST))
    if "refused" in said:
        raise NotYet(f"BullMQ refuses these options: {said['refused']:.160}.")
    return Bullmq(
        [_tried(job) for job in said["jobs"]],
        sum(job["attempts"] > 0 for job in said["jobs"]),
        sum(job["ended"] for job in said["jobs"]),
        said["jobs"][0]["delay"] / 1000,
        said["errors"],
    )


def _tried(job: dict[str, Any]) -> Tried:
    return Tried([(pause or 0) / 1000 for pause in job["pauses"]][: MOST - 1], more=job["attempts"] >= MOST)
