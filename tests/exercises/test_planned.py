"""What the judges of 05-schedule share: time passes, one job runs, and nothing of the check is left."""

import fcntl
import multiprocessing
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from rq import Retry
from rq.job import Job

from labsupport.exercises import trial
from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.lab05 import planned
from labsupport.namespace import root


@pytest.fixture
def context(lab, tmp_path):
    return Context(lab.redis, lab.attempts, tmp_path)


def test_only_the_jobs_that_were_named_run(queue):
    other = queue.enqueue("operator.truth", 1)
    later = queue.enqueue_in(timedelta(minutes=-1), "operator.truth", 1)
    first = queue.enqueue_in(timedelta(hours=1), "operator.truth", 1)
    bad = queue.enqueue("operator.truediv", 1, 0, retry=Retry(max=2, interval=60))
    planned.run_here(queue, first, bad)
    assert [job.get_status() for job in (other, later, first, bad)] == ["queued", "scheduled", "finished", "failed"]
    assert Job.fetch(bad.id, queue.connection, queue.serializer).retries_left == 0
    assert queue.job_ids == [other.id]
    assert queue.scheduled_job_registry.get_job_ids() == [later.id]


def test_what_an_answer_noted_is_gone_afterwards(lab, queue, context):
    mine = f"{root()}mine"
    lab.redis.set(mine, 1)
    noted = {f"{queue.key}:events:eve", f"{root()}lock"}
    with planned.tidied(context) as written:
        for key in noted:
            lab.redis.set(key, 1)
        job = queue.enqueue("operator.truth", 1)
        assert written() == noted
    assert not lab.redis.exists(*noted)
    assert lab.redis.exists(mine, job.key, queue.key) == 3


def test_time_passes_for_what_has_an_end(lab, queue):
    short, long, endless = keys = [f"{root()}{name}" for name in ("short", "long", "endless")]
    lab.redis.set(short, 1, ex=60)
    lab.redis.set(long, 1, ex=62)
    lab.redis.set(endless, 1)
    job = queue.enqueue("operator.truth", 1, result_ttl=60)
    planned.run_here(queue, job)
    planned.later(lab.redis, 60, [*keys, job.key])
    assert not lab.redis.exists(short, job.key)
    assert lab.redis.exists(long, endless) == 2
    assert job.id not in queue.finished_job_registry


def test_files_and_locks_of_one_machine_hold_nothing_on_another(tmp_path):
    kept, lock = tmp_path / "kept", multiprocessing.Lock()
    kept.touch()

    def answer():
        (tmp_path / "made").touch(exist_ok=False)
        (tmp_path / "folder").mkdir()
        with kept.open("w") as file, lock:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    with kept.open("w") as file, lock:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert not trial.run(planned.on_its_own_machine(answer)).error
    assert [path.name for path in Path(tmp_path).iterdir()] == ["kept"]


def test_a_naive_time_in_utc_is_recognized():
    local = trial.run(planned.elsewhere(lambda: datetime(2027, 1, 1).astimezone().utcoffset())).returned
    assert local == planned.EAST
    assert "naive" in planned.if_naive(-local)
    assert not planned.if_naive(timedelta(hours=1))


def test_a_job_that_expires_before_it_is_due_is_refused(queue):
    moment = datetime.now(timezone.utc) + timedelta(minutes=2)
    planned.lasts(queue.enqueue_at(moment, "operator.truth", 1, ttl=600), queue.connection)
    with pytest.raises(NotYet, match="before it is due"):
        planned.lasts(queue.enqueue_at(moment, "operator.truth", 1, ttl=60), queue.connection)


def test_redis_can_be_away(lab):
    assert trial.run(trial.without_redis(lab.redis.ping)).error == "ConnectionError"
    assert lab.redis.ping()
