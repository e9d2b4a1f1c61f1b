"""What the jobs do, whichever library runs them. Each notes in one file, the ledger, that it ran.

A line is `job start end pid parent`, in seconds of the machine's monotonic clock. A short line that is appended in one
write does not mix with others, so that no library has to do more for it than another, and Redis nothing.
"""

import os
import time
from pathlib import Path

WAIT = 0.1
"""Seconds, as for the answer of an HTTP service."""

LONG = 600
"""Seconds for which a job that is to be killed hangs."""


def note(job: str, start: float) -> None:
    """Add to the ledger that a job ran."""
    line = f"{job} {start:.6f} {time.monotonic():.6f} {os.getpid()} {os.getppid()}\n"
    ledger = os.open(os.environ["COMPARE_LEDGER"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(ledger, line.encode())
    os.close(ledger)


def small() -> None:
    note("small", time.monotonic())


def waiting() -> None:
    start = time.monotonic()
    time.sleep(WAIT)
    note("waiting", start)


def killed() -> None:
    start = time.monotonic()
    time.sleep(begun())
    note("killed", start)


def begun() -> float:
    """Note that the job to be killed begins. Returns the seconds that it hangs: none, if it began before."""
    again = "begun" in Path(os.environ["COMPARE_LEDGER"]).read_text()
    note("begun", time.monotonic())
    return 0 if again else LONG
