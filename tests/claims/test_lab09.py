"""What 09-scale says of RQ and shows in no cell."""

import heapq
import json
import os
import random
import signal
import subprocess
import sys

import numpy as np
import psutil
import pytest
from rq import Queue, SimpleWorker, Worker
from rq.cli import main
from rq.exceptions import DeserializationError
from rq.group import Group
from rq.job import Job
from rq.serializers import JSONSerializer

from labsupport.exercises.lab09.left_for_ever import cases
from labsupport.experiments import twin
from labsupport.experiments.maintenance import minutes_later
from labsupport.paths import NOTEBOOKS
from labsupport.waiting import comes_true

PATIENCE = 60
"""Seconds that a condition may take on a busy machine."""


def run(*queues: Queue, **options: object) -> None:
    """Let a worker in this process run what is queued."""
    worker = SimpleWorker(queues, connection=queues[0].connection, serializer=JSONSerializer)
    worker.work(burst=True, **options)


@pytest.fixture
def redis(lab):
    return lab.redis


@pytest.fixture
def one(redis):
    return Queue("one", connection=redis, serializer=JSONSerializer)


@pytest.fixture
def two(redis):
    return Queue("two", connection=redis, serializer=JSONSerializer)


def taken_by_a_worker_that_dies(queues: list[Queue]) -> Job:
    job = queues[0].enqueue("operator.truth", 1)
    Queue.dequeue_any(queues, None, connection=queues[0].connection, serializer=JSONSerializer)
    return job


def test_one_queue_maintenance_finds_the_job_after_a_crash(one):
    """A worker on **one** queue moves the id into a second list, where maintenance finds it after a crash."""
    job = taken_by_a_worker_that_dies([one])
    minutes_later(one)
    assert job.get_status() == "failed"


def test_two_queues_a_crash_loses_the_job(one, two):
    """A worker that dies right then loses the job: it says *queued*, and is in no list."""
    job = taken_by_a_worker_that_dies([one, two])
    minutes_later(one)
    run(one)
    run(two)
    assert job.get_status() == "queued"
    assert one.count == two.count == 0


def test_round_robin_takes_turns_and_does_not_use_the_second_list(one, two):
    """`rq worker --dequeue-strategy round_robin high low` takes turns. It still takes jobs without the second list."""
    jobs = [one.enqueue("operator.truth", 1) for _ in range(6)] + [two.enqueue("operator.truth", 1) for _ in range(2)]
    run(one, two, dequeue_strategy="round_robin")
    order = [job.origin for job in sorted(jobs, key=lambda job: job.refresh() or job.started_at)]
    assert order[:4] in (["one", "two", "one", "two"], ["two", "one", "two", "one"])
    taken_by_a_worker_that_dies([one, two])
    assert not one.intermediate_queue.get_job_ids()
    assert "--dequeue-strategy" in {flag for option in main.commands["worker"].params for flag in option.opts}


def test_what_worker_pool_lacks():
    """What it lacks: names, `--worker-ttl` and `--maintenance-interval`."""
    pool = {flag for option in main.commands["worker-pool"].params for flag in option.opts}
    worker = {flag for option in main.commands["worker"].params for flag in option.opts}
    assert {"--name", "--worker-ttl", "--maintenance-interval"} <= worker - pool


@pytest.fixture
def pool(lab, redis):
    """A pool of two workers on the queue `pooled`, as a process; ended with all that it started."""
    options = ["pooled", "-n", "2", "--serializer", "json", "--url", lab.url]
    command = [sys.executable, "-m", "rq.cli", "worker-pool", *options]
    # A group of its own: a worker that is killed leaves a scheduler behind, which is nobody's child.
    process = psutil.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert comes_true(lambda: Worker.count(connection=redis) == 2, within=PATIENCE)
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_worker_pool_replaces_one_that_dies(pool, redis):
    """`rq worker-pool -n 4 high` starts four workers, and replaces one that dies."""
    before = {child.pid for child in pool.children()}
    os.kill(min(before), signal.SIGKILL)
    assert comes_true(lambda: len({child.pid for child in pool.children()} - before) == 1, within=PATIENCE)


def test_workers_of_a_killed_pool_live_on(pool, redis):
    """If the pool itself is killed, its workers live on."""
    workers = pool.children()
    os.kill(pool.pid, signal.SIGKILL)
    pool.wait()
    job = Queue("pooled", connection=redis, serializer=JSONSerializer).enqueue("operator.truth", 1)
    assert comes_true(lambda: job.get_status() == "finished", within=PATIENCE)
    assert all(worker.is_running() for worker in workers)


def test_the_exercise_knows_which_jobs_never_run(one):
    """`stuck(queue)` should return the deferred jobs that *no worker will ever run*, unless somebody steps in."""
    kept = cases(one)
    for job in one.scheduled_job_registry.get_job_ids():  # its time has come
        one.scheduled_job_registry.remove(job)
        one._enqueue_job(Job.fetch(job, connection=one.connection, serializer=JSONSerializer))
    parents = {name for case in kept for name in case.job.dependency_ids}
    for parent in Job.fetch_many(list(parents), connection=one.connection, serializer=JSONSerializer):
        if parent and parent.get_status() == "started":
            one.push_job_id(parent.id)  # somebody runs it to its end
    run(one)
    states = {case.why: case.job.get_status().value for case in kept}
    assert states == {case.why: "deferred" if case.stuck else "finished" for case in kept}


def test_dependents_start_if_the_failed_one_succeeds_in_the_end(one):
    """If the failed one succeeds in the end, its dependents start."""
    broken = one.enqueue("operator.truediv", 1, 0)
    child = one.enqueue("operator.truth", 1, depends_on=broken)
    run(one)
    assert child.get_status() == "deferred"
    broken.args = (1, 1)
    broken.save()
    broken.requeue()
    run(one)
    assert child.get_status() == "finished"


def test_a_deferred_job_is_in_no_queue_and_in_no_failed_registry(one):
    """It is **deferred**: in no queue, in no failed registry."""
    broken = one.enqueue("operator.truediv", 1, 0)
    child = one.enqueue("operator.truth", 1, depends_on=broken)
    run(one)
    minutes_later(one, 10**7)
    assert child.id not in one.failed_job_registry.get_job_ids() + one.get_job_ids()
    assert child.id in one.deferred_job_registry.get_job_ids()


def test_a_group_reads_with_pickle(one, redis):
    """RQ's `group.get_jobs()` reads with pickle: for JSON jobs it gives the status, and no results."""
    group = Group.create(connection=redis, name="parts")
    group.enqueue_many(one, [Queue.prepare_data("operator.mul", (2, 3))])
    run(one)
    (job,) = group.get_jobs()
    assert job.get_status() == "finished"
    with pytest.raises(DeserializationError):
        _ = job.args
    with pytest.raises(Exception, match="invalid load key"):
        job.return_value()
    assert Job.fetch(job.id, connection=redis, serializer=JSONSerializer).return_value() == 6


def test_the_model_in_the_notebook_is_the_one_that_is_tested():
    """This is the whole model: a job is taken by the worker that is free first."""
    cells = json.loads((NOTEBOOKS / "09-scale.ipynb").read_text(encoding="utf8"))["cells"]
    source = next("".join(cell["source"]) for cell in cells if "".join(cell["source"]).startswith("def waits("))
    typed = {"heapq": heapq, "np": np}
    exec(source, typed)
    for workers in (1, 2, 7):
        gaps, runs = twin.plan(500, seed=random.randrange(1000))
        arrivals = gaps.cumsum() / (workers * 0.9)
        assert typed["waits"](arrivals, runs, workers) == pytest.approx(twin.waits(arrivals, runs, workers))
