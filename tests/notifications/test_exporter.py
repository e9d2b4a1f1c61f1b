"""The exporter, over HTTP and by itself: what it says of queues, and that it says something when Redis is away."""

import time
from datetime import timedelta

import httpx
import psutil
import pytest
from prometheus_client import CollectorRegistry
from redis import Redis
from rq import Queue, Retry, SimpleWorker
from rq.serializers import JSONSerializer
from rq.utils import now

from labsupport.notifications import settings
from labsupport.notifications.exporter import Queues
from labsupport.processes import services

NAME = "labsupport.notifications.exporter"


def numbers(redis: Redis) -> dict[str, float]:
    """By name and labels, as PromQL would have them, without the queue."""
    registry = CollectorRegistry()
    registry.register(Queues(redis))
    return {
        " ".join(
            [sample.name, *(value for label, value in sorted(sample.labels.items()) if label == "status")]
        ): sample.value
        for metric in registry.collect()
        for sample in metric.samples
        if sample.labels.get("queue", "notification-queue") == "notification-queue"
    }


def test_over_http_on_this_machine_alone(lab, queue, capsys):
    queue.enqueue("operator.truth", 1)
    service = lab.exporter()
    assert f"$ python -m {NAME} --port " in capsys.readouterr().out
    text = httpx.get(f"{service.url}/metrics").text
    assert 'rq_jobs{queue="notification-queue",status="queued"} 1.0' in text.splitlines()
    port = int(service.url.rpartition(":")[2])
    addresses = {c.laddr.ip for c in psutil.Process(service.pid).net_connections() if c.status == "LISTEN"}
    assert (addresses, port > 0) == ({"127.0.0.1"}, True)
    # Who can read a command line learns no password.
    assert lab.url not in " ".join(psutil.Process(service.pid).cmdline())


def test_states(queue):
    queue.enqueue("operator.truth", 1)
    queue.enqueue("operator.truediv", 1, 0)
    queue.enqueue("operator.truediv", 1, 0, retry=Retry(max=1, interval=60))
    SimpleWorker([queue], connection=queue.connection, serializer=JSONSerializer).work(burst=True)
    waiting = queue.enqueue("operator.truth", 1)
    queue.enqueue("operator.truth", 1, depends_on=waiting)
    said = numbers(queue.connection)
    wanted = {"queued": 1, "started": 0, "scheduled": 1, "deferred": 1, "failed": 1, "finished": 1}
    assert {name: said[f"rq_jobs {name}"] for name in wanted} == wanted
    assert said["rq_redis_up"] == 1


def test_results_that_have_expired_do_not_count(queue):
    queue.connection.zadd(queue.failed_job_registry.key, {"long-ago": time.time() - 1})
    queue.enqueue("operator.truth", 1)
    assert numbers(queue.connection)["rq_jobs failed"] == 0


def test_age_is_that_of_the_oldest_and_not_of_the_first(queue):
    assert numbers(queue.connection) == {"rq_redis_up": 1}  # no queue, no numbers
    for age, front in ((100, False), (5, True)):
        job = queue.enqueue("operator.truth", 1, at_front=front)
        job.enqueued_at = now() - timedelta(seconds=age)
        job.save()
    queue.connection.lpush(queue.key, "of-a-job-that-is-gone")
    assert 100 <= numbers(queue.connection)["rq_oldest_job_age_seconds"] < 160
    queue.connection.delete(queue.key)
    assert numbers(queue.connection)["rq_oldest_job_age_seconds"] == 0


def test_several_queues(queue):
    other = Queue("other", connection=queue.connection, serializer=JSONSerializer)
    for one, jobs in ((queue, 2), (other, 3)):
        for _ in range(jobs):
            one.enqueue("operator.truth", 1)
    registry = CollectorRegistry()
    registry.register(Queues(queue.connection))
    counted = {
        name: registry.get_sample_value("rq_jobs", {"queue": name, "status": "queued"})
        for name in ("other", queue.name)
    }
    assert counted == {"other": 3, queue.name: 2}


def test_workers_and_overdue(queue):
    queue.enqueue("operator.truth", 1)
    worker = SimpleWorker([queue], connection=queue.connection, serializer=JSONSerializer)
    worker.register_birth()
    queue.connection.zadd(queue.scheduled_job_registry.key, {"late": time.time() - 60, "soon": time.time() + 60})
    said = numbers(queue.connection)
    assert (said["rq_workers"], said["rq_overdue_jobs"]) == (1, 1)
    queue.connection.delete(worker.key)  # it expired; the set of names still has it
    assert numbers(queue.connection)["rq_workers"] == 0


def test_without_redis_it_says_so(server, monkeypatch):
    monkeypatch.setenv("REDIS_URL", server.url)
    registry = CollectorRegistry()
    registry.register(Queues(settings.connect_briefly()))
    assert registry.get_sample_value("rq_redis_up") == 1
    server.kill()
    assert registry.get_sample_value("rq_redis_up") == 0
    server.start()
    assert registry.get_sample_value("rq_redis_up") == 1


@pytest.mark.parametrize("words", [["--port", "nine"], ["--hosts", "x"]])
def test_a_wrong_option_is_a_line(words, capsys):
    from labsupport.notifications import exporter

    with pytest.raises(SystemExit):
        exporter.main(words)
    assert "error" in capsys.readouterr().err


def test_a_taken_port_is_a_line(lab, tmp_path):
    service = lab.exporter()
    port = int(service.url.rpartition(":")[2])
    with pytest.raises(Exception, match=f"port {port} is taken"):
        services.exporter(lab.url, tmp_path, NAME, port=port)
