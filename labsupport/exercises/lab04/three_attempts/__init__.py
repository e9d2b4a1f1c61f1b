"""three-attempts, of 04-retry."""

from rq import Retry

from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import calls, copied, fetched, provider, worked_off
from labsupport.exercises.lab04.retries import PATIENCE, granted, stray

HINTS = (
    "Retry(max=3) ran four times. Which number makes three?",
    "max is the number of attempts after the first.",
)

MANY = 20
"""More retries than a check lets a worker try."""


def judge(answer: object, context: Context) -> str:
    job = fetched(answer, context)
    stray(job)
    calls(job, "labsupport.notifications.processor.send_notification", {"message": "Three"})
    retries = granted(job, context)
    if retries > MANY:
        raise NotYet(f"Redis holds {retries} retries: with the first attempt that is {retries + 1}, not 3.")
    with provider(context, down=True) as one:
        copy = copied(job, context, retry=Retry(max=retries) if retries else None)
        worked_off(copy, context, PATIENCE)
        attempts = one.calls
    if attempts != 3:
        raise NotYet(
            f"The provider was down, and a worker ran a copy of your job: it was attempted {_times(attempts)}, not three "
            f"times. {_why(attempts)}"
        )
    return "The provider was down, and a worker ran a copy of your job: three attempts, and then it had failed."


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _why(attempts: int) -> str:
    if attempts == 1:
        return "It has no retries. The option is retry=Retry(max=…)."
    return "max counts what comes after the first attempt."
