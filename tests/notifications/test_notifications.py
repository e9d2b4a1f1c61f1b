"""The system under study, as an application would use it, without the lab."""

import ast
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rq import Worker

from labsupport.namespace import root
from labsupport.notifications import processor, settings
from labsupport.notifications.app import AppService
from labsupport.notifications.database import Database
from labsupport.notifications.provider import Provider, ProviderDown, ProviderError, RateLimited
from labsupport.notifications.queue import NotificationQueueService, notification_queue
from labsupport.processes import workers
from tests.kernels import soon

PACKAGE = Path(processor.__file__).parent


def test_it_knows_nothing_of_the_lab():
    for module in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf8"))):
            if isinstance(node, ast.ImportFrom | ast.Import):
                names = [node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
                for name in names:
                    assert not name.startswith("labsupport") or name.startswith("labsupport.notifications"), module


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


def test_processor_in_the_request(lab, monkeypatch, caplog):
    monkeypatch.setattr(settings, "REDIS_URL", lab.url)
    with caplog.at_level(logging.INFO):
        assert processor.send_notification({"message": "Hi"}) is True
    assert caplog.messages == ["Processing job send-notification with data: {'message': 'Hi'}"]
    assert Provider(lab.redis).delivered() == ["Hi"]


def test_settings_come_from_the_environment(monkeypatch):
    cases = [
        ({"REDIS_URL": "redis://a:1/2"}, "redis://a:1/2"),
        ({"REDIS_HOST": "b", "REDIS_PORT": "2"}, "redis://b:2"),
        ({}, "redis://localhost:6379"),
    ]
    code = "from labsupport.notifications import settings; print(settings.REDIS_URL, settings.QUEUES)"
    for environment, url in cases:
        clean = {k: v for k, v in os.environ.items() if not k.startswith("REDIS_")}
        run = subprocess.run([sys.executable, "-c", code], env={**clean, **environment}, capture_output=True, text=True)
        assert run.stdout.split() == [url, "['notification-queue']"], run.stderr


def test_a_plain_rq_worker_runs_it(server):
    """Without the lab: `rq worker --config`, and RQ's own prefix."""
    queue = notification_queue(server.redis)
    clean = {k: v for k, v in os.environ.items() if k not in ("RQ_KEY_PREFIX", "NOTIFICATIONS_PREFIX")}
    if root():
        pytest.xfail("RQ's prefix is fixed for this process, which is on a server of the reader's")
    job = NotificationQueueService(server.redis).add_job({"message": "Hi"})
    command = [
        sys.executable,
        "-m",
        "rq.cli",
        "worker",
        "--config",
        settings.__name__,
        "--serializer",
        "json",
        "--burst",
    ]
    run = subprocess.run(command, env={**clean, "REDIS_URL": server.url}, capture_output=True, text=True, timeout=60)
    assert "Processing job send-notification with data: {'message': 'Hi'}" in run.stdout
    assert job.return_value() is True
    assert len(queue) == 0


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
    command = workers.WorkerCommand([queue], "labsupport.notifications.worker.ServiceWorker")
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
