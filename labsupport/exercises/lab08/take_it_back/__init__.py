"""take-it-back: a message that a dead worker has taken."""

from labsupport.exercises.exercise import Context
from labsupport.exercises.lab08.crashed import module_of
from labsupport.exercises.lab08.own_queue import FILE, FUNCTIONS, all_written

HINTS = (
    "A worker that is dead can't give anything back. Who comes by anyway, and how does it know that the time is over?",
    "Note until when a message is taken, such as the score in a sorted set. reserve first takes one whose time is over. To take "
    "a message and to note the time must be one step.",
    "A Lua script is one step: redis.eval(script, number_of_keys, *keys, *arguments). In it: ZRANGEBYSCORE taken 0 now LIMIT 0 "
    "1, else LPOP waiting; then ZADD taken until message.",
)


def judge(answer: object, context: Context) -> str:
    module_of(answer, FILE, **FUNCTIONS)
    steps = len(all_written()) + len(all_written(begin="left"))
    return (
        f"Killed at each of {steps} steps, also while it takes back what another has left, both messages are written in the end. "
        "Nobody did anything by hand."
    )
