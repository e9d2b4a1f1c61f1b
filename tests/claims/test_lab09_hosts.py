"""What 09-scale says of several hosts and no cell of it shows, held against RQ itself.

Another host is another clock here: what a process does inside `host(seconds)` it does with a clock that is ahead by so much."""

import inspect
import time
from datetime import timedelta

import pytest
import redis.sentinel
import time_machine
from rq import Queue, Retry, SimpleWorker, Worker
from rq.cli.helpers import get_redis_from_config
from rq.defaults import DEFAULT_WORKER_TTL
from rq.scheduler import RQScheduler
from rq.utils import now

from labsupport.notifications.service_worker import OPTIONS, PatientRedis


def host(ahead: float) -> time_machine.travel:
    return time_machine.travel(time.time() + ahead, tick=True)


def worker_of(kind: type, queue: Queue, **options):
    return kind([queue], connection=queue.connection, serializer=queue.serializer, **options)


def begun(queue: Queue, **options):
    """A job that a worker has in hand, as a live one leaves it in Redis."""
    job = queue.enqueue("time.sleep", 0, **options)
    worker = worker_of(Worker, queue)
    taken, _ = queue.dequeue_any([queue], None, connection=queue.connection, serializer=queue.serializer)
    worker.prepare_execution(taken)
    worker.prepare_job_execution(taken, remove_from_intermediate_queue=True)
    return job


def due(queue: Queue, scheduler_ahead: float) -> int:
    """How many jobs a scheduler with such a clock moves now."""
    scheduler = RQScheduler([queue], connection=queue.connection, serializer=queue.serializer)
    scheduler.acquire_locks()
    try:
        with host(scheduler_ahead):
            before = len(queue)
            scheduler.enqueue_scheduled_jobs()
            return len(queue) - before
    finally:
        scheduler.release_locks()


@pytest.mark.parametrize(
    ("timeout", "ahead", "taken"), [(10, 60, False), (10, 80, True), (180, 80, False), (180, 120, True)]
)
def test_a_host_that_is_ahead_takes_live_jobs_for_abandoned(queue, timeout, ahead, taken):
    """A host whose clock is two minutes ahead takes live jobs for abandoned. It must be ahead by what is left of
    the sign of life: at most 70 s with a timeout of 10 s, and 90 s with 30 s or more."""
    job = begun(queue, job_timeout=timeout, retry=Retry(max=1))
    with host(ahead):
        worker_of(Worker, queue).clean_registries()
    assert job.get_status() == ("queued" if taken else "started")


def test_without_a_retry_the_live_job_fails(queue):
    """Without a retry it is failed, while it runs."""
    job = begun(queue, job_timeout=10)
    with host(120):
        worker_of(Worker, queue).clean_registries()
    assert job.get_status() == "failed"


def test_a_host_that_is_behind_leaves_a_live_job_alone_but_its_own_are_taken(queue):
    """A host that is behind has the opposite trouble: the others take its jobs."""
    with host(-120):
        job = begun(queue, job_timeout=10, retry=Retry(max=1))
    worker_of(Worker, queue).clean_registries()
    assert job.get_status() == "queued"


def test_a_scheduler_that_is_behind_starts_jobs_late_and_one_ahead_early(queue):
    """Due is what the scheduler's clock says."""
    queue.enqueue_in(timedelta(0), "operator.truth", 1)
    assert due(queue, -120) == 0
    assert due(queue, 2) == 1
    queue.enqueue_in(timedelta(seconds=90), "operator.truth", 1)
    assert due(queue, 0) == 0
    assert due(queue, 120) == 1


def test_enqueue_in_counts_from_the_clock_of_who_enqueues(queue):
    """`enqueue_in` counts from the clock of who enqueues."""
    with host(-120):
        queue.enqueue_in(timedelta(seconds=60), "operator.truth", 1)
    assert due(queue, 0) == 1  # a minute too early


def test_waits_below_zero(queue):
    """The wait of a job is the difference of two hosts' clocks, and can be below zero."""
    with host(120):
        job = queue.enqueue("operator.truth", 1)
    worker_of(SimpleWorker, queue).work(burst=True)
    job.refresh()
    assert -125 < (job.started_at - job.enqueued_at).total_seconds() < -100


def test_expiries_are_by_the_clock_of_redis(queue):
    """Expiries count in Redis, by its own clock: worker, lock and result live as long as on any other host."""
    with host(3600):
        job = queue.enqueue("operator.truth", 1, result_ttl=100)
        worker = worker_of(SimpleWorker, queue)
        worker.register_birth()
        assert DEFAULT_WORKER_TTL < queue.connection.ttl(worker.key) <= DEFAULT_WORKER_TTL + 60
        scheduler = RQScheduler([queue], connection=queue.connection)
        scheduler.acquire_locks()
        assert 0 < queue.connection.ttl(RQScheduler.get_locking_key(queue.name)) <= 61
        scheduler.release_locks()
        worker.register_death()
        worker_of(SimpleWorker, queue).work(burst=True)
    assert 90 < queue.connection.ttl(job.key) <= 100


def test_rq_never_asks_redis_for_the_time(server):
    """RQ asks Redis for the time nowhere."""
    queue = Queue("q", connection=server.redis)
    queue.enqueue_in(timedelta(0), "operator.truth", 1)
    queue.enqueue("operator.truth", 1)
    worker_of(SimpleWorker, queue).work(burst=True, with_scheduler=True)
    calls = server.redis.info("commandstats")
    assert "cmdstat_hset" in calls
    assert "cmdstat_time" not in calls


def test_the_time_of_taking_is_of_the_host_that_looks_first(queue):
    """A job that was taken and not begun is given a minute, by the clocks of those who look."""
    job = queue.enqueue("operator.truth", 1, retry=Retry(max=1))
    queue.connection.lmove(queue.key, queue.intermediate_queue_key, "LEFT", "RIGHT")
    worker_of(Worker, queue).clean_registries()  # notes when it was seen first
    worker_of(Worker, queue).clean_registries()
    assert queue.job_ids == []
    with host(70):
        worker_of(Worker, queue).clean_registries()
    assert queue.job_ids == [job.id]


def test_a_worker_told_of_sentinels_has_no_connection_class_of_its_own():
    """`--connection-class` has no effect with SENTINEL, so the settings file has the patience."""
    settings = {"SENTINEL": {"INSTANCES": [("127.0.0.1", 1)], "MASTER_NAME": "jobs"}}
    found = get_redis_from_config(settings, PatientRedis)
    assert type(found) is redis.Redis
    assert isinstance(found.connection_pool, redis.sentinel.SentinelConnectionPool)
    both = get_redis_from_config(settings | {"REDIS_URL": "redis://localhost"}, PatientRedis)
    assert type(both) is PatientRedis  # REDIS_URL is preferred


def test_an_idle_worker_hears_late_of_a_silent_cut(queue):
    """An idle worker that waits for a job notices a silent primary when its read times out: 25 s with the
    service's options, 415 s with RQ's own."""
    given = dict(zip(OPTIONS[::2], OPTIONS[1::2], strict=True))
    assert worker_of(Worker, queue, worker_ttl=int(given["--worker-ttl"])).connection_timeout == 25
    assert worker_of(Worker, queue).connection_timeout == 415


def test_now_is_this_hosts_clock():
    """All of these come from one function, which reads this host's clock."""
    with host(3600):
        assert (now().timestamp() - time.time()) < 1
    assert "datetime.now(" in inspect.getsource(now)
