"""own-jitter, of 04-retry."""

from collections.abc import Callable
from itertools import combinations

import numpy as np
from rq import Retry
from rq.job import Job

from labsupport.exercises import trial
from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import expect, own_queue
from labsupport.exercises.lab04.retries import pauses

HINTS = (
    "How often does the line with random.randint run, if policy is called for a hundred jobs?",
    "Draw inside the function; and draw each of the three pauses, with its own upper end.",
)

LONGEST = (2, 4, 8)
JOBS = 400
SETS, TOGETHER = 30, 0.3
"""Of right answers, 400 jobs draw more than 30 different sets of pauses, and two pauses are correlated by less than 0.3: six
standard deviations of the correlation of so many independent draws."""


def judge(answer: object, context: Context) -> str:
    if isinstance(answer, Retry):
        raise NotYet("This is one Retry, made once. Give the function itself, without brackets: answer = policy.")
    expect(Callable, answer, "the function policy")
    drawn = _drawn(answer, context)
    if (drawn == drawn[0]).all():
        raise NotYet(
            f"{JOBS} jobs, and all have the pauses {_written(drawn[0])}: they are not drawn for each job. "
            "A herd with one random pause is still a herd."
        )
    for number, (column, longest) in enumerate(zip(drawn.T, LONGEST, strict=True), 1):
        if column.min() < 1 or column.max() > longest:
            raise NotYet(
                f"Pause {number} should be from 1 to {longest} s; the jobs have from {column.min():g} to {column.max():g}."
            )
    if any(_together(drawn[:, one], drawn[:, other]) for one, other in combinations(range(3), 2)):
        raise NotYet(
            f"The pauses of a job depend on each other, such as {_written(drawn[0])}: jobs that met once will meet "
            "again. Draw every pause for itself."
        )
    for number, (column, longest) in enumerate(zip(drawn.T, LONGEST, strict=True), 1):
        if column.min() >= 2 or column.max() <= longest - 1:
            raise NotYet(
                f"Pause {number} of {JOBS} jobs is from {column.min():g} to {column.max():g} s; it should be drawn from "
                f"1 to {longest} s, both ends included."
            )
    sets = len(np.unique(drawn, axis=0))
    if sets < SETS:
        raise NotYet(
            f"{JOBS} jobs have only {sets} different sets of pauses: they come back in few groups. Draw each pause from "
            "all the seconds between its ends."
        )
    return f"{JOBS} jobs drew {sets} different sets of pauses, up to 2, 4 and 8 s."


def _drawn(policy: Callable, context: Context) -> np.ndarray:
    """The pauses that RQ would make, a row per job."""
    tried = trial.run(lambda: [policy() for _ in range(JOBS)])
    if tried.error:
        raise NotYet(f"policy() {tried}. It is called without arguments, once for each job.")
    if not isinstance(tried.returned, list) or not all(isinstance(one, Retry) for one in tried.returned):
        one = tried.returned[0] if isinstance(tried.returned, list) else tried.returned
        raise NotYet(f"policy should return a Retry; it returned {one!r:.60}.")
    job = _enqueued(tried.returned[0], context)
    for one in tried.returned:
        if one.max != 3 or not isinstance(one.max, int):
            raise NotYet(f"There should be three retries; this policy has max={one.max!r}.")
        if len(one.intervals) != 3:
            waits = _written(pauses(one, job))
            raise NotYet(f"There should be three pauses; interval={one.intervals} makes RQ wait for {waits} s.")
    return np.array([pauses(one, job) for one in tried.returned], dtype=float)


def _enqueued(policy: Retry, context: Context) -> Job:
    try:
        return own_queue(context).enqueue("operator.truth", 1, retry=policy)
    except TypeError as error:
        raise NotYet(f"queue.enqueue refuses this Retry, whose pauses are {policy.intervals!r:.60}: {error}.") from None


def _together(one: np.ndarray, other: np.ndarray) -> bool:
    return one.std() > 0 and other.std() > 0 and np.corrcoef(one, other)[0, 1] > TOGETHER


def _written(waits) -> str:
    return ", ".join(f"{wait:.3g}" for wait in waits)
