"""workers-needed: how many workers keep up with a load."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from labsupport.exercises import trial
from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import expect, plain
from labsupport.measure.attempts import COLUMNS

HINTS = (
    "How many seconds of work does a job bring? And how many does a second bring, at this rate?",
    "runs(attempts) has each attempt's seconds; their sum is the work. For how many jobs?",
    'runs(attempts).sum() / attempts["job"].nunique() is the work of one job. Times rate, rounded up.',
)


def _day(*runs_per_job: list[float], crew: int = 3) -> pd.DataFrame:
    """A table of attempts: one list of runs, in seconds, per job; waits of a second before each."""
    rows = []
    for number, runs in enumerate(runs_per_job):
        moment = 1000.0 + number
        for attempt, run in enumerate(runs, 1):
            rows.append(
                {
                    "job": f"job-{number}",
                    "queue": "notification-queue",
                    "function": "labsupport.notifications.processor.send_notification",
                    "attempt": attempt,
                    "worker": f"worker-{1 + len(rows) % crew}",
                    "enqueued": moment,
                    "started": moment + 1,
                    "ended": moment + 1 + run,
                    "outcome": "finished" if attempt == len(runs) else "retried",
                    "error": "" if attempt == len(runs) else "ProviderDown",
                }
            )
            moment += 2 + run
    return pd.DataFrame(rows, columns=COLUMNS)


STEADY = (_day(*[[0.5]] * 20), 30)
PARTLY = (_day(*[[0.25]] * 8), 5)
MIXED = (_day([0.25], [0.25], [0.25], [1.25]), 10)
AGAIN = (_day([1.0, 1.0, 1.0], [1.0]), 10)


def judge(answer: object, context: Context) -> str:
    expect(Callable, answer, "the function workers_needed")
    assert callable(answer)
    steady, partly, mixed, again = (_number(trial.run(answer, *day)) for day in (STEADY, PARTLY, MIXED, AGAIN))
    asked = "For jobs that run half a second, 30 a second,"
    if steady == 30:
        raise NotYet(
            f"{asked} it returned 30: with one worker for each job of a second, each would be idle half its time."
        )
    if steady == 3:
        raise NotYet(f"{asked} it returned 3, the number of workers of that day. How many does this rate need?")
    if steady == 45:
        raise NotYet("You count the waits, too: a job that waits keeps no worker busy. A run is from started to ended.")
    if steady == 16 and partly == 2:
        raise NotYet(
            f"{asked} it returned 16. 15 keep up: int(x) + 1 adds a worker where nothing is to be rounded; ceil(x) does not."
        )
    if 15 < steady <= 22:
        raise NotYet(f"{asked} it returned {steady:g}. By their runs alone 15 keep up: leave the reserve out here.")
    if steady == 300:
        raise NotYet(f"{asked} it returned 300: that is the work of all jobs of the day. One job brings half a second.")
    if steady != 15:
        raise NotYet(f"{asked} it returned {steady:g}. Each second brings 30 jobs of half a second.")
    if partly != 2:
        raise NotYet(
            f"Jobs of 0.25 s, 5 a second, are 1.25 workers' work, and it returned {partly:g}. With fewer than 2 the queue grows "
            "for ever, and nobody can start a quarter of a worker: round up."
        )
    if mixed != 5:
        raise NotYet(
            f"Jobs of 0.25, 0.25, 0.25 and 1.25 s, ten a second, bring five seconds of work a second; it returned {mixed:g}. The "
            "mean counts, not the usual job and not the longest one."
        )
    if again != 20:
        raise NotYet(
            f"Two jobs with four runs of a second in all, ten jobs a second, need 20; it returned {again:g}. A job that is "
            "attempted again costs more than one run: add up all runs, and divide by the number of jobs."
        )
    return "Each second brings rate × seconds of work per job; so many workers are busy, rounded up."


def _number(outcome: trial.Trial) -> float:
    """What was returned. Raises NotYet if it is no number."""
    returned = plain(outcome.returned)
    if outcome.error or isinstance(returned, bool) or not isinstance(returned, (int, float)) or np.isnan(returned):
        raise NotYet(f"For a table of attempts and a rate it {outcome}; it should return a number.")
    return returned
