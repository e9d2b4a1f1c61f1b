"""What 05-schedule says of RQ and shows in no cell."""

import inspect
import signal
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from rq import Queue, Repeat, Retry, SimpleWorker, Worker, cron
from rq.cli import main
from rq.cron import CronJob, CronScheduler
from rq.exceptions import DuplicateJobError
from rq.job import JobStatus
from rq.scheduler import RQScheduler
from rq.serializers import JSONSerializer
from rq.utils import now

from labsupport.experiments.maintenance import minutes_later
from labsupport.processes.workers import WorkerCommand
from labsupport.waiting import comes_true

PATIENCE = 60
"""Seconds that a condition may take on a busy machine."""

BERLIN = ZoneInfo("Europe/Berlin")


def fail_once(key: str) -> None:
    from rq import get_current_job

    if get_current_job().connection.incr(key) == 1:
        raise OSError("not yet")


def plans_itself(number: int) -> None:
    from rq import get_current_job

    job = get_current_job()
    queue = Queue(job.origin, connection=job.connection, serializer=JSONSerializer)
    queue.enqueue_in(timedelta(minutes=1), plans_itself, number + 1, job_id=job.id)


def run(queue: Queue, serializer=JSONSerializer) -> None:
    """Let a worker in this process run what is queued."""
    SimpleWorker([queue], connection=queue.connection, serializer=serializer).work(burst=True)


@pytest.fixture
def in_berlin(monkeypatch):
    """This process's clock is Berlin's. (Spelled so that it needs no list of time zones.)"""
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_due_times_are_rounded_down(queue):
    """05-schedule: "RQ notes the time in whole seconds, rounded down"."""
    moment = datetime(2027, 3, 15, 9, 0, 0, 990_000, tzinfo=timezone.utc)
    job = queue.enqueue_at(moment, "operator.truth", 1)
    assert queue.scheduled_job_registry.get_scheduled_time(job) == moment.replace(microsecond=0)


def test_the_scheduler_looks_once_a_second_and_its_lock_lives_for_61(queue):
    """05-schedule: "The scheduler looks once a second"; "the lock lives for 61 seconds, and no option changes that"."""
    worker = Worker([queue], connection=queue.connection)
    worker._start_scheduler(burst=True)
    assert worker.scheduler.interval == 1
    scheduler = RQScheduler([queue], connection=queue.connection)
    scheduler.acquire_locks()
    assert queue.connection.ttl(scheduler.get_locking_key(queue.name)) in (60, 61)
    scheduler.release_locks()
    options = {option for one in main.commands["worker"].params for option in one.opts}
    assert "--with-scheduler" in options
    assert not {one for one in options if "lock" in one or "scheduler-" in one}


def test_a_repeated_job_that_fails_goes_on_if_a_retry_helps(queue):
    """05-schedule: "So a repeated job dies out at its first failure, unless a `Retry` helps"."""
    key = f"{queue.key}:runs"
    job = queue.enqueue(fail_once, key, repeat=Repeat(times=2), retry=Retry(max=1))
    run(queue)
    assert job.get_status() == JobStatus.FINISHED
    assert int(queue.connection.get(key)) == 4  # a failure and its retry, and two more


def test_the_interval_of_a_repeat_counts_from_the_end(queue):
    """05-schedule: "The interval counts from the end of a run"."""
    job = queue.enqueue("time.sleep", 1.5, repeat=Repeat(times=1, interval=100))
    begun = time.time()
    run(queue)
    due = queue.scheduled_job_registry.get_scheduled_time(job).timestamp()
    assert due > begun + 100


def test_a_day_of_enqueue_in_is_24_hours(queue):
    """05-schedule: "`enqueue_in(timedelta(days=1), …)` also counts 24 hours"."""
    before = time.time()
    job = queue.enqueue_in(timedelta(days=1), "operator.truth", 1)
    due = queue.scheduled_job_registry.get_scheduled_time(job).timestamp()
    assert before + 86400 - 1 < due <= time.time() + 86400


def test_rq_cron_has_no_lock(queue):
    """05-schedule: "`rq cron` has no lock: each process keeps its times in its own memory"."""
    for _ in range(2):
        scheduler = CronScheduler(connection=queue.connection)
        scheduler.register(len, queue.name, args=("a",), interval=3600)
        scheduler.enqueue_jobs()
    assert queue.count == 2


def test_rq_cron_writes_pickle(queue):
    """05-schedule: "`rq cron` writes jobs with pickle"."""
    scheduler = CronScheduler(connection=queue.connection)
    scheduler.register(len, queue.name, args=("a",), interval=3600)
    scheduler.enqueue_jobs()
    run(queue)  # a worker that reads JSON
    assert queue.failed_job_registry.count == 1
    scheduler = CronScheduler(connection=queue.connection)
    scheduler.register(len, "pickled", args=("a",), interval=3600)
    scheduler.enqueue_jobs()
    pickled = Queue("pickled", connection=queue.connection)
    run(pickled, serializer=None)
    assert pickled.finished_job_registry.count == 1


def test_a_cron_job_has_no_retry_and_no_id():
    """05-schedule: "`register` takes neither `retry` nor `job_id`"."""
    for register in (cron.register, CronScheduler.register):
        assert not {"retry", "job_id", "unique", "on_failure", "depends_on"} & set(
            inspect.signature(register).parameters
        )


def planned(string: str, base: datetime, count: int) -> list[datetime]:
    """The next times of a cron string, each after the one before, on Berlin's clock."""
    job, moments = CronJob("nightly", func_name="reports.write", cron=string), [base]
    for _ in range(count):
        job.set_enqueue_time(moments[-1].astimezone(timezone.utc))
        moments.append(job.next_enqueue_time.astimezone(BERLIN))
    return moments[1:]


@pytest.mark.usefixtures("in_berlin")
class TestClockChanges:
    def test_a_cron_string_is_the_machines_time(self):
        """05-schedule: "RQ's cron follows the clock of its machine"."""
        [summer] = planned("0 9 * * *", datetime(2027, 7, 1, tzinfo=BERLIN), 1)
        assert summer == datetime(2027, 7, 1, 9, tzinfo=BERLIN)

    def test_a_skipped_hour(self):
        """05-schedule: "A daily job in a skipped hour runs an hour later"."""
        nights = planned("30 2 * * *", datetime(2027, 3, 27, 12, tzinfo=BERLIN), 2)
        assert [f"{night:%d %H:%M}" for night in nights] == ["28 03:30", "29 02:30"]

    def test_a_repeated_hour(self):
        """05-schedule: "In an hour that repeats, even a job for each minute pauses"."""
        minutes = planned("* * * * *", datetime(2027, 10, 31, 2, 58, tzinfo=BERLIN), 2)  # the first 2:58
        apart = minutes[1].astimezone(timezone.utc) - minutes[0].astimezone(timezone.utc)
        assert [f"{minute:%H:%M}" for minute in minutes] == ["02:59", "03:00"]
        assert apart == timedelta(minutes=61)
        nights = planned("30 2 * * *", datetime(2027, 10, 30, 12, tzinfo=BERLIN), 2)
        assert [f"{night:%d %H:%M %Z}" for night in nights] == ["31 02:30 CEST", "01 02:30 CET"]


def test_maintenance_and_the_two_options(queue):
    """05-schedule: "the time from one to the next, 600 s by default"; "an idle worker waits for a job for 15 s less than
    this"; "By default that is 405 s"."""
    defaults = {option: one.default for one in main.commands["worker"].params for option in one.opts}
    assert (defaults["--maintenance-interval"], defaults["--worker-ttl"]) == (600, 420)
    default = Worker([queue], connection=queue.connection)
    assert (default.maintenance_interval, default.dequeue_timeout) == (600, 405)
    quick = Worker([queue], connection=queue.connection, worker_ttl=16, maintenance_interval=1)
    assert (quick.maintenance_interval, quick.dequeue_timeout) == (1, 1)


@pytest.mark.parametrize(
    ("options", "first"),
    [
        ({}, 810),
        ({"maintenance_interval": 15}, 405),
        ({"worker_ttl": 30}, 600),
        ({"maintenance_interval": 15, "worker_ttl": 30}, 15),
    ],
)
def test_when_an_idle_standby_comes_to_its_maintenance(queue, options, first):
    """05-schedule: "An idle standby looks up after 405 s, which is too early for its maintenance, and then after 810 s";
    "With one alone it stays minutes long. With values of 15 and 30, an idle standby takes over within half a minute"."""
    worker = Worker([queue], connection=queue.connection, **options)
    looks = range(worker.dequeue_timeout, 1000, worker.dequeue_timeout)

    def due(look: int) -> bool:
        worker.last_cleaned_at = now() - timedelta(seconds=look, milliseconds=1)  # a look comes a little late
        return worker.should_run_maintenance_tasks

    # It may be one look later, if the wait was a moment short: then the last one is 30 s.
    assert next(look for look in looks if due(look)) == first


def test_maintenance_costs_commands(queue):
    """05-schedule: "The price is more commands to Redis"."""
    worker = Worker([queue], connection=queue.connection)
    before = queue.connection.info("stats")["total_commands_processed"]
    worker.run_maintenance_tasks()
    assert queue.connection.info("stats")["total_commands_processed"] > before + 1


def test_a_worker_asks_for_the_lock_at_its_start(queue, tmp_path: Path):
    """05-schedule: "The new one then asks for the lock when it starts"."""
    command = WorkerCommand([queue], "rq.worker.Worker", config="", scheduler=True)
    lock = RQScheduler.get_locking_key(queue.name)
    for name in ("old", "new"):
        worker = command.start(name, tmp_path)
        try:
            assert comes_true(lambda: queue.connection.exists(lock), PATIENCE)
            assert comes_true(lambda worker=worker: worker.listening, PATIENCE)
            worker.signal(signal.SIGTERM)
            assert comes_true(lambda worker=worker: not worker.running, PATIENCE)
        finally:
            worker.end()
        assert not queue.connection.exists(lock)


def test_maintenance_finds_a_job_that_nobody_reads(queue):
    """05-schedule: "Maintenance finds it later, and counts a failed attempt"."""
    job = queue.enqueue("operator.truth", 1)
    # As Redis hands it to a connection that nobody reads.
    queue.connection.lmove(queue.key, queue.intermediate_queue_key, "LEFT", "RIGHT")
    minutes_later(queue)
    assert job.get_status() == JobStatus.FAILED


def test_an_id_is_free_again_as_soon_as_the_options_say(queue):
    """05-schedule: "After a success that is `result_ttl`, 500 seconds by default. After a failure it is `failure_ttl`, a
    **year**"."""
    options = {"unique": True, "result_ttl": 0, "failure_ttl": 60}
    for _ in range(2):
        queue.enqueue("operator.truth", 1, job_id="good", **options)
        run(queue)
    failed = queue.enqueue("operator.truediv", 1, 0, job_id="bad", **options)
    run(queue)
    assert 0 < queue.connection.ttl(failed.key) <= 60


def test_an_id_is_taken_while_its_job_runs(queue):
    """05-schedule: "An event that comes while its digest is sent may find the id taken"."""
    job = queue.enqueue("operator.truth", 1, job_id="digest-eve", unique=True, result_ttl=0)
    worker = Worker([queue], connection=queue.connection, serializer=JSONSerializer)
    worker.register_birth()
    taken, _ = worker.dequeue_job_and_maintain_ttl(None)
    worker.prepare_execution(taken)
    worker.prepare_job_execution(taken)
    assert job.get_status() == JobStatus.STARTED
    with pytest.raises(DuplicateJobError):
        queue.enqueue_at(now() + timedelta(minutes=10), "operator.truth", 1, job_id="digest-eve", unique=True)


def test_a_job_that_plans_its_own_id_gets_its_old_number(queue):
    """05-schedule, exercise dies-out: "When it ends, RQ writes its end and its number over that"."""
    job = queue.enqueue(plans_itself, 1)
    run(queue)
    assert queue.scheduled_job_registry.get_job_ids() == [job.id]
    planned = queue.fetch_job(job.id)
    assert planned.args == [1]
    assert planned.get_status() == JobStatus.FINISHED
