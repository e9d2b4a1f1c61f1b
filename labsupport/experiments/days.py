"""Ten days of a queue, minute by minute, of which three are bad: for trying an alarm on what it has never seen.

They are made up, by a model that is small enough to be checked: what comes in a minute is drawn, what is done is what the
workers can, in order, and the rest waits. A seed gives the same days each time, another seed moves everything.

The promise that is kept on good days and broken on bad ones: a job starts within WAIT, and in any hour no more than
FAILURES jobs fail for good.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

WAIT = 600
"""Seconds within which each job is to start."""

FAILURES = 20
"""How many jobs may fail for good within any hour."""

MINUTES = 1440

Row = dict[str, int]
"""What an exporter says at the end of a minute: waiting, oldest (seconds), workers, failed (in the registry), done (in that
minute)."""


@dataclass(frozen=True)
class Day:
    """One day. kind: what happened. begins: the minute at which the trouble begins; broken: the first at which the promise
    is broken. Both are None on a good day."""

    kind: str
    rows: list[Row]
    begins: int | None
    broken: int | None


@dataclass
class Plan:
    """What a day is made of, all per minute."""

    comes: np.ndarray
    capacity: np.ndarray
    workers: np.ndarray
    fails: np.ndarray
    old_failures: int
    requeued: int | None = None  # the minute at which somebody requeues all that failed
    begins: int | None = None


def ten_days(seed: int = 7) -> list[Day]:
    """Seven good days and three bad ones, in an order that the seed decides."""
    return list(_drawn(seed))


@cache
def _drawn(seed: int) -> tuple[Day, ...]:
    rng = np.random.default_rng(seed)
    days = [_day(name, change, rng) for name, change in KINDS.items()]
    return tuple(days[n] for n in rng.permutation(len(days)))


def _day(kind: str, change: Callable[[Plan, np.random.Generator], None], rng: np.random.Generator) -> Day:
    hours = np.arange(MINUTES) / 60
    wave = 60 + 50 * np.sin((hours - 9) / 24 * 2 * np.pi)
    plan = Plan(
        comes=rng.poisson(wave),
        capacity=np.full(MINUTES, 400),
        workers=np.full(MINUTES, 2),
        fails=(rng.random(MINUTES) < 0.03).astype(int),
        old_failures=int(rng.integers(150, 350)),
    )
    change(plan, rng)
    return _run(kind, plan)


def _run(kind: str, plan: Plan) -> Day:
    came = np.cumsum(plan.comes)
    done, rows, broken, failed = 0, [], None, plan.old_failures
    for minute in range(MINUTES):
        before = done
        done = min(int(came[minute]), done + int(plan.capacity[minute] if plan.workers[minute] else 0))
        failed = (0 if plan.requeued == minute else failed) + int(plan.fails[minute])
        waiting = int(came[minute]) - done
        # The job that is next came in the first minute at whose end more had come than are done.
        oldest = 60 * (minute - int(np.searchsorted(came, done, side="right"))) if waiting else 0
        rows.append(
            {
                "waiting": waiting,
                "oldest": oldest,
                "workers": int(plan.workers[minute]),
                "failed": failed,
                "done": done - before,
            }
        )
        hour = int(plan.fails[max(0, minute - 59) : minute + 1].sum())
        if broken is None and (oldest > WAIT or hour > FAILURES):
            broken = minute
    assert (broken is None) == (plan.begins is None), kind
    return Day(kind, rows, plan.begins, broken)


def _nothing_special(plan: Plan, rng: np.random.Generator) -> None:
    """A day like any other."""


def _busy(plan: Plan, rng: np.random.Generator) -> None:
    """What comes in a minute is done in the next one, so that the queue is never empty."""
    plan.comes = plan.comes * 3 + rng.poisson(20, MINUTES)
    plan.capacity[1:] = plan.comes[:-1]
    plan.capacity[0] = 0


def _newsletter(plan: Plan, rng: np.random.Generator) -> None:
    plan.comes[rng.integers(480, 1000)] += rng.integers(2500, 2900)


def _deploy(plan: Plan, rng: np.random.Generator) -> None:
    for begin in rng.choice(np.arange(400, 1000, 60), 2, replace=False):
        plan.workers[begin : begin + 5] = 0


def _old_failures(plan: Plan, rng: np.random.Generator) -> None:
    plan.old_failures = int(rng.integers(3000, 4000))


def _requeued(plan: Plan, rng: np.random.Generator) -> None:
    plan.requeued = int(rng.integers(500, 900))
    plan.fails[plan.requeued - 60 : plan.requeued + 60] = 0
    plan.fails[plan.requeued + 1] = rng.integers(12, 18)  # these fail once more


def _nobody_came(plan: Plan, rng: np.random.Generator) -> None:
    plan.comes[:] = 0
    plan.fails[:] = 0


def _stuck(plan: Plan, rng: np.random.Generator) -> None:
    """In a quiet night, workers that are still registered do nothing any more."""
    plan.comes[:] = rng.random(MINUTES) < 0.15
    plan.fails[:] = 0
    begins = int(rng.integers(100, 1200))
    plan.comes[begins] = 1
    plan.capacity[begins : begins + 180] = 0
    plan.begins = begins


def _slower(plan: Plan, rng: np.random.Generator) -> None:
    """The provider answers more slowly, so that a little less is done than comes."""
    begins = int(rng.integers(600, 900))
    plan.comes[begins - 60 :] = rng.poisson(60, MINUTES - begins + 60)
    plan.capacity[begins : begins + 240] = 48
    plan.begins = begins


def _refused(plan: Plan, rng: np.random.Generator) -> None:
    """One kind of job fails at once, so that nothing waits. Before anybody looks into it, the old ones are requeued."""
    begins = int(rng.integers(400, 1100))
    plan.fails[begins - 60 :] = 0
    plan.fails[begins : begins + 180] = 1
    plan.requeued = begins + int(rng.integers(2, 5))
    plan.begins = begins


KINDS: dict[str, Callable[[Plan, np.random.Generator], None]] = {
    "a day like any other": _nothing_special,
    "a busy day": _busy,
    "a newsletter": _newsletter,
    "two deploys": _deploy,
    "old failures": _old_failures,
    "failures requeued": _requeued,
    "nobody came": _nobody_came,
    "stuck workers": _stuck,
    "a slower provider": _slower,
    "jobs refused": _refused,
}
"""What can happen; the last three are bad."""
