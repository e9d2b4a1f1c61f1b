"""two-releases, of 10-ship."""

from collections.abc import Callable

from labsupport.exercises.exercise import Bench, NotYet
from labsupport.exercises.judging import expect

HINTS = (
    "The queue holds jobs with `message`, and the new API enqueues jobs with `text`.",
    "Look whether one of the two is there, and take the other one otherwise. A job with neither should fail.",
)


def judge(answer: object, bench: Bench) -> str:
    expect(Callable, answer, "the function send")
    for data, wanted in (({"text": "new"}, "new"), ({"message": "old"}, "old")):
        try:
            got = answer(dict(data))
        except KeyError as error:
            kind = "old" if "message" in data else "new"
            raise NotYet(
                f"A job of the {kind} release, {data}, raised KeyError: {error}. Both kinds are in the queue."
            ) from None
        if got != wanted:
            raise NotYet(f"For {data} it returned {got!r} instead of {wanted!r}.")
    try:
        got = answer({"subject": "neither"})
    except Exception:
        return "Jobs of both releases are done, and what is neither fails aloud."
    raise NotYet(
        f"For a job of neither kind it returned {got!r}: the job would count as finished, and nobody would know that "
        "nothing was sent. Let it raise."
    )
