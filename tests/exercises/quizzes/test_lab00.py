"""What is right in the quiz of 00-start-here is what RQ does."""

import operator

import pytest
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from labsupport.exercises.lab00 import quiz
from labsupport.exercises.quizzes.question import evaluated


def work(queue) -> None:
    SimpleWorker([queue], connection=queue.connection, serializer=JSONSerializer).work(burst=True)


def test_nobody_works(queue):
    for _ in range(5):
        queue.enqueue(operator.add, 1, 2)
    assert evaluated(quiz.nobody_works(number=5).right) == len(queue)


def test_one_at_a_time(lab, queue):
    for _ in range(3):
        queue.enqueue("time.sleep", 0.2)
    lab.workers(queue, burst=True).wait()
    ran = lab.attempts().sort_values("started")
    assert (ran["started"].iloc[1:].to_numpy() >= ran["ended"].iloc[:-1].to_numpy()).all()
    assert evaluated(quiz.one_at_a_time(number=3, seconds=2).right) == 3 * 2


def test_result(queue):
    job = queue.enqueue(operator.add, 3, 11)
    work(queue)
    assert evaluated(quiz.result(first=3, second=11).right) == job.return_value()


@pytest.mark.parametrize("minutes", quiz.kept.numbers["minutes"])
def test_kept(queue, minutes):
    job = queue.enqueue(operator.add, 1, 2)
    work(queue)
    (result,) = queue.connection.keys(f"*results:{job.id}")
    left = min(queue.connection.ttl(job.key), queue.connection.ttl(result))  # a moment after its end
    assert evaluated(quiz.kept(minutes=minutes).right) == (minutes * 60 < left)
