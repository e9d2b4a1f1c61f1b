"""Exercises that check themselves: `check`, `hint`, `solution`. Beside them: predictions (`outcome`) and quizzes (`quiz`).

A check looks at the live queue, tells *not attempted* from *right* and *wrong*, names the misconception where it knows
it, and leaves the lab as it found it. `exercise` says where the parts of an exercise are.
"""

from __future__ import annotations

import contextlib
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from redis import Redis, RedisError

from labsupport.errors import LabError
from labsupport.exercises import progress
from labsupport.exercises.course import find
from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.overview import course
from labsupport.exercises.predictions import guesses, outcome
from labsupport.exercises.quizzes import quiz

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["check", "course", "guesses", "hint", "outcome", "quiz", "reset", "solution"]

GONE = (
    "A job that the check needs is gone: your code deleted it, or the whole queue. Nobody can ask for such a job any more: "
    "not what became of it, and not to run it again."
)
"""What is said when RQ finds no job of the judge's. (rq 3.0: job.py, `Job.restore` and `Job._fetch_status`.)"""

_context: Context | None = None
_shown: dict[str, int] = {}
"""Per exercise, how many hints were shown."""


def begin(connection: Redis, attempts: Callable[[], pd.DataFrame], folder: Path) -> None:
    """Let the checks look at this lab."""
    global _context
    _context = Context(connection, attempts, folder)
    _shown.clear()


def check(name: str, answer: object) -> None:
    """Check an answer, and say what was seen."""
    exercise = find(name)
    if _context is None:
        raise LabError("Run the set-up cell at the top first, then this one again.")
    if answer is ...:
        print(f'Not attempted yet. Put your answer in place of the ... and run the cell again; hint("{name}") helps.')
        return
    # They import RQ, after the set-up cell has decided its key prefix.
    from rq.exceptions import InvalidJobOperation, NoSuchJobError

    from labsupport.exercises import judging, trial

    with trial.listening() as said:
        try:
            with judging.untouched(_context.redis):
                try:
                    verdict = f"Right. {exercise.judge(judging.plain(answer), _context)}"
                except (NoSuchJobError, InvalidJobOperation) as error:
                    if isinstance(error, InvalidJobOperation) and "Failed to retrieve status" not in str(error):
                        raise
                    raise NotYet(GONE) from None
        except NotYet as wrong:
            verdict = f'Not yet. {wrong}\nChange the cell and run it again; hint("{name}") helps.'
        except LabError:  # the reader can fix it: BullMQ is not set up, say
            raise
        except Exception:
            with contextlib.suppress(RedisError):
                _context.redis.ping()
                verdict = _own_fault(name)
                print(verdict)
                return
            raise  # the lab's Redis is away, which has words of its own
    for text in dict.fromkeys(said):
        print("\n".join(f"your code printed: {line}" for line in text.splitlines()[:8]))
    print(verdict)
    progress.note("right" if verdict.startswith("Right. ") else "wrong", name)


def _own_fault(name: str) -> str:
    """What is said of a bug in a judge."""
    kind, error, trace = sys.exc_info()
    last = traceback.extract_tb(trace)[-1]
    where = f"{Path(last.filename).name}, line {last.lineno}"
    return (
        f"The check of {name} has a fault of its own, and your answer was not judged: {kind.__name__}: {error} ({where}).\n"
        "Please send this line and your cell to the people who gave you the kit: it is theirs to fix."
    )


def hint(name: str) -> None:
    """Show the next hint."""
    hints = find(name).hints
    number = min(_shown.get(name, 0), len(hints) - 1)
    _shown[name] = number + 1
    progress.note("hint", name)
    print(f"Hint {number + 1} of {len(hints)}. {hints[number]}")
    if number + 1 == len(hints):
        print(f'That was the last one; solution("{name}") shows the answer.')


def solution(name: str) -> None:
    """Show a solution, to be typed or pasted into the cell."""
    shown = find(name).solution
    progress.note("solution", name)
    print(shown)


def reset(name: str) -> None:
    """Forget that an exercise was solved, and show its cell as it was at first."""
    exercise = find(name)
    _shown.pop(name, None)
    progress.note("reset", name)
    print(f"{name} counts as not solved. Its cell was at first:\n\n{exercise.cell}")
