"""workers-needed, of 10-ship."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from labsupport.exercises.exercise import Bench, NotYet
from labsupport.exercises.judging import expect

HINTS = (
    "How many seconds of work does a job bring? And how many does a second bring, at this rate?",
    "labsupport.measure.attempts.runs(attempts) has each attempt's seconds; their sum is the work. For how many jobs?",
    'runs(attempts).sum() / attempts["job"].nunique() is the work of one job. Times rate, rounded up.',
)


def _busy(*runs_per_job: list[float]) -> pd.DataFrame:
    """A table of attempts: one list of runs, in seconds, per job; waits of a second between them."""
    rows = []
    for number, runs in enumerate(runs_per_job):
        moment = 1000.0 + number
        for attempt, run in enumerate(runs):
            rows.append((f"job-{number}", attempt + 1, moment, moment + 1, moment + 1 + run))
            moment += 2 + run
    return pd.DataFrame(rows, columns=["job", "attempt", "enqueued", "started", "ended"])


def judge(answer: object, bench: Bench) -> str:
    expect(Callable, answer, "the function workers_needed")
    steady = _busy(*[[0.5]] * 20)
    needed = answer(steady, 30)
    needed = needed.item() if isinstance(needed, np.generic) else needed
    if needed == 30:
        raise NotYet("Jobs of half a second, 30 a second: one worker for each would be idle half of its time.")
    if not isinstance(needed, (int, float)) or isinstance(needed, bool):
        raise NotYet(f"For jobs that run half a second, 30 a second, it returned {needed!r}; a number is asked for.")
    if needed == 45:
        raise NotYet("You count the waits, too: a job that waits keeps no worker busy. A run is from started to ended.")
    if 15 < needed <= 22:
        raise NotYet(
            f"For jobs of half a second, 30 a second, it returned {needed}. By their runs alone 15 keep up: leave the reserve "
            "out here, and add it when you order the machines."
        )
    if needed != 15:
        raise NotYet(
            f"Jobs run half a second, and 30 arrive per second: each second brings 15 seconds of work. It returned {needed!r}."
        )
    if (partly := answer(_busy(*[[0.25]] * 8), 5)) != 2:
        raise NotYet(
            f"Jobs of 0.25 s, 5 a second: 1.25 workers' work. With {float(partly):g} the queue would grow for ever, or you would "
            "have to cut a worker up. Round up."
        )
    if answer(_busy([0.25], [0.25], [0.25], [1.25]), 10) != 5:
        raise NotYet(
            "On a day whose jobs run 0.25, 0.25, 0.25 and 1.25 s, ten a second bring five seconds of work: it is the mean that "
            "counts, not the usual job and not the longest one."
        )
    if answer(_busy([1.0, 1.0, 1.0], [1.0]), 10) != 20:
        raise NotYet(
            "When jobs are attempted again, a job costs more than one run: two jobs with four runs of a second, ten jobs a "
            "second, need 20. The rate counts jobs; add up all runs, and divide by the number of jobs."
        )
    return "Each second brings rate × seconds of work per job; so many workers are busy, rounded up."
