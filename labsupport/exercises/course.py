"""The labs of the course, and their exercises."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from labsupport.errors import LabError
from labsupport.exercises.exercise import Exercise
from labsupport.paths import NOTEBOOKS


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
