"""What 04-retry says of RQ and shows in no cell."""

import inspect
import signal
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from rq import Queue, Retry, SimpleWorker, Worker, get_current_job
from rq.exceptions import SchedulerNotFound
from rq.job import Job, JobStatus
from rq.rate_limit import RateLimit
from rq.scheduler import RQScheduler
from rq.serializers import JSONSerializer
from rq.utils import now

from labsupport.processes.workers import WorkerCommand, WorkerProcess, work_off
from labsupport.waiting import comes_true

PATIENCE = 60
"""Seconds that a condition may take on a busy machine."""


def fail() -> None:
    raise OSError("the provider is down")


def fail_for_good() -> None:
    get_current_job().retries_left = 0
    raise ValueError("no such address")


def run(queue: Queue) -> None:
    """Let a worker in this process run what is queued."""
    SimpleWorker([queue], connection=queue.connection, serializer=JSONSerializer).work(burst=True)


def due(queue: Queue, job: Job) -> float:
    return queue.connection.zscore(queue.scheduled_job_registry.key, job.id)


@pytest.mark.parametrize("interval", [2, [2], [2.9]])
def test_due_times_are_rounded_down_to_whole_seconds(queue, interval):
    """04-retry: "RQ rounds the due time down to a whole second", "A fraction would not help"."""
    job = queue.enqueue(fail, retry=Retry(max=1, interval=interval))
    before = time.time()
    run(queue)
    pause = interval if isinstance(interval, int) else interval[0]
    assert due(queue, job).is_integer()
    assert before + pause - 1 < due(queue, job) <= time.time() + pause


def test_a_scheduler_looks_once_a_second(queue):
    """04-retry: "its scheduler looks once a second"."""
    worker = Worker([queue], connection=queue.connection)
    worker.work(burst=True, with_scheduler=True)
    assert worker.scheduler.interval == 1


def test_without_a_scheduler_it_waits_for_ever_and_no_warning_comes(queue, tmp_path):
    """04-retry: "Without a scheduler the job waits for ever, and no warning comes"."""
    job = queue.enqueue(fail, retry=Retry(max=1, interval=1))
    run(queue)
    queue.connection.zadd(queue.scheduled_job_registry.key, {job.id: 1})  # overdue since 1970
    log = work_off([queue], folder=tmp_path)  # its first act is maintenance
    assert "cleaning registries" in log
    assert job.id not in log
    assert "WARNING" not in log.upper()
    assert job.get_status() == JobStatus.SCHEDULED
    log = work_off([queue], folder=tmp_path, scheduler=True)
    assert job.id in log
    assert job.get_status() == JobStatus.FAILED


def test_a_policy_is_a_number_and_pauses():
    """04-retry: "RQ has no exponential policy of its own", and no jitter."""
    assert list(inspect.signature(Retry).parameters) == ["max", "interval", "enqueue_at_front"]


def test_rate_limit_caps_jobs_at_once(queue):
    """04-retry: "Its `RateLimit` caps how many jobs are queued or run at once", and no jobs per second."""
    assert list(inspect.signature(RateLimit).parameters) == ["key", "concurrency"]
    for _ in range(3):
        queue.enqueue("operator.truth", 1, rate_limit=RateLimit("provider", concurrency=2))
    assert queue.count == 2
    run(queue)
    assert queue.finished_job_registry.count == 3


def test_a_job_can_give_up_its_retries(queue):
    """04-retry: "can set `get_current_job().retries_left = 0` before it raises, and fails at once"."""
    job = queue.enqueue(fail_for_good, retry=Retry(max=5))
    run(queue)
    assert job.get_status() == JobStatus.FAILED
    assert len(job.results()) == 1


def test_a_requeued_job_keeps_the_expiry_of_its_failure(queue):
    """04-retry: "A requeued job keeps the expiry of its failure, as lab 03 says"."""
    job = queue.enqueue(fail, failure_ttl=100)
    assert queue.connection.ttl(job.key) == -1
    run(queue)
    queue.failed_job_registry.requeue(job.id)
    assert job.get_status() == JobStatus.QUEUED
    assert 0 < queue.connection.ttl(job.key) <= 100
    queue.connection.pexpire(job.key, 1)
    assert comes_true(lambda: not queue.connection.exists(job.key), PATIENCE)
    run(queue)
    assert queue.count == 0
    assert queue.failed_job_registry.count == 0  # it would have failed again


@pytest.mark.parametrize(("retry", "status"), [(None, JobStatus.FAILED), (Retry(max=1), JobStatus.QUEUED)])
def test_a_job_whose_worker_died_runs_again_if_it_has_a_retry(queue, retry, status):
    """04-retry: "RQ runs such a job again only if it has a retry left, and fails it otherwise"."""
    job = queue.enqueue("operator.truth", 1, retry=retry)
    worker = Worker([queue], connection=queue.connection, serializer=JSONSerializer)
    worker.register_birth()
    taken, _ = worker.dequeue_job_and_maintain_ttl(None)
    worker.prepare_execution(taken)
    worker.prepare_job_execution(taken)
    # Nobody shows life any more, and the time for that has passed.
    registry = queue.started_job_registry
    for member in queue.connection.zrange(registry.key, 0, -1):
        queue.connection.zadd(registry.key, {member: 1})
    registry.cleanup()
    assert job.get_status() == status


def test_maintenance_is_due_every_ten_minutes_and_an_idle_worker_looks_later(queue):
    """04-retry: "only at its *maintenance* […] That is every ten minutes"; "The first makes maintenance due every 15 seconds.
    An idle worker wakes after its TTL less 15 seconds, here every 15 seconds"."""
    default = Worker([queue], connection=queue.connection)
    assert default.maintenance_interval == 600
    assert default.dequeue_timeout == 405
    short = Worker([queue], connection=queue.connection, worker_ttl=30, maintenance_interval=15)
    assert (short.maintenance_interval, short.dequeue_timeout) == (15, 15)


def test_no_maintenance_while_a_job_runs(queue):
    """04-retry: "and never while it runs a job"."""
    signs_of_life, seen = [], []

    class Watched(Worker):
        def maintain_heartbeats(self, job, *arguments, **options):
            signs_of_life.append(job.id)
            return super().maintain_heartbeats(job, *arguments, **options)

        def run_maintenance_tasks(self):
            seen.append(self.get_state())

    worker = Watched(
        [queue],
        connection=queue.connection,
        serializer=JSONSerializer,
        maintenance_interval=0,
        job_monitoring_interval=1,
    )
    queue.enqueue("time.sleep", 2.5)
    worker.work(burst=True)
    assert signs_of_life  # it woke while the job ran, and maintenance was due all the time
    assert seen
    assert "busy" not in seen


@pytest.fixture
def start(queue, tmp_path: Path):
    """Starts real workers with a scheduler, and ends what is left of them."""
    started: list[WorkerProcess] = []

    def start(name: str, *options: str) -> WorkerProcess:
        command = WorkerCommand([queue], "rq.worker.Worker", config="", scheduler=True, more=options)
        started.append(command.start(name, tmp_path))
        assert comes_true(lambda: started[-1].listening, PATIENCE), started[-1].text()
        return started[-1]

    yield start
    for worker in started:
        worker.end()


def lock(queue: Queue) -> bytes | None:
    """The name of the scheduler that holds the queue's lock."""
    return queue.connection.get(RQScheduler.get_locking_key(queue.name))


def scheduler(queue: Queue) -> RQScheduler | None:
    """The scheduler that holds the queue's lock, as Redis knows it."""
    with suppress(SchedulerNotFound):  # it comes or goes right now
        if name := lock(queue):
            return RQScheduler.fetch(name.decode(), queue.connection)
    return None


def works(queue: Queue, worker: WorkerProcess) -> bool:
    """The scheduler of this worker holds the lock."""
    found = scheduler(queue)
    return found is not None and psutil.Process(found.pid).ppid() == worker.pid


def test_a_standby_does_not_take_over_after_a_clean_stop(queue, start):
    """04-retry: "The other worker asks for the lock only at its *maintenance* […] So after a crash or a clean stop, delayed jobs
    can stand still for more than ten minutes. A *rolling deploy*, which replaces one worker after the other, does the same"."""
    first = start("first")
    assert comes_true(lambda: works(queue, first), PATIENCE)
    start("standby")
    assert works(queue, first)
    first.signal(signal.SIGTERM)
    assert comes_true(lambda: not first.running, PATIENCE)
    # The lock is free, and the standby asks for its next jobs without asking for it.
    for _ in range(2):
        job = queue.enqueue("operator.truth", 1)
        assert comes_true(lambda job=job: job.get_status() == JobStatus.FINISHED, PATIENCE)
    assert lock(queue) is None


def test_with_two_options_a_standby_takes_over(queue, start):
    """04-retry: "Two options make this gap short"; here with a second instead of 15."""
    first = start("first")
    assert comes_true(lambda: works(queue, first), PATIENCE)
    standby = start("standby", "--maintenance-interval", "1", "--worker-ttl", "16")
    first.signal(signal.SIGTERM)
    assert comes_true(lambda: works(queue, standby), PATIENCE)


def test_a_scheduler_outlives_its_killed_worker(queue, start):
    """04-retry: "its scheduler can live on. It keeps its lock, and the dead worker's connection stays open. Redis hands the next
    job to that connection, and nobody runs it"."""
    worker = start("first")
    assert comes_true(lambda: works(queue, worker), PATIENCE)
    # It waits for a job, on a connection that the scheduler inherits.
    redis = queue.connection
    assert comes_true(lambda: any(one["cmd"].startswith("blmove") for one in redis.client_list()), PATIENCE)
    worker.signal(signal.SIGKILL)
    assert comes_true(lambda: not worker.running, PATIENCE)
    killed = now()
    assert comes_true(lambda: scheduler(queue).last_heartbeat > killed, PATIENCE)
    job = queue.enqueue("operator.truth", 1)
    assert comes_true(lambda: queue.count == 0, PATIENCE)
    assert redis.lrange(queue.intermediate_queue_key, 0, -1) == [job.id.encode()]
    assert job.get_status() == JobStatus.QUEUED
