"""The system under study, as an application would use it, without the lab."""

import ast
import json
import logging
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from redis import ConnectionError
from rq import Worker
from rq.cli.helpers import read_config_file
from rq.utils import now

from labsupport.notifications import processor, service_worker, settings
from labsupport.notifications.analytics import Events
from labsupport.notifications.app import AppService
from labsupport.notifications.database import Database
from labsupport.notifications.provider import Provider, ProviderDown, ProviderError, RateLimited
from labsupport.notifications.queue import NotificationQueueService
from labsupport.paths import CHECKOUT
from labsupport.processes import workers
from labsupport.processes.redis_server import EmbeddedServer, free_port
from tests.kernels import soon

PACKAGE = Path(processor.__file__).parent
RQ_SETTINGS = "labsupport.notifications.rq_settings"


def test_it_imports_itself_by_relative_names_only():
    for module in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf8"))):
            if isinstance(node, ast.ImportFrom):
                assert node.level == 1 or not node.module.startswith("labsupport"), module
            elif isinstance(node, ast.Import):
                assert not any(alias.name.startswith("labsupport") for alias in node.names), module


def test_add_job_gives_three_attempts_in_all(lab, caplog):
    service = NotificationQueueService(lab.redis)
    Provider(lab.redis).behave(down=True)
    job = service.add_job({"message": "Hi", "user": 7})
    assert job.origin == "notification-queue"
    assert json.loads(job.data)[2] == [{"message": "Hi", "user": 7}]  # JSON, not pickle
    lab.workers(service.queue, scheduler=True)
    lab.wait(job)
    assert job.get_status() == "failed"
    assert list(lab.attempts()["outcome"]) == ["retried", "retried", "failed"]
    assert set(lab.attempts()["error"]) == {"ProviderDown"}


def test_app_service_queues_a_greeting_and_the_worker_logs_it(lab):
    notifications = NotificationQueueService(lab.redis)
    job = AppService(notifications).send_notification()
    assert job.get_status() == "queued"
    group = lab.workers(notifications.queue, burst=True)
    group.wait()
    assert "Processing job send-notification with data: {'message': 'Hello, RQ and Redis'}" in group[0].lines()
    assert job.return_value() is True
    assert Provider(lab.redis).delivered() == ["Hello, RQ and Redis"]


def test_a_direct_call_asks_the_redis_of_that_moment(monkeypatch, caplog):
    """A notebook imported it before the set-up cell; later its server died, and another one has another port."""
    for message in ("first", "second"):
        server = EmbeddedServer()
        monkeypatch.setenv("REDIS_URL", server.url)
        with caplog.at_level(logging.INFO):
            assert processor.send_notification({"message": message}) is True
        assert Provider(server.redis).delivered() == [message]
        server.close()
    assert caplog.messages[0] == "Processing job send-notification with data: {'message': 'first'}"


def test_a_direct_call_without_a_redis_is_refused(monkeypatch):
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.delenv("REDIS_HOST", raising=False)
    with pytest.raises(settings.NotConfigured, match=r"^REDIS_URL is not set.*$"):
        processor.send_notification({"message": "Hi"})


def test_a_direct_call_without_a_prefix_is_refused(server, monkeypatch):
    """`make lab` on the reader's own Redis leaves it empty until the set-up cell has drawn one."""
    monkeypatch.setenv("REDIS_URL", server.url)
    monkeypatch.setenv("NOTIFICATIONS_PREFIX", "")
    with pytest.raises(settings.NotConfigured, match=r"^NOTIFICATIONS_PREFIX is empty.*$"):
        processor.send_notification({"message": "Hi"})
    assert server.redis.keys() == []


def test_keys_have_the_prefix_of_that_moment(server, monkeypatch):
    stand_in, events = Provider(server.redis), Events(server.redis)
    monkeypatch.setenv("NOTIFICATIONS_PREFIX", "other")
    stand_in.behave(rate_limit=5)
    stand_in.send("without a key")
    stand_in.send("with one", "key")
    events.collect({"name": "opened", "user": 1}, lambda pipe: None)
    events.take("batch")
    keys = server.redis.keys()
    assert len(keys) == 6
    assert {key.decode().partition(":")[0] for key in keys} == {"other"}


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ({"REDIS_URL": "redis://a:1/2"}, "redis://a:1/2"),
        ({"REDIS_URL": "redis://a:1/2", "REDIS_HOST": "b"}, "redis://a:1/2"),
        ({"REDIS_HOST": "b", "REDIS_PORT": "2"}, "redis://b:2"),
        ({"REDIS_HOST": "b"}, "redis://b:6379"),
    ],
)
def test_rq_reads_the_server_and_the_queue_when_a_worker_starts(monkeypatch, environment, url):
    for name in ("REDIS_URL", "REDIS_HOST", "REDIS_PORT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delitem(sys.modules, RQ_SETTINGS, raising=False)  # a worker is a new process
    found = read_config_file(RQ_SETTINGS)
    assert (found["REDIS_URL"], found["QUEUES"]) == (url, ["notification-queue"])
    monkeypatch.delitem(sys.modules, RQ_SETTINGS)


def test_compose_and_the_kit_start_the_same_workers():
    compose = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text(encoding="utf8"))
    command = compose["services"]["worker"]["command"]
    assert command == [
        "rq", "worker", "--config", RQ_SETTINGS, "--serializer", "json", "--with-scheduler",
        "--worker-class", f"{service_worker.__name__}.ServiceWorker", *service_worker.OPTIONS,
    ]  # fmt: skip


def test_what_is_said_of_the_workers_options_is_so(lab, queue):
    options = dict(zip(service_worker.OPTIONS[::2], service_worker.OPTIONS[1::2], strict=True))
    worker = service_worker.ServiceWorker(
        [queue], connection=lab.redis, worker_ttl=int(options["--worker-ttl"]),
        maintenance_interval=int(options["--maintenance-interval"]),
    )  # fmt: skip
    assert worker.dequeue_timeout == 15  # as long an idle worker waits for a job; then it looks
    worker.last_cleaned_at = now() - timedelta(seconds=14)
    assert not worker.should_run_maintenance_tasks
    worker.last_cleaned_at = now() - timedelta(seconds=16)
    assert worker.should_run_maintenance_tasks
    worker.register_birth()
    assert 85 <= lab.redis.ttl(worker.key) <= 90  # its TTL and a minute


def test_a_patient_connection_tries_for_a_minute_and_a_half_at_least(monkeypatch):
    pauses = []
    monkeypatch.setattr("redis.retry.sleep", pauses.append)
    client = service_worker.PatientRedis.from_url(f"redis://127.0.0.1:{free_port()}")
    with pytest.raises(ConnectionError):
        client.ping()
    assert len(pauses) == 120
    assert 90 < sum(pauses) <= 120
    assert max(pauses) <= 1


def test_provider_behaviours(lab):
    stand_in = Provider(lab.redis)
    stand_in.behave(down=True)
    with pytest.raises(ProviderDown):
        stand_in.send("lost")
    stand_in.behave(rate_limit=3)
    outcomes = []
    for n in range(40):
        try:
            stand_in.send(f"m{n}")
            outcomes.append("taken")
        except RateLimited:
            outcomes.append("refused")
    assert outcomes[:4] == ["taken"] * 3 + ["refused"]
    assert stand_in.calls == 40
    assert stand_in.delivered() == [f"m{n}" for n, outcome in enumerate(outcomes) if outcome == "taken"]


def test_flaky_is_the_same_for_the_same_seed(lab):
    def calls(seed):
        stand_in = Provider(lab.redis)
        stand_in.behave(failure_rate=0.5, seed=seed)
        taken = []
        for _ in range(30):
            try:
                stand_in.send("m")
                taken.append(True)
            except ProviderError:
                taken.append(False)
        return taken

    first = calls(1)
    assert first == calls(1)
    assert first != calls(2)
    assert 5 < sum(first) < 25


def test_unknown_behaviour_is_refused(lab):
    with pytest.raises(TypeError, match="speed"):
        Provider(lab.redis).behave(speed=3)


def test_an_idempotency_key_delivers_once(lab):
    stand_in = Provider(lab.redis)
    for key in ("a", "a", "b", None, None):
        stand_in.send(f"for {key}", key)
    assert stand_in.delivered() == ["for a", "for b", "for None", "for None"]


def test_a_lost_reply_is_a_delivery_that_looks_like_a_failure(lab):
    stand_in = Provider(lab.redis)
    stand_in.behave(lost_reply=True)
    with pytest.raises(ProviderError, match="before the answer came"):
        stand_in.send("Hello")
    assert stand_in.delivered() == ["Hello"]


def test_a_worker_that_redis_forgot_is_known_again(lab, queue):
    command = workers.WorkerCommand([queue], f"{service_worker.__name__}.ServiceWorker", RQ_SETTINGS)
    group = workers.start(command, ["worker-1"], lab.folder)
    with group:
        # It waits for a job, and has nothing more to say before that.
        assert soon(lambda: lab.redis.info("clients")["blocked_clients"] == 1)
        (known,) = Worker.all(queue=queue)
        lab.redis.delete(known.key)
        assert Worker.all(queue=queue) == []  # and RQ takes it out of its sets
        job = queue.enqueue("operator.truth", 1)  # its next sign of life
        assert soon(lambda: job.get_status() == "finished")
        assert soon(lambda: [worker.pid for worker in Worker.all(queue=queue)] == [known.pid])
        group.kill()


def test_the_set_up_cell_begins_with_a_new_database(lab):
    """Also when who wrote the old one was killed, and left SQLite's log beside it."""
    path = os.environ["NOTIFICATIONS_DATABASE"]
    Database(path)
    code = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("UPDATE users SET name = 'Old'")
os._exit(1)
"""
    subprocess.run([sys.executable, "-c", code, path])
    assert Path(path + "-wal").stat().st_size > 0
    lab.open()
    assert not Path(path + "-wal").exists()
    assert Database(path).user(1)["name"] == "Ada"
