"""What is right in the quiz of 07-observe is what RQ and Prometheus do."""

import re
import signal
from pathlib import Path

import pandas as pd
import pytest
from prometheus_client import CollectorRegistry, Histogram
from rq import Queue, Worker

from labsupport.exercises.lab07 import quiz
from labsupport.exercises.quizzes.question import evaluated
from labsupport.measure import rules
from labsupport.processes.workers import WorkerCommand
from labsupport.waiting import comes_true

PATIENCE = 60
"""Seconds that a condition may take on a busy machine."""


@pytest.mark.parametrize("sought", ["depth", "wait"])
def test_littles_law(queue, sought):
    """Two jobs a second come for 20 s, each waits for 4 s, and the queue is asked for its depth each second."""
    depths, second = [], 0
    while second < 20 or queue.count:
        if second >= 4:
            for _ in range(2):
                queue.pop_job_id()
        if second < 20:
            for _ in range(2):
                queue.enqueue("operator.truth", 1)
        depths.append(queue.count)
        second += 1
    depth = sum(depths[4:20]) / 16  # in the middle of the day, when jobs come and go
    assert sum(depths) / len(depths) == pytest.approx(40 / len(depths) * 4), "the law, for the whole day"
    asked = quiz.littles_law(rate=120, wait=4, sought=sought)
    assert evaluated(asked.right) == (depth if sought == "depth" else 4)
    assert str(int(depth)) in (asked.right if sought == "depth" else asked.text)


@pytest.mark.parametrize("bound", quiz.BOUNDS[1:4])
def test_percentile_of_all(bound):
    asked = quiz.percentile_of_all(bound=bound, scale=1)
    waits = {"worker-1": [0.5] * 900, "worker-2": [0.5] * 20 + [bound - 0.5] * 40 + [20] * 40}
    for worker, of_one in waits.items():
        registry = CollectorRegistry()
        histogram = Histogram("wait", "Seconds", buckets=quiz.BOUNDS, registry=registry)
        for wait in of_one:
            histogram.observe(wait)
        counts = {limit: int(registry.get_sample_value("wait_bucket", {"le": f"{limit}.0"})) for limit in quiz.BOUNDS}
        assert f"`{worker}: {counts}`" in asked.text
    every = sorted(wait for of_one in waits.values() for wait in of_one)
    percentile = every[int(0.95 * len(every)) - 1]
    assert evaluated(asked.right) == min(limit for limit in quiz.BOUNDS if limit >= percentile)


def test_known_workers(queue: Queue, tmp_path: Path):
    command = WorkerCommand([queue], "rq.worker.Worker", config="")
    a, b, c = workers = [command.fork(name, tmp_path) for name in "abc"]
    try:
        assert comes_true(lambda: all(worker.listening for worker in workers), PATIENCE)
        a.signal(signal.SIGTERM)
        b.signal(signal.SIGKILL)
        assert comes_true(lambda: not a.running and not b.running, PATIENCE)
        known = {worker.name: worker for worker in Worker.all(connection=queue.connection)}
        assert evaluated(quiz.known_workers(order=("c", "a", "b"), seconds=5).right) == set(known)
        # Even if it was killed right before its next heartbeat.
        assert queue.connection.ttl(known["b"].key) - known["b"].dequeue_timeout > 30
    finally:
        for worker in workers:
            worker.end()


@pytest.mark.parametrize("day", quiz.DAYS)
@pytest.mark.parametrize("offset", [0, 7, 14])
def test_alarms(day, offset):
    """By the labs' evaluation of rules, which `make test-promtool` holds against Prometheus' own."""
    asked = quiz.alarms(day=day, order=("b", "c", "a"))
    written = re.findall(r"`([abc]): (.+?)`, for `(\w+)`", asked.text)
    assert len(written) == 3
    jobs, seconds = day
    moments = range(offset, 1200, 15)
    waiting = [max(0, jobs - 1 - int(moment / seconds)) for moment in moments]
    series = pd.DataFrame(
        {
            'rq_jobs{status="queued"}': [float(depth) for depth in waiting],
            "rq_oldest_job_age_seconds": [
                float(moment) if depth else 0.0 for moment, depth in zip(moments, waiting, strict=True)
            ],
        },
        index=list(moments),
    )
    first = rules.first([{"alert": name, "expr": expr, "for": least} for name, expr, least in written], series)
    assert evaluated(asked.right) == set(first.dropna().index)
