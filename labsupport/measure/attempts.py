"""The stream of attempts as a table, and what follows from it: waits, runs, depth, throughput, lanes.

One row per attempt, in the order in which the attempts ended:

    job, queue, function   text
    attempt                1 for a job's first run, 2 for its first retry, …
    worker                 the worker's name
    enqueued, started, ended   seconds since the epoch, as floats
    outcome                finished, retried (failed, and will run again), failed or stopped;
                           for jobs that have not ended, waiting or running, with NaN for what is to come
    error                  the exception's name, WorkHorseKilled, or empty

*Wait* is enqueued → started, *run* is started → ended, *backoff* is the end of an attempt → the enqueueing
of the next. Every function here computes from the rows; none samples.
"""

from collections import Counter

import numpy as np
import pandas as pd
from redis import Redis

TEXTS = ("job", "queue", "function", "worker", "outcome", "error")
TIMES = ("enqueued", "started", "ended")
COLUMNS = ["job", "queue", "function", "attempt", "worker", *TIMES, "outcome", "error"]

PAGE = 10_000
"""Events read in one round trip."""


class AttemptLog:
    """Reads the stream `key`, each event once, however often it is asked."""

    def __init__(self, redis: Redis, key: str):
        self._redis = redis
        self._key = key
        self._last = "-"
        self._runs: Counter[str] = Counter()
        self._seen: set[tuple[bytes, bytes]] = set()
        self._pages: list[pd.DataFrame] = []

    def read(self) -> pd.DataFrame:
        """All attempts so far, one row each. Only what is new is read from Redis."""
        while events := self._redis.xrange(self._key, min=self._last, count=PAGE):
            self._last = "(" + events[-1][0].decode()
            self._pages.append(self._table([fields for _, fields in events if self._is_new(fields)]))
        if len(self._pages) > 1:
            self._pages = [pd.concat(self._pages, ignore_index=True)]
        return self._pages[0].copy() if self._pages else pd.DataFrame(columns=COLUMNS)

    def with_unended(self, unended: pd.DataFrame) -> pd.DataFrame:
        """`read()`, and below it jobs that have not ended, as `labsupport.measure.peek.unended` gives them.

        A job that has ended between the two readings is there once, as ended.
        """
        ended = self.read()
        known = pd.MultiIndex.from_frame(ended[["job", "enqueued"]])
        still = unended[~pd.MultiIndex.from_frame(unended[["job", "enqueued"]]).isin(known)]
        if still.empty:
            return ended
        still = still.assign(attempt=[self._runs[job] + 1 for job in still["job"]])
        return pd.concat([ended, still[COLUMNS]], ignore_index=True) if len(ended) else still[COLUMNS]

    def _table(self, events: list[dict[bytes, bytes]]) -> pd.DataFrame:
        columns: dict[str, list] = {name: [event[name.encode()].decode() for event in events] for name in TEXTS}
        for name in TIMES:
            columns[name] = np.array([event[name.encode()] for event in events], dtype=float)
        columns["attempt"] = [self._count(job) for job in columns["job"]]
        return pd.DataFrame(columns, columns=COLUMNS)

    def _is_new(self, event: dict[bytes, bytes]) -> bool:
        """A patient client that lost the answer to its transaction sends it again: one attempt, written twice."""
        attempt = event[b"job"], event[b"started"]
        new = attempt not in self._seen
        self._seen.add(attempt)
        return new

    def _count(self, job: str) -> int:
        self._runs[job] += 1
        return self._runs[job]


def waits(attempts: pd.DataFrame) -> pd.Series:
    """Seconds from enqueued to started, per attempt."""
    return (attempts["started"] - attempts["enqueued"]).astype(float).rename("wait")


def runs(attempts: pd.DataFrame) -> pd.Series:
    """Seconds from started to ended, per attempt."""
    return (attempts["ended"] - attempts["started"]).astype(float).rename("run")


def backoffs(attempts: pd.DataFrame) -> pd.Series:
    """Seconds from the end of the attempt before to the enqueueing of this one; NaN for first attempts."""
    before = attempts.groupby("job", sort=False)["ended"].shift()
    return (attempts["enqueued"] - before).astype(float).rename("backoff")


def retries(attempts: pd.DataFrame) -> pd.Series:
    """Per job, in the order of first endings: how many attempts came after its first."""
    return (attempts.groupby("job", sort=False)["attempt"].max() - 1).astype(int).rename("retries")


def delays(attempts: pd.DataFrame) -> pd.DataFrame:
    """Per finished job: `enqueued` for the first time, `delay` in seconds from then to its end, and `attempts`."""
    jobs = attempts.groupby("job", sort=False)
    summary = pd.DataFrame(
        {
            "enqueued": jobs["enqueued"].min(),
            "delay": jobs["ended"].max() - jobs["enqueued"].min(),
            "attempts": jobs["attempt"].max(),
        }
    ).astype(float)
    return summary[jobs["outcome"].last() == "finished"].astype({"attempts": int})


def depth(attempts: pd.DataFrame) -> pd.Series:
    """Jobs waiting in the queue over time: a step function, exact at every change.

    While jobs still wait or run, give it a table that has them too: `lab.attempts(queue)`.

    Index: seconds since the epoch, rising. Value: the depth from that moment on. Changes at one moment are one row.
    """
    taken = attempts["started"].to_numpy(dtype=float)
    came = attempts["enqueued"].to_numpy(dtype=float)
    moments = np.concatenate([came, taken])
    changes = np.concatenate([np.ones(len(came)), -np.ones(len(taken))])
    known = ~np.isnan(moments)
    steps = pd.Series(changes[known]).groupby(moments[known]).sum().cumsum()
    return steps.astype(int).rename("depth")


def throughput(attempts: pd.DataFrame) -> float:
    """Finished jobs per second, from the first enqueueing to the last ending. NaN if nothing finished."""
    finished = attempts[attempts["outcome"] == "finished"]
    if finished.empty:
        return float("nan")
    return len(finished) / makespan(attempts)


def makespan(attempts: pd.DataFrame) -> float:
    """Seconds from the first enqueueing to the last ending."""
    return float(attempts["ended"].max() - attempts["enqueued"].min())


def lanes(attempts: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Per worker, in the order of their names: its attempts by their start."""
    ordered = attempts.sort_values("started")
    return {worker: ordered[ordered["worker"] == worker] for worker in sorted(ordered["worker"].unique(), key=_natural)}


def _natural(name: str) -> tuple[str, int]:
    """worker-2 before worker-10."""
    digits = name[len(name.rstrip("0123456789")) :]
    return name.removesuffix(digits), int(digits or 0)
