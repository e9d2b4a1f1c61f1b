"""Runs the reader's solved exercises once more: each lab in a clean kernel, on a Redis of its own.

Of the reader's copy, only the cells that the exercises rest on are run, and each exercise as it came, in a folder for this
run alone. So nothing that the reader has is written to, and an answer that rests on what is gone from the notebook does not
pass.
"""

import contextlib
import json
import logging
import os
import re
import shutil
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

import nbformat
from jupyter_client.kernelspec import NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, DeadKernelError

from labsupport.commands.open_labs import surroundings
from labsupport.commands.reporting.mine import Copy, assigned, copies, is_open
from labsupport.exercises.course import find
from labsupport.exercises.needed import needed

PATIENCE = 180
"""Seconds that a cell may take."""

LARGEST = 1_000_000
"""Bytes of a file beside the notebook that is taken along, such as a module of the reader's."""

GONE = "no notebook in my-labs holds its code any more"


class Verdict(NamedTuple):
    """right: whether its check says so today. why: if not, what was seen."""

    right: bool
    why: str = ""


def verdicts(lab: str, names: Collection[str], folder: Path) -> dict[str, Verdict]:
    """Per exercise of this lab, what its check says of the answer in the reader's folder of notebooks.

    A copy that was started over, or that a newer lab was put beside, counts, too: the first copy with an answer is run.
    """
    found: dict[str, Verdict] = {}
    for copy in copies(lab, folder):
        places = {name: place for name in names if name not in found and (place := _place(name, copy)) is not None}
        if places:
            found |= _run(copy, places)
    return {name: found.get(name, Verdict(False, GONE)) for name in names}


def _place(name: str, copy: Copy) -> int | None:
    """The index of the cell of code that checks an answer to this exercise; None if there is none, or only the stub."""
    for index in reversed(range(len(copy.code))):
        if call := re.search(rf"""^check\(\s*["']{name}["']\s*,\s*(\w+|\.\.\.)""", copy.code[index], re.MULTILINE):
            return None if call[1] == "..." or is_open(assigned(copy.code[index], call[1])) else index
    return None


def _run(copy: Copy, places: Mapping[str, int]) -> dict[str, Verdict]:
    sources = copy.code[: max(places.values()) + 1]
    checked = {name: sources[place] for name, place in places.items()}
    for name, place in sorted(places.items(), key=lambda item: -item[1]):
        # As it came, since an answer may stand in its place, and use what it defined.
        sources.insert(place, find(name).cell)
    always = {*checked.values(), *(find(name).cell for name in places)}
    given = {i: [] for i, source in enumerate(sources) if i == 0 or "open_lab(" in source or source in always}
    try:
        kept = needed(sources, given)
    except SyntaxError:  # what only Python's compiler refuses, in some cell
        kept = sources
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in kept])
    with tempfile.TemporaryDirectory() as made:
        place = Path(made) / "notebooks"
        _take_along(copy.path.parent, place)
        progress = Path(made) / "progress.json"
        died = _execute(
            notebook, place, LAB_PROGRESS=str(progress), REDIS_URL="", JPY_SESSION_NAME="", MPLBACKEND="agg"
        )
        try:
            solved = json.loads(progress.read_bytes())["solved"]
        except (OSError, ValueError, KeyError):
            solved = []
    return {
        name: Verdict(True) if name in solved else Verdict(False, _why(notebook, source, died))
        for name, source in checked.items()
    }


def _execute(notebook: nbformat.NotebookNode, folder: Path, **environment: str) -> str:
    """Run all cells, also after one that failed. Returns why that could not be done, or nothing."""
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=PATIENCE,
        interrupt_on_timeout=True,
        allow_errors=True,
        resources={"metadata": {"path": str(folder)}},
    )
    client.log.setLevel(logging.CRITICAL)
    try:
        client.execute(env={**surroundings(os.environ), **environment})
    except DeadKernelError:
        return "the kernel died in it, or before it"
    except (CellControlSignal, NoSuchKernel, OSError, RuntimeError) as error:
        return f"no kernel could run it: {_line(error)}"
    return ""


def _take_along(beside: Path, place: Path) -> None:
    """Copy the small files beside the notebook: modules and tests that the reader may have written there."""
    place.mkdir()
    for file in beside.rglob("*"):
        path = file.relative_to(beside)
        is_hidden = any(part.startswith((".", "__pycache__")) for part in path.parts)
        with contextlib.suppress(OSError):  # a link to nowhere, say: a cell that needs it will say so
            if file.is_file() and not is_hidden and file.suffix != ".ipynb" and file.stat().st_size <= LARGEST:
                (place / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, place / path)


def _why(notebook: nbformat.NotebookNode, source: str, died: str) -> str:
    """What was seen where the answer was checked, in a line."""
    cell = next(cell for cell in notebook.cells if cell.source == source)
    for output in reversed(cell.outputs):
        if output.output_type == "error":
            return f"its cell fails today: {output.ename}: {_line(output.evalue)}"
        said = [line for line in output.get("text", "").splitlines() if line.startswith("Not ")]
        if said:
            return f"its check says today: {_line(said[-1])}"
    return died or "its cell says nothing today"


def _line(text: object) -> str:
    line = " ".join(str(text).split())
    return line if len(line) <= 300 else f"{line[:299]}…"
