"""What Redis holds, as a lab shows it."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from redis import Connection, ConnectionPool, Redis
from rq import Queue, Retry
from rq.serializers import JSONSerializer
from rq.utils import now, utcformat

from labsupport.errors import LabError
from labsupport.measure import peek
from labsupport.measure.attempts import COLUMNS
from labsupport.processes import remaining
from tests.kernels import family, soon


class Counting(Connection):
    sent = 0

    def send_packed_command(self, command, check_health=True):
        Counting.sent += 1
        super().send_packed_command(command, check_health)


def test_counts_of_every_state(lab, queue):
    queue.enqueue("operator.add", 1, 1)
    queue.enqueue("operator.add", 1)
    queue.enqueue("operator.add", 1, 1, result_ttl=1)  # expires, and no maintenance has cleaned it up
    lab.workers(queue, burst=True).wait()
    started = queue.enqueue("time.sleep", 600)
    with lab.workers(queue, count=2) as group:
        assert soon(lambda: started.get_status() == "started")
        queue.enqueue_in(timedelta(hours=1), "operator.add", 1, 1)
        queue.enqueue("operator.add", 1, 1, depends_on=started)
        assert soon(lambda: peek.counts(queue).finished == 1)
        assert peek.counts(queue) == (0, 1, 1, 1, 1, 1, 2)
        group.kill()
    queue.enqueue("operator.add", 1, 1)
    assert peek.counts(queue)[:1] == (1,)
    assert peek.counts(queue).workers == 0


def test_counts_in_one_round_trip(lab):
    pool = ConnectionPool(connection_class=Counting, **lab.redis.connection_pool.connection_kwargs)
    queue = Queue("notification-queue", connection=Redis(connection_pool=pool), serializer=JSONSerializer)
    peek.counts(queue)
    Counting.sent = 0
    peek.counts(queue)
    assert Counting.sent == 1


def test_keys_and_job_hash(lab, queue):
    assert list(peek.keys(lab.redis).index) == []
    job = queue.enqueue("operator.add", 1, 2, job_id="one")
    assert peek.keys(lab.redis)["type"].to_dict() == {
        "rq:job:one": "hash",
        "rq:queue:notification-queue": "list",
        "rq:queues": "set",
    }
    fields = peek.job_hash(job)["value"]
    assert fields["data"] == '["operator.add", null, [1, 2], {}]'
    assert fields["status"] == "queued"


def test_monitor_sees_one_transaction(lab):
    watched = Queue("watched", connection=lab.own_server().redis, serializer=JSONSerializer)
    with lab.monitor() as commands:
        watched.enqueue("operator.add", 1, 2, job_id="one")
    last = commands[len(commands) - commands[::-1].index("MULTI") - 1 :]
    assert last == ["MULTI", "HSET rq:job:one", "HSET rq:job:one", "RPUSH rq:queue:watched", "EXEC"]


def test_monitor_leaves_at_an_error(lab):
    try:
        with lab.monitor():
            raise KeyError("in the block")
    except KeyError:
        pass
    with lab.monitor() as commands:
        lab.own_server().redis.get("x")
    assert commands == ["GET x"]


def test_a_retry_that_is_taken_and_not_begun_waits(lab, queue):
    """It is in the registry of running jobs, and has the start of the attempt before, a moment before it runs."""
    job = queue.enqueue("operator.add", 1, 2)
    lab.redis.hset(job.key, "started_at", utcformat(now()))
    lab.redis.lmove(queue.key, queue.intermediate_queue_key)
    lab.redis.zadd(queue.started_job_registry.key, {f"{job.id}:execution": time.time() + 60})
    assert list(lab.attempts(queue)["outcome"]) == ["waiting"]


def test_unended_jobs_join_the_attempts(lab, queue):
    """Live figures are exact while jobs wait and run, and nothing is there twice."""
    assert list(lab.attempts(queue)["outcome"]) == []
    jobs = [queue.enqueue("time.sleep", seconds, retry=Retry(max=1)) for seconds in (0, 600, 0)]
    assert list(lab.attempts(queue)["outcome"]) == ["waiting"] * 3
    with lab.workers(queue) as group:
        assert soon(lambda: list(lab.attempts(queue)["outcome"]) == ["finished", "running", "waiting"])
        table = lab.attempts(queue)
        assert list(table["job"]) == [job.id for job in jobs]
        assert list(table.columns) == COLUMNS
        assert list(table["worker"]) == ["worker-1", "worker-1", ""]
        assert list(table["started"].isna()) == [False, False, True]
        assert list(table["ended"].isna()) == [False, True, True]
        # The work-horse is killed, and the job waits again: it ended once, and has not ended a second time.
        os.kill(family(group[0].pid)[0], signal.SIGKILL)
        assert soon(lambda: list(lab.attempts(queue)["outcome"]) == ["finished", "retried", "finished", "running"])
        again = lab.attempts(queue).iloc[3]
        assert (again["job"], again["attempt"]) == (jobs[1].id, 2)
        group.kill()


def test_a_job_that_a_worker_has_taken_and_not_begun_waits(lab, queue):
    """For a moment it is in no registry; `all have ended` was true then, and one job was left."""
    taken, other = queue.enqueue("time.sleep", 0), queue.enqueue("time.sleep", 0)
    lab.redis.lmove(queue.key, queue.intermediate_queue_key, "LEFT", "RIGHT")
    table = lab.attempts(queue)
    assert list(table["job"]) == [taken.id, other.id]
    assert list(table["outcome"]) == ["waiting", "waiting"]


def test_a_job_that_nobody_will_begin_is_not_waited_for(lab, queue, capsys):
    """Redis died after it had given the job to a worker, and before the worker heard so."""
    job = queue.enqueue("time.sleep", 0)
    lab.redis.lmove(queue.key, queue.intermediate_queue_key, "LEFT", "RIGHT")
    with pytest.raises(LabError, match="0 waiting, 0 scheduled, 1 being begun, 0 being run"):
        lab.drain(queue, timeout=1)
    lab.drain(queue, timeout=30)
    assert capsys.readouterr().out.endswith("notification-queue is empty\n")
    assert queue.intermediate_queue.get_job_ids() == [job.id]
    # Somebody takes it back.
    queue.intermediate_queue.remove(job.id)
    queue.push_job_id(job.id)
    with lab.workers(queue):
        lab.drain(queue)
    assert (job.get_status(), queue.intermediate_queue.get_job_ids()) == ("finished", [])


def test_a_retry_that_is_being_begun_is_waited_for(lab, queue, monkeypatch, capsys):
    """Its job was taken once before, too long ago to be begun still; then it was begun, and then taken again."""
    monkeypatch.setattr(remaining, "UNBEGUN", 0.5)
    taken, other = queue.enqueue("time.sleep", 0), queue.enqueue("time.sleep", 0)
    lab.redis.lmove(queue.key, queue.intermediate_queue_key, "LEFT", "RIGHT")
    said = ""

    def says(words: str) -> int:
        """How often lab.drain has said so; it asks Redis each time."""
        nonlocal said
        said += capsys.readouterr().out
        return said.count(words)

    with ThreadPoolExecutor(1) as thread:
        drained = thread.submit(lambda: (lab.drain(queue, timeout=60), time.monotonic()))
        assert soon(lambda: says("1 waiting, 0 scheduled, 0 being begun") > 0, within=30)
        queue.intermediate_queue.remove(taken.id)
        before = says("being begun")
        assert soon(lambda: says("being begun") > before + 1, within=30)
        with lab.redis.pipeline() as pipe:
            pipe.rpush(queue.intermediate_queue_key, taken.id)
            pipe.lrem(queue.key, 1, other.id)
            again = time.monotonic()
            pipe.execute()
        _, end = drained.result()
    assert end - again >= 0.5


def test_a_job_that_is_also_in_the_intermediate_list_is_there_once(lab, queue):
    """RQ adds it to the started ones first."""
    job = queue.enqueue("time.sleep", 600)
    with lab.workers(queue) as group:
        assert soon(lambda: list(lab.attempts(queue)["outcome"]) == ["running"])
        lab.redis.rpush(queue.intermediate_queue_key, job.id)
        assert list(lab.attempts(queue)["outcome"]) == ["running"]
        group.kill()
