"""keep-the-promise: the smallest number of workers that keeps a promise on ten recorded days."""

import random
from collections.abc import Callable, Sequence

import numpy as np

from labsupport.exercises import trial
from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import expect, plain
from labsupport.experiments.recordings import SHARE, WITHIN, Day, breaks, cheapest, late, ten_recordings
from labsupport.experiments.twin import waits

HINTS = (
    "The utilisation says nothing about a burst. Compute each job's wait: waits(arrivals, runs, workers) does.",
    "Begin with one worker, and add one as long as any day breaks the promise. A day keeps it if np.mean(w <= 2) is 0.95.",
    "while any(np.mean(waits(*day, workers) > 2) > 0.05 for day in days): workers += 1",
)


def judge(answer: object, context: Context) -> str:
    expect(Callable, answer, "the function cheapest itself")
    assert callable(answer)
    found = [
        _compared(answer, days, which) for days, which in ((ten_recordings(), ""), (_others(), " of ten other days"))
    ]
    return (
        f"{found[0]} workers keep the promise on each of the ten days, and one fewer breaks it. On ten other days, which "
        f"you have not seen, {found[1]} do."
    )


def _others() -> list[Day]:
    """Ten days for which it does not matter how "95 of 100" is computed: by counting, or as a quantile."""
    while True:
        days = ten_recordings(random.randrange(100, 100_000))
        workers = cheapest(days)
        if all(np.quantile(waits(day.arrivals, day.runs, workers), SHARE) <= WITHIN for day in days):
            return days


def _compared(answer: Callable, days: Sequence[Day], which: str) -> int:
    seen = trial.run(answer, [(day.arrivals.copy(), day.runs.copy()) for day in days], deadline=20)
    workers = plain(seen.returned)
    if seen.error or isinstance(workers, bool) or not isinstance(workers, (int, float)) or np.isnan(workers):
        raise NotYet(f"cheapest(days) {seen}; it should return a number of workers.")
    right = cheapest(days)
    if workers == right:
        return right
    if workers != int(workers) or workers < 1:
        raise NotYet(f"cheapest(days) returned {workers:g}. Nobody can start so many workers: it is 1, 2, 3, …")
    if workers > right:
        strict = " The promise lets five of 100 wait longer: a small burst may." if workers >= _for_all(days) else ""
        raise NotYet(f"It returned {workers:g}{which}. One fewer keeps the promise on each of these days, too.{strict}")
    broken = breaks(days, int(workers))
    assert broken is not None
    waited = waits(broken.arrivals, broken.runs, int(workers))
    all_days = late(np.concatenate([waits(day.arrivals, day.runs, int(workers)) for day in days]))
    busy = min(1.0, broken.runs.sum() / broken.arrivals[-1] / workers)
    raise NotYet(
        f"It returned {workers:g}{which}. On one of them ({broken.kind}), {100 * late(waited):.0f} of 100 jobs then wait for "
        f"longer than {WITHIN:g} s. What may have hidden it: of all days together it is {100 * all_days:.0f} of 100, and on that "
        f"day the mean wait is {waited.mean():.1f} s, and the workers are busy for {100 * busy:.0f} % of the time."
    )


def _for_all(days: Sequence[Day]) -> int:
    """Workers with which nobody would have waited for longer."""
    workers = cheapest(days)
    while any(late(waits(day.arrivals, day.runs, workers)) for day in days):
        workers += 1
    return workers
