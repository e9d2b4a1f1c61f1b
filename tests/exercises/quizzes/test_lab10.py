"""What is right in the quiz of 10-ship is what the service, RQ and Redis do."""

import time
from datetime import timedelta
from itertools import permutations

import pytest
from rq import Queue, SimpleWorker
from rq.job import Job
from rq.utils import now, utcformat

from labsupport.exercises.lab10 import quiz
from labsupport.exercises.quizzes.question import evaluated
from labsupport.notifications.api import _health
from tests.notifications.test_api import Running


def worker_of(queue: Queue) -> SimpleWorker:
    return SimpleWorker([queue], connection=queue.connection, serializer=queue.serializer)


def begins(queue: Queue) -> SimpleWorker:
    """A worker that is in the middle of a job."""
    worker = worker_of(queue)
    worker.register_birth()
    queue.enqueue(print, at_front=True)
    taken = worker.dequeue_job_and_maintain_ttl(timeout=None)
    assert taken
    worker.prepare_execution(taken[0])
    return worker


@pytest.fixture
def statuses(tmp_path) -> dict[str, int]:
    """What the service of this course answers in each situation."""
    service = Running(tmp_path)

    def status() -> int:
        return service.client.post("/notifications", json={"message": "Hi"}).status_code

    seen = {}
    try:
        seen["No worker is running."] = status()
        service.provider.behave(down=True)
        seen["The provider is down."] = status()
        service.provider.behave()
        begins(service.queue)
        seen["All workers are busy for the next minute."] = status()
        service.server.redis.config_set("maxmemory", "1mb")
        seen["Redis has reached its `maxmemory`, with `maxmemory-policy noeviction`."] = status()
        service.server.kill()
        seen["Redis is down."] = status()
    finally:
        service.close()
    return seen


def test_answers_in_trouble(statuses):
    for three in permutations(quiz.SITUATIONS, 3):
        assert evaluated(quiz.answers_in_trouble(three).right) == [statuses[one] for one in three]


def test_grows(queue, monkeypatch):
    monkeypatch.setattr(Job, "perform", lambda job: None)
    workers, each, more = 2, 2, 3
    queue.enqueue_many([Queue.prepare_data("time.sleep", (1 / each,))] * 10)  # so that all are always busy
    before = queue.count
    crew = [worker_of(queue) for _ in range(workers)]
    for _ in range(5):  # seconds
        queue.enqueue_many([Queue.prepare_data("time.sleep", (1 / each,))] * (workers * each + more))
        for worker in crew:
            worker.work(burst=True, max_jobs=each)
    assert 12 * (queue.count - before) == evaluated(quiz.grows(workers, each, more).right)


def test_is_broken(queue):
    many, few, short, long = 40, 2, 3, 300

    def is_late() -> bool:
        said = _health(queue)
        return (said.oldest_waiting or 0) > 60 or said.overdue > 0

    def wait(number: int, seconds: float) -> None:
        """Jobs that have waited for so long."""
        for _ in range(number):
            job = queue.enqueue(print)
            queue.connection.hset(job.key, "enqueued_at", utcformat(now() - timedelta(seconds=seconds)))

    late = [False] * 4
    wait(many, short)
    late[0] = is_late()
    queue.empty()
    wait(few, long)
    late[1] = is_late()
    queue.empty()
    job = queue.enqueue_in(timedelta(seconds=long), print)
    queue.connection.zadd(queue.scheduled_job_registry.key, {job.id: time.time() - long})
    late[2] = is_late() and job.get_status() == "scheduled"
    queue.connection.delete(queue.scheduled_job_registry.key)
    worker = begins(queue)
    assert queue.started_job_registry.count == 1
    late[3] = is_late()
    worker.register_death()
    for order in permutations(range(4)):
        asked = quiz.is_broken(order, many, few, short, long)
        assert evaluated(asked.right) == {letter for letter, n in zip("ABCD", order, strict=True) if late[n]}


def reads_old(data: dict) -> str:
    return data["message"]


def reads_both(data: dict) -> str:
    return data["text"] if "text" in data else data["message"]


def reads_new(data: dict) -> str:
    return data["text"]


def fails(queue: Queue, order: tuple[str, ...], monkeypatch) -> bool:
    """Whether a job fails if these deploys are made in this order, with a job enqueued before and after each."""
    queue.delete(delete_jobs=True)
    workers = {"both": reads_both, "only": reads_new}
    field, reads = "message", reads_old
    jobs = []

    def enqueue() -> None:
        jobs.append(queue.enqueue(print, {field: "Hi"}))

    monkeypatch.setattr(Job, "perform", lambda job: reads(*job.args))
    for deploy in order:
        enqueue()
        if deploy == "api":
            field = "text"
        else:
            reads = workers[deploy]
        enqueue()
        worker_of(queue).work(burst=True)
    return any(job.get_status() == "failed" for job in jobs)


def test_deploys(queue, monkeypatch):
    kinds = ("both", "api", "only")
    safe = [order for order in permutations(kinds) if not fails(queue, order, monkeypatch)]
    for letters in permutations(range(3)):
        asked = quiz.deploys(letters, ("message", "text"))
        letter = dict(zip(kinds, ("ABC"[n] for n in letters), strict=True))
        assert [evaluated(asked.right)] == [[letter[deploy] for deploy in order] for order in safe]
