"""Quizzes: four questions before a lab and after it, with fresh numbers, and five of the labs that are done.

    quiz("04-before", [..., ..., ..., ...])

shows the questions. With answers in place of the `...`, it says which are right. The numbers stay until all are answered, also
when the kernel is started again; then, `...` in all places is for new ones.
"""

from __future__ import annotations

import html
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from labsupport.errors import LabError
from labsupport.exercises import history, progress
from labsupport.exercises.course import COURSE
from labsupport.exercises.quizzes.question import Asked, Question, of_lab

FIVE = 5
"""Questions of a review, if so many are due."""

REVIEW = "review"


@dataclass(frozen=True)
class Round:
    """Questions with their numbers. name: the quiz's. seed: of the numbers. given: the answers, as they were when the round
    was drawn, or as they were judged."""

    name: str
    questions: tuple[Question, ...]
    seed: int
    given: tuple[str, ...] = ()

    @property
    def asked(self) -> list[Asked]:
        return [question.ask(self.seed) for question in self.questions]

    @classmethod
    def draw(cls, name: str, questions: Sequence[Question], given: Sequence[str] = ()) -> Round:
        """With new numbers, which are kept with the progress."""
        seed = random.SystemRandom().randrange(10**9)
        progress.note("asked", name, seed=seed, questions=[question.name for question in questions], given=list(given))
        return cls(name, tuple(questions), seed, tuple(given))

    @classmethod
    def kept(cls, event: progress.Event) -> Round | None:
        """The round of an event; None if the kit's questions are others by now, or if the event was edited."""
        known = {question.name: question for lab in COURSE for question in of_lab(lab.notebook)}
        seed, names, given = (event.more.get(key) for key in ("seed", "questions", "given"))
        if isinstance(seed, int) and isinstance(names, list) and isinstance(given, list) and {*names} <= known.keys():
            return cls(event.of, tuple(known[name] for name in names), seed, tuple(given))
        return None

    def verdicts(self, answers: Sequence) -> list[tuple[bool, str]]:
        """Per answer, whether it is right, and what is said of it."""
        return [one.verdict(answer) for one, answer in zip(self.asked, answers, strict=True)]

    def keep(self, answers: Sequence) -> None:
        """Note with the progress what was answered, and which questions are known."""
        known = [is_right for is_right, _ in self.verdicts(answers)]
        names = [question.name for question in self.questions]
        for name, right in zip(names, known, strict=True):
            progress.note("recalled", name, right=right)
        given = list(_written(answers))
        progress.note("answered", self.name, seed=self.seed, questions=names, given=given, right=sum(known))


def quiz(name: str, answers: Sequence) -> None:
    """Show the questions of a quiz, or judge the answers.

    name: `04-before` or `04-after` for lab 04, or `review` for questions of labs that are done.
    answers: one for each question, in their order; `...` for one that is still open.
    """
    given = _written(answers) if isinstance(answers, list | tuple) else ()
    last = next((event for event in reversed(progress.events()) if event.of == name), None)
    kept = Round.kept(last) if last else None
    is_open = all(one == "..." for one in given)
    is_answered = last is not None and last.what == "answered"
    if is_answered and is_open:
        kept = None
    questions = kept.questions if kept else due() if name == REVIEW else _questions(name)
    if not questions:
        print(nothing_due())
        return
    number = len(questions)
    # A review has five places, and may have fewer questions.
    if len(given) not in (number, FIVE if name == REVIEW else number):
        raise LabError(
            f"{name} has {number} questions. Give a list of {number} answers, with ... for one that is open."
        )
    if kept is None:
        kept, is_answered = Round.draw(name, questions, given), False
    given, answers = given[:number], answers[:number]
    is_same = given == kept.given[:number]
    open_ones = given.count("...")
    _show(kept)
    if is_answered and not is_same:
        print("You have answered these. For new numbers, put ... in all places and run the cell.")
    elif is_open:
        print("Put your answers in place of the ..., None where you do not know, and run the cell again.")
    elif not is_answered and is_same:
        print("Nothing was counted: these questions are new. Read them, change your answers, and run the cell again.")
    elif open_ones:
        print(
            f"{open_ones} of {number} {'is' if open_ones == 1 else 'are'} still open. Write None where you do not know."
        )
    elif unread := [says for says in map(Asked.unread, kept.asked, answers) if says]:
        print("Nothing was counted.", *unread, sep="\n")
    else:
        if not is_answered:
            kept.keep(answers)
        verdicts = kept.verdicts(answers)
        for position, (_, says) in enumerate(verdicts, 1):
            print(f"{position}. {says}")
        print(conclusion(name, sum(is_right for is_right, _ in verdicts), number))


def _written(answers: Sequence) -> tuple[str, ...]:
    """Each answer as text, the same each time: the order of a set is another one in each process."""
    return tuple(
        "..." if one is ... else repr(sorted(one, key=repr) if isinstance(one, set | frozenset) else one)
        for one in answers
    )


def due() -> list[Question]:
    """The questions of labs that are done which should be asked now, five at most."""
    from labsupport.exercises.quizzes import spaced  # late: it is slow to load

    solved, events = progress.solved(), progress.events()
    done = spaced.of_done_labs(solved, events)
    return spaced.next_ones(done, events, datetime.now(timezone.utc), FIVE)


def nothing_due() -> str:
    """What is said when no question is due."""
    from labsupport.exercises.quizzes import spaced

    solved, events = progress.solved(), progress.events()
    dates = [date for question in spaced.of_done_labs(solved, events) if (date := spaced.due(question, events))]
    if not dates:
        return "No lab is done yet. A lab is done when its exercises are solved, or when you have answered the quiz at its end."
    return f"Nothing is due. The next question comes on {min(dates):%Y-%m-%d}."


def _questions(name: str) -> tuple[Question, ...]:
    number, _, when = str(name).partition("-")
    labs = [lab.notebook for lab in COURSE if lab.notebook.startswith(f"{number}-")]
    if not labs or when not in history.WHEN:
        raise LabError(f'There is no quiz "{name}". Its name is like "04-before", "04-after" or "review".')
    return of_lab(labs[0])


def _show(asked: Round) -> None:
    from IPython.display import display

    display(Shown(asked.asked))


@dataclass(frozen=True)
class Shown:
    """Questions as HTML, which a code host shows, too. Their text is the same for all numbers: notebooks are compared by it."""

    asked: list[Asked]

    def _repr_html_(self) -> str:
        items = [re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(one.text)) for one in self.asked]
        return "<ol>" + "".join(f"<li style='white-space: pre-wrap'>{item}</li>" for item in items) + "</ol>"

    def __repr__(self) -> str:
        return f"{len(self.asked)} questions, with numbers of your own"


def conclusion(name: str, right: int, number: int) -> str:
    """What is said at the end: how many of how many were right, and what follows."""
    share = f"{right} of {number}."
    if name == REVIEW:
        return share if right == number else f"{share} What you missed comes again sooner."
    lab, _, when = name.partition("-")
    first = history.result(lab, "before", progress.events())
    if when == "after":
        return f"{share} Before the lab it was {first[0]}." if first else share
    if first and first[0] != right:
        return f"{share} The first time counts: {first[0]} of {first[1]}."
    return f"{share} You may skip this lab." if right == number else f"{share} The lab answers the rest."
