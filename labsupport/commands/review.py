"""Asks up to five questions from labs that are done, in the terminal: `make review`.

python -m labsupport.commands.review

An answer is a Python expression on one line. Enter alone says that one does not know. Ctrl-C ends it; what was not answered
is asked again the next time.
"""

import re
import sys

from labsupport.errors import LabError
from labsupport.exercises import quizzes
from labsupport.exercises.quizzes.question import evaluated

HOW = """\
Answer in Python: a number, a word, a list, Retry(max=2). Enter alone: I do not know. Ctrl-C: enough."""


def review() -> None:
    """Ask what is due, five questions at most, one question after the other, and say after each whether the answer is right."""
    due = quizzes.due()
    if not due:
        print(quizzes.nothing_due())
        return
    print(HOW)
    right = 0
    for number, question in enumerate(due, 1):
        asked = quizzes.Round.draw(quizzes.REVIEW, [question])
        print(f"\n{number} of {len(due)}, from {question.lab}. {plain(asked.asked[0].text)}")
        ((is_right, says),) = quizzes.judge(asked, [_answer()])
        print(plain(says))
        right += is_right
    print(f"\n{quizzes.conclusion(quizzes.REVIEW, right, len(due))}")


def _answer() -> object:
    while True:
        line = input("> ")
        try:
            return evaluated(line) if line.strip() else None
        except LabError as error:
            print(error)


def plain(text: str) -> str:
    """Without the marks of code."""
    return re.sub(r"`([^`]+)`", r"\1", text)


if __name__ == "__main__":
    try:
        review()
    except LabError as error:
        sys.exit(str(error))
    except (KeyboardInterrupt, EOFError):
        sys.exit("\nWhat you answered is kept.")
