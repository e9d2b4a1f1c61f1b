"""What 10-ship says and no cell of it shows, held against RQ itself. Each test quotes its claim."""

import importlib
import os
import sys
import time
from datetime import datetime, timezone

import pytest
import rq_dashboard.cli
from flask import Flask
from redis import Redis
from redis.backoff import AbstractBackoff
from rq import Queue, Retry, SimpleWorker, Worker
from rq.cli.workers import worker_pool
from rq.defaults import DEFAULT_MAINTENANCE_TASK_INTERVAL, DEFAULT_WORKER_TTL
from rq.job import Job
from rq.scheduler import RQScheduler
from rq.serializers import JSONSerializer
from rq_dashboard import blueprint, default_settings
from rq_dashboard.web import setup_rq_connection

from labsupport.measure import peek
from labsupport.notifications.service_worker import OPTIONS, PatientRedis


def worker_of(kind: type, queue: Queue, **options):
    return kind([queue], connection=queue.connection, serializer=queue.serializer, **options)


def begun(queue: Queue, **options) -> Job:
    """A job that a worker has begun, and then died with."""
    queue.enqueue("time.sleep", 0, **options)
    worker = worker_of(Worker, queue)
    job, _ = queue.dequeue_any([queue], None, connection=queue.connection, serializer=queue.serializer)
    worker.prepare_execution(job)
    worker.prepare_job_execution(job, remove_from_intermediate_queue=True)
    return job


@pytest.mark.parametrize(("timeout", "seconds"), [(10, 70), (180, 90)])
def test_sign_of_life(queue, timeout, seconds):
    """10-ship: "RQ counts it as abandoned 70 seconds after its last sign of life: its timeout of 10 s, and a minute."
    (With a timeout of more than 30 s it is 30 s and a minute.)"""
    now = time.time()
    job = begun(queue, job_timeout=timeout)
    ((_, until),) = queue.connection.zrange(queue.started_job_registry.key, 0, -1, withscores=True)
    assert until - now == pytest.approx(seconds, abs=2)
    queue.started_job_registry.cleanup(timestamp=until - 1)
    assert job.get_status() == "started"
    queue.started_job_registry.cleanup(timestamp=until + 1)
    assert job.get_status() == "failed"


def test_abandoned_with_a_retry_left(queue):
    """10-ship: "the abandoned job had a retry left." (The one above has none, and fails.)"""
    job = begun(queue, job_timeout=10, retry=Retry(max=1))
    queue.started_job_registry.cleanup(timestamp=time.time() + 120)
    assert job.get_status() == "queued"


def longest(connection: Redis, monkeypatch, share: float) -> float:
    """Seconds that a connection's tries last, if each pause is this share of its most."""
    retry = connection.connection_pool.make_connection().retry
    backoff: AbstractBackoff = retry._backoff
    monkeypatch.setattr("random.random", lambda: share)
    return sum(backoff.compute(failures) for failures in range(1, retry.get_retries() + 1))


def test_patience(monkeypatch):
    """10-ship: "a Redis client that tries for more than a minute and a half. By itself, RQ's worker gives up within
    seconds"."""
    assert longest(PatientRedis.from_url("redis://"), monkeypatch, 0.01) > 90
    assert longest(Redis.from_url("redis://"), monkeypatch, 1.0) < 10


def test_intervals(queue):
    """10-ship: "look every 15 seconds, not every ten minutes", "an idle worker wakes every 15 seconds, and looks"."""
    given = dict(zip(OPTIONS[::2], OPTIONS[1::2], strict=True))
    assert (given["--maintenance-interval"], DEFAULT_MAINTENANCE_TASK_INTERVAL) == ("15", 600)
    ttl = int(given["--worker-ttl"])
    assert worker_of(Worker, queue, worker_ttl=ttl).dequeue_timeout == 15
    assert worker_of(Worker, queue).dequeue_timeout == DEFAULT_WORKER_TTL - 15 == 405


def test_pool():
    """10-ship: "Lab 04 has its two options, which `rq worker-pool` lacks"."""
    options = {option for parameter in worker_pool.params for option in parameter.opts}
    assert "--num-workers" in options
    assert options.isdisjoint({"--maintenance-interval", "--worker-ttl"})


def test_no_maintenance_during_a_job(queue):
    """10-ship: "A second scheduler stands by", and takes over, as 04-retry says, never while its worker runs a job."""
    looked = []

    class Looking(Worker):
        def run_maintenance_tasks(self):
            looked.append(datetime.now(timezone.utc))
            super().run_maintenance_tasks()

    job = queue.enqueue("time.sleep", 2)
    worker_of(Looking, queue, maintenance_interval=0, job_monitoring_interval=1).work(burst=True)
    job.refresh()
    assert looked[0] < job.started_at < job.ended_at < looked[-1]
    assert not any(job.started_at <= moment <= job.ended_at for moment in looked)


def test_standby_scheduler(queue):
    """10-ship: "A second scheduler stands by", and takes over at its worker's next maintenance."""
    first = RQScheduler([queue], connection=queue.connection)
    assert first.acquire_locks() == {queue.name}
    worker = worker_of(Worker, queue)
    worker.scheduler = RQScheduler([queue], connection=queue.connection)
    worker.run_maintenance_tasks()
    worker.run_maintenance_tasks()
    assert worker.scheduler.acquired_locks == set()
    first.release_locks()
    worker.run_maintenance_tasks()
    try:
        assert worker.scheduler.acquired_locks == {queue.name}
    finally:
        worker.stop_scheduler()


def test_several_queues(lab, queue):
    """10-ship: "a worker on several can lose a job, as lab 03 says", if it dies when it has just taken it."""
    other = Queue("other", connection=queue.connection, serializer=queue.serializer)

    def taken_from(*queues: Queue) -> list[str]:
        job = queue.enqueue("time.sleep", 0)
        queue.dequeue_any(list(queues), None, connection=queue.connection, serializer=queue.serializer)
        assert (job.get_status(), queue.job_ids) == ("queued", [])
        return queue.intermediate_queue.get_job_ids()

    assert taken_from(queue, other) == []
    assert len(taken_from(queue)) == 1


def test_enqueueing_is_one_transaction(server):
    """10-ship, the second question's answer: "Enqueueing is one transaction, so no job is half enqueued"."""
    queue = Queue("q", connection=server.redis, serializer=JSONSerializer)
    with peek.monitor(server.redis) as commands:
        job = queue.enqueue("time.sleep", 0)
    inside = " ".join(commands).rpartition("MULTI")[2].partition("EXEC")[0]
    assert f"HSET {job.key}" in inside
    assert f"RPUSH {queue.key}" in inside


def told_release() -> int:
    """A job whose first run installs the next release of `lab10_release`."""
    import lab10_release

    with open(lab10_release.__file__, "w", encoding="utf8") as file:
        file.write("RELEASE = 2222\n")
    return lab10_release.RELEASE


def test_code_is_imported_for_each_job(queue, tmp_path, monkeypatch):
    """10-ship: "The old worker would have failed them, too, because a work-horse imports the function anew for each job"."""
    (tmp_path / "lab10_release.py").write_text("RELEASE = 1\n", encoding="utf8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    importlib.invalidate_caches()
    jobs = [queue.enqueue(told_release) for _ in range(2)]
    worker_of(Worker, queue).work(burst=True)
    assert [job.return_value() for job in jobs] == [1, 2222]


def test_decoded_responses(lab, queue):
    """10-ship, five-faults: "Whoever reads the job through this connection gets UnicodeDecodeError [...] (A worker has a
    connection of its own.)\""""
    decoding = Redis.from_url(os.environ["REDIS_URL"], decode_responses=True)
    job = Queue(queue.name, connection=decoding, serializer=JSONSerializer).enqueue("operator.add", 1, 2)
    with pytest.raises(UnicodeDecodeError):
        Job.fetch(job.id, connection=decoding, serializer=JSONSerializer)
    worker_of(SimpleWorker, queue).work(burst=True)
    assert queue.fetch_job(job.id).return_value() == 3


def test_dashboard(lab, queue):
    """10-ship: "By itself, `rq-dashboard` listens on all addresses and asks for no password." "a `GET` of `/requeue/QUEUE`
    requeues all failed jobs of that queue"."""
    (bind,) = (option for option in rq_dashboard.cli.run.params if option.name == "bind")
    assert bind.default == "0.0.0.0"
    queue.enqueue("operator.add", 1)
    worker_of(SimpleWorker, queue).work(burst=True)
    assert len(queue.failed_job_registry.get_job_ids()) == 1
    app = Flask(__name__)
    app.config.from_object(default_settings)
    app.config["RQ_DASHBOARD_REDIS_URL"] = lab.url
    app.register_blueprint(blueprint)
    setup_rq_connection(app)
    assert app.test_client().get(f"/requeue/{queue.name}").status_code == 200
    assert queue.failed_job_registry.get_job_ids() == []


def try_again() -> Retry:
    return Retry(max=1)


def test_a_job_that_returns_retry_is_not_finished(queue):
    """10-ship, two-releases and five-faults take a returned Retry for a failure that is heard."""
    job = queue.enqueue(try_again)
    worker_of(SimpleWorker, queue).work(burst=True, max_jobs=1)
    assert job.get_status() == "queued"
