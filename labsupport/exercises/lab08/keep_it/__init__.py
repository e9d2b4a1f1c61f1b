"""keep-it: a queue that a crash empties."""

from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.lab08.crashed import first_bad, module_of, program, told
from labsupport.exercises.lab08.own_queue import FILE, FUNCTIONS

HINTS = (
    "Where is the message while the worker writes it? If the worker dies then, who still has it?",
    "LMOVE takes a message from one list and puts it into another, in one step: redis.lmove(source, destination).",
    'reserve: redis.lmove("waiting", "taken"). acknowledge: redis.lrem("taken", 1, message).',
)


def judge(answer: object, context: Context) -> str:
    module_of(answer, FILE, **FUNCTIONS)
    rows = program("examiner.work", begin="examiner.put", delivered="examiner.kept", promised="examiner.two")
    if (bad := first_bad(rows)) is not None:
        raise NotYet(
            f"Killed before step {bad['point']}, a message is neither written nor anywhere in Redis. {told(bad)}. Between two "
            "steps, a message must be somewhere."
        )
    return (
        f"Killed at each of {len(rows)} steps, no message is gone. What is left still needs somebody who takes it back."
    )
