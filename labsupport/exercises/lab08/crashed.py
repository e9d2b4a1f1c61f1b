"""What the exercises of 08-survive share: sweep a reader's file, and tell the first crash that goes wrong, step by step."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from labsupport.errors import LabError
from labsupport.exercises import trial
from labsupport.exercises.exercise import NotYet
from labsupport.exercises.judging import expect
from labsupport.exercises.lab08.examiner import BEGUN
from labsupport.experiments import sweep
from labsupport.experiments.store import KEY

if TYPE_CHECKING:
    import pandas as pd

LAST = 3
"""Steps of each worker that a verdict tells."""


def module_of(answer: object, name: str, *, is_job: bool = False, **functions: tuple[str, ...]) -> str:
    """The module that the file at this path is, from which others can import.

    name: the path to give. functions: what it must have, and what each is called with.
    is_job: RQ calls it, which awaits one that is async.

    Raises NotYet.
    """
    expect((str, Path), answer, f'the path of your file, "{name}"')
    file = Path(answer)  # type: ignore[arg-type]
    if "\n" in str(answer):
        raise NotYet(f'This is a text of several lines. Give the path of the file that holds it: "{name}".')
    if file.resolve() != Path(name).resolve():
        raise NotYet(f'The file should be "{name}", since others import it by this name; this is {str(answer)[:60]!r}.')
    if not file.is_file():
        raise NotYet(f'There is no file "{name}". Run the cell that writes it, and give its path.')
    seen = trial.run(_described, file, functions, is_job)
    if seen.error:
        raise NotYet(f"To import {name} {seen}.")
    if seen.returned:
        raise NotYet(f"In {name}, {seen.returned}.")
    return file.stem


def _described(file: Path, functions: dict[str, tuple[str, ...]], is_job: bool) -> str:
    """In a fork: what it lacks, or empty."""
    module = ModuleType(file.stem)
    exec(compile(file.read_text(encoding="utf8"), file.name, "exec"), module.__dict__)
    for name, arguments in functions.items():
        call = f"{name}({', '.join(arguments)})"
        function = getattr(module, name, None)
        if not callable(function):
            return f"there is no function {call}"
        if inspect.iscoroutinefunction(function) and not is_job:
            return f"{name} is async: nobody awaits it here"
        try:
            inspect.signature(function).bind(*arguments)
        except TypeError as error:
            return f"{call} can't be called: {error}"
    return ""


def swept(how: Any, *what: Any, **options: Any) -> pd.DataFrame:
    """What `sweep.sweep` or `sweep.sweep_program` gives. Raises NotYet if it can't be swept."""
    try:
        return how(*what, **options)
    except LabError as error:
        text = str(error).removeprefix("It can't be swept. ")
        if "Timeout reading from socket" in text:
            text += ". A call that blocks waits for longer than redis-py waits for an answer"
        raise NotYet(f"{text.rstrip('.')}.") from None


def program(run: str, **options: Any) -> pd.DataFrame:
    """The same for functions of `labsupport.exercises.lab08`, named as `module.function`."""
    place = "labsupport.exercises.lab08."
    named = {name: place + options.pop(name) for name in ("then", "begin", "delivered", "promised") if name in options}
    return swept(sweep.sweep_program, place + run, **named, first_only=True, **options)


def first_bad(rows: pd.DataFrame, good: Iterable[str] = ("as promised",)) -> pd.Series | None:
    """The first crash point at which something else became of it."""
    bad = rows[~rows["became"].isin(list(good))]
    return None if bad.empty else bad.iloc[0]


def step(command: str, key: str) -> str:
    """A step as a verdict tells it: the store's is a `write`, and the examiner counts where the job starts."""
    return {KEY: "write to the store", BEGUN: "start of the job"}.get(key, f"{command} {key}".strip())


def told(row: pd.Series, *, stopped: bool = False, senders: Iterable[str] = (), names: str = "worker") -> str:
    """The last steps of each worker, in the order in which they were taken.

    senders: only their steps, if given. names: what the workers are called.
    """
    struck = f"{'stopped' if stopped else '✗'} before {step(row['command'], row['key'])}"
    parts, first = [], True
    for number, steps in itertools.groupby(row["history"], key=lambda one: one[0]):
        taken = [step(one.command, one.key) for _, one in steps if not senders or one.sender in senders]
        if first and number != 1:  # it was struck before its first step
            parts.append(f"{names} 1: {struck}")
            first = False
        text = ", ".join((["…"] if len(taken) > LAST else []) + taken[-LAST:]) or "nothing"
        if number == 1 and first:
            text = ", ".join([*([] if text == "nothing" else [text]), struck])
        elif number == 1:
            text = f"goes on, {text}"
        first = False
        parts.append(f"{names} {number}: {text}")
    return "; ".join(parts)
