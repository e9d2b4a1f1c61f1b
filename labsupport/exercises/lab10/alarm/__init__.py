"""alarm, of 10-ship."""

import json
from collections.abc import Callable

from labsupport.exercises.exercise import Bench, NotYet
from labsupport.exercises.judging import expect

HINTS = (
    "Which of the fields says how long a user waits?",
    "Four reasons to wake someone: no Redis, no worker, no scheduler, a job that waits too long. Mind the None.",
)


HEALTHY = {"redis": True, "workers": 2, "waiting": 4, "oldest_waiting": 0.4, "overdue": 0}


def judge(answer: object, bench: Bench) -> str:
    expect(Callable, answer, "the function alarm")
    cases = (
        ({}, False, "Two workers, four jobs, the oldest 0.4 s old: let people sleep."),
        (
            {"workers": 1, "oldest_waiting": 20.0},
            False,
            "One worker is there, and 20 s is within the minute: let people sleep.",
        ),
        ({"redis": False, "workers": 0, "waiting": 0, "oldest_waiting": None}, True, "Redis is away: wake someone."),
        ({"workers": 0, "waiting": 0, "oldest_waiting": None}, True, "No worker is there: wake someone."),
        ({"waiting": 0, "oldest_waiting": None}, False, "Nothing waits: oldest_waiting is None, and all is well."),
        (
            {"waiting": 900, "oldest_waiting": 2.0},
            False,
            "900 jobs wait and the oldest is two seconds old: they are done as fast as they come. How many is no trouble; "
            "how long is.",
        ),
        (
            {"waiting": 3, "oldest_waiting": 90.0},
            True,
            "Three jobs wait, one of them for a minute and a half: the workers are registered, and dead or hung. Few jobs "
            "is no comfort.",
        ),
        ({"overdue": 7}, True, "Seven retries are past their time: no scheduler is there, and nothing else tells."),
    )
    for changes, wanted, why in cases:
        health = HEALTHY | changes
        try:
            said = answer(dict(health))
        except Exception as error:
            raise NotYet(f"For {json.dumps(health)} it raised {type(error).__name__}: {error}. {why}") from None
        if bool(said) is not wanted:
            raise NotYet(f"For {json.dumps(health)} it returned {said!r}. {why}")
    return "It looks at how long users wait, and at what is missing; not at how many jobs there are."
