"""The stream of attempts as a table, and what follows from it: waits, runs, depth, throughput, lanes.

One row per attempt, in the order in which the attempts ended. `Attempt` says what the columns are, and there is one more:
`attempt`, which is 1 for a job's first run, 2 for its first retry, and so on.

*Wait* is enqueued → started, *run* is started → ended, *backoff* is the end of an attempt → the enqueueing
of the next. Every function here computes from the rows; none samples. None knows RQ.

A clock may be set back while jobs run. No attempt then ends before it started, or starts before it was enqueued: the later
moment is moved to the earlier one, so that no wait and no run is shorter than 0 s.
"""

from __future__ import annotations

from collections import Counter
from typing import cast

import numpy as np
import pandas as pd
from redis import Redis

from labsupport.measure.attempt import ABANDONED, HORSE_KILLED, Attempt

TIMES = ("enqueued", "started", "ended")
TEXTS = tuple(name for name in Attempt._fields if name not in TIMES)
COLUMNS = [*Attempt._fields[:3], "attempt", *Attempt._fields[3:]]

PAGE = 10_000
"""Events read in one round trip."""

Event = dict[bytes, bytes]


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
        while page := self._redis.xrange(self._key, min=self._last, count=PAGE):
            events = cast("list[tuple[bytes, Event]]", page)
            self._last = "(" + events[-1][0].decode()
            self._pages.append(self._table([event for _, event in events if self._is_new(event)]))
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
        still = _in_order(still.assign(attempt=[self._runs[job] + 1 for job in still["job"]])[COLUMNS])
        return pd.concat([ended, still], ignore_index=True) if len(ended) else still

    def _table(self, events: list[Event]) -> pd.DataFrame:
        texts = {name: [event[name.encode()].decode() for event in events] for name in TEXTS}
        times = {name: np.array([event[name.encode()] for event in events], dtype=float) for name in TIMES}
        attempt = [self._count(job) for job in texts["job"]]
        return _in_order(pd.DataFrame({**texts, **times, "attempt": attempt}, columns=COLUMNS))

    def _is_new(self, event: Event) -> bool:
        """A patient client that lost the answer to its transaction sends it again: one attempt, written twice."""
        attempt = event[b"job"], event[b"started"]
        new = attempt not in self._seen
        self._seen.add(attempt)
        return new

    def _count(self, job: str) -> int:
        self._runs[job] += 1
        return self._runs[job]


def _in_order(attempts: pd.DataFrame) -> pd.DataFrame:
    """The same attempts, none of which starts before it was enqueued, or ends before it started."""
    enqueued, started, ended = (attempts[name] for name in TIMES)
    started = started.mask(started < enqueued, enqueued)
    return attempts.assign(started=started, ended=ended.mask(ended < started, started))


def kinds(attempts: pd.DataFrame) -> pd.Series[str]:
    """Each attempt's outcome, with a process that died told apart from an exception.

    A failed attempt is then `killed`, and a retried one is `retried after a kill`.
    """
    died = attempts["error"].isin([HORSE_KILLED, ABANDONED])
    outcome = attempts["outcome"]
    named = outcome.mask(died & (outcome == "failed"), "killed")
    return named.mask(died & (outcome == "retried"), "retried after a kill").rename("kind")


def unended(attempts: pd.DataFrame) -> int:
    """Jobs whose last row says that more will come: waiting, running or retried."""
    last = attempts.groupby("job", sort=False)["outcome"].last()
    return int(last.isin(["waiting", "running", "retried"]).sum())


def waits(attempts: pd.DataFrame) -> pd.Series[float]:
    """Seconds from enqueued to started, per attempt."""
    return (attempts["started"] - attempts["enqueued"]).astype(float).rename("wait")


def runs(attempts: pd.DataFrame) -> pd.Series[float]:
    """Seconds from started to ended, per attempt."""
    return (attempts["ended"] - attempts["started"]).astype(float).rename("run")


def backoffs(attempts: pd.DataFrame) -> pd.Series[float]:
    """Seconds from the end of the attempt before to the enqueueing of this one; NaN for first attempts.

    Never below 0, although RQ enqueues a job that returns `Retry(…)` a moment before it notes the attempt's end.
    """
    before = attempts.groupby("job", sort=False)["ended"].shift()
    return (attempts["enqueued"] - before).astype(float).clip(lower=0).rename("backoff")


def retries(attempts: pd.DataFrame) -> pd.Series[int]:
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


def depth(attempts: pd.DataFrame) -> pd.Series[int]:
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
    """Per worker, in the order of their names: its attempts by their start. A job that waits is in no lane."""
    ordered = attempts[attempts["started"].notna()].sort_values("started")
    return {worker: ordered[ordered["worker"] == worker] for worker in sorted(ordered["worker"].unique(), key=_natural)}


def _natural(name: str) -> tuple[str, int]:
    """worker-2 before worker-10."""
    digits = name[len(name.rstrip("0123456789")) :]
    return name.removesuffix(digits), int(digits or 0)
