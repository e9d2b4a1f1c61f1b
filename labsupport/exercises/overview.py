"""The map of the course: its labs, and how far the reader is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labsupport.exercises import history, predictions, progress
from labsupport.exercises.course import COURSE
from labsupport.exercises.exercise import Exercise

if TYPE_CHECKING:
    import pandas as pd


def lab_of_each() -> dict[str, str]:
    """Per exercise, prediction and quiz, its lab."""
    exercises = {exercise.name: lab.notebook for lab in COURSE for exercise in lab.exercises}
    quizzes = {f"{lab.notebook[:2]}-{when}": lab.notebook for lab in COURSE for when in history.WHEN}
    return exercises | {name: lab for name, (lab, _) in predictions.each().items()} | quizzes


def course() -> pd.DataFrame:
    """The map of the course, with what you have solved.

    minutes: what the lab is said to take.
    taken: the minutes that you took, as `history.minutes` counts them: between the times when you opened the lab, tried an
    exercise, guessed, or asked for a hint, without pauses of more than half an hour. Empty if that is less than one.
    quiz: how many questions were right before the lab, and after it.
    next: the exercise to do next: in the lab where you were last, or else in the first that has one left. Labs whose quiz you
    passed before them are left out.
    """
    import pandas as pd  # late: it is slow to load

    solved, events = progress.solved(), progress.events()
    taken = history.minutes(events, lab_of_each())
    after = _next(solved, events)
    rows = {
        lab.notebook: {
            "what you do": lab.title,
            "minutes": lab.minutes,
            "taken": str(int(taken.get(lab.notebook, 0)) or ""),
            "quiz": _learned(lab.notebook, events),
            "solved": f"{sum(e.name in solved for e in lab.exercises)} of {len(lab.exercises)}",
            "next": after.name if after and after.notebook == lab.notebook else "",
        }
        for lab in COURSE
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("lab")


def _learned(lab: str, events: list[progress.Event]) -> str:
    """`1 → 4 of 4`: before the lab, and after it; a dash for a quiz that was not answered."""
    before, after = (history.result(lab, when, events) for when in history.WHEN)
    last = after or before
    if last is None:
        return ""
    return f"{before[0] if before else '–'} → {after[0] if after else '–'} of {last[1]}"


def _next(solved: list[str], events: list[progress.Event]) -> Exercise | None:
    """The first exercise that is not solved, in the lab of the last event or else in the first that has one."""
    names = lab_of_each() | {lab.notebook: lab.notebook for lab in COURSE}
    last = next((names[event.of] for event in reversed(events) if event.of in names), None)
    labs = sorted(COURSE, key=lambda lab: lab.notebook != last)
    left = [lab for lab in labs if not history.passed_before(lab.notebook, events)]
    return next((exercise for lab in left for exercise in lab.in_order() if exercise.name not in solved), None)
