"""alarm: whether to wake someone at night, by what /health says."""

from collections.abc import Callable

from labsupport.exercises import trial
from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import expect

HINTS = (
    "Which of the fields says how long a user waits?",
    "Redis does not answer, Redis takes no jobs, no worker, no scheduler, a job that waits too long. Mind the None.",
)

HEALTHY = {"redis": True, "writable": True, "workers": 2, "waiting": 4, "oldest_waiting": 0.4, "overdue": 0}
NOTHING = {"waiting": 0, "oldest_waiting": None}

CASES = (
    ({}, False, "Two workers, four jobs, the oldest 0.4 s old: let people sleep."),
    ({"workers": 1}, False, "One worker is there, and nobody waits long: let people sleep."),
    (
        {"redis": False, "writable": False, "workers": 0} | NOTHING,
        True,
        "Redis does not answer, so nothing can be sent: wake someone.",
    ),
    ({"writable": False}, True, "Redis answers and takes no jobs, since its memory or its disk is full: wake someone."),
    ({"workers": 0} | NOTHING, True, "No worker is there: wake someone."),
    (NOTHING, False, "Nothing waits, so oldest_waiting is None, and all is well."),
    (
        {"waiting": 900, "oldest_waiting": 2.0},
        False,
        "900 jobs wait and the oldest is two seconds old: they are done as fast as they come. It matters how long they wait, "
        "not how many there are.",
    ),
    (
        {"waiting": 3, "oldest_waiting": 3600.0},
        True,
        "Only three jobs wait, one of them for an hour: the workers are registered, and dead or stuck.",
    ),
    ({"oldest_waiting": 55.0}, False, "55 s are within the minute: let people sleep."),
    ({"oldest_waiting": 65.0}, True, "65 s are more than the minute: wake someone."),
    ({"overdue": 1}, True, "One retry is past its time, so no scheduler is there, and no other field tells."),
)
"""What is unlike HEALTHY, whether to wake someone, and why."""


def judge(answer: object, context: Context) -> str:
    expect(Callable, answer, "the function alarm")
    assert callable(answer)
    healths = [HEALTHY | changes for changes, _, _ in CASES]
    outcomes = trial.together(answer, [(health,) for health in healths])
    for health, outcome, (_, wanted, why) in zip(healths, outcomes, CASES, strict=True):
        if outcome.error or bool(outcome.returned) is not wanted:
            raise NotYet(f"For {health} it {outcome}. {why}")
    return "It looks at how long users wait, and at what is missing; not at how many jobs there are."
