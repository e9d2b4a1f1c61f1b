"""What the reader has solved, in one small local file. Nothing is sent anywhere, and nothing in it is ever lost."""

import contextlib
import json
import os
from pathlib import Path

from labsupport.paths import MY_LABS


def file() -> Path:
    """Where it is kept; git ignores it."""
    return Path(os.environ.get("LAB_PROGRESS") or MY_LABS / "progress.json")


def solved() -> list[str]:
    """Names of the exercises that are solved, in the order in which they were."""
    return list(_read()["solved"])


def note_solved(name: str) -> None:
    """Keep that this exercise is solved. Prints a line if the file can't be written."""
    kept = _read()
    if name not in kept["solved"]:
        kept["solved"].append(name)
        _write(kept)


def forget(name: str) -> None:
    """Keep that this exercise is not solved."""
    kept = _read()
    if name in kept["solved"]:
        kept["solved"].remove(name)
        _write(kept)


def _read() -> dict:
    try:
        kept = json.loads(file().read_text(encoding="utf8"))
    except FileNotFoundError:
        return {"solved": []}
    except OSError as error:
        print(f"Your progress could not be read: {file()}: {error.strerror}.")
        return {"solved": []}
    except ValueError:
        kept = None
    if isinstance(kept, dict) and isinstance(kept.setdefault("solved", []), list):
        return kept
    _put_aside()
    return {"solved": []}


def _put_aside() -> None:
    """Keep a file that is no progress under a name that nothing has."""
    number = 1
    while (aside := file().with_suffix(f".unreadable-{number}")).exists():
        number += 1
    try:
        file().replace(aside)
        print(f"Your progress file could not be understood. It is kept as {aside.name}, and a new one begins.")
    except OSError as error:
        print(f"Your progress file could not be understood: {file()}: {error.strerror}.")


def _write(kept: dict) -> None:
    draft = file().with_suffix(f".{os.getpid()}")
    try:
        file().parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf8")
        draft.replace(file())
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        print(f"Your progress could not be saved: {file()}: {error.strerror}.")
