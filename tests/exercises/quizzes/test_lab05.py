"""What is right in the quiz of 05-schedule is what RQ does."""

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from rq import Queue, Repeat, SimpleWorker
from rq.cron import CronScheduler
from rq.exceptions import DuplicateJobError
from rq.job import Job
from rq.scheduler import RQScheduler
from rq.serializers import JSONSerializer

from labsupport.exercises.lab05 import quiz
from labsupport.exercises.quizzes.question import evaluated

BERLIN = ZoneInfo("Europe/Berlin")


def run(queue: Queue) -> None:
    """Let a worker in this process run what is queued."""
    SimpleWorker([queue], connection=queue.connection, serializer=JSONSerializer).work(burst=True)


@pytest.mark.parametrize(("day", "hours"), [(datetime(2027, 3, 27, 9), 23), (datetime(2027, 10, 30, 9), 25)])
def test_tomorrow(queue, monkeypatch, day, hours):
    monkeypatch.setattr("rq.queue.now", lambda: day.replace(tzinfo=BERLIN).astimezone(timezone.utc))
    job = queue.enqueue_in(timedelta(days=1), "operator.truth", 1)
    due = queue.scheduled_job_registry.get_scheduled_time(job).astimezone(BERLIN)
    assert due.minute == 0
    assert due.hour == evaluated(quiz.tomorrow(hour=9, hours=hours).right)


@pytest.mark.parametrize("failing", [2, 3])
def test_repeats(queue, monkeypatch, failing):
    begun = clock = datetime(2027, 1, 1, tzinfo=timezone.utc)
    starts = []

    def perform(job):
        nonlocal clock
        starts.append((clock - begun).total_seconds() / 60)
        clock += timedelta(minutes=4)
        if len(starts) == failing:
            raise OSError("the provider is down")

    monkeypatch.setattr(Job, "perform", perform)
    monkeypatch.setattr("rq.repeat.now", lambda: clock)
    job = queue.enqueue("operator.truth", 1, repeat=Repeat(times=5, interval=600), job_timeout=quiz.TIMEOUT)
    assert job.timeout > 60 * max(quiz.repeats.numbers["minutes"])
    run(queue)
    while job in queue.scheduled_job_registry:
        clock = queue.scheduled_job_registry.get_scheduled_time(job)
        queue.scheduled_job_registry.remove(job)
        queue.enqueue_job(Job.fetch(job.id, connection=queue.connection, serializer=JSONSerializer))
        run(queue)
    assert starts == evaluated(quiz.repeats(times=5, pause=10, minutes=4, failing=failing).right)


@pytest.mark.parametrize("minutes", [5, 15])
def test_known_ids(queue, minutes):
    work = {"mail": ("operator.truth", 1), "report": ("operator.truediv", 1, 0)}
    jobs = [queue.enqueue(*call, job_id=name) for name, call in work.items()]
    run(queue)
    for job in jobs:  # as if so many minutes had passed
        queue.connection.expire(job.key, queue.connection.ttl(job.key) - minutes * 60)
    refused = set()
    for name, call in work.items():
        try:
            queue.enqueue(*call, job_id=name, unique=True)
        except DuplicateJobError:
            refused.add(name)
    assert evaluated(quiz.known_ids(minutes=minutes, ids=("mail", "report")).right) == refused


def test_missed(queue, monkeypatch):
    night = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=2)
    clock = night + timedelta(hours=2, minutes=30)
    monkeypatch.setattr("rq.cron.now", lambda: clock.astimezone(timezone.utc))
    queue.enqueue_at(night + timedelta(hours=2), "operator.truth", 1)
    scheduler = RQScheduler([queue], connection=queue.connection, serializer=JSONSerializer)
    scheduler.acquire_locks()
    scheduler.enqueue_scheduled_jobs()
    scheduler.release_locks()
    ran = {"a"} if queue.count else set()
    cron = CronScheduler(connection=queue.connection)
    names = {cron.register(len, "of-cron", cron="0 2 * * *"): "b", cron.register(abs, "of-cron", interval=86400): "c"}
    while clock < night + timedelta(hours=3):
        ran |= {names[job] for job in cron.enqueue_jobs()}
        clock += timedelta(minutes=1)
    assert evaluated(quiz.missed(order=("a", "b", "c"), up="2:30").right) == ran
