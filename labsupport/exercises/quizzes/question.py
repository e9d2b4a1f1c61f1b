"""What a question is: a function of the numbers that are drawn for it, which says what is asked and what is right.

    @drawn(more=range(2, 7))
    def attempts(more: int) -> Asked:
        return Asked(
            f"A job is enqueued with `retry=Retry(max={more})`, and fails each time. How many times does it run?",
            right=f"{more + 1}",
            why="`max` counts the attempts after the first.",
            wrong={f"{more}": "That would be BullMQ's `attempts`."},
        )

The questions of a lab are in `labNN/quiz.py`, as QUESTIONS. Answers are Python expressions, as a reader types them. What
is right is held by a test that asks RQ: `tests/exercises/quizzes/`.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from numbers import Real
from typing import TYPE_CHECKING

from labsupport.errors import LabError

if TYPE_CHECKING:
    from rq import Repeat, Retry


@dataclass(frozen=True)
class Asked:
    """A question with its numbers. Code in its texts stands between backticks.

    right: an expression that is a right answer. wrong: expressions that people give, and what each misses.
    why: what makes the right one right; said after every answer that has no words of its own.
    """

    text: str
    right: str
    why: str
    wrong: Mapping[str, str] = field(default_factory=dict)

    def verdict(self, answer: object) -> tuple[bool, str]:
        """Whether the answer is right, and what is said of it. None is for: I do not know."""
        if same(answer, evaluated(self.right)):
            return True, f"Right. {self.why}"
        if answer is None:
            return False, f"It is `{self.right}`. {self.why}"
        missed = next((says for wrong, says in self.wrong.items() if same(answer, evaluated(wrong))), self.why)
        return False, f"Not {answer!r}, but `{self.right}`. {missed}"

    def unread(self, answer: object) -> str:
        """Why an answer can't be judged: it is of another kind than the right one, and none that people give. Or nothing."""
        right = evaluated(self.right)
        known = answer is None or any(same(answer, evaluated(one)) for one in (self.right, *self.wrong))
        if known or _kind(_plain(answer)) == _kind(right) or (_kind(right), _kind(answer)) == (SET, LIST):
            return ""
        return f"{answer!r} can't be right or wrong: the answer is {_kind(right)}."


def drawn(**numbers: Sequence) -> Callable[[Callable[..., Asked]], Callable[..., Asked]]:
    """Says from what each argument of a question is drawn."""

    def note(question: Callable[..., Asked]) -> Callable[..., Asked]:
        question.numbers = numbers  # type: ignore[attr-defined]
        return question

    return note


@dataclass(frozen=True)
class Question:
    """One question of a lab. name: unique in the course."""

    lab: str
    write: Callable[..., Asked]

    @property
    def name(self) -> str:
        return f"{self.lab[:2]}-{self.write.__name__.replace('_', '-')}"

    def ask(self, seed: int) -> Asked:
        """The question with the numbers of this seed: the same ones each time."""
        draw = random.Random(f"{self.name} {seed}")
        return self.write(**{name: draw.choice(values) for name, values in self.write.numbers.items()})  # type: ignore[attr-defined]


def of_lab(notebook: str) -> tuple[Question, ...]:
    """The questions of a lab, in the order in which they are asked."""
    questions = importlib.import_module(f"labsupport.exercises.lab{notebook[:2]}.quiz").QUESTIONS
    return tuple(Question(notebook, write) for write in questions)


class Words(dict):
    """Names that an expression may use. Any other word is its own text, unless Python knows it."""

    def __missing__(self, word: str) -> str:
        if hasattr(builtins, word):
            raise KeyError(word)
        return word


def evaluated(expression: str) -> object:
    """The value of a Python expression, which may use RQ's `Retry` and `Repeat`. A word that is no name is its own text.

    Raises LabError if it is no expression, or fails.
    """
    from rq import Repeat, Retry  # late: the lab decides the key prefix before RQ is imported

    try:
        return eval(expression.strip(), {}, Words(Retry=Retry, Repeat=Repeat, timedelta=timedelta))
    except SyntaxError:
        raise LabError(f"This is no Python expression: {expression.strip()}") from None
    except Exception as error:
        raise LabError(f"{expression.strip()} raises {type(error).__name__}: {error}") from None


NUMBER, LIST, SET = "a number", "a list, such as [1, 2]", 'a set, such as {"a", "c"}'


def _kind(value: object) -> str:
    kinds = {"True or False": bool, NUMBER: Real, "a text, in quotes": str, LIST: list | tuple, SET: set | frozenset}
    return next((kind for kind, types in kinds.items() if isinstance(value, types)), f"a {type(value).__name__}")


def _plain(answer: object) -> object:
    """An answer as a question means it: a status or an error is its name, a duration its seconds, and a text with a number or
    a truth value in it is that."""
    from labsupport.exercises import judging  # late, too

    answer = judging.plain(answer)
    if isinstance(answer, type):
        return answer.__name__
    if isinstance(answer, Enum):  # a job's status
        return answer.value
    if isinstance(answer, bytes):
        return answer.decode(errors="replace")
    if isinstance(answer, timedelta):
        return answer.total_seconds()
    if isinstance(answer, str) and answer.strip().lower() in ("true", "false"):
        return answer.strip().lower() == "true"
    if isinstance(answer, str):
        with contextlib.suppress(ValueError):
            return float(answer)
    return answer


def same(answer: object, right: object) -> bool:
    """Whether two answers mean the same: numbers by value, texts without regard to capitals, sequences by their parts."""
    from rq import Repeat, Retry

    answer, right = _plain(answer), _plain(right)
    if isinstance(answer, bool) or isinstance(right, bool):
        return answer is right
    if isinstance(answer, Real) and isinstance(right, Real):
        return math.isclose(answer, right)
    if isinstance(answer, str) and isinstance(right, str):
        return answer.strip().lower() == right.strip().lower()
    if isinstance(answer, set | frozenset | list | tuple) and isinstance(right, set | frozenset):
        return {str(_plain(part)).lower() for part in answer} == {str(_plain(part)).lower() for part in right}
    if isinstance(answer, list | tuple) and isinstance(right, list | tuple):
        return len(answer) == len(right) and all(map(same, answer, right))
    if isinstance(answer, Retry) and isinstance(right, Retry):
        return _pauses(answer) == _pauses(right)
    if isinstance(answer, Repeat) and isinstance(right, Repeat):
        return _intervals(answer) == _intervals(right)
    return False


def _pauses(policy: Retry) -> list[float]:
    """Seconds before each retry."""
    from redis import Redis
    from rq.job import Job

    from labsupport.exercises.lab04.retries import pauses

    return pauses(policy, Job("of-nobody", connection=Redis()))  # which asks no server


def _intervals(policy: Repeat) -> list[int]:
    """Seconds before each repeat. (rq 3.0: repeat.py, `Repeat.get_interval`: a short list repeats its last interval.)"""
    return [policy.get_interval(number, policy.intervals) for number in range(policy.times)]
