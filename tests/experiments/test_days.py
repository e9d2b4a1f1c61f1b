"""The ten recorded days: the same each time, as they are described, and judged by their own rows."""

import pytest

from labsupport.experiments.days import FAILURES, KINDS, MINUTES, WAIT, ten_days


def test_a_seed_gives_the_same_days():
    assert ten_days() == ten_days()
    assert ten_days(1) != ten_days(2)


@pytest.mark.parametrize("seed", range(20))
def test_three_are_bad_and_their_rows_say_so(seed):
    days = ten_days(seed)
    assert sorted(day.kind for day in days) == sorted(KINDS)
    bad = [day for day in days if day.broken is not None]
    assert sorted(day.kind for day in bad) == ["a slower provider", "jobs refused", "stuck workers"]
    for day in days:
        assert len(day.rows) == MINUTES
        oldest = max(row["oldest"] for row in day.rows)
        steps = [after["failed"] - before["failed"] for before, after in zip(day.rows, day.rows[1:], strict=False)]
        failed = max(sum(step for step in steps[n : n + 60] if step > 0) for n in range(0, MINUTES, 5))
        if day.broken is None:
            assert oldest <= 0.8 * WAIT
            assert failed <= 0.9 * FAILURES
        else:
            assert oldest > WAIT or failed > FAILURES
            assert 60 < day.begins < day.broken


def test_the_count_tells_nothing():
    """A good day has more jobs waiting than a bad one when its promise is broken."""
    days = {day.kind: day for day in ten_days()}
    newsletter = max(row["waiting"] for row in days["a newsletter"].rows)
    for kind in ("a slower provider", "jobs refused", "stuck workers"):
        assert days[kind].rows[days[kind].broken]["waiting"] < newsletter / 2
