"""What an exercise is, and where its parts are.

An exercise is a folder, `labNN/its_name/`, with two files:

    __init__.py   HINTS, two or three, each saying more; and judge(answer, context), which returns a sentence that
                  says why the answer is right, or raises NotYet
    answers.py    the solution, other right answers, and wrong ones that people give, each a cell of code below a
                  line `# %% solution`, `# %% right: in what form`, or `# %% wrong: part of its message`

An answer that is a file begins with a line `# %%writefile path`. The notebook then has a cell that writes the file, and one
that ends with `check`. If the file is JavaScript, so are the answers: in answers.mjs, below lines that begin with `//`.

What stands above the first `# %%` line names, for the linter, what the cells take from the notebook. The stub is in
the notebook, and nowhere else.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from redis import Redis

from labsupport.paths import NOTEBOOKS

if TYPE_CHECKING:
    import pandas as pd


class NotYet(Exception):
    """The answer is wrong; the message says how, in the reader's terms."""


@dataclass(frozen=True)
class Context:
    """What a judge may look at: the lab's connection, its table of attempts, and a folder for files of its own."""

    redis: Redis
    attempts: Callable[[], pd.DataFrame]
    folder: Path


@dataclass(frozen=True)
class Answer:
    """One cell of the answers. kind: solution, right or wrong. note: what its line says after the colon.

    code: as a reader would type it.
    """

    kind: str
    note: str
    code: str

    @property
    def cells(self) -> list[str]:
        """The cells that give this answer: its code, and for a file one more, which names it."""
        written = re.match(r"%%writefile (\S+)\n", self.code)
        return [self.code, f'answer = "{written[1]}"'] if written else [self.code]


@dataclass(frozen=True)
class Exercise:
    """One exercise. name: as in `check("name", …)`. notebook: its lab's, without `.ipynb`."""

    name: str
    notebook: str

    @property
    def _package(self) -> str:
        return f"labsupport.exercises.lab{self.notebook[:2]}.{self.name.replace('-', '_')}"

    @property
    def hints(self) -> tuple[str, ...]:
        return importlib.import_module(self._package).HINTS

    @property
    def judge(self) -> Callable[[object, Context], str]:
        return importlib.import_module(self._package).judge

    @cached_property
    def answers(self) -> tuple[Answer, ...]:
        folder = Path(__file__).parent / f"lab{self.notebook[:2]}" / self.name.replace("-", "_")
        (file,) = folder.glob("answers.*")
        _, *parts = re.split(r"^(?:#|//) %% (\w+)(?:: (.*))?\n", file.read_text(encoding="utf8"), flags=re.MULTILINE)
        cells = zip(parts[::3], parts[1::3], parts[2::3], strict=True)
        return tuple(
            Answer(kind, note or "", re.sub(r"\A(#|//) (?=%%writefile )", "", code.strip()))
            for kind, note, code in cells
        )

    @property
    def solution(self) -> str:
        return self.solved.code

    @property
    def solved(self) -> Answer:
        """The solution as one of the answers."""
        return next(answer for answer in self.answers if answer.kind == "solution")

    @cached_property
    def cell(self) -> str:
        """The notebook's cell as it is shipped: the stub, and its line with `check`."""
        cells = json.loads((NOTEBOOKS / f"{self.notebook}.ipynb").read_text(encoding="utf8"))["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        return next(source for source in code if f'check("{self.name}", ' in source)

    def filled_in(self, answer: Answer) -> list[str]:
        """The cells with this answer in place of the stub."""
        *before, last = answer.cells
        return [*before, f"{last}\n\n{self.cell.splitlines()[-1]}"]
