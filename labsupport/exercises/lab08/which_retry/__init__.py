"""which-retry: the option with which a worker's death costs no message."""

from rq import Retry

from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import expect
from labsupport.exercises.lab08.crashed import first_bad, swept
from labsupport.experiments.sweep import sweep

HINTS = (
    "What does RQ do with a job whose worker died: when may it run again, and who decides that?",
    "A job without a retry fails when RQ finds its dead worker. Retry(max=…) grants it more attempts.",
    "An interval makes the retry wait among the scheduled jobs, and this worker has no scheduler.",
)

TOLD = (30,)
OTHERS = (24, 27, 28, 33)
"""Crash points between LMOVE and the last request of the work-horse (rq 3.0). A wrong retry shows at the first one. All
others are like one of these: the notebook sweeps them."""

HERE = "labsupport.exercises.lab08.message"
"""Where the job is, and what says how often it was delivered."""

GOOD = ("once, finished", "twice, finished")


def judge(answer: object, context: Context) -> str:
    if answer is None:
        raise NotYet(
            "That is no retry: RQ fails a job whose worker died, and after these crashes nobody runs it again."
        )
    expect(Retry, answer, "an rq.Retry, such as Retry(max=…, interval=…)")
    assert isinstance(answer, Retry)
    for points in (TOLD, OTHERS):
        rows = swept(sweep, f"{HERE}.send", "hello", delivered=f"{HERE}.sent", retry=answer, points=points)
        if (bad := first_bad(rows, GOOD)) is None:
            continue
        became = f"Killed before step {bad['point']} ({bad['command']} {bad['key']}), the job is {bad['status']}"
        if bad["status"] == "scheduled":
            raise NotYet(
                f"{became}, and stays so: a retry with an interval waits until a scheduler moves it into the queue, and this "
                "worker has none."
            )
        raise NotYet(f"{became}, and the message was delivered {bad['became'].partition(',')[0]}.")
    return (
        f"Killed at {len(TOLD) + len(OTHERS)} steps of the attempt, the message is delivered at least once, and the job is "
        "finished. At some steps, it is delivered twice."
    )
