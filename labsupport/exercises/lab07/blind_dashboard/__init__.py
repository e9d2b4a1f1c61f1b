"""blind-dashboard: four numbers that look well while the queue stands still."""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd

from labsupport.exercises import trial
from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import expect, plain, token
from labsupport.measure.attempts import COLUMNS

HINTS = (
    "What does each number say when the provider is down? When no worker takes anything? When one worker is slow?",
    "A job that still waits has no `started`, so max() leaves it out: it has waited for now - enqueued.",
    "oldest: of rows whose `started` is missing. p95: one quantile of all. done: only `finished`. failed: of `recent`, and of "
    "jobs that ended for good.",
)

NUMBERS = ("oldest", "p95 wait", "done per second", "failed")
NAN = math.nan


def judge(answer: object, context: Context) -> str:
    expect(Callable, answer, "the function dashboard itself, which is not called")
    assert callable(answer)
    tables = [_uneven(), _down(), _still(), _quiet()]
    outcomes = trial.together(answer, [(table.copy(), now) for table, now, _ in tables])
    for (table, now, what), outcome in zip(tables, outcomes, strict=True):
        _compare(outcome, table, now, what)
    return "Each number counts what it says, and one that still waits is in it."


def _compare(outcome: trial.Trial, table: pd.DataFrame, now: float, what: str) -> None:
    found = dict(outcome.returned) if isinstance(outcome.returned, pd.Series) else outcome.returned
    if outcome.error or not isinstance(found, dict):
        raise NotYet(f"{what} It {outcome}. It should return a dictionary with the same names as before.")
    for name in NUMBERS:
        if name not in found:
            raise NotYet(f"The dictionary has no {name!r} any more; it has {list(found)}.")
    for name, (wanted, wrong) in _wanted(table, now).items():
        number = plain(found[name])
        if number is None:
            number = NAN
        if isinstance(number, bool) or not isinstance(number, (int, float)):
            raise NotYet(f"{what} {name} is {str(number)[:60]!r}; it should be a number.")
        if name == "oldest" and math.isnan(number):
            raise NotYet(f"{what} oldest is no number. Say 0 when nothing waits: an alarm can compare that.")
        if _same(number, wanted) or (name == "p95 wait" and _near(number, table, now)):
            continue
        for value, why in wrong:
            if not math.isnan(value) and _same(number, value):
                raise NotYet(f"{what} {name} is {number:.3g}. {why}")
        raise NotYet(f"{what} {name} is {number:.3g}; it should be {wanted:.3g}.")


def _same(one: float, other: float) -> bool:
    if math.isnan(other):
        return math.isnan(one) or one == 0  # of nothing, there is no percentile and no share
    return math.isclose(one, other, rel_tol=0.01, abs_tol=1e-9)


def _near(number: float, table: pd.DataFrame, now: float) -> bool:
    """Whether it is the percentile in some other way of counting: there are nine."""
    recent = table[table["ended"] > now - 60]
    low, high = (recent["started"] - recent["enqueued"]).quantile([0.94, 0.96])
    return low <= number <= high or _same(number, low) or _same(number, high)


def _wanted(table: pd.DataFrame, now: float) -> dict[str, tuple[float, list[tuple[float, str]]]]:
    """Per number: what it should be, and what it is by a known mistake, with the mistake."""
    recent = table[table["ended"] > now - 60]
    waits, all_waits = recent["started"] - recent["enqueued"], table["started"] - table["enqueued"]
    waiting = table[table["started"].isna()]
    ended = recent[recent["outcome"].isin(["finished", "failed"])]
    by_worker = waits.groupby(recent["worker"])
    finished, failed = (int((recent["outcome"] == kind).sum()) for kind in ("finished", "failed"))

    def share(of: int) -> float:
        return failed / of if of else NAN

    return {
        "oldest": (
            float(now - waiting["enqueued"].min()) if len(waiting) else 0.0,
            [
                (
                    float(all_waits.max()),
                    "It is the longest wait that is over. A job that still waits has no `started`, and max() leaves it out.",
                ),
                (float(waits.max()), "A job that still waits is not among the recent ones that ended."),
                (
                    float(now - table["enqueued"].min()),
                    "That is since the first job of all was enqueued, which was done long ago. Which jobs still wait?",
                ),
                (
                    float((now - table.loc[table["ended"].isna(), "enqueued"]).max()),
                    "That counts a job that runs, too; it does not wait any more.",
                ),
                (
                    float(now - waiting["enqueued"].max()) if len(waiting) else NAN,
                    "That is the youngest of those that wait.",
                ),
            ],
        ),
        "p95 wait": (
            float(waits.quantile(0.95)),
            [
                (
                    float((ended["started"] - ended["enqueued"]).quantile(0.95)),
                    "It leaves out attempts that will be retried; their jobs waited, too.",
                ),
                (
                    float((recent["ended"] - recent["enqueued"]).quantile(0.95)),
                    "That is from enqueued to ended. The wait is over when the job starts.",
                ),
                (
                    float(by_worker.quantile(0.95).mean()),
                    "It is the average of the workers' percentiles: one with few jobs counts as much as one with many.",
                ),
                (
                    float((by_worker.quantile(0.95) * by_worker.size()).sum() / max(len(recent), 1)),
                    "It is an average of the workers' percentiles, by their jobs. Percentiles cannot be averaged.",
                ),
                (
                    float(by_worker.quantile(0.95).max()),
                    "It is the percentile of the worker whose jobs waited longest, and not of all jobs.",
                ),
                (float(waits.mean()), "That is the mean."),
                (float(all_waits.quantile(0.95)), "That is of all day; the dashboard shows the last minute."),
            ],
        ),
        "done per second": (
            finished / 60,
            [
                (len(ended) / 60, "It counts jobs that failed, too."),
                (
                    len(recent) / 60,
                    "It counts every attempt that ended. One that failed and will be retried is no job done.",
                ),
                (float((table["outcome"] == "finished").sum()) / 60, "That is all day's jobs by one minute's seconds."),
                (
                    finished / 60 + float((recent["outcome"] == "retried").sum()) / 60,
                    "It counts every attempt that ended but the failed ones. One that will be retried is no job done.",
                ),
                (float(finished), "That is of a minute, not of a second."),
                (
                    recent.loc[recent["outcome"] == "finished", "job"].nunique() / max(len(recent), 1),
                    "That is a share.",
                ),
            ],
        ),
        "failed": (
            share(finished + failed),
            [
                (
                    float((table["outcome"] == "failed").mean()),
                    "It is of all rows since the morning: what happens now drowns in them.",
                ),
                (
                    share(len(recent)),
                    "It is a share of all attempts. A job that is retried is not decided yet: take what finished or failed.",
                ),
                (float(failed), "That is how many, and the dashboard shows which share."),
                (100 * share(finished + failed), "That is in percent; a share is between 0 and 1."),
                (
                    failed / finished if finished else NAN,
                    "It is divided by what finished. A share is of all: of what finished and of what failed.",
                ),
                (
                    1 - finished / len(recent) if len(recent) else NAN,
                    "It counts attempts that will be retried as failed; their jobs are not decided yet.",
                ),
                (
                    float((table["outcome"] == "failed").sum() / table["outcome"].isin(["finished", "failed"]).sum()),
                    "It is of the whole day; the dashboard shows the last minute.",
                ),
            ],
        ),
    }


def _table(rows: list[tuple[str, float, float, float, str]], now: float) -> pd.DataFrame:
    """Rows of (worker, enqueued, started, ended, outcome), in seconds before `now`."""
    table = pd.DataFrame(rows, columns=["worker", "enqueued", "started", "ended", "outcome"])
    table[["enqueued", "started", "ended"]] = now - table[["enqueued", "started", "ended"]]
    names = {"job": [f"job-{token()}" for _ in rows], "queue": "notification-queue", "function": "send", "attempt": 1}
    return table.assign(**names, error="").sort_values("ended", ignore_index=True)[COLUMNS]


def _morning(rng: np.random.Generator) -> list[tuple[str, float, float, float, str]]:
    """Long before the last minute: all well but for a few."""
    moments = rng.uniform(3600, 7200, 200)
    return [
        ("worker-1", at + rng.uniform(0, 2), at, at - 0.2, "failed" if n % 40 == 0 else "finished")
        for n, at in enumerate(moments)
    ]


def _now(rng: np.random.Generator) -> float:
    return 1.8e9 + float(rng.uniform(0, 1e6))


def _uneven() -> tuple[pd.DataFrame, float, str]:
    rng = np.random.default_rng()
    rows = _morning(rng)
    for n, at in enumerate(rng.uniform(1, 55, 85)):
        rows.append(("worker-1", at + rng.uniform(0, 1.5), at, at - 0.2, "failed" if n < 19 else "finished"))
    rows += [("worker-2", at + rng.uniform(60, 90), at, at - 0.2, "finished") for at in rng.uniform(1, 55, 10)]
    rows += [("", at, NAN, NAN, "waiting") for at in (95.0, 40.0, 2.0)] + [("worker-1", 170.0, 4.0, NAN, "running")]
    now = _now(rng)
    return _table(rows, now), now, "One worker took few jobs, late ones, and the other many:"


def _down() -> tuple[pd.DataFrame, float, str]:
    rng = np.random.default_rng()
    rows = _morning(rng)
    rows += [("worker-1", at + 0.5, at, at - 0.01, "retried") for at in rng.uniform(1, 55, 120)]
    rows += [("worker-1", at + 0.5, at, at - 0.01, "failed") for at in rng.uniform(1, 55, 6)]
    rows += [("worker-2", at + 0.7, at, at - 0.2, "finished") for at in rng.uniform(1, 55, 4)]
    rows += [("", 12.0, NAN, NAN, "waiting")]
    now = _now(rng)
    return _table(rows, now), now, "The provider is down, and jobs are retried at once:"


def _still() -> tuple[pd.DataFrame, float, str]:
    rng = np.random.default_rng()
    rows = _morning(rng) + [("", at, NAN, NAN, "waiting") for at in (1500.0, 800.0, 100.0)]
    now = _now(rng)
    return _table(rows, now), now, "No worker takes anything, and three jobs wait:"


def _quiet() -> tuple[pd.DataFrame, float, str]:
    rng = np.random.default_rng()
    rows = _morning(rng) + [("worker-1", at + 0.1, at, at - 0.2, "finished") for at in rng.uniform(1, 55, 30)]
    now = _now(rng)
    return _table(rows, now), now, "All is well, and nothing waits:"
