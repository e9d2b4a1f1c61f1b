"""one-percentile: the 95th percentile of all waits, from the histograms of several workers."""

import math
import random
from collections.abc import Callable

from labsupport.exercises import trial
from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import expect, plain

HINTS = (
    "Counts can be added: first make one histogram of all workers, bucket by bucket.",
    "The bucket inf has all waits. The answer is in the first bucket whose count reaches 95 of 100 of them.",
    "for bound, count in sorted(total.items()): the first with count >= 0.95 * total[inf] is the one; return its bound.",
)

INF = math.inf
Histogram = dict[float, int]


def judge(answer: object, context: Context) -> str:
    expect(Callable, answer, "the function p95 itself, which is not called")
    assert callable(answer)
    scale = random.randint(2, 9)

    def histogram(*cumulative: int) -> Histogram:
        return dict(zip((0.1, 0.5, 1.0, 2.0, 5.0, INF), (number * scale for number in cumulative), strict=True))

    one = histogram(700, 880, 940, 980, 1000, 1000)
    quick, slow = histogram(900, 990, 1000, 1000, 1000, 1000), histogram(0, 0, 10, 60, 100, 100)
    other_bounds = {0.25: 40 * scale, 3.0: 98 * scale, INF: 100 * scale}
    idle = histogram(0, 0, 0, 0, 0, 0)
    cases = [
        [one],
        [quick, slow],
        [quick, slow, idle],
        [other_bounds, other_bounds],
        [histogram(10, 20, 30, 40, 50, 100)],
    ]
    outcomes = trial.together(answer, [(case,) for case in cases])
    for case, outcome in zip(cases, outcomes, strict=True):
        _in_its_bucket(case, outcome)
    return "Counts are added, and the percentile is taken once, at the end. So it is exact up to the width of a bucket."


def _in_its_bucket(case: list[Histogram], outcome: trial.Trial) -> None:
    """Raise NotYet unless the number lies in the bucket in which the percentile is."""
    total = {bound: sum(one[bound] for one in case) for bound in sorted(case[0])}
    low, high = _bucket(total)
    told = _told(case)
    returned = plain(outcome.returned)
    if outcome.error or isinstance(returned, bool) or not isinstance(returned, (int, float)):
        raise NotYet(f"For {told} it {outcome}; it should return a number of seconds.")
    if high == INF and returned >= low:
        return
    if low < returned <= high:
        return
    what = f"For {told} it returned {returned:g}. 95 of 100 waits are within {high:g} s, not within {low:g} s"
    apart = [(*_bucket(one), one[INF]) for one in case if one[INF]]
    if len(apart) > 1:
        if apart[0][0] < returned <= apart[0][1]:
            raise NotYet(
                f"{what}. That is the percentile of the quick worker alone; the slow waits are with the other."
            )
        for weights in ([1] * len(apart), [count for *_, count in apart]):
            least, most = (sum(one[end] * weight for one, weight in zip(apart, weights, strict=True)) for end in (0, 1))
            if least < returned * sum(weights) <= most:
                raise NotYet(
                    f"{what}. That is an average of the workers' percentiles. One worker has many quick waits here, and the "
                    "other few slow ones. Percentiles cannot be averaged, with weights or without; counts can be added."
                )
        if apart[-1][0] < returned <= apart[-1][1]:
            raise NotYet(
                f"{what}. That is the percentile of the slowest worker alone, or of shares that were averaged as if both "
                "workers had as many jobs. Most jobs were with the other."
            )
    if 10 < returned < INF:
        raise NotYet(f"{what}. The answer is a wait, in seconds; this looks like a count.")
    if high == INF:
        raise NotYet(
            f"{what}. Half of the waits are longer than the largest bound: all that can be said is {low:g} s or more."
        )
    if returned == low:
        raise NotYet(f"{what}. You took the last bound that has too few, and the answer is above it.")
    raise NotYet(
        f"{what}. Take the first bound whose count, of all workers, reaches 95 of 100. A bucket counts all waits up to its "
        "bound, the smaller ones included; so the last, inf, has all of them."
    )


def _bucket(total: Histogram) -> tuple[float, float]:
    """Between which bounds the percentile lies."""
    low = 0.0
    for bound, count in total.items():
        if count >= 0.95 * total[INF]:
            return low, bound
        low = bound
    raise AssertionError("inf has all")


def _told(case: list[Histogram]) -> str:
    return " and ".join(str(one) for one in case)
