"""The model of a queue, against cases that can be computed by hand and against the textbook."""

import numpy as np
import pandas as pd
import pytest

from labsupport.experiments import twin

LONG = 200_000


def test_one_worker_takes_them_one_after_the_other():
    assert twin.waits([0, 1, 2, 10], [3, 3, 1, 1], 1).tolist() == [0, 2, 4, 0]


def test_the_first_worker_that_is_free_takes_the_next():
    assert twin.waits([0, 0, 0, 0], [5, 1, 1, 1], 2).tolist() == [0, 0, 1, 2]


def test_nobody_waits_if_each_has_a_worker():
    assert twin.waits([0, 0, 0], [9, 9, 9], 3).tolist() == [0, 0, 0]


def test_no_job_no_wait():
    assert twin.waits([], [], 2).tolist() == []


def test_more_runs_than_arrivals_are_no_plan():
    with pytest.raises(ValueError, match="shorter"):
        twin.waits([0, 1], [1], 1)


def test_what_is_given_stays_as_it_was():
    arrivals, runs = np.array([0.0, 0.0]), np.array([2.0, 2.0])
    twin.waits(arrivals, runs, 1)
    assert arrivals.tolist() == [0, 0]
    assert runs.tolist() == [2, 2]


@pytest.mark.parametrize("workers", [1, 2, 5])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.8])
def test_a_long_day_has_the_wait_of_the_textbook(workers, share):
    gaps, runs = twin.plan(LONG, seed=3)
    found = twin.waits(gaps.cumsum() / (workers * share), runs, workers).mean()
    assert found == pytest.approx(twin.erlang_wait(workers, share, 1.0), rel=0.08)


def test_with_more_workers_waits_turn_up_later():
    """09-scale: "With more workers, it turns up later"."""
    at_80 = [twin.erlang_wait(workers, 0.8, 1.0) for workers in (1, 2, 10, 20)]
    assert at_80 == sorted(at_80, reverse=True)
    assert at_80[1] > 5 * at_80[2]


def test_erlang_with_one_worker():
    # M/M/1: utilisation / (1 - utilisation) runs.
    assert twin.erlang_wait(1, 0.8, 0.5) == pytest.approx(2.0)
    assert twin.erlang_wait(3, 0.0, 0.5) == 0.0


@pytest.mark.parametrize("share", [1.0, 1.2, -0.1])
def test_erlang_has_no_wait_for_an_overload(share):
    with pytest.raises(ValueError, match="below 1"):
        twin.erlang_wait(2, share, 1.0)


def test_a_plan_is_the_same_for_a_seed_and_has_means_of_one():
    gaps, runs = twin.plan(60, seed=1)
    assert gaps.mean() == pytest.approx(1)
    assert runs.mean() == pytest.approx(1)
    assert [gaps.tolist(), runs.tolist()] == [part.tolist() for part in twin.plan(60, seed=1)]
    assert gaps.tolist() != twin.plan(60, seed=2)[0].tolist()
    assert sorted(gaps) == sorted(runs)
    assert gaps.tolist() != runs.tolist()


def attempts(*rows: tuple[str, float, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["worker", "enqueued", "started", "ended"])


def test_overhead_is_the_pause_of_a_worker_that_has_something_to_do():
    table = attempts(
        ("worker-1", 0.0, 0.1, 1.0),
        ("worker-2", 0.0, 0.1, 2.0),
        ("worker-1", 0.5, 1.2, 1.5),  # waited: a pause of 0.2
        ("worker-1", 9.0, 9.9, 10.0),  # came later: no pause
        ("worker-2", 0.6, 2.4, 3.0),  # waited: 0.4
        ("worker-2", 0.7, 3.2, 4.0),  # waited: 0.2
    )
    assert twin.overhead(table) == pytest.approx(0.2)


def test_overhead_is_not_known_if_nobody_waited():
    assert np.isnan(twin.overhead(attempts(("worker-1", 0.0, 0.0, 1.0), ("worker-1", 2.0, 2.0, 3.0))))


def test_recorded_is_in_the_order_of_enqueueing():
    arrivals, runs = twin.recorded(attempts(("worker-1", 105.0, 106.0, 107.5), ("worker-1", 103.0, 103.0, 106.0)))
    assert arrivals.tolist() == [0, 2]
    assert runs.tolist() == [3, 1.5]


def test_a_table_gives_its_own_waits_again():
    """What the model would have recorded, it foresees exactly."""
    gaps, runs = twin.plan(200, seed=4)
    arrivals = 1e6 + gaps.cumsum() / 1.8
    waited = twin.waits(arrivals - arrivals[0], runs, 2)
    table = attempts(
        *(
            (f"worker-{n % 2}", a, a + w, a + w + r)
            for n, (a, w, r) in enumerate(zip(arrivals, waited, runs, strict=True))
        )
    )
    assert twin.waits(*twin.recorded(table.sample(frac=1, random_state=1)), 2) == pytest.approx(waited, abs=1e-6)
