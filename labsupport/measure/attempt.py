"""What is written down of an attempt. A worker loads this module and not `attempts`, since pandas is slow to load."""

from typing import NamedTuple

NEVER = float("nan")
"""The moment of what has not happened."""


class Attempt(NamedTuple):
    """One run of a job. These are the fields of an event in the stream, and the columns of the table."""

    job: str
    queue: str
    function: str
    worker: str
    """The worker's name; empty while the job waits."""
    enqueued: float
    """Seconds since the epoch, as are `started` and `ended`."""
    started: float
    ended: float
    outcome: str
    """finished, retried (failed, and will run again), failed or stopped; waiting or running if it has not ended."""
    error: str = ""
    """The exception's name, or HORSE_KILLED, ABANDONED or empty."""


HORSE_KILLED, ABANDONED = "WorkHorseKilled", "AbandonedJobError"
"""Errors of an attempt whose process died: the work-horse alone, or the worker, too."""
