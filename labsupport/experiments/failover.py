"""Asks for jobs again and again while something breaks."""

import time
from collections.abc import Callable

import pandas as pd
from redis import RedisError
from rq.job import Job

from labsupport.measure.tries import COLUMNS


def tries(
    enqueue: Callable[[], Job],
    seconds: float,
    *,
    every: float = 0.02,
    at: dict[float, Callable[[], object]] | None = None,
) -> pd.DataFrame:
    """Call `enqueue` once per `every` seconds, for `seconds`; each call waits for the one before.

    enqueue: returns the job, and raises if it was refused.
    at: what to do meanwhile, by the seconds since the start, between two tries.

    A row per try, as `labsupport.measure.tries` says. Raises what `enqueue` raises, other than Redis's own errors.
    """
    rows = []
    events = sorted((at or {}).items())
    begin = time.time()
    while time.time() - begin < seconds:
        while events and time.time() - begin >= events[0][0]:
            events.pop(0)[1]()
        sent = time.time()
        try:
            job, error = enqueue().id, ""
        except RedisError as refused:
            job, error = "", type(refused).__name__
        answered = time.time()
        rows.append((sent, answered, job, error))
        time.sleep(max(0.0, sent + every - answered))
    return pd.DataFrame(rows, columns=COLUMNS)
