"""The table of attempts, and what follows from it: rows and expected values are written by hand."""

import math

import pandas as pd
import pytest
from redis import Redis

from labsupport.measure import attempts as table
from labsupport.measure.attempts import Attempt, AttemptLog

NAN = float("nan")


def attempt(job: str, worker: str, enqueued: float, started: float, ended: float, outcome: str, error: str = ""):
    return Attempt(job, "q", "f", worker, enqueued, started, ended, outcome, error)


# Two workers, three jobs. a fails, is retried after a pause of 3 s and finishes; b finishes; c is killed.
STORY = [
    attempt("a", "worker-1", 100.0, 100.5, 101.0, "retried", "ValueError"),
    attempt("b", "worker-2", 100.0, 101.0, 103.0, "finished"),
    attempt("a", "worker-2", 104.0, 104.5, 105.0, "finished"),
    attempt("c", "worker-1", 101.0, 101.5, 110.0, "failed", "WorkHorseKilled"),
]


def write(redis: Redis, *events: Attempt) -> None:
    pipe = redis.pipeline(transaction=False)
    for event in events:
        pipe.xadd("attempts", event._asdict())
    pipe.execute()


@pytest.fixture
def story(server) -> pd.DataFrame:
    write(server.redis, *STORY)
    return AttemptLog(server.redis, "attempts").read()


def test_a_row_is_what_was_written(story):
    assert list(story.columns) == table.COLUMNS
    assert list(story["attempt"]) == [1, 1, 2, 1]
    rows = story[list(Attempt._fields)].itertuples(index=False, name=None)
    assert [Attempt(*row) for row in rows] == STORY


def test_each_event_is_read_once(server, monkeypatch):
    monkeypatch.setattr(table, "PAGE", 2)
    log = AttemptLog(server.redis, "attempts")
    assert len(log.read()) == 0
    assert list(log.read().columns) == table.COLUMNS
    write(server.redis, *STORY[:3])
    assert list(log.read()["job"]) == ["a", "b", "a"]
    write(server.redis, STORY[3])
    reads = []
    original = log._redis.xrange
    monkeypatch.setattr(log._redis, "xrange", lambda *a, **k: reads.append(r := original(*a, **k)) or r)
    assert list(log.read()["job"]) == ["a", "b", "a", "c"]
    assert [len(page) for page in reads] == [1, 0]


def test_an_attempt_that_was_written_twice_is_one(server):
    write(server.redis, *STORY, STORY[-1])
    log = AttemptLog(server.redis, "attempts")
    assert len(log.read()) == 4
    write(server.redis, STORY[-1])
    assert len(log.read()) == 4


def test_a_reader_cannot_spoil_the_log(server):
    write(server.redis, *STORY)
    log = AttemptLog(server.redis, "attempts")
    del log.read()["job"]
    assert "job" in log.read()


def test_waits_runs_backoffs_retries(story):
    assert list(table.waits(story)) == [0.5, 1.0, 0.5, 0.5]
    assert list(table.runs(story)) == [0.5, 2.0, 0.5, 8.5]
    assert list(table.backoffs(story).dropna().items()) == [(2, 3.0)]
    assert table.retries(story).to_dict() == {"a": 1, "b": 0, "c": 0}


def test_depth_counts_what_waits(story):
    # a and b come, a is taken, c comes as b is taken, c is taken, a comes back and is taken.
    steps = {100.0: 2, 100.5: 1, 101.0: 1, 101.5: 0, 104.0: 1, 104.5: 0}
    assert table.depth(story).to_dict() == steps
    waiting = pd.DataFrame([attempt("d", "", 102.0, NAN, NAN, "waiting")])
    steps = {100.0: 2, 100.5: 1, 101.0: 1, 101.5: 0, 102.0: 1, 104.0: 2, 104.5: 1}
    assert table.depth(pd.concat([story, waiting])).to_dict() == steps


def test_throughput_and_makespan(story):
    assert table.makespan(story) == 10.0
    assert table.throughput(story) == 0.2  # two jobs in ten seconds
    assert math.isnan(table.throughput(story[story["outcome"] == "retried"]))


def test_lanes(story):
    lanes = table.lanes(story)
    assert {worker: list(rows["job"]) for worker, rows in lanes.items()} == {
        "worker-1": ["a", "c"],
        "worker-2": ["b", "a"],
    }
    waiting = pd.DataFrame([attempt("d", "", 102.0, NAN, NAN, "waiting")])
    assert list(table.lanes(pd.concat([story, waiting]))) == ["worker-1", "worker-2"]


def test_lanes_sort_as_people_count():
    rows = pd.DataFrame({"worker": ["worker-10", "worker-2", "other"], "started": [1.0, 2.0, 3.0]})
    assert list(table.lanes(rows)) == ["other", "worker-2", "worker-10"]


def test_delays_are_per_finished_job_from_its_first_enqueueing(story):
    expected = pd.DataFrame(
        {"enqueued": [100.0, 100.0], "delay": [5.0, 3.0], "attempts": [2, 1]}, index=pd.Index(["a", "b"], name="job")
    )
    pd.testing.assert_frame_equal(table.delays(story), expected)
    waiting = pd.DataFrame([attempt("d", "", 102.0, NAN, NAN, "waiting")]).assign(attempt=1)
    pd.testing.assert_frame_equal(table.delays(pd.concat([story, waiting])), expected)


def test_kinds_tell_a_kill_from_an_exception():
    rows = pd.DataFrame(
        [
            attempt("a", "w", 0.0, 1.0, 2.0, "retried", "ValueError"),
            attempt("a", "w", 2.0, 3.0, 4.0, "retried", "WorkHorseKilled"),
            attempt("a", "w", 4.0, 5.0, 6.0, "failed", "AbandonedJobError"),
            attempt("b", "w", 0.0, 1.0, 2.0, "failed", "ValueError"),
            attempt("c", "w", 0.0, 1.0, 2.0, "stopped"),
        ]
    )
    assert list(table.kinds(rows)) == ["retried", "retried after a kill", "killed", "failed", "stopped"]


def test_a_job_has_not_ended_while_it_waits_runs_or_will_be_retried(story):
    assert table.unended(story) == 0
    assert table.unended(story[:2]) == 1  # a will be retried
    more = pd.DataFrame([attempt("d", "", 1.0, NAN, NAN, "waiting"), attempt("e", "w", 1.0, 2.0, NAN, "running")])
    assert table.unended(pd.concat([story, more])) == 2


def test_a_clock_that_was_set_back_makes_no_negative_times(server):
    """By ten seconds: while a waited, while b ran, and between two attempts of c."""
    write(
        server.redis,
        attempt("a", "worker-1", 100.0, 91.0, 92.0, "finished"),
        attempt("b", "worker-1", 100.0, 101.0, 92.5, "finished"),
        attempt("c", "worker-1", 100.0, 101.0, 102.0, "retried"),
        attempt("c", "worker-1", 93.0, 94.0, 95.0, "finished"),
    )
    rows = AttemptLog(server.redis, "attempts").with_unended(
        pd.DataFrame(
            [attempt("d", "worker-1", 100.0, 91.5, NAN, "running"), attempt("e", "", 100.0, NAN, NAN, "waiting")]
        )
    )
    assert list(table.waits(rows)[:5]) == [0.0, 1.0, 1.0, 1.0, 0.0]
    assert list(table.runs(rows)[:4]) == [0.0, 0.0, 1.0, 1.0]
    assert list(table.backoffs(rows).dropna()) == [0.0]
    assert list(rows["started"].isna()) == [False] * 5 + [True]
    assert (table.depth(rows) >= 0).all()
