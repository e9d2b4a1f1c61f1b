"""What the events of the progress file say: attempts, hints, and minutes."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from labsupport.exercises.progress import Event

PAUSE = timedelta(minutes=30)
"""A longer time without an event counts as a pause."""


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


def minutes(events: Iterable[Event], labs: Mapping[str, str]) -> dict[str, float]:
    """The minutes that each lab took, as far as the events tell.

    labs: per exercise, its lab.

    They are the times between two events of a lab, one after the other, without pauses of more than half an hour. They begin
    when the lab was opened, or with the first attempt. What was read after the last event is not in them, nor is an
    experiment that took longer than a pause: so they are rather too few than too many. A minute counts for one lab only.
    """
    taken: dict[str, float] = {}
    before: Event | None = None
    for event in events:
        lab = _lab(event, labs)
        if lab is None or (lab not in taken and event.what not in ("opened", "wrong", "right")):
            continue
        taken.setdefault(lab, 0.0)
        if before and _lab(before, labs) == lab and event.at - before.at <= PAUSE:
            taken[lab] += (event.at - before.at).total_seconds() / 60
        before = event
    return taken


def _lab(event: Event, labs: Mapping[str, str]) -> str | None:
    return event.of if event.what == "opened" else labs.get(event.of)
