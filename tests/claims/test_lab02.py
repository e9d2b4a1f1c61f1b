"""What 02-process says of RQ and shows in no cell."""

import os
import re
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from rq import Queue, Worker
from rq.intermediate_queue import IntermediateQueue
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.utils import now
from rq.worker.base import StopRequested

from labsupport.processes.workers import WorkerCommand, WorkerProcess, work_off
from labsupport.waiting import comes_true

PATIENCE = 60
"""Seconds that a condition may take on a busy machine."""


@pytest.fixture
def start(lab, queue):
    """Starts `rq worker` with more options, and returns when it listens."""
    started = []

    def start_one(*more: str, **options) -> WorkerProcess:
        command = WorkerCommand([queue], "rq.worker.Worker", config="", more=more, **options)
        started.append(command.start(f"claims-{len(started)}", lab.folder))
        assert comes_true(lambda: started[-1].listening, within=PATIENCE), started[-1].text()
        return started[-1]

    yield start_one
    for worker in started:
        worker.end()


def has(job: Job, status: str) -> bool:
    return comes_true(lambda: job.get_status() == status, within=PATIENCE)


def test_a_worker_finds_code_in_its_folder_in_pythonpath_and_in_path(lab, queue, tmp_path):
    """02-process: "the folder where it was started, the folders of the environment variable `PYTHONPATH`", and "`--path`"."""
    (tmp_path / "claims02_here.py").write_text("def there():\n    return 'found'\n")
    rq = [str(Path(sys.executable).with_name("rq")), "worker", queue.name, "--serializer", "json", "--burst"]
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    def result(folder: Path, *more: str, pythonpath: str = "") -> object:
        job = queue.enqueue("claims02_here.there")
        environment = {**os.environ, "PYTHONPATH": pythonpath}
        subprocess.run([*rq, *more], cwd=folder, env=environment, capture_output=True, check=True)
        return job.return_value()

    assert result(elsewhere) is None
    assert result(tmp_path) == "found"
    assert result(elsewhere, pythonpath=str(tmp_path)) == "found"
    assert result(elsewhere, "--path", str(tmp_path)) == "found"


SETTINGS = """
import os, socket

REDIS_URL = os.environ["REDIS_URL"]

VALUE = 1
ours, theirs = socket.socketpair()


def value():
    return VALUE


def connection():
    return os.fstat(ours.fileno()).st_ino
"""


def test_what_the_worker_imported_before_the_fork_stays_and_is_shared(queue, start, tmp_path, monkeypatch):
    """02-process: "The forking worker, too, keeps what *it* has imported before it forks", and "If the worker itself opens a
    connection to a database, all its work-horses share that one connection"."""
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}")
    for module in ("claims02_settings", "claims02_jobs"):
        (tmp_path / f"{module}.py").write_text(SETTINGS)
    start("--config", "claims02_settings")

    def results(path: str) -> set:
        jobs = [queue.enqueue(path) for _ in range(3)]
        assert all(has(job, "finished") for job in jobs)
        return {job.return_value() for job in jobs}

    assert len(results("claims02_settings.connection")) == 1
    assert len(results("claims02_jobs.connection")) == 3
    for module in ("claims02_settings", "claims02_jobs"):
        (tmp_path / f"{module}.py").write_text(SETTINGS.replace("VALUE = 1", "VALUE = 2  # deployed"))
    assert results("claims02_settings.value") == {1}
    assert results("claims02_jobs.value") == {2}


def test_a_second_sigterm_kills_the_work_horse(queue, start):
    """02-process: "If SIGTERM or Ctrl-C comes again, more than a second later, the worker kills its work-horse. The job says
    *started*, and nobody runs it, until another worker's *maintenance* finds it"."""
    worker = start()
    job = queue.enqueue("time.sleep", 600)
    assert has(job, "started")
    horse = psutil.Process(worker.pid).children()[0]
    worker.signal(signal.SIGTERM)
    first = Worker.find_by_key(Worker.redis_worker_namespace_prefix + worker.name, connection=queue.connection)
    assert comes_true(lambda: first.shutdown_requested_date is not None, within=PATIENCE)
    worker.signal(signal.SIGTERM)  # within a second: once more, of a supervisor that says it twice
    assert comes_true(lambda: now() - first.shutdown_requested_date > timedelta(seconds=1.1), within=PATIENCE)
    assert worker.running
    assert horse.is_running()
    worker.signal(signal.SIGTERM)
    assert comes_true(lambda: not worker.running, within=PATIENCE)
    assert not horse.is_running()
    assert job.get_status() == "started"
    queue.started_job_registry.cleanup(time.time() + 3600)
    assert job.get_status() == "failed"


def test_sigterm_at_a_bad_moment_leaves_the_job_to_maintenance(queue):
    """02-process: "SIGTERM may come after the worker took an id and before it says that it is busy. Then the worker leaves
    at once, without the job. Maintenance finds that job later, after a minute at the earliest, and counts it as a failed
    attempt"."""
    job = queue.enqueue("time.sleep", 0)
    worker = Worker([queue], connection=queue.connection, serializer=JSONSerializer)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        Queue.dequeue_any([queue], None, connection=queue.connection, serializer=JSONSerializer)
        with pytest.raises(StopRequested):
            worker.request_stop(signal.SIGTERM, None)
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    taken = IntermediateQueue(queue.key, queue.connection)
    assert taken.get_job_ids() == [job.id]
    assert (len(queue), job.get_status()) == (0, "queued")

    taken.cleanup(worker, queue)  # the first look at it
    queue.connection.set(taken.get_first_seen_key(job.id), time.time() - 59)
    taken.cleanup(worker, queue)
    assert job.get_status() == "queued"
    queue.connection.set(taken.get_first_seen_key(job.id), time.time() - 61)
    taken.cleanup(worker, queue)
    assert job.get_status() == "failed"


def test_a_canceled_job_is_never_run(lab, queue):
    """02-process: "`cancel()` takes a job out of its queue"."""
    job = queue.enqueue("time.sleep", 0)
    job.cancel()
    assert len(queue) == 0
    work_off([queue], folder=lab.folder)
    assert job.get_status() == "canceled"


def test_a_pool_has_fewer_options_and_always_schedulers(queue):
    """02-process: "`rq worker-pool` has no `--name`, no `--worker-ttl` and no `--maintenance-interval`, and each of its workers
    starts a scheduler"."""
    rq = [sys.executable, "-m", "rq.cli"]

    def options(command: str) -> set[str]:
        shown = subprocess.run([*rq, command, "--help"], capture_output=True, text=True, check=True).stdout
        return set(re.findall(r"--[\w-]+", shown))

    assert {"--name", "--worker-ttl", "--maintenance-interval", "--with-scheduler"} <= options("worker")
    assert not {"--name", "--worker-ttl", "--maintenance-interval", "--with-scheduler"} & options("worker-pool")
    pool = subprocess.Popen([*rq, "worker-pool", queue.name, "-n", "1", "-S", "json"], stderr=subprocess.DEVNULL)
    try:
        lock = queue.key.replace(":queue:", ":scheduler-lock:")
        assert comes_true(lambda: queue.connection.exists(lock), within=PATIENCE)
    finally:
        family = [psutil.Process(pool.pid), *psutil.Process(pool.pid).children(recursive=True)]
        for process in family:
            process.kill()
        pool.wait()


def test_a_spawn_worker_starts_a_new_python_for_each_job(lab, queue):
    """02-process: "`--worker-class rq.worker.SpawnWorker`, which starts a new Python for each job"."""
    job = queue.enqueue("builtins.eval", "__import__('sys').orig_argv[1]")
    log = work_off([queue], folder=lab.folder, timeout=PATIENCE, worker_class="rq.worker.SpawnWorker")
    assert job.return_value() == "-c", (log, job.get_status(), job.latest_result())


def test_the_labs_ask_macos_to_let_forks_live(lab, queue):
    """02-process: "The labs set `OBJC_DISABLE_INITIALIZE_FORK_SAFETY=YES`"."""
    job = queue.enqueue("os.getenv", "OBJC_DISABLE_INITIALIZE_FORK_SAFETY")
    work_off([queue], folder=lab.folder, timeout=PATIENCE)
    assert job.return_value() == "YES"


def test_an_rq_command_of_a_cell_reaches_the_labs_server(lab):
    """02-process starts `rq worker` by itself in a cell. RQ's commands would prefer RQ_REDIS_URL, which is not the lab's."""
    os.environ["RQ_REDIS_URL"] = "redis://127.0.0.1:1"
    lab.open()
    assert "RQ_REDIS_URL" not in os.environ
