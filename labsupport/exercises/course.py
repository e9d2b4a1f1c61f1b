"""The map of the course: its labs, their exercises, and how far the reader is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from labsupport.errors import LabError
from labsupport.exercises import progress
from labsupport.exercises.exercise import Exercise

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


def course() -> pd.DataFrame:
    """The map of the course, with what you have solved."""
    import pandas as pd  # late: it is slow to load

    solved = progress.solved()
    rows = {
        lab.notebook: {
            "what you do": lab.title,
            "minutes": lab.minutes,
            "solved": f"{sum(e.name in solved for e in lab.exercises)} of {len(lab.exercises)}",
        }
        for lab in COURSE
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("lab")
