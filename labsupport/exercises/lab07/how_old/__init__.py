"""how-old: for how long the oldest waiting job has waited, asked of the queue itself."""

import os
import time
from collections.abc import Callable
from datetime import timedelta

import numpy as np
from rq import Queue
from rq.job import Job
from rq.utils import now

from labsupport.exercises import trial
from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import expect, own_queue, plain, token

HINTS = (
    "queue.get_jobs() has the jobs that wait, and each has enqueued_at, a time with a time zone.",
    "A job that was enqueued with at_front=True stands first, and is not the oldest: ask all of them, and take the earliest.",
    "(datetime.now(timezone.utc) - earliest).total_seconds(), and 0 when there are none.",
)

SLACK = 40
"""Seconds that a check may take on a busy machine. The ages differ by far more."""

UNITS = {"milliseconds": 1000, "minutes": 1 / 60}


def judge(answer: object, context: Context) -> str:
    expect(Callable, answer, "the function age itself, which is not called")
    assert callable(answer)

    def in_india(queue: Queue) -> object:
        # Where local time is not UTC, as on the machine of some colleague.
        os.environ["TZ"] = "Asia/Kolkata"
        time.tzset()
        return trial.call(answer, queue)

    queue = own_queue(context)
    _waited(queue, 400, before=5000)
    found = _number(trial.run(in_india, queue), "One job waits, for 400 s")
    if queue.is_empty():
        raise NotYet("One job waited, and your function took it from the queue: no worker will find it. Only look.")
    if abs(found - 5400) < SLACK:
        raise NotYet(
            f"One job waits, for 400 s, and it returned {found:.0f}: that is since the job was created. This one ran, failed, "
            "and came back; its wait counts from enqueued_at."
        )
    if any(abs(abs(found - age) - 19800) < SLACK for age in (400, 5400)):
        raise NotYet(
            f"One job waits, for 400 s, and it returned {found:.0f}: on this check's machine the clock shows Indian time, and "
            "RQ's times are UTC. Take both with their zone: datetime.now(timezone.utc)."
        )
    _close(found, 400, "One job waits, for 400 s")

    _waited(queue, 200)
    _waited(queue, 100)
    _waited(queue, 5, at_front=True)
    what = "A job waits for 400 s, others for 200 and 100 s, and one was put at the front 5 s ago"
    found = _number(trial.run(in_india, queue), what)
    if abs(found - 5) < SLACK:
        raise NotYet(
            f"{what}; it returned {found:.0f}. The first in the queue is next, and here it is the youngest. Ask all of them."
        )
    if abs(found - 100) < SLACK:
        raise NotYet(f"{what}; it returned {found:.0f}, the age of the last one. The last in the queue came last.")
    _close(found, 400, what)

    _waited(queue, 100_000)
    what = "A job waits for 100,000 s, which is more than a day"
    found = _number(trial.run(in_india, queue), what)
    if abs(found - 100_000 % 86_400) < SLACK:
        raise NotYet(f"{what}; it returned {found:.0f}. `.seconds` leaves the days out; .total_seconds() has them.")
    _close(found, 100_000, what)

    gone = own_queue(context)
    _waited(gone, 300)
    lost = _waited(gone, 900)
    context.redis.delete(lost.key)  # its ttl has passed
    what = "A job waits for 300 s, and behind it is the id of one that expired (ttl) before a worker took it"
    try:
        _close(_number(trial.run(in_india, gone), what), 300, what)
    finally:
        context.redis.delete(gone.key)  # an id that nobody removed keeps it

    trial_of_none = trial.run(in_india, own_queue(context))
    if not trial_of_none.error and trial_of_none.returned is None:
        raise NotYet("Nothing waits, and it returned None. An alarm that compares None with a number fails; return 0.")
    found = _number(trial_of_none, "Nothing waits")
    if found != 0:
        raise NotYet(f"Nothing waits, and it returned {found:g}; it should return 0.")
    return "It counts from enqueued_at, in one time zone, and the oldest is not always the first in line."


def _waited(queue: Queue, seconds: float, *, before: float = 0, at_front: bool = False) -> Job:
    """A job that has waited for so long, and was created `before` that."""
    job = queue.enqueue("operator.truth", 1, at_front=at_front, job_id=f"old-{token()}")
    job.enqueued_at = now() - timedelta(seconds=seconds)
    job.created_at = job.enqueued_at - timedelta(seconds=before)
    job.save()
    return job


def _number(found: trial.Trial, what: str) -> float:
    if found.error == "TypeError" and "offset-naive" in found.message:
        raise NotYet(
            f"{what}; it {found}. RQ's times have a time zone, and datetime.now() has none: datetime.now(timezone.utc)."
        )
    if isinstance(found.returned, (timedelta, np.timedelta64)):
        raise NotYet(f"{what}; it {found}. An alarm needs seconds: .total_seconds().")
    returned = plain(found.returned)
    if found.error or isinstance(returned, bool) or not isinstance(returned, (int, float)):
        raise NotYet(f"{what}; it {found}. It should return a number of seconds.")
    return returned


def _close(found: float, age: float, what: str) -> None:
    if not age - 1.5 <= found <= age + SLACK:
        unit = next((f" These are {unit}." for unit, by in UNITS.items() if age <= found / by <= age + SLACK), "")
        raise NotYet(f"{what}; it returned {found:.0f}.{unit}")
