"""Exercises that check themselves: `check`, `hint`, `solution`.

One module per lab lists its exercises; this one runs them and keeps the reader's progress in a small
local file. A check looks at the live queue, tells *not attempted* from *right* and *wrong*, names the
misconception where it knows it, and leaves the lab as it found it.
"""

import importlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import redis

from labsupport.errors import LabError
from labsupport.paths import MY_LABS

PROGRESS = Path(os.environ.get("LAB_PROGRESS") or MY_LABS / "progress.json")
"""Which exercises are solved. Git ignores it; nothing is sent anywhere."""


@dataclass(frozen=True)
class CourseLab:
    """A lab on the map: its notebook without `.ipynb`, its title, and the minutes it takes."""

    notebook: str
    title: str
    minutes: int

    @property
    def module(self) -> str:
        return f"{__name__}.lab{self.notebook[:2]}"


COURSE = (
    CourseLab("00-start-here", "Run your first job", 10),
    CourseLab("01-enqueue", "Hand slow work to a queue", 45),
    CourseLab("02-process", "Put workers on it", 45),
    CourseLab("03-fail", "Let a job fail safely", 45),
    CourseLab("04-retry", "Try again, politely", 60),
    CourseLab("10-ship", "Put it in front of users", 60),
)


@dataclass(frozen=True)
class Bench:
    """What a check may look at."""

    redis: redis.Redis
    attempts: Callable[[], pd.DataFrame]


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    name: as in `check("name", …)`.
    stub: the cell as shipped, up to its line with `check`.
    hints: two or three, each saying more than the one before.
    solution: replaces the stub.
    wrong: plausible wrong answers, code → a part of the message that each must get.
    judge: takes the answer and the bench; returns a sentence that says why it is right, or raises NotYet.
    answer: the name in the cell that holds the answer.
    """

    name: str
    stub: str
    hints: tuple[str, ...]
    solution: str
    wrong: dict[str, str]
    judge: Callable[[object, Bench], str]
    answer: str = "answer"

    def cell(self, code: str) -> str:
        """The whole cell, with `code` as what the reader wrote."""
        return f'{code.strip()}\n\ncheck("{self.name}", {self.answer})'


class NotYet(Exception):
    """The answer is wrong; the message says how, in the reader's terms."""


_bench: Bench | None = None
_shown: dict[str, int] = {}
"""Per exercise, how many hints were shown."""


def begin(connection: redis.Redis, attempts: Callable[[], pd.DataFrame]) -> None:
    """Let the checks look at this lab."""
    global _bench
    _bench = Bench(connection, attempts)
    _shown.clear()


def exercises(lab: CourseLab) -> tuple[Exercise, ...]:
    """A lab's exercises, in their order."""
    return importlib.import_module(lab.module).EXERCISES


def _find(name: str) -> Exercise:
    everything = {exercise.name: exercise for lab in COURSE for exercise in exercises(lab)}
    if name not in everything:
        raise LabError(f"There is no exercise {name!r}. The exercises are: {', '.join(everything)}.")
    return everything[name]


def check(name: str, answer: object) -> None:
    """Check an answer, and say what was seen."""
    exercise = _find(name)
    if _bench is None:
        raise LabError("Run the set-up cell at the top first, then this one again.")
    if answer is ...:
        print(f'Not attempted yet. Put your answer in place of the ... and run the cell again; hint("{name}") helps.')
        return
    try:
        print(f"Right. {exercise.judge(answer, _bench)}")
    except redis.ConnectionError:
        raise
    except Exception as wrong:
        said = wrong if isinstance(wrong, NotYet) else f"Your answer raised {type(wrong).__name__}: {wrong}"
        print(f'Not yet. {said}\nChange the cell and run it again; hint("{name}") helps.')
        return
    progress = _progress()
    progress.setdefault("solved", [])
    if name not in progress["solved"]:
        progress["solved"].append(name)
        _save(progress)


def hint(name: str) -> None:
    """Show the next hint."""
    exercise = _find(name)
    shown = _shown.get(name, 0)
    number = min(shown, len(exercise.hints) - 1)
    _shown[name] = number + 1
    print(f"Hint {number + 1} of {len(exercise.hints)}. {exercise.hints[number]}")
    if number + 1 == len(exercise.hints):
        print(f'That was the last one; solution("{name}") shows the answer.')


def solution(name: str) -> None:
    """Show a solution, to be typed or pasted into the cell."""
    print(_find(name).solution.strip())


def reset(name: str) -> None:
    """Forget that an exercise was solved, and show its cell as it was at first."""
    exercise = _find(name)
    _shown.pop(name, None)
    progress = _progress()
    if name in progress.get("solved", []):
        progress["solved"].remove(name)
        _save(progress)
    print(f"{name} counts as not solved. Its cell was at first:\n")
    print(exercise.cell(exercise.stub))


def course() -> pd.DataFrame:
    """The map of the course, with what you have solved."""
    solved = set(_progress().get("solved", []))
    rows = [
        {
            "lab": lab.notebook,
            "what you do": lab.title,
            "minutes": lab.minutes,
            "solved": f"{sum(e.name in solved for e in exercises(lab))} of {len(exercises(lab))}",
        }
        for lab in COURSE
    ]
    return pd.DataFrame(rows).set_index("lab")


def _progress() -> dict:
    try:
        return json.loads(PROGRESS.read_text(encoding="utf8"))
    except FileNotFoundError:
        return {}
    except ValueError:
        # Never lost: the file is put aside, and a new one begun.
        PROGRESS.replace(PROGRESS.with_suffix(".unreadable"))
        return {}


def _save(progress: dict) -> None:
    PROGRESS.parent.mkdir(parents=True, exist_ok=True)
    draft = PROGRESS.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(progress, indent=1) + "\n", encoding="utf8")
    draft.replace(PROGRESS)


def expect(kind: type, answer: object, what: str) -> None:
    """Raise NotYet unless the answer is a `kind`; `what` says what is asked for."""
    if not isinstance(answer, kind):
        raise NotYet(f"The answer should be {what}; this is {_described(answer)}.")


def _described(answer: object) -> str:
    if answer is None:
        return "None"
    text = repr(answer)
    return f"{type(answer).__name__} {text if len(text) < 60 else text[:57] + '…'}"
