"""Runs a reader's tests against versions of a module: the right one, and broken ones.

A version is a Python file whose docstring says in its first line what is wrong with it. For each run there is a new folder
with the tests, what stands beside them, and one version under the module's name. The tests themselves are run by
`pytest_forks`, which starts with the first run, on a leash, and ends with the notebook.
"""

from __future__ import annotations

import ast
import difflib
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labsupport.processes.helper import Helper
from labsupport.waiting import wait_until

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Version:
    """One version of a module, in a file."""

    file: Path

    @property
    def name(self) -> str:
        """As a person says it: `four attempts`."""
        return self.file.stem.replace("_", " ")

    @property
    def says(self) -> str:
        """What is wrong with it."""
        return (ast.get_docstring(ast.parse(self.code)) or "").partition("\n")[0]

    @property
    def code(self) -> str:
        return self.file.read_text(encoding="utf8")

    def difference(self, right: Version) -> str:
        """Which lines it has otherwise, as `diff` shows them."""
        lines = [_without_docstring(version.code).splitlines() for version in (right, self)]
        return "\n".join([*difflib.unified_diff(*lines, n=0, lineterm="")][2:])


def _without_docstring(code: str) -> str:
    first = ast.parse(code).body[0]
    return "\n".join(code.splitlines()[first.end_lineno :]).strip() if ast.get_docstring(ast.parse(code)) else code


@dataclass(frozen=True)
class Tested:
    """What a run said of a version.

    tests: one dictionary each: file, test, outcome (as pytest_report has it), seconds, why.
    slept: seconds that the tests spent in pauses of their own.
    ended: empty; `deadline` if it was killed, `died` if its process was gone, `stopped` if pytest was interrupted.
    left_behind: something that a test had started still ran at the end.
    printed: the end of what it printed.
    """

    version: Version
    tests: list[dict[str, Any]]
    slept: float
    ended: str
    left_behind: bool
    printed: str

    @property
    def failed(self) -> list[dict[str, Any]]:
        return [test for test in self.tests if test["outcome"] == "failed"]

    @property
    def passed(self) -> list[dict[str, Any]]:
        return [test for test in self.tests if test["outcome"] == "passed"]

    @property
    def green(self) -> bool:
        """At least one test passed, and none failed."""
        return bool(self.passed) and not self.failed and not self.ended

    @property
    def quickest_first(self) -> list[str]:
        """The names of its tests, as file::test, in an order in which most bugs are found at once."""
        return _names(sorted(self.tests, key=lambda test: test["seconds"]))

    @property
    def last_first(self) -> list[str]:
        """The same names, from the end to the beginning."""
        return _names(reversed(self.tests))

    @property
    def seconds(self) -> float:
        return sum(test["seconds"] for test in self.tests)


def _names(tests: Iterable[dict[str, Any]]) -> list[str]:
    return [f"{test['file']}::{test['test']}" for test in tests]


PATIENCE = 100.0
"""Seconds for one run of an experiment in a notebook, whose tests are known to end: the machine may be busy."""


BESIDE = (".py", ".ini", ".toml", ".json", ".csv", ".txt")
"""Endings of what tests may need beside them. Packages come along, too."""


@dataclass(frozen=True)
class Run:
    """A version to be tested.

    moment: what the clock says meanwhile, as an ISO time; empty for now.
    order: names of tests, as file::test, in the order in which to run them; those that are not among them come last.
    """

    version: Version
    moment: str = ""
    order: Sequence[str] = ()


class Laboratory(Helper):
    """The process that runs the tests. One per notebook: `Laboratory.mine()`."""

    module = "labsupport.experiments.pytest_forks"

    def run(
        self,
        files: Sequence[Path],
        module: str,
        runs: Sequence[Run],
        *,
        deadline: float = 20.0,
        first_failure_only: bool = False,
    ) -> list[Tested]:
        """Run the tests of `files` once for each of `runs`, in which the version has the name `module`. In their order.

        What stands beside the first file, such as a conftest.py, comes along. first_failure_only: a run ends with it.
        """
        with tempfile.TemporaryDirectory(dir=self.folder) as place, self.client() as client:
            orders = [
                {
                    "number": number,
                    "folder": str(_folder(Path(place) / str(number), files, module, run.version)),
                    "files": [file.name for file in files],
                    "under_test": f"{module}.py",
                    "moment": run.moment,
                    "deadline": deadline,
                    "first_failure_only": first_failure_only,
                    "order": list(run.order),
                }
                for number, run in enumerate(runs)
            ]
            client.send(orders)
            became: dict[int, dict[str, Any]] = {}

            def all_said() -> bool:
                while len(became) < len(runs) and client.poll():
                    one = client.recv()
                    became[one.pop("number")] = one
                return len(became) == len(runs)

            try:
                wait_until(all_said, lambda: f"{len(became)} of {len(runs)} versions tested", timeout=600)
            except (EOFError, ConnectionResetError):
                # A test has killed the process that runs it. `mine` starts another.
                gone = {"tests": [], "slept": 0.0, "ended": "died", "left_behind": False, "printed": ""}
                became = dict.fromkeys(range(len(runs)), gone) | became
        return [Tested(run.version, **became[number]) for number, run in enumerate(runs)]


def outcomes(files: Sequence[str | Path], module: str, *versions: Version, moment: str = "") -> pd.DataFrame:
    """Run these files against each version. One row for each version and test: version, file, test, outcome, seconds, why.

    moment: what the clock says meanwhile, as an ISO time. Without it, the clock is right.
    """
    import pandas as pd  # late: it is slow to load

    runs = [Run(version, moment) for version in versions]
    tested = Laboratory.mine().run([Path(file) for file in files], module, runs, deadline=PATIENCE)
    green = sum(one.green for one in tested)
    print(f"all tests passed on {green} of {_count(len(tested), 'version')}")
    rows = [{"version": one.version.name, **test} for one in tested for test in one.tests]
    rows += [{"version": one.version.name, "outcome": one.ended} for one in tested if one.ended and not one.tests]
    return pd.DataFrame(rows, columns=["version", "file", "test", "outcome", "seconds", "why"])


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _folder(place: Path, files: Sequence[Path], module: str, version: Version) -> Path:
    place.mkdir()
    beside = files[0].parent
    for file in {*files, *(file for file in beside.iterdir() if file.suffix in BESIDE)}:
        shutil.copy(file, place / file.name)
    for package in beside.glob("*/__init__.py"):
        shutil.copytree(package.parent, place / package.parent.name, ignore=shutil.ignore_patterns("__pycache__"))
    # A docstring says what is wrong, and no test may read it there.
    (place / f"{module}.py").write_text(_without_docstring(version.code), encoding="utf8")
    return place
