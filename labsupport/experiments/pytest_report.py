"""Plugins for pytest: what became of each test, for whoever asks from another process; and tests in a given order."""

from __future__ import annotations

from typing import Any

import pytest

SHOWN = 160
"""Letters of a failure that are kept."""


class Report:
    """Per test: its file, its name, its outcome, its seconds, and how it failed.

    The outcome is passed, failed or skipped; or unfinished, if pytest was stopped in the middle of it.
    """

    def __init__(self) -> None:
        self._tests: dict[str, dict[str, Any]] = {}

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that cannot be loaded is a test that failed."""
        if report.failed:
            name = report.nodeid.partition("::")[0]
            self._tests[name] = {"file": name, "test": name, "outcome": "failed", "seconds": 0.0, "why": _why(report)}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Set-up, call and tear-down of a test are one test; its worst outcome counts."""
        file, _, name = report.nodeid.partition("::")
        new = {"file": file, "test": name, "outcome": "unfinished", "seconds": 0.0, "why": ""}
        test = self._tests.setdefault(report.nodeid, new)
        test["seconds"] += report.duration
        if report.failed:
            test |= {"outcome": "failed", "why": test["why"] or _why(report)}
        elif test["outcome"] != "failed" and (report.skipped or report.when == "call"):
            # One that is expected to fail, and does, says something of the code.
            test["outcome"] = "passed" if hasattr(report, "wasxfail") else report.outcome

    @property
    def stopped(self) -> bool:
        """Pytest ended in the middle of a test, whatever it says of it: pytest.exit may say that all is well."""
        return any(test["outcome"] == "unfinished" for test in self._tests.values())

    def as_dict(self) -> dict[str, Any]:
        return {"tests": list(self._tests.values())}


class InOrder:
    """Runs the tests in the order of these names (file::test), and those that are not among them at the end."""

    def __init__(self, names: list[str]):
        self._place = {name: place for place, name in enumerate(names)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: self._place.get(item.nodeid, len(self._place)))


def _why(report: pytest.CollectReport | pytest.TestReport) -> str:
    """The error's own line."""
    crash = getattr(report.longrepr, "reprcrash", None)
    lines = [line for line in (crash.message if crash else str(report.longrepr)).splitlines() if line.strip()]
    marked = [line[1:].strip() for line in lines if line.startswith("E ")]
    text = " ".join((marked[-1] if marked else lines[0] if lines else "no reason given").split())
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
