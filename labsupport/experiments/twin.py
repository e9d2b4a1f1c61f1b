"""A twin of a queue: the waits of jobs whose arrivals and runs are known, with any number of workers, without running them.

`waits` is the model. It knows arrivals, runs and how many work, and nothing else: it is exact where a job takes as long
as it would without the others, and wrong where jobs get in each other's way. `erlang_wait` is the textbook's formula for
the mean of a day without end. Here all times are seconds, and utilisation is the share of their time that workers work.
"""

import heapq
import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from labsupport.measure.attempts import lanes

Seconds = np.ndarray[tuple[int], np.dtype[np.float64]]
"""One number per job."""


def waits(arrivals: Sequence[float] | Seconds, runs: Sequence[float] | Seconds, workers: int) -> Seconds:
    """How long each job waits, first in, first out. arrivals: when each came, in their order, from 0 on."""
    free = [0.0] * workers  # when each worker will be free again: a heap, the first one on top
    found = []
    for arrival, run in zip(arrivals, runs, strict=True):
        start = max(arrival, heapq.heappop(free))
        heapq.heappush(free, start + run)
        found.append(start - arrival)
    return np.array(found)


def erlang_wait(workers: int, utilisation: float, run: float) -> float:
    """The mean wait if jobs come at random, and runs vary at random round `run` (both exponentially), for ever.

    Erlang's C formula: the chance that all are busy, times the mean wait of those who find them so. From M. Harchol-Balter,
    Performance Modeling and Design of Computer Systems, 2013, chapter 14.

    Raises ValueError if the utilisation is not below 1, where waits have no mean: they grow as long as it lasts.
    """
    if not 0 <= utilisation < 1:
        raise ValueError(f"There is a mean wait at a utilisation from 0 to below 1; this is {utilisation:g}.")
    offered = workers * utilisation
    below = sum(offered**busy / math.factorial(busy) for busy in range(workers))
    full = offered**workers / math.factorial(workers) / (1 - utilisation)
    return full / (below + full) * run / (workers * (1 - utilisation))


def plan(jobs: int, seed: int) -> tuple[Seconds, Seconds]:
    """Gaps between jobs and runs, as random as in `erlang_wait`: the same ones for each seed. The mean of each is 1 s.

    They are the exponential distribution's quantiles, shuffled, so that a short plan has no more and no less work than
    it should.
    """
    rng = np.random.default_rng(seed)
    quantiles = -np.log1p(-(np.arange(jobs) + 0.5) / jobs)
    quantiles /= quantiles.mean()
    return rng.permutation(quantiles), rng.permutation(quantiles)


def overhead(attempts: pd.DataFrame) -> float:
    """Seconds from the end of a worker's job to the start of its next one, if that waited already: the median.

    It is what a worker needs to report the one and to fetch the other. NaN if no job waited.
    """
    pauses: list[float] = []
    for lane in lanes(attempts).values():
        ended = lane["ended"].to_numpy()[:-1]
        waited = lane["enqueued"].to_numpy()[1:] < ended
        pauses += list((lane["started"].to_numpy()[1:] - ended)[waited])
    return float(np.median(pauses)) if pauses else float("nan")


def recorded(attempts: pd.DataFrame) -> tuple[Seconds, Seconds]:
    """Arrivals, from 0 on, and runs of a table of attempts, in the order in which they were enqueued: for `waits`."""
    ordered = attempts.sort_values("enqueued", kind="stable")
    enqueued = ordered["enqueued"].to_numpy(dtype=float)
    return enqueued - enqueued[:1], (ordered["ended"] - ordered["started"]).to_numpy(dtype=float)
