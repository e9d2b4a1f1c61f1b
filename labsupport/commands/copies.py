"""The reader's own copies of the labs, in `my-labs/`.

The kit's notebooks stay as they came, so `git pull` never meets an edit. Each lab is copied once, without its outputs: a lab
asks for a guess before a cell runs, and what it said elsewhere would be the answer. A copy whose code and
text nobody changed is renewed when the kit brings a newer lab. One that was changed stays, and the newer lab is put
beside it. Nothing that a person may have written is overwritten.

    python -m labsupport.commands.copies 01-enqueue    starts this lab over
"""

import argparse
import contextlib
import errno
import hashlib
import itertools
import json
import shlex
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from labsupport.errors import LabError
from labsupport.files import put
from labsupport.paths import MY_LABS, NOTEBOOKS


def fingerprint(notebook: Path) -> str | None:
    """Of what a person writes in a notebook: the cells' kinds and sources, not the outputs. None if it is no notebook."""
    try:
        cells = json.loads(notebook.read_bytes())["cells"]
        written = [[cell["cell_type"], "".join(cell["source"])] for cell in cells]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return hashlib.sha256(json.dumps(written).encode()).hexdigest()


def without_outputs(notebook: Path) -> bytes:
    """The notebook's file as if no cell had run."""
    content = json.loads(notebook.read_bytes())
    for cell in content["cells"]:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    return json.dumps(content, indent=1, ensure_ascii=False).encode() + b"\n"


def lay_out(shipped: Path, mine: Path) -> list[str]:
    """Copy what is new in the folder `shipped` to the reader's folder `mine`, which only its owner can read.

    Returns a line for each lab that needs a word. Raises LabError if `mine` can't be written to.
    """
    folder, lines = mine / "notebooks", []
    with _explained(mine):
        folder.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(OSError):  # a file system without modes
            mine.chmod(0o700)  # outputs are saved here, and may be private
        for place in (mine, folder):
            tempfile.TemporaryFile(dir=place).close()  # JupyterLab has to write here, too
        kept = mine / "copied.json"
        notes = _read_notes(kept)
        for lab in sorted(shipped.glob("*.ipynb")):
            copy, new = folder / lab.name, fingerprint(lab)
            if new is None:
                raise LabError(f"{lab} is not a notebook any more.\nThe course's own is back after: git checkout {lab}")
            if _is_kits(copy, lab, notes):
                _renew(copy, lab, notes)
            elif notes.get(lab.name) != new:
                beside = next(path for path in _names_beside(copy) if _is_kits(path, lab, notes))
                if _renew(beside, lab, notes):
                    lines.append(f"{copy.name} has a newer version. Yours is kept; the new one is {beside.name}.")
            notes[lab.name] = new
    try:
        put(json.dumps(notes, indent=1).encode() + b"\n", kept)
    except OSError as error:
        lines.append(f"{kept} can't be written: {error.strerror}. So an update will not know which copies you changed.")
    return lines


def start_over(lab: str, shipped: Path, mine: Path) -> list[str]:
    """Put a fresh copy in place of the reader's, which is kept beside it. Returns what was done, in lines.

    lab: its name, or the first part of it.

    Raises LabError if there is not exactly one such lab, or if `mine` can't be written to.
    """
    labs = sorted(path.stem for path in shipped.glob("*.ipynb"))
    matches = [name for name in labs if lab and name.startswith(lab.removesuffix(".ipynb"))]
    if len(matches) != 1:
        raise LabError(f"Which lab? make start-over LAB=…, one of {', '.join(labs)}.")
    lines = lay_out(shipped, mine)
    copy = mine / "notebooks" / f"{matches[0]}.ipynb"
    with _explained(mine):
        aside = _move_aside(copy)
        put(without_outputs(shipped / copy.name), copy)
    return [*lines, f"{copy.stem} is as new. What you had is {aside.name}, beside it."]


def _is_kits(copy: Path, lab: Path, notes: dict[str, str]) -> bool:
    """Whether nobody has written in this copy: it is not there, or as the kit made it, or was never whole."""
    try:
        content, whole = copy.read_bytes(), (lab.read_bytes(), without_outputs(lab))
    except FileNotFoundError:
        return True
    except OSError:
        return False
    # An earlier version of the kit stopped in the middle of a copy when the disk was full.
    truncated = any(len(content) < len(one) and one.startswith(content) for one in whole)
    return truncated or fingerprint(copy) in {fingerprint(lab), notes.get(copy.name)} - {None}


def _renew(copy: Path, lab: Path, notes: dict[str, str]) -> bool:
    """Make the copy as the lab is now, and note it. Returns whether there was anything to do."""
    new = fingerprint(lab)
    notes[copy.name] = new
    if fingerprint(copy) == new:
        return False  # with the outputs of the reader's own run
    put(without_outputs(lab), copy)
    return True


def _names_beside(copy: Path) -> Iterator[Path]:
    for number in itertools.count(1):
        yield copy.with_name(f"{copy.stem}.new{f'-{number}' if number > 1 else ''}.ipynb")


def _move_aside(copy: Path) -> Path:
    """Give the copy a name that nothing has, and return it."""
    moment = time.strftime("%Y-%m-%d-%H%M%S")
    for number in itertools.count(1):
        aside = copy.with_name(f"{copy.stem}.{moment}{f'-{number}' if number > 1 else ''}.ipynb")
        try:
            aside.touch(exist_ok=False)  # the name is ours from here on
        except FileExistsError:
            continue
        return copy.replace(aside)


def _read_notes(file: Path) -> dict[str, str]:
    """Per copy, the fingerprint of what the kit last wrote there."""
    try:
        notes = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return {name: text for name, text in notes.items() if isinstance(text, str)} if isinstance(notes, dict) else {}


@contextlib.contextmanager
def _explained(mine: Path) -> Iterator[None]:
    """Turn what the system says about the reader's folder into a LabError."""
    try:
        yield
    except OSError as error:
        where = error.filename or mine
        fix = f"Move {mine} away, and run the same command again."
        if error.errno in (errno.EACCES, errno.EPERM):
            folder = shlex.quote(str(mine))
            fix = f'Make it yours: sudo chown -R "$(id -u)" {folder}; chmod -R u+rwX {folder}. Or move it away.'
        elif error.errno in (errno.ENOSPC, errno.EDQUOT):
            fix = "Free some space, and run the same command again."
        elif error.errno == errno.EROFS:
            fix = "Move the kit to a folder that can be written to."
        raise LabError(f"Your copies of the labs can't be written: {where}: {error.strerror}.\n{fix}") from None


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="start-over", description="Start a lab over. The old copy is kept beside it.")
    parser.add_argument("lab", help="its name, or the first part of it")
    print(*start_over(parser.parse_args(arguments).lab, NOTEBOOKS, MY_LABS), sep="\n")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except LabError as error:
        sys.exit(str(error))
