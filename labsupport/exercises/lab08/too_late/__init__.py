"""too-late: a worker that slept, and goes on when others have its message."""

from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.lab08.crashed import first_bad, module_of, program, told
from labsupport.exercises.lab08.own_queue import FILE, FUNCTIONS, all_written

HINTS = (
    "The worker that slept doesn't know it. Who can know that its message is somebody else's now?",
    "The store refuses a token that is less than one it has seen. So each reserve draws a greater one: INCR.",
    "Keep the token with the message, and let acknowledge remove only what still has its token.",
)

FEW = range(1, 6)
"""Steps of the first message. All are swept in take-it-back."""


def judge(answer: object, context: Context) -> str:
    module_of(answer, FILE, **FUNCTIONS)
    all_written(points=FEW)
    options = {"begin": "examiner.put_and_lease", "fault": "stop"}
    rows = program("examiner.work", delivered="examiner.not_too_late", **options)
    if (bad := first_bad(rows)) is not None:
        raise NotYet(
            f"Stopped before step {bad['point']}, a worker wrote after others had written, and the store took it. "
            f"{told(bad, stopped=True)}. Does each reserve give a greater token than all before?"
        )
    # Now its message has been taken by another one that hangs, and the store has seen newer tokens when it goes on.
    late = program(
        "examiner.work",
        then="examiner.hang",
        delivered="examiner.written_in_the_end",
        promised="examiner.two",
        **options,
    )
    if (bad := first_bad(late)) is not None:
        raise NotYet(
            f"Stopped before step {bad['point']}, a worker went on when its message was another's, and acknowledged it. That one "
            f"died, and nobody ever wrote the message. {told(bad, stopped=True)}."
        )
    return f"Stopped at each of {len(rows)} steps, no worker wrote too late, or removed what was another's."
