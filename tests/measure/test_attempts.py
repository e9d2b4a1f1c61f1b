"""The table of attempts, and what follows from it, against plain counting."""

import numpy as np
import pandas as pd
import pytest

from labsupport.measure import attempts as table
from labsupport.measure.attempts import AttemptLog


def write(redis, number: int, seed: int = 0, jobs: int | None = None) -> None:
    """Append `number` events that look like a worker's."""
    rng = np.random.default_rng(seed)
    moment = 1_000_000.0
    pipe = redis.pipeline(transaction=False)
    for n in range(number):
        enqueued = moment + n * 0.01
        started = enqueued + rng.exponential(0.05)
        ended = started + rng.exponential(0.02)
        pipe.xadd(
            "attempts",
            {
                "job": f"job-{n % jobs if jobs else n}",
                "queue": "q",
                "function": "f",
                "worker": f"worker-{n % 3 + 1}",
                "enqueued": enqueued,
                "started": started,
                "ended": ended,
                "outcome": "finished" if n % 4 else "retried",
                "error": "" if n % 4 else "ValueError",
            },
        )
        if n % 5000 == 4999:
            pipe.execute()
    pipe.execute()


def test_read_is_incremental_and_whole(server):
    log = AttemptLog(server.redis, "attempts")
    assert len(log.read()) == 0
    assert list(log.read().columns) == table.COLUMNS
    write(server.redis, 30, jobs=10)
    first = log.read()
    write(server.redis, 25_000, seed=1)
    reads = []
    original = log._redis.xrange
    log._redis.xrange = lambda *a, **k: reads.append(len(r := original(*a, **k))) or r
    both = log.read()
    assert sum(reads) == 25_000  # none of the first is read again
    assert len(both) == 25_030
    pd.testing.assert_frame_equal(both[:30], first)
    pd.testing.assert_frame_equal(both, AttemptLog(server.redis, "attempts").read())
    assert list(first["attempt"]) == [1] * 10 + [2] * 10 + [3] * 10


def test_an_attempt_that_was_written_twice_is_one(server):
    write(server.redis, 5)
    (_, last), *_ = server.redis.xrevrange("attempts", count=1)
    server.redis.xadd("attempts", last)
    log = AttemptLog(server.redis, "attempts")
    assert len(log.read()) == 5
    server.redis.xadd("attempts", last)
    assert len(log.read()) == 5


def test_a_reader_cannot_spoil_the_log(server):
    write(server.redis, 5)
    log = AttemptLog(server.redis, "attempts")
    del log.read()["job"]
    assert "job" in log.read()


@pytest.fixture
def some(server):
    write(server.redis, 400, seed=7, jobs=120)
    return AttemptLog(server.redis, "attempts").read()


def test_depth_counts_what_waits(some):
    extra = [some["enqueued"].iloc[3] + 0.001]
    steps = table.depth(pd.concat([some, pd.DataFrame({"enqueued": extra})]))
    for moment in list(steps.index[::17]) + [steps.index[-1]]:
        waiting = ((some["enqueued"] <= moment) & (some["started"] > moment)).sum() + (extra[0] <= moment)
        assert steps[moment] == waiting
    assert steps.index.is_monotonic_increasing
    assert steps.index.is_unique
    assert steps.iloc[-1] == 1  # the extra one is never taken


def test_waits_runs_backoffs_retries(some):
    assert np.allclose(table.waits(some), some["started"] - some["enqueued"])
    assert np.allclose(table.runs(some), some["ended"] - some["started"])
    job = some[some["job"] == "job-5"]
    backoffs = table.backoffs(some)[job.index]
    assert np.isnan(backoffs.iloc[0])
    assert np.allclose(backoffs.iloc[1:], job["enqueued"].to_numpy()[1:] - job["ended"].to_numpy()[:-1])
    assert table.retries(some)["job-5"] == len(job) - 1
    assert table.retries(some).sum() == 400 - 120


def test_throughput_and_lanes(some):
    finished = (some["outcome"] == "finished").sum()
    assert table.throughput(some) == pytest.approx(finished / (some["ended"].max() - some["enqueued"].min()))
    assert np.isnan(table.throughput(some[some["outcome"] == "retried"]))
    lanes = table.lanes(some)
    assert list(lanes) == ["worker-1", "worker-2", "worker-3"]
    assert sum(len(lane) for lane in lanes.values()) == 400
    assert all(lane["started"].is_monotonic_increasing for lane in lanes.values())


def test_lanes_sort_as_people_count():
    rows = pd.DataFrame({"worker": ["worker-10", "worker-2", "other"], "started": [1.0, 2.0, 3.0]})
    assert list(table.lanes(rows)) == ["other", "worker-2", "worker-10"]


def test_delays_are_per_finished_job_from_its_first_enqueueing():
    rows = pd.DataFrame(
        [
            ("a", 1, 10.0, 10.5, 11.0, "retried"),
            ("b", 1, 10.0, 11.0, 12.0, "finished"),
            ("a", 2, 13.0, 13.5, 14.0, "finished"),
            ("c", 1, 10.0, 14.0, 15.0, "failed"),
            ("d", 1, 15.0, np.nan, np.nan, "waiting"),
        ],
        columns=["job", "attempt", "enqueued", "started", "ended", "outcome"],
    )
    expected = pd.DataFrame(
        {"enqueued": [10.0, 10.0], "delay": [4.0, 2.0], "attempts": [2, 1]}, index=pd.Index(["a", "b"], name="job")
    )
    pd.testing.assert_frame_equal(table.delays(rows), expected)
