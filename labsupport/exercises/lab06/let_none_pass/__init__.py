"""let-none-pass: tests that no broken version passes."""

from labsupport.exercises.exercise import Context
from labsupport.exercises.lab06.tests_judged import judge_tests
from labsupport.exercises.lab06.versions import BROKEN

HINTS = (
    "Start with the test files of this lab: a file may say `from test_burst import *`. Then look at what still passes, one after "
    "the other, with versions.show(name).",
    "job.timeout is the time limit that a worker would keep. What the release before has enqueued is a path: "
    'queue.enqueue("reminders.send_reminder", "ada", "Tea").',
    "Two bugs need another process than that of the tests: a worker that is told the queue's name on its command line, and a "
    "second attempt that remembers nothing of the first.",
)


def judge(answer: object, context: Context) -> str:
    right = judge_tests(answer, BROKEN, "lab06/test_mine.py")
    return (
        f"Your tests pass at any hour, need {min(one.seconds for one in right):.1f} s, and fail on each of {len(BROKEN)} broken "
        "versions."
    )
