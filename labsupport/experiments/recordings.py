"""Ten recorded days of a queue: when each job came, and how long it ran. For asking how few workers would have kept a promise.

They are made up, from a seed: each the ten busiest minutes of a day. Most are alike; one has a newsletter, one a slow
provider, one some long jobs, and one a short burst that is too small to break the promise.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from labsupport.experiments.twin import Seconds, waits

WITHIN, SHARE = 2.0, 0.95
"""The promise: this share of each day's jobs starts within so many seconds."""

SECONDS = 400


class Day(NamedTuple):
    """One day. kind: what happened. arrivals, runs: in seconds, in the order in which the jobs came."""

    kind: str
    arrivals: Seconds
    runs: Seconds


def ten_recordings(seed: int = 9) -> list[Day]:
    """Ten days, in an order that the seed decides."""
    return list(_drawn(seed))


@cache
def _drawn(seed: int) -> tuple[Day, ...]:
    rng = np.random.default_rng(seed)
    days = [_day(kind, make, rng) for kind, make in KINDS]
    return tuple(days[n] for n in rng.permutation(len(days)))


def _day(kind: str, make: Callable[[np.random.Generator], tuple[Seconds, Seconds]], rng: np.random.Generator) -> Day:
    arrivals, runs = make(rng)
    order = np.argsort(arrivals, kind="stable")
    return Day(kind, arrivals[order].round(3), runs[order].round(3))


def _usual(rng: np.random.Generator, rate: float = 3.0) -> tuple[Seconds, Seconds]:
    jobs = int(rate * SECONDS)
    return rng.uniform(0, SECONDS, jobs), rng.exponential(1.0, jobs)


def _with_burst(rng: np.random.Generator, jobs: int) -> tuple[Seconds, Seconds]:
    arrivals, runs = _usual(rng, 2.5)
    begins = rng.uniform(50, SECONDS - 50)
    return np.append(arrivals, rng.uniform(begins, begins + 10, jobs)), np.append(runs, rng.exponential(1.0, jobs))


def _slow_provider(rng: np.random.Generator) -> tuple[Seconds, Seconds]:
    arrivals, runs = _usual(rng, 2.4)
    begins = rng.uniform(50, SECONDS - 150)
    return arrivals, np.where((arrivals > begins) & (arrivals < begins + 100), runs * 2.0, runs)


def _long_jobs(rng: np.random.Generator) -> tuple[Seconds, Seconds]:
    arrivals, runs = _usual(rng, 2.0)
    return arrivals, np.where(rng.random(len(runs)) < 0.02, 30.0, runs)


KINDS: tuple[tuple[str, Callable[[np.random.Generator], tuple[Seconds, Seconds]]], ...] = (
    *(("a day like any other", _usual),) * 5,
    ("a quiet day", lambda rng: _usual(rng, 1.5)),
    ("a newsletter", lambda rng: _with_burst(rng, 120)),
    ("a small burst", lambda rng: _with_burst(rng, 35)),
    ("a slow provider", _slow_provider),
    ("some long jobs", _long_jobs),
)


def late(waited: Seconds) -> float:
    """The share of jobs that waited for longer than WITHIN."""
    return float(np.mean(waited > WITHIN))


def breaks(days: Sequence[Day], workers: int) -> Day | None:
    """The first day on which so many workers would have broken the promise; None if there is none."""
    return next((day for day in days if late(waits(day.arrivals, day.runs, workers)) > 1 - SHARE), None)


def cheapest(days: Sequence[Day]) -> int:
    """The smallest number of workers that keeps the promise on each of the days."""
    workers = 1
    while breaks(days, workers):
        workers += 1
    return workers
