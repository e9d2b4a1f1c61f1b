"""try-again: a message whose job raises, until it is given up."""

from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.lab08.crashed import first_bad, module_of, program, told
from labsupport.exercises.lab08.examiner import BROKEN
from labsupport.exercises.lab08.own_queue import FILE, FUNCTIONS

HINTS = (
    "A worker that dies forgets what it has counted. Where does the count stand, and what may happen between the count and the "
    "move? Who may still call retry with an old token?",
    "retry does what acknowledge does, counts, and puts the message into waiting or failed: all in one step, and only if the "
    "token is the message's. When a message has ended, delete its count.",
    "In the script: if HGET tokens message is not the token, return. HDEL tokens, ZREM taken. If HINCRBY failures message 1 is "
    "less than 3: RPUSH waiting message. Else: HDEL failures, RPUSH failed message. And acknowledge: HDEL failures, too.",
)


def judge(answer: object, context: Context) -> str:
    module_of(answer, FILE, **FUNCTIONS, retry=("redis", "message", "token"))
    options = {"begin": "examiner.put_and_retry", "delivered": "examiner.rules_kept", "promised": "examiner.rules"}
    steps = 0
    for fault, struck in (("kill", "Killed"), ("stop", "Stopped")):
        rows = program("examiner.work_that_fails", fault=fault, **options)
        if (bad := first_bad(rows)) is not None:
            raised = f" A later worker raised {bad['raised'].rstrip('.')}." if bad["raised"] else ""
            raise NotYet(
                f"{struck} before step {bad['point']}; others come an hour later. {told(bad, stopped=fault == 'stop')}. "
                f"{BROKEN[bad['delivered']]}.{raised}"
            )
        steps += len(rows)
    return (
        f"Killed or stopped at each of {steps} steps, a message that can't succeed ends in `failed` after three attempts, the "
        "other one is written, and a late worker changes nothing."
    )
