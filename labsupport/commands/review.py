"""Asks up to five questions from labs that are done, in the terminal: `make review`.

python -m labsupport.commands.review

An answer is a Python expression on one line. Enter alone says that one does not know. Ctrl-C ends it; what was not answered
is asked again the next time.
"""

import re
import sys

from labsupport.errors import LabError
from labsupport.exercises import quizzes
from labsupport.exercises.quizzes.question import Asked, evaluated

HOW = """\
A number: 3. A text: "failed". True or False. A list: [4, 3]. A set: {"a", "c"}. A policy: Retry(max=2).
Enter alone: I do not know. quit: enough."""

QUIZ = "make review"
"""The quiz's name: what is open in a notebook's review stays open there."""


def review() -> None:
    """Ask what is due, five questions at most, one question after the other, and say after each whether the answer is right."""
    due = quizzes.due()
    if not due:
        print(quizzes.nothing_due())
        return
    print(HOW)
    right = 0
    for number, question in enumerate(due, 1):
        asked = quizzes.Round.draw(QUIZ, [question])
        print(f"\n{number} of {len(due)}, from {question.lab}. {plain(asked.asked[0].text)}")
        answer = _answer(asked.asked[0])
        asked.keep([answer])
        ((is_right, says),) = asked.verdicts([answer])
        print(plain(says))
        right += is_right
    print(f"\n{quizzes.conclusion(quizzes.REVIEW, right, len(due))}")


def _answer(asked: Asked) -> object:
    while True:
        line = input("> ").strip()
        if line.rstrip("()") in ("q", "quit", "exit"):
            raise EOFError
        try:
            answer = evaluated(line) if line else None
        except LabError as error:
            print(error)
            continue
        if not (unread := asked.unread(answer)):
            return answer
        print(plain(unread))


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
