"""What the events of the progress file say: attempts, hints, quizzes, and minutes."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from labsupport.exercises.progress import Event

PAUSE = timedelta(minutes=30)
"""A longer time without an event counts as a pause."""

BEGINS = ("opened", "wrong", "right", "guessed", "answered")
"""What one does in a lab, and not about it."""

WHEN = ("before", "after")
"""When a lab's quiz is taken."""


class Tries(NamedTuple):
    """What a reader did at one exercise.

    attempts: how often its check judged an answer.
    hints: how often a hint was asked for.
    solution: whether the solution was shown.
    solved: when the check first said *Right*, after the last reset; None if it did not, or before times were kept.
    """

    attempts: int
    hints: int
    solution: bool
    solved: datetime | None


def tries(exercise: str, events: Iterable[Event]) -> Tries:
    own = [event for event in events if event.of == exercise]
    what = [event.what for event in own]
    since = len(what) - what[::-1].index("reset") if "reset" in what else 0
    solved = next((event.at for event in own[since:] if event.what == "right"), None)
    return Tries(what.count("wrong") + what.count("right"), what.count("hint"), "solution" in what, solved)


def opened(lab: str, events: Iterable[Event]) -> datetime | None:
    """When the lab's set-up cell first ran; None if it did not, or in an editor that does not say which notebook runs."""
    return next((event.at for event in events if event.what == "opened" and event.of == lab), None)


def result(lab: str, when: str, events: Iterable[Event]) -> tuple[int, int] | None:
    """How many questions of a lab's quiz were right, and of how many; None if it was not answered. The first time counts for
    the quiz before a lab, and the last for the one after it.

    lab: its notebook, or the number it begins with. when: one of WHEN.
    """
    name = f"{lab[:2]}-{when}"
    found = [event.more for event in events if event.what == "answered" and event.of == name]
    whole = [more for more in found if isinstance(more.get("right"), int) and isinstance(more.get("questions"), list)]
    if not whole:
        return None
    more = whole[0 if when == "before" else -1]
    return more["right"], len(more["questions"])


def passed_before(lab: str, events: Iterable[Event]) -> bool:
    """Whether all answers of the quiz before the lab were right, so that it may be skipped."""
    found = result(lab, "before", events)
    return found is not None and found[0] == found[1]


def minutes(events: Iterable[Event], labs: Mapping[str, str]) -> dict[str, float]:
    """The minutes that each lab took, as far as the events tell.

    labs: per exercise, prediction and quiz, its lab.

    They are the times between two events of a lab, one after the other, without pauses of more than half an hour. They begin
    when the lab was opened, or with the first attempt. What was read after the last event is not in them, nor is an
    experiment that took longer than a pause: so they are rather too few than too many. A minute counts for one lab only.
    """
    taken: dict[str, float] = {}
    before: Event | None = None
    for event in events:
        lab = _lab(event, labs)
        if lab is None or (lab not in taken and event.what not in BEGINS):
            continue
        taken.setdefault(lab, 0.0)
        if before and _lab(before, labs) == lab and event.at - before.at <= PAUSE:
            taken[lab] += (event.at - before.at).total_seconds() / 60
        before = event
    return taken


def _lab(event: Event, labs: Mapping[str, str]) -> str | None:
    return event.of if event.what == "opened" else labs.get(event.of)
