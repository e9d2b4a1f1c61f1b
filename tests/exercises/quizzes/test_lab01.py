"""What is right in the quiz of 01-enqueue is what RQ does."""

import importlib
import inspect
import sys
import time

import pytest
from rq import Queue, SimpleWorker
from rq.job import Job

from labsupport.exercises.lab01 import quiz
from labsupport.exercises.quizzes.question import evaluated

DAY = 24 * 3600


def nothing(*args: object) -> None:
    """A job that RQ imports by its path."""


def fail(*args: object) -> None:
    raise OSError("the provider is down")


def work(queue: Queue) -> None:
    """In this process, which is quick."""
    SimpleWorker([queue], connection=queue.connection, serializer=queue.serializer).work(burst=True)


def test_deployed(queue, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    module = tmp_path / "quiz_shop.py"
    module.write_text("def price(n):\n    return n * 2\n")
    job = queue.enqueue(importlib.import_module("quiz_shop").price, 5)
    module.write_text("def price(n):\n    return n * 7  # deployed\n")  # of another length: Python keeps compiled code
    del sys.modules["quiz_shop"]  # what a new process has not imported
    work(queue)
    assert job.return_value() == evaluated(quiz.deployed(number=5, old=2, new=7).right)


def test_one_id(queue):
    for number in (1, 4, 9):
        queue.enqueue(nothing, number, job_id="report")
    held = [number for job in queue.jobs for number in job.args]
    assert held == evaluated(quiz.one_id(first=1, second=4, third=9).right)


@pytest.mark.parametrize("other", quiz.options.numbers["other"], ids=lambda other: other[1])
def test_options(queue, other):
    name = other[1]
    asked = quiz.options(limit=30, other=other)
    assert evaluated(asked.right) == {"job_timeout", name}
    value = {"failure_ttl": DAY, "result_ttl": 0, "at_front": True}[name]
    waiting = queue.enqueue(nothing)
    job = queue.enqueue(fail if name == "failure_ttl" else nothing, job_timeout=30, **{name: value})
    assert Job.fetch(job.id, connection=queue.connection, serializer=queue.serializer).timeout == 30
    assert (queue.job_ids == [job.id, waiting.id]) == (name == "at_front")
    work(queue)
    ttl = queue.connection.ttl(job.key)  # -2: there is no such key
    assert ttl == pytest.approx({"failure_ttl": DAY, "result_ttl": -2, "at_front": 500}[name], abs=60)


def test_the_options_that_are_offered_and_wrong_are_no_other_way_to_the_same(queue):
    offered = {"at_front", "failure_ttl", "job_id", "job_timeout", "result_ttl", "unique"}
    arguments = Queue.parse_args("operator.truth", timeout=3, **dict.fromkeys(offered, 1))
    assert arguments.kwargs == {"timeout": 3}
    assert "timeout" in inspect.signature(Queue.prepare_data).parameters  # why people write it


def test_stranger(queue):
    started = time.time()
    job = queue.enqueue("operator.mul", 3, 11)
    work(queue)
    assert job.return_value() == evaluated(quiz.stranger(left=3, right=11).right)
    assert job.latest_result().created_at.timestamp() >= started - 1
