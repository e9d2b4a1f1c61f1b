"""What is right in the quiz of 02-process is what RQ does."""

import os
import signal
from contextlib import ExitStack

import pytest
from rq import Queue, SimpleWorker, get_current_job
from rq.job import Dependency, Job

from labsupport.exercises.lab02 import quiz
from labsupport.exercises.quizzes.question import evaluated
from labsupport.processes.workers import WorkerCommand, work_off
from labsupport.waiting import comes_true

PATIENCE = 60
"""Seconds that a condition may take on a busy machine."""

# Jobs, which RQ imports by their path.


def wait_for_provider() -> None:
    """Says that it runs, and ends when it is told to."""
    job = get_current_job()
    queue = Queue(job.origin, connection=job.connection)
    job.connection.rpush(f"{queue.key}:arrived", job.id)
    job.connection.blpop([f"{queue.key}:answers"], timeout=PATIENCE)


def stop_the_worker() -> None:
    os.kill(os.getppid(), signal.SIGTERM)  # a work-horse's parent is its worker


def work(*canceled: str) -> None:
    """Cancel jobs, itself too, and go on to the end."""
    job = get_current_job()
    for name in canceled:
        Job.fetch(name, connection=job.connection, serializer=job.serializer).cancel()
    job.connection.rpush(f"{Queue(job.origin, connection=job.connection).key}:done", job.id)


def test_seconds(lab, queue):
    jobs, workers, each = 7, 3, 5
    command = WorkerCommand([queue], "rq.worker.Worker", config="", burst=True)
    for _ in range(jobs):
        queue.enqueue(wait_for_provider)
    rounds = arrived = 0
    with ExitStack() as stack:
        for number in range(workers):
            stack.callback(command.fork(f"quiz-{number}", lab.folder).end)
        while arrived < jobs:
            now = min(workers, jobs - arrived)
            arrived += now
            assert comes_true(lambda: lab.redis.llen(f"{queue.key}:arrived") >= arrived, within=PATIENCE)  # noqa: B023
            assert lab.redis.llen(f"{queue.key}:arrived") == arrived, "a worker runs one job at a time"
            lab.redis.rpush(f"{queue.key}:answers", *range(now))
            rounds += 1
    asked = quiz.seconds(jobs=jobs, workers=workers, each=each)
    assert evaluated(asked.right) == rounds * each


@pytest.mark.parametrize("lenient", [False, True])
@pytest.mark.parametrize("late", [False, True])
def test_dependency(queue, lenient, late):
    """late: enqueued when what it depends on has failed already."""
    invoice = queue.enqueue("operator.truediv", 1, 0)
    worker = SimpleWorker([queue], connection=queue.connection, serializer=queue.serializer)
    if late:
        worker.work(burst=True)
    on = Dependency(jobs=[invoice], allow_failure=True) if lenient else invoice
    job = queue.enqueue("operator.truth", 1, depends_on=on)
    worker.work(burst=True)
    assert invoice.get_status() == "failed"
    assert job.get_status().value == evaluated(quiz.dependency(lenient=lenient, last="mail").right)


def test_sigterm(queue, tmp_path):
    for number in range(1, 7):
        queue.enqueue(stop_the_worker if number == 3 else "operator.truth", *([] if number == 3 else [1]))
    work_off([queue], folder=tmp_path, timeout=PATIENCE)
    assert queue.failed_job_registry.count == queue.started_job_registry.count == 0
    assert [queue.finished_job_registry.count, len(queue)] == evaluated(quiz.sigterm(jobs=6, now=3).right)


@pytest.mark.parametrize("running", ["a", "b"])
@pytest.mark.parametrize("waiting", ["c", "d"])
def test_canceled(queue, running, waiting):
    first, *others = sorted("abcd", key=lambda name: name != running)
    queue.enqueue(work, running, waiting, job_id=first)
    for name in others:
        queue.enqueue(work, job_id=name)
    SimpleWorker([queue], connection=queue.connection, serializer=queue.serializer).work(burst=True)
    done = {name.decode() for name in queue.connection.lrange(f"{queue.key}:done", 0, -1)}
    assert done == evaluated(quiz.canceled(running=running, waiting=waiting).right)
