"""The map of the course: its labs, their exercises, and how far the reader is."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from labsupport.errors import LabError
from labsupport.exercises import history, progress
from labsupport.exercises.exercise import Exercise
from labsupport.paths import NOTEBOOKS

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class CourseLab:
    """A lab on the map: its notebook without `.ipynb`, its title, and the minutes it takes."""

    notebook: str
    title: str
    minutes: int

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        """One per folder, by name."""
        folder = Path(__file__).parent / f"lab{self.notebook[:2]}"
        names = sorted(answers.parent.name.replace("_", "-") for answers in folder.glob("*/answers.*"))
        return tuple(Exercise(name, self.notebook) for name in names)

    def in_order(self) -> list[Exercise]:
        """As they come in the notebook."""
        text = (NOTEBOOKS / f"{self.notebook}.ipynb").read_text(encoding="utf8")
        return sorted(self.exercises, key=lambda exercise: text.find(f'check(\\"{exercise.name}\\", '))


COURSE = (
    CourseLab("00-start-here", "Run your first job", 25),
    CourseLab("01-enqueue", "Hand slow work to a queue", 80),
    CourseLab("02-process", "Put workers on it", 90),
    CourseLab("03-fail", "Let a job fail safely", 75),
    CourseLab("04-retry", "Try again, politely", 75),
    CourseLab("05-schedule", "Run it later, and again", 90),
    CourseLab("06-test", "Test it before it runs at night", 90),
    CourseLab("07-observe", "See the queue before your users do", 120),
    CourseLab("08-survive", "Crash it everywhere", 150),
    CourseLab("09-scale", "More of everything", 180),
    CourseLab("10-ship", "Put it in front of users", 100),
    CourseLab("11-bullmq", "The same on BullMQ", 150),
)


def find(name: str) -> Exercise:
    """The exercise of this name. Raises LabError, with the names there are, if there is none."""
    everything = {exercise.name: exercise for lab in COURSE for exercise in lab.exercises}
    if name not in everything:
        raise LabError(f"There is no exercise {name!r}. The exercises are: {', '.join(everything)}.")
    return everything[name]


def of_this_kernel() -> str | None:
    """The lab whose notebook this kernel runs, also under a longer name, as far as Jupyter's server says so; None if it is
    none, or in another program."""
    name = os.path.basename(os.environ.get("JPY_SESSION_NAME", ""))
    return next((lab.notebook for lab in COURSE if name.startswith(lab.notebook)), None)


def lab_of_each() -> dict[str, str]:
    """Per exercise, its lab."""
    return {exercise.name: lab.notebook for lab in COURSE for exercise in lab.exercises}


def course() -> pd.DataFrame:
    """The map of the course, with what you have solved.

    minutes: what the lab is said to take.
    taken: the minutes that you took, as `history.minutes` counts them: between the times when you opened the lab, tried an
    exercise, or asked for a hint, without pauses of more than half an hour. Empty if that is less than one.
    next: the exercise to do next: in the lab where you were last, or else in the first that has one left.
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
            "solved": f"{sum(e.name in solved for e in lab.exercises)} of {len(lab.exercises)}",
            "next": after.name if after and after.notebook == lab.notebook else "",
        }
        for lab in COURSE
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("lab")


def _next(solved: list[str], events: list[progress.Event]) -> Exercise | None:
    """The first exercise that is not solved, in the lab of the last event or else in the first that has one."""
    names = lab_of_each() | {lab.notebook: lab.notebook for lab in COURSE}
    last = next((names[event.of] for event in reversed(events) if event.of in names), None)
    labs = sorted(COURSE, key=lambda lab: lab.notebook != last)
    return next((exercise for lab in labs for exercise in lab.in_order() if exercise.name not in solved), None)
