"""What is right in the quiz of 09-scale is what RQ does, and what its model of a queue says."""

import numpy as np
import pytest
from rq import Queue, RateLimit, SimpleWorker
from rq.job import Dependency, Job
from rq.serializers import JSONSerializer

from labsupport.exercises.lab09 import quiz
from labsupport.exercises.quizzes.question import evaluated
from labsupport.experiments import twin


def work(*queues: Queue) -> None:
    """A worker in this process runs what is there, and ends."""
    SimpleWorker(queues, connection=queues[0].connection, serializer=JSONSerializer).work(burst=True)


def test_served(lab, monkeypatch):
    high, low = (Queue(name, connection=lab.redis, serializer=JSONSerializer) for name in ("high", "low"))
    perform, started = Job.perform, []

    def noted(job: Job) -> object:
        started.append(job.origin)
        if len(started) == 1:
            for _ in range(5):
                high.enqueue("operator.truth", 1)
        return perform(job)

    monkeypatch.setattr(Job, "perform", noted)
    for queue, jobs in ((low, 2), (high, 3)):
        for _ in range(jobs):
            queue.enqueue("operator.truth", 1)
    work(high, low)
    assert started.index("low") == evaluated(quiz.served(low=2, high=3, more=5).right)
    assert len(started) == 10


@pytest.mark.parametrize(("per_minute", "seconds"), [(60, 8), (120, 5), (360, 11)])
def test_crew(per_minute, seconds):
    gaps, _ = twin.plan(6000, seed=1)
    arrivals = gaps.cumsum() * 60 / per_minute
    runs = np.full(len(gaps), float(seconds))

    def busy(workers: int) -> float:
        return runs.sum() / (workers * arrivals[-1])

    asked = quiz.crew(per_minute, seconds)
    enough = evaluated(asked.right)
    assert busy(enough) <= 0.8 + 1e-9
    assert busy(enough - 1) > 0.8 + 1e-9
    full = int(next(iter(asked.wrong)))
    assert busy(full) == pytest.approx(1)
    assert twin.waits(arrivals, runs, full).mean() > 10 * twin.waits(arrivals, runs, enough).mean()


@pytest.mark.parametrize("allows", [True, False])
def test_joined(queue, allows):
    parts = [queue.enqueue("operator.truediv", 1, divisor) for divisor in (1, 0, 2)]
    last = queue.enqueue(
        "operator.truth", 1, depends_on=Dependency(jobs=parts, allow_failure=True) if allows else parts
    )
    work(queue)
    assert [part.get_status().value for part in parts] == ["finished", "failed", "finished"]
    assert last.get_status().value == evaluated(quiz.joined(parts=3, allows=allows).right)
    assert queue.count == 0


def test_limited(queue):
    jobs = [queue.enqueue("operator.truth", 1, rate_limit=RateLimit("provider", 3)) for _ in range(8)]
    held = [job for job in jobs if job.get_status() == "rate_limited"]
    assert [queue.count, len(held)] == evaluated(quiz.limited(jobs=8, limit=3).right)
