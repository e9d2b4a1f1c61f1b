"""What 08-survive rests on, of RQ and Redis, and shows in no cell: a release that changes it shows here."""

import signal
import sqlite3
import time

import psutil
import pytest
from redis.exceptions import OutOfMemoryError
from rq import Queue, SimpleWorker, Worker
from rq.defaults import DEFAULT_MAINTENANCE_TASK_INTERVAL
from rq.serializers import JSONSerializer

from labsupport.experiments.maintenance import minutes_later
from labsupport.notifications.provider import Provider
from labsupport.processes.workers import WorkerCommand
from labsupport.waiting import comes_true

PATIENCE = 60
"""Seconds that a condition may take on a busy machine."""

FULL = "500kb"
"""Less than an empty server uses."""


@pytest.fixture
def own(lab):
    """A queue on a server of the lab's own, which may be filled."""
    lab.move_to_own_server()
    return Queue("notification-queue", connection=lab.redis, serializer=JSONSerializer)


@pytest.fixture
def start(lab):
    """Starts `rq worker` on a queue."""
    started = []

    def start_one(queue: Queue, *more: str):
        command = WorkerCommand([queue], "rq.worker.Worker", config="", more=more)
        started.append(command.start(f"claims-{len(started)}", lab.folder))
        assert comes_true(lambda: started[-1].listening or not started[-1].running, within=PATIENCE)
        return started[-1]

    yield start_one
    for worker in started:
        worker.end()


@pytest.mark.parametrize(
    ("worker_class", "options", "timeout", "seconds"),
    [
        (Worker, {}, 10, 70),
        (Worker, {}, 180, 90),
        (Worker, {}, -1, 90),
        (Worker, {"job_monitoring_interval": 1}, 180, 61),
        (Worker, {"worker_ttl": 30, "maintenance_interval": 15}, 180, 90),
        (SimpleWorker, {}, 180, 240),
    ],
)
def test_for_how_long_a_worker_says_that_it_will_be_alive(queue, worker_class, options, timeout, seconds):
    """`min(timeout, 30) + 60` seconds; no option makes the 60 shorter; of a SimpleWorker the
    job's timeout + 60 seconds."""
    worker = worker_class([queue], connection=queue.connection, serializer=JSONSerializer, **options)
    job = queue.enqueue("operator.truth", 1, job_timeout=timeout)
    execution = worker.prepare_execution(job)
    [(_, expiry)] = queue.connection.zrange(queue.started_job_registry.key, 0, -1, withscores=True)
    assert expiry - execution.created_at.timestamp() == pytest.approx(seconds, abs=2)


def test_maintenance_is_every_ten_minutes():
    """When a worker starts, and every 600 seconds."""
    assert DEFAULT_MAINTENANCE_TASK_INTERVAL == 600


def test_a_stopped_job_without_a_retry_has_failed_and_delivers(lab, queue, start):
    """Without a retry, Redis says *failed*, and the message goes out all the same. Then it says *finished*."""
    provider = Provider(lab.redis)
    provider.behave(latency=1)
    worker = start(queue)
    job = queue.enqueue("tests.claims.test_lab08.deliver")
    assert comes_true(lambda: provider.calls == 1, within=PATIENCE)
    horse = psutil.Process(worker.pid).children()[0]
    worker.signal(signal.SIGSTOP)
    horse.suspend()
    minutes_later(queue)
    assert (job.get_status(), provider.delivered()) == ("failed", [])
    horse.resume()
    worker.signal(signal.SIGCONT)
    assert comes_true(lambda: job.get_status() == "finished", within=PATIENCE)
    assert provider.delivered() == ["Hello"]


def deliver():
    """A job of the test above."""
    from rq import get_current_job

    Provider(get_current_job().connection).send("Hello")


def test_a_full_server_lets_no_worker_start(own, start):
    """No worker can start, either."""
    own.connection.config_set("maxmemory", FULL)
    worker = start(own)
    assert worker.failed
    assert "OutOfMemoryError" in worker.text()


def test_a_worker_cannot_take_a_job_from_a_full_server(own):
    """It cannot even take the next job."""
    own.enqueue("operator.truth", 1)
    own.connection.config_set("maxmemory", FULL)
    with pytest.raises(OutOfMemoryError):
        Queue.dequeue_any([own], None, connection=own.connection, serializer=JSONSerializer)


def test_what_can_be_done_on_a_full_server_is_to_delete(own, start):
    """Deleting still works."""
    worker = start(own)
    job = own.enqueue("operator.truediv", 1, 0)
    assert comes_true(lambda: own.failed_job_registry.get_job_count(cleanup=False) == 1, within=PATIENCE)
    worker.end()
    own.connection.config_set("maxmemory", FULL)
    own.failed_job_registry.remove(job.id, delete_job=True)
    assert own.failed_job_registry.get_job_count(cleanup=False) == 0
    assert not own.connection.keys(f"*{job.id}*")


def test_what_has_an_expiry_and_what_has_none(queue, start):
    """The `volatile-` policies evict only keys that expire: results and the registrations of workers, and no job
    that waits."""
    worker = start(queue)
    done = queue.enqueue("operator.truth", 1)
    assert comes_true(lambda: done.get_status() == "finished", within=PATIENCE)
    assert queue.connection.ttl(done.key) > 0
    assert queue.connection.ttl(Worker.redis_worker_namespace_prefix + worker.name) > 0
    worker.end()
    waiting = queue.enqueue("operator.truth", 1)
    assert queue.connection.ttl(waiting.key) == -1
    assert queue.connection.ttl(queue.key) == -1


def test_the_list_of_a_queue_can_be_evicted(own):
    """The list itself is a key, too: it can go as well, with all ids."""
    for number in range(20):
        own.enqueue("operator.truth", number)
    own.connection.config_set("maxmemory-policy", "allkeys-lru")
    own.connection.config_set("maxmemory", FULL)
    assert comes_true(lambda: own.connection.exists(own.key) == 0, within=PATIENCE)


def test_ids_whose_hash_is_gone_are_dropped_in_silence(queue, start):
    """The worker passes over such an id and logs nothing; maintenance then deletes it, and says nothing."""
    lost, last = queue.enqueue("operator.truth", 1), queue.enqueue("operator.truth", 1)
    queue.connection.delete(lost.key)
    worker = start(queue)
    assert comes_true(lambda: last.get_status() == "finished", within=PATIENCE)
    assert lost.id not in worker.text()
    assert queue.intermediate_queue.get_job_ids() == [lost.id]
    minutes_later(queue)
    assert queue.intermediate_queue.get_job_ids() == []
    assert queue.failed_job_registry.count == 0


def test_how_often_an_append_only_file_is_synced_by_default(server):
    """`everysec`, the default of an AOF."""
    assert server.redis.config_get("appendfsync") == {"appendfsync": "everysec"}


def test_a_failed_job_is_kept_for_a_year(queue, start):
    """Failed jobs are kept for a year, and its hash goes with it."""
    start(queue)
    job = queue.enqueue("operator.truediv", 1, 0)
    assert comes_true(lambda: job.get_status() == "failed", within=PATIENCE)
    year = 365 * 24 * 3600
    assert queue.connection.ttl(job.key) == pytest.approx(year, abs=60)
    assert queue.failed_job_registry.get_expiration_time(job).timestamp() - time.time() == pytest.approx(year, abs=60)


def test_a_quick_worker_does_not_find_the_order(tmp_path, lab):
    """`enqueue_first` has a second fault, without any crash: a quick worker starts the job before the commit, and does not
    find the order."""
    shop, worker = sqlite3.connect(tmp_path / "shop"), sqlite3.connect(tmp_path / "shop")
    shop.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY)")
    shop.commit()
    number = shop.execute("INSERT INTO orders DEFAULT VALUES").lastrowid
    queue = Queue("mails", connection=lab.redis)
    queue.enqueue("mails.send", number)
    find = "SELECT count(*) FROM orders WHERE id = ?"
    assert queue.jobs[0].args == (number,)  # a worker would take it
    assert worker.execute(find, (number,)).fetchone() == (0,)
    shop.commit()
    assert worker.execute(find, (number,)).fetchone() == (1,)
    shop.close()
    worker.close()
