"""Waits for a condition instead of sleeping, and says so when it takes longer than a moment."""

import time
from collections.abc import Callable

from labsupport.errors import LabError

SILENT = 1.0
"""Seconds before a wait begins to show its progress."""


def comes_true(condition: Callable[[], bool], within: float, every: float = 0.02) -> bool:
    """Whether `condition()` becomes true within so many seconds. Prints nothing, raises nothing."""
    end = time.monotonic() + within
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(every)
    return True


def wait_until(condition: Callable[[], bool], progress: Callable[[], str], timeout: float, every: float = 0.02):
    """Return when `condition()` is true, asking every `every` seconds.

    After a second, `progress()` is shown on one line that is written over, with the seconds so far. Print
    something afterwards: it takes the line's place, and a slow run then reads as a fast one.

    Raises LabError, with `progress()` in it, after `timeout` seconds.
    """
    start = time.monotonic()
    width = 0
    while not condition():
        waited = time.monotonic() - start
        if waited > timeout:
            raise LabError(f"Gave up after {timeout:.0f} s: {progress()}")
        if waited > SILENT:
            line = f"… {waited:.0f} s: {progress()}"
            width = max(width, len(line))
            print(f"\r{line:<{width}}", end="\r", flush=True)
            time.sleep(0.2)
        time.sleep(every)
    if width:
        print(" " * width, end="\r", flush=True)
