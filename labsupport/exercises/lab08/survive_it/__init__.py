"""survive-it: a job whose effect takes place once, whenever its worker dies."""

import pandas as pd
from rq import Retry

from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import token
from labsupport.exercises.lab08.crashed import first_bad, module_of, swept, told
from labsupport.experiments.sweep import sweep

HINTS = (
    "Between noting the key and the push, the worker may die. The next attempt finds the key, and what does it do then?",
    "Both in one step: no crash comes between. But the step must also know whether the message was delivered before.",
    "A Lua script is one step: if redis.call('SADD', KEYS[1], ARGV[1]) == 1 then redis.call('RPUSH', …) end",
)

FIRST = 30
"""The job function's own first step (rq 3.0): up to then, RQ sends the same whatever the function does."""

MOST = 12
"""Steps of a job that are swept."""

FILE = "lab08_mine.py"


def judge(answer: object, context: Context) -> str:
    module = module_of(answer, FILE, is_job=True, deliver=("message",))
    message = f"Tea {token()}"

    def rows(points: range | tuple[int, ...], fault: str = "kill") -> pd.DataFrame:
        return swept(
            sweep,
            f"{module}.deliver",
            message,
            delivered="labsupport.exercises.lab08.message.sent_as_asked",
            retry=Retry(max=1),
            inside=True,
            fault=fault,
            points=points,
        )

    # Nothing happens to the job of a worker that dies before it has taken one.
    (_, undisturbed) = next(rows((1,)).iterrows())
    steps = sum(step.sender == "job" for _, step in undisturbed["history"])
    if undisturbed["became"] != "once, finished":
        raise NotYet(_without_a_crash(undisturbed, steps))
    if steps > MOST:
        raise NotYet(f"With no crash, deliver takes {steps} steps in Redis. One to {MOST} will do.")
    for fault in ("kill", "stop"):
        # Killed, also before the step after its last, which is RQ's own. Stopped there, nothing of the job is left to be done.
        all_rows = rows(range(FIRST, FIRST + steps + (fault == "kill")), fault)
        if (bad := first_bad(all_rows, ("once, finished",))) is not None:
            raise NotYet(_wrong(bad, stopped=fault == "stop"))
    how_many = "one step" if steps == 1 else f"{steps} steps"
    return f"Killed or stopped at any time, deliver delivers once. It takes {how_many} in Redis."


def _without_a_crash(row: pd.Series, steps: int) -> str:
    if row["delivered"] < 0:
        return "With no crash at all, the list `delivered` holds something else than the message."
    times = row["became"].partition(",")[0]
    if not steps:
        return (
            "With no crash at all, deliver asks Redis for nothing with get_current_job().connection. It should push the message "
            "to the list `delivered` there."
        )
    return f"With no crash at all, the message is delivered {times}, and the job is {row['status']}."


def _wrong(row: pd.Series, *, stopped: bool) -> str:
    what, times = "Stopped" if stopped else "Killed", row["became"].partition(",")[0]
    step = f"{row['command']} {row['key']}" if row["sender"] == "job" else "RQ's next request"
    text = f"{what} before {step}: {row['became']}. The job's own steps: {told(row, stopped=stopped, senders=['job'])}."
    if row["delivered"] < 1:
        return f"{text} The second attempt believes that the message was delivered."
    if row["delivered"] < 2:
        return f"{text} The message was delivered, and RQ says that the job is {row['status']}."
    if stopped:
        return f"{text} Two workers were at it: what the first had seen was no longer so when it went on."
    return f"{text} The second attempt does not know that the message was delivered {times.replace('twice', 'before')}."
