"""ten-days: an alarm that fires on three bad days out of ten, in time, and on no good one."""

import random
from collections.abc import Callable, Sequence

import numpy as np

from labsupport.exercises import trial
from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import expect
from labsupport.experiments.days import FAILURES, WAIT, Day, ten_days

HINTS = (
    "The promise has two halves: nobody waits for longer than ten minutes, and few jobs fail. One number for each.",
    "hour[-1]['oldest'] is the first half. The second: by how much did `failed` rise in this hour? It also holds old ones.",
    "Somebody may requeue what failed, and `failed` falls: compare it with the lowest of the hour, as the rule in the file does.",
)

LATEST = 10
"""Minutes after the promise is broken by which someone must be awake."""

HOUR, EVERY = 60, 5
"""Minutes that it is shown, and from one call to the next."""

Found = list[tuple[int | None, int | None, str]]
"""Per day, the first minute at which it fired, the first from the trouble on, and what it returned if that is no bool."""


def judge(answer: object, context: Context) -> str:
    expect(Callable, answer, "the function alarm itself, which is not called")
    assert callable(answer)
    first = ten_days()
    trial.run(answer, [dict(row) for row in first[0].rows[:HOUR]])  # one without an end is told at its first call
    for days, which in ((first, ""), (ten_days(random.randrange(1, 10_000)), ", on ten other days,")):
        outcome = trial.run(_replayed, answer, days, deadline=60)
        if outcome.error:
            quiet = " There are hours in which nothing is done." if outcome.error == "ZeroDivisionError" else ""
            raise NotYet(f"alarm(hour) {outcome}.{quiet}")
        fired = outcome.returned
        assert isinstance(fired, list)
        _bad_days_are_seen(days, fired, which)
        _good_days_are_quiet(days, fired, which)
    return (
        "It was silent on the seven good days, and woke someone on each bad one within ten minutes. Ten other days, which you "
        "have not seen, went the same way."
    )


def _replayed(alarm: Callable[[list[dict[str, int]]], object], days: Sequence[Day]) -> Found:
    found: Found = []
    for day in days:
        first, since, said = None, None, ""
        for minute in range(HOUR, len(day.rows), EVERY):
            wakes = trial.call(alarm, [dict(row) for row in day.rows[minute - HOUR + 1 : minute + 1]])
            if wakes:
                if first is None:
                    first, said = minute, "" if isinstance(wakes, (bool, np.bool_)) else repr(wakes)[:60]
                if day.begins is None or minute >= day.begins:
                    since = minute
                    break
        found.append((first, since, said))
    return found


def _bad_days_are_seen(days: Sequence[Day], fired: Found, which: str) -> None:
    for day, (_, since, _) in zip(days, fired, strict=True):
        if day.broken is None or (since is not None and since <= day.broken + LATEST):
            continue
        row = day.rows[day.broken + LATEST]
        late = "it did not fire" if since is None else f"it fired {_minutes(since - day.broken)} after that"
        why = {
            "stuck workers": f"{row['waiting']} jobs wait, two workers are registered, and nothing is done: the oldest has "
            f"waited for {row['oldest']} s. Few jobs can wait for long.",
            "a slower provider": f"A little less is done than comes: {row['waiting']} jobs wait, fewer than at a newsletter, "
            f"and the oldest for {row['oldest']} s.",
            "jobs refused": f"Nothing waits, since jobs fail at once: more than {FAILURES} within the hour. (Old failures "
            f"were requeued meanwhile, so that `failed` is {row['failed']}.)",
        }[day.kind]
        raise NotYet(f"On a bad day{which} the promise was broken, and {late}. {why}")


def _good_days_are_quiet(days: Sequence[Day], fired: Found, which: str) -> None:
    for day, (first, _, said) in zip(days, fired, strict=True):
        if first is None or (day.begins is not None and first >= day.begins):
            continue
        row = day.rows[first]
        seen = ", ".join(f"{name} {value}" for name, value in row.items())
        true = f" It returned {said}, which counts as true." if said else ""
        why = {
            "a newsletter": f"A newsletter: {row['waiting']} jobs wait, and all are done within seven minutes. The promise is "
            f"{WAIT // 60}.",
            "two deploys": "A deploy: no worker for five minutes, and then all is as before.",
            "old failures": "These jobs failed last month. What counts is how many failed within the hour.",
            "failures requeued": "Somebody requeued the old failures, and fewer than twenty failed once more.",
            "a busy day": "Jobs wait at each moment of a busy day, none of them for long, and few of those in `failed` failed "
            "within the hour.",
            "nobody came": "Nobody came all day, so nothing was done, and nobody waited.",
        }.get(day.kind, "Nobody waited for long, and few of the jobs in `failed` failed within the hour.")
        raise NotYet(f"It woke someone on a good day{which} at minute {first} ({seen}).{true} {why}")


def _minutes(number: int) -> str:
    return f"{number} minute{'s' * (number != 1)}"
