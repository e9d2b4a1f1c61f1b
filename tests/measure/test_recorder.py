"""One event per attempt, whatever its end, in the transaction that records the end."""

import os
import signal
import time

from rq import Repeat, Retry, Worker
from rq.command import send_stop_job_command
from rq.job import Job
from rq.worker_registration import REDIS_WORKER_KEYS, WORKERS_BY_QUEUE_KEY

from labsupport.measure import peek
from labsupport.measure.recorder import LONGEST, STREAM, RecordingWorker
from labsupport.namespace import root
from labsupport.processes.workers import WORKER_KEY
from tests.kernels import family, soon

# Jobs, run by workers that import this module.


def fail(times: int, key: str) -> str:
    from rq import get_current_job

    if get_current_job().connection.incr(key) <= times:
        raise ValueError("not yet")
    return "done"


def try_again(key: str):
    from rq import get_current_job

    return Retry(max=1) if get_current_job().connection.incr(key) == 1 else "done"


def kill_me() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def unserialisable():
    return object()


def rows(lab, *columns):
    return [tuple(row) for row in lab.attempts()[list(columns)].itertuples(index=False)]


def test_finished_failed_retried(lab, queue):
    queue.enqueue(fail, 1, f"{root()}count", retry=Retry(max=2), job_id="fixed")
    queue.enqueue(fail, 9, f"{root()}other", retry=Retry(max=1), job_id="lost")
    lab.workers(queue, burst=True).wait()
    by_job = lab.attempts().groupby("job")
    assert by_job["outcome"].apply(list).to_dict() == {
        "fixed": ["retried", "finished"],
        "lost": ["retried", "failed"],
    }
    assert by_job["error"].apply(list).to_dict() == {"fixed": ["ValueError", ""], "lost": ["ValueError"] * 2}
    assert by_job["attempt"].apply(list).to_dict() == {"fixed": [1, 2], "lost": [1, 2]}


def test_a_job_that_returns_retry(lab, queue):
    queue.enqueue(try_again, f"{root()}count")
    lab.workers(queue, burst=True).wait()
    attempts = lab.attempts()
    assert list(attempts["outcome"]) == ["retried", "finished"]
    # The first attempt's enqueueing, not that of the second which its end brought about.
    assert (attempts["enqueued"] <= attempts["started"]).all()
    assert (attempts["started"] <= attempts["ended"]).all()
    assert attempts["enqueued"][1] >= attempts["started"][0]


def test_a_job_that_repeats(lab, queue):
    """Each run finished, also those after which RQ enqueues the job again."""
    queue.enqueue(fail, 0, f"{root()}count", repeat=Repeat(times=2))
    queue.enqueue(fail, 1, f"{root()}other", repeat=Repeat(times=1), retry=Retry(max=1))
    lab.workers(queue, burst=True).wait()
    by_job = lab.attempts().groupby("job", sort=False)["outcome"].apply(list)
    assert sorted(by_job) == [["finished"] * 3, ["retried", "finished", "finished"]]


def test_killed_work_horse_and_timeout(lab, queue):
    queue.enqueue(kill_me, retry=Retry(max=1))
    queue.enqueue(time.sleep, 30, job_timeout=1)
    lab.workers(queue, burst=True).wait()
    assert sorted(rows(lab, "function", "outcome", "error")) == [
        ("tests.measure.test_recorder.kill_me", "failed", "WorkHorseKilled"),
        ("tests.measure.test_recorder.kill_me", "retried", "WorkHorseKilled"),
        ("time.sleep", "failed", "JobTimeoutException"),
    ]
    timed_out = lab.attempts().query("function == 'time.sleep'").iloc[0]
    assert timed_out["ended"] - timed_out["started"] >= 0.99


def test_stopped_and_unserialisable_and_missing(lab, queue):
    stopped = queue.enqueue(time.sleep, 600)
    with lab.workers(queue) as group:
        assert soon(lambda: family(group[0].pid) and stopped.get_status() == "started")
        send_stop_job_command(lab.redis, stopped.id)
        lab.wait(stopped)
    queue.enqueue(unserialisable)
    queue.enqueue("no.such.function")
    lab.workers(queue, burst=True).wait()
    assert rows(lab, "function", "outcome")[0] == ("time.sleep", "stopped")
    assert lab.attempts().iloc[0]["ended"] >= lab.attempts().iloc[0]["started"]
    assert rows(lab, "function", "outcome")[2] == ("no.such.function", "failed")
    assert len(lab.attempts()) == 3


def test_whoever_sees_the_end_sees_the_event(lab, queue):
    with lab.workers(queue):
        for _ in range(30):
            job = queue.enqueue("operator.add", 1, 2)
            assert soon(lambda: Job.fetch(job.id, lab.redis, queue.serializer).is_finished)  # noqa: B023
            assert list(lab.attempts()["job"])[-1] == job.id


def test_columns(lab, queue):
    before = time.time()
    job = queue.enqueue("operator.add", 1, 2)
    lab.workers(queue, burst=True).wait()
    row = lab.attempts().iloc[0]
    assert (row["job"], row["queue"], row["function"]) == (job.id, "notification-queue", "operator.add")
    assert (row["attempt"], row["worker"], row["outcome"], row["error"]) == (1, "worker-1", "finished", "")
    assert before <= row["enqueued"] <= row["started"] <= row["ended"] <= time.time()


def test_the_stream_is_capped(lab, queue):
    pipe = lab.redis.pipeline(transaction=False)
    for _ in range(LONGEST // 1000 + 5):
        for _ in range(1000):
            pipe.xadd(STREAM, {"a": 1})
        pipe.execute()
    queue.enqueue("operator.add", 1, 2)
    lab.workers(queue, burst=True).wait()
    assert LONGEST <= lab.redis.xlen(STREAM) < LONGEST + 1000


def test_without_forks_the_events_are_the_same(lab, queue):
    queue.enqueue(fail, 1, f"{root()}count", retry=Retry(max=2))
    queue.enqueue(try_again, f"{root()}other")
    queue.enqueue("operator.add", 1, 2)
    lab.workers(queue, burst=True, worker_class="labsupport.measure.recorder.RecordingSimpleWorker").wait()
    assert sorted(rows(lab, "function", "attempt", "outcome", "error")) == [
        ("operator.add", 1, "finished", ""),
        ("tests.measure.test_recorder.fail", 1, "retried", "ValueError"),
        ("tests.measure.test_recorder.fail", 2, "finished", ""),
        ("tests.measure.test_recorder.try_again", 1, "retried", ""),
        ("tests.measure.test_recorder.try_again", 2, "finished", ""),
    ]
    assert (lab.attempts()["enqueued"] <= lab.attempts()["started"]).all()


def die(lab, queue, job) -> None:
    """Kill the worker and its work-horse while they run the job, and let so much time pass that RQ calls it abandoned."""
    with lab.workers(queue) as group:
        assert soon(lambda: list(lab.attempts(queue)["outcome"])[-1] == "running", within=30)
        group.kill()
    assert list(lab.attempts(queue)["outcome"])[-1] == "running"  # nobody has noticed yet
    registry = queue.started_job_registry
    lab.redis.zadd(registry.key, dict.fromkeys(lab.redis.zrange(registry.key, 0, -1), 1), xx=True)


def maintain(lab, queue) -> None:
    RecordingWorker([queue], name="finder", connection=lab.redis, serializer=queue.serializer).clean_registries()


def test_an_abandoned_job_is_recorded_by_the_worker_that_finds_it(lab, queue):
    """Before, it vanished from every figure once it was found."""
    job = queue.enqueue(time.sleep, 600, retry=Retry(max=1))
    die(lab, queue, job)
    maintain(lab, queue)
    assert rows(lab, "job", "worker", "outcome", "error") == [(job.id, "worker-1", "retried", "AbandonedJobError")]
    die(lab, queue, job)
    maintain(lab, queue)
    table = lab.attempts(queue)
    assert list(table["outcome"]) == ["retried", "failed"]
    assert list(table["attempt"]) == [1, 2]
    assert (table["enqueued"] < table["started"]).all()
    assert (table["started"] < table["ended"]).all()


def test_a_job_that_was_taken_and_never_begun_is_recorded_when_it_is_found(lab, queue):
    first = queue.enqueue("operator.add", 1, 2)
    lab.workers(queue, burst=True).wait()
    job = queue.enqueue("operator.add", 1, 2)
    lab.redis.lmove(queue.key, queue.intermediate_queue_key, "LEFT", "RIGHT")
    lab.redis.set(queue.intermediate_queue.get_first_seen_key(job.id), time.time() - 100)
    maintain(lab, queue)
    assert rows(lab, "job", "worker", "outcome", "error") == [
        (first.id, "worker-1", "finished", ""),
        (job.id, "", "failed", "AbandonedJobError"),
    ]
    last = lab.attempts().iloc[-1]
    assert last["enqueued"] == job.enqueued_at.timestamp() < last["started"] == last["ended"]


def test_a_worker_that_redis_has_forgotten_is_known_again(lab, queue):
    """Its record expires while everything is frozen, or is lost with a Redis that saves nothing."""
    for name in ("RecordingWorker", "RecordingSimpleWorker"):
        with lab.workers(queue, worker_class=f"labsupport.measure.recorder.{name}"):
            lab.redis.delete(WORKER_KEY + "worker-1", REDIS_WORKER_KEYS, WORKERS_BY_QUEUE_KEY % queue.name)
            assert peek.counts(queue).workers == 0
            lab.wait(queue.enqueue("operator.add", 1, 2))
            assert soon(lambda: peek.counts(queue).workers == 1, within=30)
            assert [worker.name for worker in Worker.all(queue=queue)] == ["worker-1"]
