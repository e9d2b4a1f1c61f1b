"""in-twenty-minutes, of 05-schedule."""

from datetime import timedelta

from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import calls, own_queue, provider
from labsupport.exercises.lab05.planned import make_due, waits_for_its_time, worked_off_here

HINTS = (
    "The cell above plans a job in ten minutes. What has to change?",
    "queue.enqueue_in(timedelta(minutes=20), …), and then the function and its data, as with queue.enqueue.",
)

WANTED, TOLERANCE = timedelta(minutes=20), timedelta(seconds=5)


def judge(answer: object, context: Context) -> str:
    job, moment = waits_for_its_time(answer, context)
    calls(job, "labsupport.notifications.processor.send_notification", {"message": "Stretch"})
    wait = moment - job.created_at
    if abs(wait - WANTED) > TOLERANCE:
        minutes = wait.total_seconds() / 60
        raise NotYet(
            f"The job is due {_spoken(minutes)} it was enqueued; 20 minutes were asked for."
            + " timedelta(20) is twenty days." * (wait.days >= 19)
            + " timedelta(seconds=20) is less than half a minute." * (round(60 * minutes) in range(15, 21))
            + " timedelta(seconds=…) counts seconds, and not milliseconds." * (round(minutes) == 20_000)
            + " A naive time is this machine's: was yours made for another time zone?"
            * (30 <= abs(minutes - 20) <= 14 * 60 and round(minutes - 20) % 15 == 0)
        )
    with provider(context) as one:
        queue = own_queue(context)
        make_due(queue.enqueue_in(WANTED, job.func_name, *job.args, **job.kwargs), context)
        worked_off_here(queue)
        if one.delivered() != ["Stretch"]:
            raise NotYet(f"A copy of your job was due, and a worker with a scheduler delivered {one.delivered()}.")
    return (
        "The job is due 20 minutes after you enqueued it. The check moved the time of a copy to now: a worker's scheduler put "
        "it into the queue, and the worker delivered it."
    )


def _spoken(minutes: float) -> str:
    when = "after" if minutes >= 0 else "before"
    minutes = abs(minutes)
    if minutes < 1:
        return f"{minutes * 60:.0f} s {when}"
    return f"{minutes:.0f} minutes {when}" if minutes < 600 else f"{minutes / 1440:.1f} days {when}"
