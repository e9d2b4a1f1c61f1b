"""no-pause: a test that sleeps."""

from labsupport.exercises.exercise import Context
from labsupport.exercises.lab06.tests_judged import judge_tests

HINTS = (
    "For what does the test wait? Who knows when that has happened?",
    "A worker with --burst ends by itself when the queue is empty, and subprocess.run returns then.",
    "`work` of lab06/workers.py does it inside the test. For a worker outside, ask until a deadline whether `job.is_finished`, "
    "ten times a second.",
)

BROKEN = ("pickle queue", "timeout for job timeout", "user for text")


def judge(answer: object, context: Context) -> str:
    right = judge_tests(answer, BROKEN, "lab06/test_sleepy.py", patient=True)
    return (
        f"No pause, {min(one.seconds for one in right):.2f} s in the best of three runs, and your test fails on "
        f"{len(BROKEN)} of {len(BROKEN)} broken versions."
    )
