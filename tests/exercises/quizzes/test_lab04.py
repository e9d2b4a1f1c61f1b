"""What is right in the quiz of 04-retry is what RQ does."""

import pytest
from rq import Retry, SimpleWorker
from rq.job import Job
from rq.serializers import JSONSerializer

from labsupport.exercises.lab04 import quiz
from labsupport.exercises.lab04.retries import pauses
from labsupport.exercises.quizzes.question import evaluated
from labsupport.processes.workers import work_off


def fail(key: str = "") -> None:
    raise OSError("the provider is down")


@pytest.mark.parametrize("more", [2, 5])
def test_attempts(queue, more, monkeypatch):
    ran = []
    monkeypatch.setattr(Job, "perform", lambda job: ran.append(job.id) or fail())
    queue.enqueue(fail, retry=Retry(max=more))
    SimpleWorker([queue], connection=queue.connection, serializer=JSONSerializer).work(burst=True)
    assert evaluated(quiz.attempts(more).right) == len(ran)


@pytest.mark.parametrize("more", [3, 4])
def test_short_list(queue, more):
    asked = quiz.short_list(first=2, second=9, more=more)
    assert evaluated(asked.right) == pauses(Retry(max=more, interval=[2, 9]), queue.create_job(fail))


def test_doubled(queue):
    policy = evaluated(quiz.doubled(pause=3, more=4).right)
    assert pauses(policy, queue.create_job(fail)) == [3, 6, 12, 24]


def test_no_scheduler(queue, tmp_path):
    job = queue.enqueue(fail, retry=Retry(max=1, interval=1))
    work_off([queue], folder=tmp_path)
    queue.connection.zadd(queue.scheduled_job_registry.key, {job.id: 1})  # long overdue
    work_off([queue], folder=tmp_path)
    assert job.get_status().value == evaluated(quiz.no_scheduler(late=20).right)
