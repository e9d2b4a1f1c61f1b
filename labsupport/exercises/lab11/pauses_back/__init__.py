"""pauses-back: what RQ's list of pauses is in BullMQ."""

from rq import Retry

from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.lab11 import both
from labsupport.exercises.lab11.javascript import path_of

FILE = "lab11_policy.mjs"

HINTS = (
    "Write down when RQ runs the job: how many attempts, and which pauses? (04-retry: what does RQ do if the list is shorter "
    "than `max`?) Neither 'fixed' nor 'exponential' makes such pauses.",
    "A backoff of another type, such as { type: 'custom' }, asks a function of the worker's: settings: { backoffStrategy: "
    "attemptsMade => … }. It returns milliseconds.",
    "attemptsMade is 1 after the first attempt. So it is 10000 for 1 and 2, and 60000 for 3; and `attempts` is 4.",
)


def judge(answer: object, context: Context) -> str:
    file = path_of(answer, FILE)
    seen = both.bullmq(file, context)
    wanted = both.rq(Retry(max=3, interval=[10, 60]), context)
    ours = seen.jobs[0]
    if seen.delay:
        raise NotYet(
            f"BullMQ made the job wait {seen.delay:g} s before its first attempt: that is what `delay` among the job's options "
            "means. The pauses between attempts are its `backoff`."
        )
    if seen.errors:
        raise NotYet(f"After attempt {len(ours.pauses) + 1}, BullMQ's worker complained: {_error(seen.errors[0])}")
    if not seen.attempted:
        raise NotYet("BullMQ's worker, with your `workerOptions`, did not attempt the job.")
    if not seen.ended:
        raise NotYet(
            f"No pause was waited for, and still the job had not ended after some seconds. BullMQ made {ours} by then. A "
            "strategy says how long to wait; it does not wait itself."
        )
    if not ours.same(wanted):
        raise NotYet(f"RQ made {wanted}. BullMQ made {ours}.{_why(ours, wanted)}")
    if seen.attempted < 2:
        raise NotYet("The first job was right. A second one, with the same options, was not attempted at all.")
    if not seen.jobs[1].same(wanted):
        raise NotYet(
            f"The first job was right. A second one had {seen.jobs[1]}: the pauses should depend on the job's own attempts, "
            "as the strategy gets them, and on nothing else."
        )
    return f"A job failed each time, in both systems: {ours}. A second one did the same."


def _error(message: str) -> str:
    if "Unknown backoff strategy" in message:
        return (
            f"{message.split('.')[0].split(' If a ')[0].strip()}. The worker finds a strategy of your own in its options, as "
            "settings: { backoffStrategy: … }."
        )
    return f"{message[:140].rstrip('.')}. The job then hangs, neither failed nor retried."


def _why(ours: both.Tried, wanted: both.Tried) -> str:
    if len(ours.pauses) == len(wanted.pauses) - 1:
        return " RQ's `max` counts the retries; BullMQ's `attempts` counts the first attempt, too."
    if ours.more or len(ours.pauses) != len(wanted.pauses):
        return ""
    if not any(ours.pauses):
        return " Without a pause: does your `backoff` have a type, and does the strategy return a number?"
    if any(0 < pause < 1 for pause in ours.pauses):
        return " BullMQ's pauses are in milliseconds, RQ's in seconds."
    if len(set(ours.pauses)) == 1:
        return " The 'fixed' backoff has one pause for all."
    if ours.same(both.Tried([10, 60, 60])):
        return " If the list is too short, RQ repeats its first pause, not its last."
    if ours.pauses[1] == 2 * ours.pauses[0] and ours.pauses[2] == 2 * ours.pauses[1]:
        return " The 'exponential' backoff doubles the pause each time."
    if 0 in ours.pauses:
        return " A strategy that returns nothing makes no pause; it is called with 1 after the first attempt."
    return ""
