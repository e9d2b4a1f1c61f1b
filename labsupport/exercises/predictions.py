"""Predictions: a cell with `guess = ...`, and a result cell that ends with `outcome("name", guess, what happened)`.

The predictions of a lab are in `labNN/predictions.py`, as PREDICTIONS. The first guess of each is kept with the progress.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labsupport.errors import LabError
from labsupport.exercises import progress
from labsupport.exercises.course import COURSE

if TYPE_CHECKING:
    import pandas as pd

LEAST = 10
"""Percent. Who is less sure has no guess, or has typed a decimal comma."""


@dataclass(frozen=True)
class Prediction:
    """One prediction, by one of two kinds of guess.

    name: as in `outcome("name", …)`. question: as the lab asks it.
    choices: what can be guessed: texts, truth values, or whole numbers; a guess is right if it is what happened.
    within: for a number above 0 that is measured: a guess is right if it is at most so many times too large or too small.
    unit: what follows such a number, as in `12.3 times`.
    """

    name: str
    question: str
    choices: tuple[str | bool | int, ...] | range = ()
    within: float = 0
    unit: str = ""

    def read(self, guess: object) -> str | bool | int | float:
        """The guess as one of the choices, or as a number. Raises LabError, with what can be guessed, if it is none."""
        typed = guess.strip().lower() if isinstance(guess, str) else guess
        if isinstance(typed, float) and typed.is_integer() and self.choices:
            typed = int(typed)
        if self.choices:
            for choice in self.choices:
                if str(choice).lower() == str(typed).lower():
                    return choice
        else:
            try:
                number = float(typed)  # type: ignore[arg-type]
            except (TypeError, ValueError, OverflowError):
                number = math.nan
            if 0 < number < math.inf and not isinstance(typed, bool):
                return number
        raise LabError(f"{guess!r} is no guess that can be compared. {self.possible}")

    @property
    def possible(self) -> str:
        """What can be guessed, in a sentence."""
        if isinstance(self.choices, range):
            return f"Guess a whole number from {self.choices[0]} to {self.choices[-1]}."
        if self.choices:
            *most, last = map(repr, self.choices)
            return f"Guess one of {', '.join(most)} or {last}."
        return "Guess a number above 0."

    def is_right(self, guess: object, happened: object) -> bool:
        """guess: as `read` returns it."""
        if self.choices:
            return guess == happened
        return 1 / self.within <= guess / happened <= self.within  # type: ignore[operator]

    def shown(self, value: object) -> str:
        if isinstance(value, float):
            value = f"{value:.0f}" if value >= 100 else f"{value:.3g}"
        return f"{value} {self.unit}".strip()


def of_lab(notebook: str) -> tuple[Prediction, ...]:
    """The predictions of a lab, in its order."""
    return importlib.import_module(f"labsupport.exercises.lab{notebook[:2]}.predictions").PREDICTIONS


def each() -> dict[str, tuple[str, Prediction]]:
    """Per name, its lab and the prediction."""
    return {one.name: (lab.notebook, one) for lab in COURSE for one in of_lab(lab.notebook)}


def outcome(name: str, guess: object, happened: object) -> None:
    """Say what was guessed and what happened, and keep the first guess with the progress.

    guess: `...` for none; a guess, or a pair of a guess and how sure of it you are, in percent: `3, 80`.
    """
    everything = each()
    if name not in everything:
        raise LabError(f"There is no prediction {name!r}. The predictions are: {', '.join(everything)}.")
    _, prediction = everything[name]
    happened = prediction.read(happened)
    was = f"It was {prediction.shown(happened)}"
    value, sure = guess if isinstance(guess, tuple) and len(guess) == 2 else (guess, None)
    if value is ...:
        print(f"You did not guess. {was}.")
        return
    try:
        value, sure = prediction.read(value), _percent(sure)
    except LabError as error:
        print(f"{error} {was}.")
        return
    right = prediction.is_right(value, happened)
    said = f"You guessed {prediction.shown(value)}" + (f", {sure} % sure" if sure is not None else "")
    counts = (
        ""
        if prediction.choices or not right
        else f", and up to {prediction.within:g} times more or less counts as right"
    )
    print(f"{said}. {was}{counts}. {'Right' if right else 'Not this time'}.")
    first = next((event for event in progress.events() if (event.what, event.of) == ("guessed", name)), None)
    if first is None:
        rounded = float(f"{happened:.3g}") if isinstance(happened, float) else happened
        progress.note("guessed", name, guess=value, sure=sure, happened=rounded, right=right)
    elif first.more.get("guess") != value:
        print(f"Your first guess is the one that counts: {prediction.shown(first.more.get('guess'))}.")


def _percent(sure: object) -> int | None:
    """How sure, in percent; None if it is not said. 80, 80.0, 0.8 and "80 %" are the same."""
    if sure is None or sure is ...:
        return None
    try:
        number = float(sure.strip().rstrip("%") if isinstance(sure, str) else sure)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = 0
    percent = 100 * number if 0 < number < 1 else number
    if LEAST <= percent <= 100:
        return round(percent)
    raise LabError(
        f"{sure!r} does not say how sure you are: write 80 for 80 %. A decimal has a point: 3.5, and not 3,5."
    )


def guesses() -> pd.DataFrame:
    """Your first guess of each prediction, in the order in which you made them.

    lab, question; guess and happened; sure: in percent, or NaN; right: whether it was.
    """
    import pandas as pd  # late: it is slow to load

    columns = ["lab", "question", "guess", "happened", "sure", "right"]
    rows = pd.DataFrame(made(progress.events()), columns=columns)
    return rows.astype({"sure": float, "right": bool})


def made(events: Iterable[progress.Event]) -> list[dict]:
    """The first guess of each prediction that there is, a row each, as `guesses` describes it."""
    labs = each()
    rows: dict[str, dict] = {}
    for event in events:
        if event.what == "guessed" and event.of in labs and event.of not in rows and _is_whole(event.more):
            lab, prediction = labs[event.of]
            rows[event.of] = {"lab": lab, "question": prediction.question} | {
                key: event.more[key] for key in ("guess", "happened", "sure", "right")
            }
    return list(rows.values())


def _is_whole(more: Mapping) -> bool:
    """Whether it is what `outcome` kept, and no edit."""
    sure = more.get("sure")
    is_sure = sure is None or (isinstance(sure, int | float) and 0 <= sure <= 100)
    return isinstance(more.get("right"), bool) and {"guess", "happened", "sure"} <= more.keys() and is_sure
