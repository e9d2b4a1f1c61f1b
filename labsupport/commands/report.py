"""A report on what the reader did, as a page and as JSON: `make report`. It stays in `my-labs`; nothing is sent.

python -m labsupport.commands.report [--name Anna]
"""

import argparse
import base64
import contextlib
import io
import json
import os
import re
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

from labsupport.commands.reporting import mine
from labsupport.commands.reporting.pages import page
from labsupport.commands.reporting.private import cleaned
from labsupport.commands.reporting.rerun import Verdict, verdicts
from labsupport.errors import LabError
from labsupport.exercises import guesses, history, predictions, progress
from labsupport.exercises.course import COURSE, CourseLab
from labsupport.exercises.overview import lab_of_each
from labsupport.files import put
from labsupport.measure import plots
from labsupport.paths import MY_LABS, NOTEBOOKS

VERSION = 1
"""Of the JSON. `make team` reads this one."""

CONTAINS = """\
The report will say which labs you opened and which exercises you tried, when, with how many attempts and hints, and what you
guessed and knew in quizzes. It will show your own figures, and what you wrote into the labs. Passwords and this machine's
folders are taken out. Nothing is sent.
Now your solved exercises run once more, each lab in a clean kernel and on a Redis of its own."""

EDITED = "The progress file was changed by hand, or by an older version of the kit."

Figures = dict[str, list[mine.Figure]]


def write(folder: Path, name: str) -> tuple[Path, Path]:
    """Make the report on the work in `folder`, a `my-labs`, and print how it goes. Returns the page and the JSON.

    name: whose report it is; may be empty.

    Raises LabError if there is nothing to report on, or if the files can't be written.
    """
    if not (folder / "notebooks").is_dir():
        raise LabError("There is no my-labs folder yet. make lab makes it, and opens the first lab.")
    if not progress.solved() and not any(event.what in ("guessed", "answered") for event in progress.events()):
        raise LabError("Nothing is solved yet, so there is nothing to report on. make lab opens the labs.")
    print(CONTAINS, flush=True)
    report, figures = collect(folder / "notebooks", name)
    # A name of letters that every file system takes; without one, it is the reader's only report.
    stem = "-".join(["report", *re.findall(r"\w+", name.lower())])
    html, data = folder / f"{stem}.html", folder / f"{stem}.json"
    try:
        shown = {"figures": figures, "predicts": _predicts(), "total": totals(report), "doubts": doubts(report)}
        put(page("report.html", report=report, **shown), html)
        put(json.dumps(report, indent=1).encode() + b"\n", data)
    except OSError as error:
        raise LabError(f"The report can't be written: {folder}: {error.strerror}.") from None
    return html, data


def _predicts() -> mine.Figure | None:
    """How well the reader predicts, as a figure; None without a guess."""
    table = guesses()
    if table.empty:
        return None
    plots.use()
    with contextlib.redirect_stdout(io.StringIO()) as says:
        ax = plots.calibration(table)
    png = io.BytesIO()
    ax.figure.savefig(png, format="png")
    return mine.Figure(base64.b64encode(png.getvalue()).decode(), says.getvalue().strip())


def collect(notebooks: Path, name: str) -> tuple[dict, Figures]:
    """All that the JSON holds, and per lab the figures, which are in the page alone."""
    labs, figures = [], {}
    for lab in COURSE:
        own = list(mine.copies(lab.notebook, notebooks))
        (shipped,) = (copy for copy in mine.copies(lab.notebook, NOTEBOOKS) if copy.path.stem == lab.notebook)
        figures[lab.notebook] = [mine.Figure(png, str(cleaned(says))) for png, says in mine.figures(own, shipped)]
        labs.append(
            _lab(lab, _verdicts(lab, notebooks)) | {"answers": mine.answers(own), "notes": mine.notes(own, shipped)}
        )
    report = {
        "report": VERSION,
        "name": name,
        "made": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "edited": progress.edited(),
        "unknown": sorted(set(progress.solved()) - lab_of_each().keys()),
        "labs": labs,
    }
    return cleaned(report), figures


def _verdicts(lab: CourseLab, notebooks: Path) -> dict[str, Verdict]:
    names = [exercise.name for exercise in lab.exercises if exercise.name in progress.solved()]
    if not names:
        return {}
    began = time.monotonic()
    found = verdicts(lab.notebook, names, notebooks)
    right = sum(verdict.right for verdict in found.values())
    print(f"{lab.notebook}: {right} of {len(names)} verified, {time.monotonic() - began:.0f} s", flush=True)
    return found


def _lab(lab: CourseLab, found: dict[str, Verdict]) -> dict:
    """What the progress file and the checks say of a lab."""
    events = progress.events()
    exercises = []
    for exercise in lab.in_order():
        tries, verdict = history.tries(exercise.name, events), found.get(exercise.name)
        exercises.append(
            {
                "name": exercise.name,
                "solved": verdict is not None,
                "solved_at": tries.solved.isoformat() if verdict and tries.solved else None,
                "verified": bool(verdict and verdict.right),
                "why": verdict.why if verdict else "",
                "attempts": tries.attempts,
                "hints": tries.hints,
                "solution": tries.solution,
            }
        )
    opened = history.opened(lab.notebook, events)
    return {
        "lab": lab.notebook,
        "title": lab.title,
        "minutes": lab.minutes,
        "taken": int(history.minutes(events, lab_of_each()).get(lab.notebook, 0)),
        "opened": opened.isoformat() if opened else None,
        "exercises": exercises,
        "quiz": {when: history.result(lab.notebook, when, events) for when in history.WHEN},
        "predictions": [row for row in predictions.made(events) if row["lab"] == lab.notebook],
    }


def totals(report: dict) -> dict[str, int]:
    """Exercises: how many there are, are solved, and verified; and the minutes taken. Raises what a dict of another form does."""
    each = [exercise for lab in report["labs"] for exercise in lab["exercises"]]
    return {
        "exercises": len(each),
        "solved": sum(bool(exercise["solved"]) for exercise in each),
        "verified": sum(bool(exercise["verified"]) for exercise in each),
        "taken": sum(int(lab["taken"]) for lab in report["labs"]),
        **_known(report),
    }


def _known(report: dict) -> dict[str, int]:
    """Guesses: how many, and how many were right. Of the quizzes that were answered before a lab and after it: how many
    answers were right before, how many after, and of how many. An older report has none."""
    made = [one for lab in report["labs"] for one in lab.get("predictions", [])]
    both = [lab["quiz"] for lab in report["labs"] if "quiz" in lab and lab["quiz"]["before"] and lab["quiz"]["after"]]
    return {
        "guesses": len(made),
        "guessed": sum(bool(one["right"]) for one in made),
        "before": sum(int(quiz["before"][0]) for quiz in both),
        "after": sum(int(quiz["after"][0]) for quiz in both),
        "asked": sum(int(quiz["after"][1]) for quiz in both),
    }


def doubts(report: dict) -> list[str]:
    """What could not be verified, a sentence each."""
    each = [exercise for lab in report["labs"] for exercise in lab["exercises"]]
    lines = [EDITED] if report["edited"] else []
    lines += [f"{name} is marked as solved, and the course has no such exercise." for name in report["unknown"]]
    return [*lines, *(f"{one['name']}: {one['why']}" for one in each if one["solved"] and not one["verified"])]


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="report", description="Report on what you solved. Nothing is sent.")
    parser.add_argument("--name", default="", help="whose report it is, as your team should read it")
    html, data = write(MY_LABS, parser.parse_args(arguments).name.strip())
    print(f"\nThe report is written: {os.path.relpath(html)}\nThe same for make team: {os.path.relpath(data)}")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except LabError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("\nNothing is written.")
