"""second-job: enqueue one notification."""

from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import calls, copied, fetched, provider, worked_off

HINTS = (
    "Look at step 2 above. The same line, with another message, makes another job.",
    "queue.enqueue takes the function, without calling it, and then the function's argument. "
    "An AttributeError about `__module__` says that you called it: RQ got what it returned in place of a function.",
)


def judge(answer: object, context: Context) -> str:
    if answer is True:
        raise NotYet(
            "That is what send_notification returns: you called it here, in the notebook, and no queue was asked. "
            "Give the function itself to queue.enqueue, and its data after it."
        )
    job = fetched(answer, context)
    calls(job, "labsupport.notifications.processor.send_notification", {"message": "Good morning"})
    with provider(context) as one:
        worked_off(copied(job, context), context, timeout=30)
        if one.delivered() != ["Good morning"]:
            raise NotYet(f"A worker ran a copy of your job, and the provider delivered {one.delivered()}.")
    return "A worker ran a copy of your job, and the provider delivered it. Yours still waits in the queue."
