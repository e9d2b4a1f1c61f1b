"""What 03-fail says of RQ and shows in no cell."""

import json
import signal
import time

import pytest
from redis.exceptions import OutOfMemoryError
from rq import Callback, Queue, Retry, SimpleWorker, Worker
from rq.command import send_stop_job_command
from rq.defaults import DEFAULT_FAILURE_TTL, DEFAULT_JOB_MONITORING_INTERVAL, DEFAULT_WORKER_TTL
from rq.exceptions import AbandonedJobError
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.timeouts import JobTimeoutException

from labsupport.processes.workers import WorkerCommand, work_off
from labsupport.waiting import comes_true

PATIENCE = 60
"""Seconds that a condition may take on a busy machine."""

YEAR = 365 * 24 * 3600

# Jobs, and a callback, that RQ imports by their path.


def two_lines() -> None:
    raise RuntimeError("mail refused\nreason: quota")


def swallows() -> str:
    try:
        time.sleep(30)
    except Exception:
        return "swallowed"
    return "slept"


def asks_again() -> Retry:
    return Retry(max=1)


told: list[type] = []


def note(job: Job, connection: object, kind: type, error: object, traceback: object) -> None:
    told.append(kind)


def run(queue: Queue, worker_class: type = SimpleWorker) -> None:
    """Let a worker in this process run what is queued."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        worker_class([queue], connection=queue.connection, serializer=JSONSerializer).work(burst=True)
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def last_line(job: Job) -> str:
    return job.latest_result().exc_string.strip().splitlines()[-1]


def test_a_failed_job_is_kept_for_a_year(queue):
    """03-fail: "RQ keeps a failed job for a year, unless you say otherwise: `queue.enqueue(…, failure_ttl=86400)`"."""
    job, short = queue.enqueue("operator.truediv", 1, 0), queue.enqueue("operator.truediv", 1, 0, failure_ttl=60)
    run(queue)
    assert DEFAULT_FAILURE_TTL == YEAR
    assert queue.connection.ttl(job.key) == pytest.approx(YEAR, abs=PATIENCE)
    assert queue.connection.zscore(queue.failed_job_registry.key, job.id) == pytest.approx(
        time.time() + YEAR, abs=PATIENCE
    )
    assert 0 < queue.connection.ttl(short.key) <= 60


def test_a_full_redis_refuses_new_jobs(server):
    """03-fail: "A full Redis refuses every new job, unless it may delete other keys instead"."""
    queue = Queue("full", connection=server.redis, serializer=JSONSerializer)
    server.redis.config_set("maxmemory-policy", "noeviction")
    server.redis.config_set("maxmemory", 1)
    try:
        with pytest.raises(OutOfMemoryError):
            queue.enqueue("operator.truth", 1)
    finally:
        server.redis.config_set("maxmemory", 0)
    assert len(queue) == 0


def test_the_failed_registry_has_stopped_jobs(lab, queue):
    """03-fail: "Jobs that were *stopped* on command are in this registry, too"."""
    worker = WorkerCommand([queue], "rq.worker.Worker", config="").start("claims", lab.folder)
    try:
        job = queue.enqueue("time.sleep", 600)
        assert comes_true(lambda: job.get_status() == "started", within=PATIENCE)
        send_stop_job_command(queue.connection, job.id)
        assert comes_true(lambda: job.get_status() == "stopped", within=PATIENCE)
    finally:
        worker.end()
    assert queue.failed_job_registry.get_job_ids() == [job.id]


def test_a_missing_module_and_a_failing_import_are_value_errors(queue, tmp_path, monkeypatch):
    """03-fail: "You get the same for a missing *module*, and for a module whose own import fails"."""
    (tmp_path / "claims03_imports.py").write_text("import no_such_package\n\n\ndef send():\n    return 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    jobs = [queue.enqueue(path) for path in ("no_such_module.send", "claims03_imports.send")]
    run(queue)
    assert [last_line(job) for job in jobs] == [
        "ValueError: Invalid attribute name: no_such_module.send",
        "ValueError: Invalid attribute name: claims03_imports.send",
    ]


def test_a_message_of_several_lines_hides_the_name(queue):
    """03-fail: "A message of several lines has the name before its first line. The last line is then only text"."""
    job = queue.enqueue(two_lines)
    run(queue)
    assert job.latest_result().exc_string.strip().splitlines()[-2:] == ["RuntimeError: mail refused", "reason: quota"]


def test_the_traceback_names_the_subclass_only(queue):
    """03-fail: "`JSONDecodeError` is a kind of `ValueError`, and the traceback shows only the first"."""
    job = queue.enqueue("json.loads", "{")
    run(queue)
    assert issubclass(json.JSONDecodeError, ValueError)
    assert last_line(job).startswith("json.decoder.JSONDecodeError: ")
    assert "ValueError" not in job.latest_result().exc_string


def test_a_requeued_job_expires_as_it_would_have(queue):
    """03-fail: "a job that is requeued keeps its date of expiry. With a short `failure_ttl` and a long queue, it disappears
    before a worker comes to it"."""
    job = queue.enqueue("operator.truediv", 1, 0, failure_ttl=2)
    run(queue)
    queue.failed_job_registry.requeue(job)
    assert (len(queue), job.get_status()) == (1, "queued")
    assert queue.connection.ttl(job.key) in (0, 1, 2)  # -1 would be: never
    assert comes_true(lambda: not Job.exists(job.id, connection=queue.connection), within=PATIENCE)
    run(queue)
    assert len(queue) == 0
    assert not Job.exists(job.id, connection=queue.connection)
    assert job.id not in queue.failed_job_registry.get_job_ids()


def test_a_job_that_is_requeued_has_the_time_of_its_failure_before(queue):
    """03-fail: "`job.ended_at` is the time"."""
    before = time.time()
    job = queue.enqueue("operator.truediv", 1, 0)
    run(queue)
    assert before <= queue.fetch_job(job.id).ended_at.timestamp() <= time.time()


@pytest.mark.parametrize("look", [lambda registry: registry.count, lambda registry: registry.get_job_ids()])
def test_whoever_cleans_up_calls_on_failure(queue, look):
    """03-fail: "It looks for *started* jobs that show no sign of life, and calls their `on_failure` in its own process, with
    `AbandonedJobError`. Your own program does the same when it reads `queue.started_job_registry.count`"."""
    job = queue.enqueue("time.sleep", 600, on_failure=Callback(note))
    worker = Worker([queue], connection=queue.connection, serializer=JSONSerializer)
    taken, _ = worker.dequeue_job_and_maintain_ttl(timeout=None)
    execution = worker.prepare_execution(taken)
    taken.prepare_for_execution(worker.name, pipeline=(pipe := queue.connection.pipeline()))
    pipe.execute()
    # Here the worker and its work-horse die. A time later, the sign of life has expired.
    queue.connection.zadd(queue.started_job_registry.key, {execution.composite_key: time.time() - 1})
    told.clear()
    look(queue.started_job_registry)
    assert told == [AbandonedJobError]
    assert job.get_status() == "failed"


class Watched:
    """Writes down when a worker renews the sign of life of the job that it runs."""

    renewed = 0

    def maintain_heartbeats(self, job: Job, execution: object) -> None:
        type(self).renewed += 1
        super().maintain_heartbeats(job, execution)


class WatchedSimpleWorker(Watched, SimpleWorker):
    pass


class WatchedWorker(Watched, Worker):
    pass


def test_a_simple_worker_never_renews_its_sign_of_life(queue):
    """03-fail: "A `SimpleWorker` gives one sign of life, at the start. It counts for the job's timeout and 60 s: by default 180 s
    and 60 s." "A worker that forks gives one every 30 s"."""
    for worker_class in (WatchedSimpleWorker, WatchedWorker):
        queue.enqueue("time.sleep", 1.5)
        worker = worker_class(
            [queue], connection=queue.connection, serializer=JSONSerializer, job_monitoring_interval=1
        )
        worker.execute_job(*worker.dequeue_job_and_maintain_ttl(timeout=None))
    assert WatchedSimpleWorker.renewed == 0
    assert WatchedWorker.renewed >= 1
    assert DEFAULT_JOB_MONITORING_INTERVAL == 30
    job = queue.enqueue("time.sleep", 0)
    assert SimpleWorker([queue], connection=queue.connection).get_heartbeat_ttl(job) == 180 + 60 == 4 * 60


def test_the_name_of_a_dead_worker_is_taken_for_eight_minutes(queue):
    """03-fail: "RQ refuses a second one of its name for up to eight minutes"."""
    Worker([queue], name="mailer", connection=queue.connection).register_birth()
    key = Worker.redis_worker_namespace_prefix + "mailer"
    assert DEFAULT_WORKER_TTL + 60 == 8 * 60
    assert queue.connection.ttl(key) == pytest.approx(8 * 60, abs=PATIENCE)
    with pytest.raises(ValueError, match="There exists an active worker named 'mailer' already"):
        Worker([queue], name="mailer", connection=queue.connection).register_birth()
    queue.connection.delete(key)
    Worker([queue], name="mailer", connection=queue.connection).register_birth()


def test_a_worker_of_two_queues_pops(queue):
    """03-fail: "a worker of several queues takes a job with `LPOP`, and if it dies at that moment, the job is lost. A worker of
    one queue moves the job to a second list first"."""
    other = Queue("other", connection=queue.connection, serializer=JSONSerializer)
    for queues, kept in (([queue], 1), ([queue, other], 0)):
        queue.connection.delete(queue.intermediate_queue_key)
        queue.enqueue("operator.truth", 1)
        Queue.dequeue_any(queues, None, connection=queue.connection, serializer=JSONSerializer)
        assert queue.connection.llen(queue.intermediate_queue_key) == kept
        assert len(queue) == 0


def test_the_timeout_of_a_job_is_an_exception_that_it_can_swallow(queue):
    """03-fail: "the job's own timeout is an exception, too. A job that catches it does not stop in time"."""
    assert issubclass(JobTimeoutException, Exception)
    job = queue.enqueue(swallows, job_timeout=1)
    run(queue)
    assert (job.get_status(), job.return_value()) == ("finished", "swallowed")


def test_a_job_that_returns_a_retry_is_not_finished(queue):
    """let-it-out: "For RQ a job that returns is finished, unless it returns a Retry"."""
    job = queue.enqueue(asks_again)
    run(queue)
    assert job.get_status() == "failed"  # after the one more attempt that it asked for
    assert job.number_of_retries == 1 or Job.fetch(job.id, connection=queue.connection).number_of_retries == 1


def test_work_horse_that_is_killed_leaves_no_traceback(lab, queue):
    """03-fail: "The killed one has no traceback", also for a kill that is not by SIGKILL."""
    job = queue.enqueue("signal.raise_signal", int(signal.SIGTERM))
    work_off([queue], folder=lab.folder, timeout=PATIENCE)
    assert job.latest_result().exc_string.strip() == (
        f"Work-horse terminated unexpectedly; waitpid returned {int(signal.SIGTERM)} (signal {int(signal.SIGTERM)});"
    )
