"""What the reader did and solved, in one small local file. Nothing is sent anywhere, and nothing in it is ever lost.

    {"solved": ["second-job"],                      names of exercises, in the order in which they were solved
     "events": [["2026-01-02T03:04:05+00:00", "opened", "00-start-here"],
                ["2026-01-02T03:07:05+00:00", "guessed", "sent-by-then", {"guess": "no", …}], …],
     "sum": "…"}                                    of the two, so that an edit is seen

Before there were events, the file had `solved` alone. Such a file goes on as it is. The sum finds an edit, and no forger:
whoever reads this module can compute it.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple

from labsupport.files import put
from labsupport.paths import MY_LABS

PATIENCE = 2.0
"""Seconds to wait for another kernel that writes. It needs milliseconds, unless it was stopped in the middle."""


class Event(NamedTuple):
    """at: when, in UTC, to the second. what: opened (of a lab), or wrong, right, hint, solution, reset (of an exercise),
    guessed (of a prediction), asked, answered (of a quiz), recalled (of a question); or edited, which is when an edit of the
    file was found. of: the name of the lab, exercise, prediction, quiz or question. more: what else is known of it, by name."""

    at: datetime
    what: str
    of: str
    more: dict[str, Any] = {}


_said: set[str] = set()
"""Lines that this kernel has printed: each is worth one."""


def file() -> Path:
    """Where it is kept; git ignores it."""
    return Path(os.environ.get("LAB_PROGRESS") or MY_LABS / "progress.json")


def solved() -> list[str]:
    """Names of the exercises that are solved, in the order in which they were."""
    with _alone():
        return [name for name in (_read() or _nothing())["solved"] if isinstance(name, str)]


def events() -> list[Event]:
    """All events, by their times. An entry that is none is passed over."""
    with _alone():
        entries = (_read() or _nothing())["events"]
    found = []
    for entry in entries:
        with contextlib.suppress(TypeError, ValueError, OverflowError):
            at, what, of, *more = entry
            found.append(Event(datetime.fromisoformat(at).astimezone(timezone.utc), str(what), str(of), dict(*more)))
    return sorted(found, key=lambda event: event.at)


def edited() -> bool:
    """Whether something else than this module changed the file, now or before an event that was noted since."""
    with _alone():
        is_edited = _is_edited(_read() or _nothing())
    return is_edited or any(event.what == "edited" for event in events())


def note(what: str, of: str, **more: object) -> None:
    """Keep that this happened now; after `right` the exercise is solved, and after `reset` it is not.

    what, of, more: see `Event`. What is no JSON is kept as its text.

    Prints a line if the file can't be written.
    """
    with contextlib.suppress(OSError):
        file().parent.mkdir(parents=True, exist_ok=True)
    with _alone():
        kept = _read()
        if kept is None:  # it can't be read now, and perhaps later: it is not replaced
            return
        if _is_edited(kept):
            kept["events"].append([_now(), "edited", ""])
        kept["events"].append([_now(), what, of, *([json.loads(json.dumps(more, default=str))] if more else [])])
        if what == "right" and of not in kept["solved"]:
            kept["solved"].append(of)
        if what == "reset" and of in kept["solved"]:
            kept["solved"].remove(of)
        kept["sum"] = _sum(kept)
        try:
            put(json.dumps(kept, indent=1).encode() + b"\n", file())
        except OSError as error:
            _say(f"Your progress could not be saved: {file()}: {error.strerror}.")


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def _sum(kept: dict) -> str:
    return hashlib.sha256(json.dumps([kept["solved"], kept["events"]]).encode()).hexdigest()[:16]


def _is_edited(kept: dict) -> bool:
    return bool(kept["events"] or "sum" in kept) and kept.get("sum") != _sum(kept)


def _nothing() -> dict:
    return {"solved": [], "events": []}


def _read() -> dict | None:
    """What the file holds; None if it can't be read."""
    try:
        kept = json.loads(file().read_bytes())
    except FileNotFoundError:
        return _nothing()
    except OSError as error:
        _say(f"Your progress could not be read: {file()}: {error.strerror}.")
        return None
    except ValueError:
        kept = None
    if isinstance(kept, dict) and all(isinstance(kept.setdefault(key, []), list) for key in _nothing()):
        return kept
    return _nothing() if _put_aside() else None


def _put_aside() -> bool:
    """Keep a file that is no progress under a name that nothing has. Returns whether that worked."""
    number = 1
    while (aside := file().with_suffix(f".unreadable-{number}")).exists():
        number += 1
    try:
        file().replace(aside)
    except OSError as error:
        _say(f"Your progress file could not be understood: {file()}: {error.strerror}.")
        return False
    _say(f"Your progress file could not be understood. It is kept as {aside.name}, and a new one begins.")
    return True


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """One kernel at a time. The folder is locked, since the file is replaced. Where that can't be, the block runs all the
    same: an event may be lost then, and never the file."""
    try:
        folder = os.open(file().parent, os.O_RDONLY)
    except OSError:
        yield
        return
    try:
        _lock(folder)
        yield
        with contextlib.suppress(OSError):
            fcntl.flock(folder, fcntl.LOCK_UN)  # a fork of this process may have the folder open for longer
    finally:
        os.close(folder)


def _lock(folder: int) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            return fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.01)
        except OSError:  # some network file systems
            return None


def _say(line: str) -> None:
    if line not in _said:
        _said.add(line)
        print(line)
