"""same-pauses: what BullMQ's exponential backoff is in RQ."""

from rq import Retry

from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import expect
from labsupport.exercises.lab11 import both
from labsupport.exercises.lab11.javascript import HERE

HINTS = (
    "Write down when the colleague's job runs. How many attempts are there, and how many pauses between them? In which unit is "
    "`delay`, and in which is `interval`?",
    "BullMQ counts attempts, RQ counts retries: all attempts but the first. RQ doubles nothing: it takes the pauses as a list "
    "of seconds, one per retry.",
    "Retry(max=…, interval=[1, 2, …]) with four pauses, each twice as long as the one before.",
)


def judge(answer: object, context: Context) -> str:
    expect(Retry, answer, "a Retry, as in retry=Retry(…)")
    assert isinstance(answer, Retry)
    theirs = both.bullmq(HERE / "colleague.mjs", context).jobs[0]
    ours = both.rq(answer, context)
    if not ours.same(theirs):
        raise NotYet(f"BullMQ made {theirs}. RQ made {ours}.{_why(ours, theirs, answer)}")
    return f"A job failed each time, in both systems: {ours}."


def _why(ours: both.Tried, theirs: both.Tried, answer: Retry) -> str:
    if len(ours.pauses) == len(theirs.pauses) + 1:
        return " RQ's `max` counts the retries, and the first attempt is none; `attempts` counts all of them."
    if ours.more or len(ours.pauses) != len(theirs.pauses):
        return ""
    if not any(ours.pauses):
        return " Without an interval, RQ makes no pause."
    if max(ours.pauses) > 60:
        return " RQ's interval is in seconds, BullMQ's delay in milliseconds."
    if len(answer.intervals) < len(theirs.pauses):
        if len(answer.intervals) == 1:
            return " A single interval is every pause: RQ doubles nothing."
        return " The list is too short: RQ then repeats its first pause, not its last."
    if ours.pauses == theirs.pauses[::-1]:
        return " RQ takes the list in the order in which you write it."
    if len(answer.intervals) > len(theirs.pauses):
        return " Of a list that is too long, RQ takes the last ones."
    return ""
