"""Which questions come again, and when: by FSRS, a scheduler for spaced repetition (https://github.com/open-spaced-repetition).

It keeps nothing of its own. What it knows of a question is computed from the events in the progress file.
"""

from collections.abc import Iterable
from datetime import datetime

from fsrs import Card, Rating, Scheduler

from labsupport.exercises import history
from labsupport.exercises.course import COURSE
from labsupport.exercises.progress import Event
from labsupport.exercises.quizzes.question import Question, of_lab

SCHEDULER = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
"""Without its steps of minutes: a question is not asked twice on one day. And without chance."""


def of_done_labs(solved: Iterable[str], events: list[Event]) -> list[Question]:
    """The questions of the labs that are done: all exercises solved, or the quiz after it answered, or the one before it
    passed."""
    solved = set(solved)
    done = [
        lab.notebook
        for lab in COURSE
        if all(exercise.name in solved for exercise in lab.exercises)
        or history.result(lab.notebook, "after", events)
        or history.passed_before(lab.notebook, events)
    ]
    return [question for notebook in done for question in of_lab(notebook)]


def due(question: Question, events: Iterable[Event]) -> datetime | None:
    """When a question should come again; None if it was never answered."""
    card = _card(question, events)
    return card.due if card else None


def next_ones(questions: Iterable[Question], events: list[Event], now: datetime, number: int) -> list[Question]:
    """Those that should be asked now, `number` at most: those first that are most likely forgotten, and last the ones that
    were never asked."""
    cards = {question: _card(question, events) for question in questions}
    asked = [question for question, card in cards.items() if card and card.due <= now]
    asked.sort(key=lambda question: SCHEDULER.get_card_retrievability(cards[question], now))
    return [*asked, *(question for question, card in cards.items() if card is None)][:number]


def _card(question: Question, events: Iterable[Event]) -> Card | None:
    card = None
    for event in events:
        if event.what == "recalled" and event.of == question.name:
            rating = Rating.Good if event.more.get("right") is True else Rating.Again
            card, _ = SCHEDULER.review_card(card or Card(card_id=0), rating, event.at)
    return card
