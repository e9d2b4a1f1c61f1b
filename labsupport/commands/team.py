"""An overview of a team's reports, as a table and as a page: `make team REPORTS=folder`. Nothing is sent.

python -m labsupport.commands.team folder
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from labsupport.commands.report import VERSION, doubts, totals
from labsupport.commands.reporting.pages import moment, page
from labsupport.errors import LabError
from labsupport.exercises.course import COURSE
from labsupport.files import put


@dataclass(frozen=True)
class Person:
    """What one report says.

    made, last: when the report was made, and when an exercise was last solved, in ISO form.
    guesses, guessed: predictions, and how many of them were right.
    before, after, asked: answers right in quizzes before labs and after them, of so many.
    labs: per lab that was begun, `2 of 4`.
    tries: per exercise that was tried or solved, what the report says of it.
    """

    name: str
    made: str
    last: str | None
    exercises: int
    solved: int
    verified: int
    taken: int
    guesses: int
    guessed: int
    before: int
    after: int
    asked: int
    labs: dict[str, str]
    tries: dict[str, dict]
    doubts: list[str]


def read(file: Path) -> Person:
    """Raises LabError, with what is wrong, if the file is no report of this version of the kit."""
    try:
        report = json.loads(file.read_bytes())
        if report["report"] != VERSION:
            raise LabError(f"a report of another version of the kit ({str(report['report'])[:20]})")
        return _person(report, file.stem.removeprefix("report-"))
    except OSError as error:
        raise LabError(f"it can't be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        raise LabError("it is no report, or not all of one") from None


def _person(report: dict, otherwise: str) -> Person:
    tries = {one["name"]: one for lab in report["labs"] for one in lab["exercises"] if one["solved"] or one["attempts"]}
    for one in tries.values():
        for kind in ("attempts", "hints"):
            one[kind] = int(one[kind])
        one["solution"] = bool(one["solution"])
    last = max((one["solved_at"] for one in tries.values() if one["solved_at"]), default=None)
    for iso in (last, report["made"]):
        moment(iso)
    labs = {}
    for lab in report["labs"]:
        solved = sum(bool(one["solved"]) for one in lab["exercises"])
        if solved or lab["opened"] or any(one["name"] in tries for one in lab["exercises"]):
            labs[lab["lab"]] = f"{solved} of {len(lab['exercises'])}"
    # It goes to a terminal, where some letters are commands.
    name = "".join(letter for letter in str(report["name"]) if letter.isprintable()).strip()[:40]
    return Person(
        name or otherwise, report["made"], last, **totals(report), labs=labs, tries=tries, doubts=doubts(report)
    )


def hardest(people: list[Person]) -> Iterator[dict]:
    """Per exercise that somebody tried: by how many, and what they needed; the one with the most attempts first."""
    rows = []
    for name in dict.fromkeys(name for one in people for name in one.tries):
        tries = [one.tries[name] for one in people if name in one.tries]
        rows.append(
            {
                "name": name,
                "tried": len(tries),
                "solved": sum(bool(one["solved"]) for one in tries),
                "attempts": mean(one["attempts"] for one in tries),
                "hints": mean(one["hints"] for one in tries),
                "solution": sum(one["solution"] for one in tries),
            }
        )
    yield from sorted(rows, key=lambda row: -row["attempts"])


def overview(folder: Path) -> Path:
    """Print the table of the reports in `folder`, and write the page beside them. Returns the page.

    Raises LabError if there is no report, or if the page can't be written.
    """
    people, skipped = [], []
    for file in sorted(folder.glob("*.json")):
        try:
            people.append(read(file))
        except LabError as error:
            skipped.append(f"{file.name}: {error}.")
    for line in skipped:
        print(f"Skipped {line}")
    if not people:
        raise LabError(
            f"There is no report in {folder}. Each person makes one with make report: the file report….json."
        )
    people.sort(key=lambda one: one.name.lower())
    for row in _table(people):
        print(row)
    labs = [lab.notebook for lab in COURSE]
    try:
        html = folder / "team.html"
        put(page("team.html", people=people, skipped=skipped, labs=labs, hardest=list(hardest(people))), html)
    except OSError as error:
        raise LabError(f"The page can't be written: {folder}: {error.strerror}.") from None
    return html


def _table(people: list[Person]) -> Iterator[str]:
    rows = [("who", "solved", "verified", "minutes", "last solved")]
    rows += [
        (one.name, f"{one.solved} of {one.exercises}", str(one.verified), str(one.taken), moment(one.last))
        for one in people
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, *rest in rows:
        yield "  ".join([name.ljust(widths[0]), *map(str.rjust, rest, widths[1:])])


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="team", description="An overview of a folder of reports. Nothing is sent.")
    parser.add_argument("reports", help="the folder, with a report….json of each person")
    chosen = parser.parse_args(arguments).reports
    folder = Path(chosen)
    if not chosen.strip() or not folder.is_dir():
        raise LabError("Which folder? make team REPORTS=folder, with the report….json of each person in it.")
    print(f"\nThe page is written: {os.path.relpath(overview(folder))}")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except LabError as error:
        sys.exit(str(error))
