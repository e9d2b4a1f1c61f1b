"""cannot-fail: a test that passes, whatever the code does."""

from labsupport.exercises.exercise import Context
from labsupport.exercises.lab06.tests_judged import judge_tests

HINTS = (
    'The broken version is shown by versions.show("swallowed error"). Which line of the test runs on it, and which does not?',
    "If nothing is raised, the block after `except` does not run, and a test that comes to its end passes.",
    "pytest.raises(ProviderDown) fails when nothing is raised.",
)

BROKEN = ("swallowed error", "returned error")


def judge(answer: object, context: Context) -> str:
    judge_tests(answer, BROKEN, "lab06/test_outage.py")
    return "Your test passes on the right code, and fails when the error is caught or returned."
