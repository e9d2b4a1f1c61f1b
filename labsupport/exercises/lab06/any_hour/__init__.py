"""any-hour: tests that pass at any hour, and know every border."""

from labsupport.exercises.exercise import Context
from labsupport.exercises.lab06.tests_judged import judge_tests

HINTS = (
    "remind takes a parameter that says which time it is. Give it in each test.",
    "An error by one hour shows only at a border. A border has two sides: 6 and 7, 21 and 22.",
    '@pytest.mark.parametrize(("hour", "message"), [(6, "ada: Tea (silent)"), …]) makes a test of each line.',
)

BROKEN = ("never silent", "silent at seven", "loud at ten")


def judge(answer: object, context: Context) -> str:
    judge_tests(answer, BROKEN, "lab06/test_sound.py")
    return f"Your tests pass at noon and at three in the night, and fail on {len(BROKEN)} of {len(BROKEN)} broken versions."
