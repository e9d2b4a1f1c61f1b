"""What move-it takes for granted of BullMQ's keys, and of RQ: said in its hints and verdicts."""

import time
from datetime import datetime, timezone

import pytest
import redis
from rq import Queue
from rq.exceptions import DuplicateJobError

from labsupport.exercises.lab11.move_it import queues

BULL = "bull:moved:"


@pytest.fixture
def made(bullmq):
    """A large queue, as BullMQ has made it."""
    where = bullmq.redis.connection_pool.connection_kwargs
    queues.made(queues.large(), f"redis://:{where['password']}@{where['host']}:{where['port']}", BULL)
    return queues.read(bullmq.redis, BULL)


def of(state, jobs):
    return [job for job in jobs if job.state == state]


def test_it_is_read_as_bullmq_reads_it(bullmq, made):
    states = ("waiting", "delayed", "failed", "completed")
    seen = bullmq.run(
        """
        const queue = new Queue('moved')
        const found = {}
        for (const state of states) found[state] = (await queue.getJobs([state])).map(
          job => ({ id: job.id, attempts: Math.max(job.opts.attempts, 1), used: job.attemptsMade, data: job.data }))
        return found
        """,
        states=states,
    )
    for state in states:
        jobs = {job.id: job for job in of(state, made)}
        assert len(jobs) >= 4
        assert {one["id"] for one in seen[state]} == set(jobs)
        for one in seen[state]:
            job = jobs[one["id"]]
            assert (job.attempts, job.used, job.data) == (one["attempts"], one["used"], one["data"])


def test_the_order_is_the_one_in_which_a_worker_takes_them(bullmq, made):
    taken = bullmq.run(
        """
        const worker = new Worker('moved', null, { autorun: false })
        const taken = []
        for (let job; (job = await worker.getNextJob('a', { block: false }));) {
          taken.push(job.id)
          await job.moveToCompleted(1, 'a', false)
        }
        return taken
        """
    )
    waiting = [job.id for job in of("waiting", made)]
    assert taken[: len(waiting)] == waiting
    assert waiting != sorted(waiting, key=int)


def test_a_delayed_job_is_due_when_its_score_says(bullmq, made):
    delayed = of("delayed", made)
    assert any(job.due < time.time() for job in delayed)
    for job in delayed:
        added = job.born + job.delay
        assert (abs(job.due - added) < 0.01) == (job.used == 0)
        if job.used:
            tried = int(bullmq.redis.hget(f"{BULL}{job.id}", "processedOn")) / 1000
            assert job.due - job.delay == pytest.approx(tried, abs=5)
            assert job.due > added + 600


def test_what_has_failed_has_no_attempt_left(made):
    assert all(job.used == job.attempts for job in of("failed", made))


def test_unique_leaves_the_pipeline_alone(lab, queue):
    """RQ's script is a step of its own: what is on the pipeline comes later, or never."""
    with lab.redis.pipeline() as pipe:
        queue.enqueue("operator.add", 1, 2, job_id="bull-1", unique=True, pipeline=pipe)
    assert queue.job_ids == ["bull-1"]


def test_an_id_is_free_again_when_its_job_is_forgotten(lab, queue):
    """unique=True refuses an id only while RQ keeps its job."""
    here = Queue(queue.name, connection=lab.redis, serializer=queue.serializer, is_async=False)
    job = here.enqueue("operator.add", 1, 2, job_id="bull-1", unique=True)
    assert 0 < lab.redis.ttl(job.key) <= 500
    with pytest.raises(DuplicateJobError):
        queue.enqueue("operator.add", 1, 2, job_id="bull-1", unique=True)
    lab.redis.delete(job.key)
    assert queue.enqueue("operator.add", 1, 2, job_id="bull-1", unique=True)


def test_rqs_call_is_the_first_on_a_pipeline(lab, queue):
    """with pipeline=, RQ begins the transaction"""
    with lab.redis.pipeline() as pipe:
        pipe.delete("any")
        with pytest.raises(redis.RedisError, match="without an initial WATCH"):
            queue.enqueue("operator.add", 1, 2, pipeline=pipe)
    with lab.redis.pipeline(transaction=False) as pipe:
        queue.enqueue("operator.add", 1, 2, pipeline=pipe)
        assert pipe.explicit_transaction
    with lab.redis.pipeline(transaction=False) as pipe:
        queue.enqueue_at(datetime.now(timezone.utc), "operator.add", 1, 2, pipeline=pipe)
        assert not pipe.explicit_transaction
