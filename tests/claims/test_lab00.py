"""What 00-start-here says of RQ, and does not show itself."""

import subprocess
import sys

import pytest
from rq import Worker

from labsupport.notifications.processor import send_notification
from labsupport.notifications.provider import Provider


def test_the_plain_command_is_enough_and_each_job_has_a_process(lab, queue):
    """00: "On a server of yours the plain command is enough: rq worker notification-queue --url … --serializer json".
    00: "it starts a new process for every job"."""
    queue.enqueue(send_notification, {"message": "Hello"})
    jobs = [queue.enqueue("os.getpid") for _ in range(2)]
    plain = ["worker", "notification-queue", "--url", lab.url, "--serializer", "json"]
    worker = subprocess.run([sys.executable, "-m", "rq.cli", *plain, "--burst"], capture_output=True, text=True)
    assert worker.returncode == 0, worker.stderr
    assert Provider(lab.redis).delivered() == ["Hello"]
    first, second = (job.return_value() for job in jobs)
    assert first != second


def test_two_workers_cannot_share_a_name(lab, queue):
    """00: "Give your worker another name, because two workers cannot share one"."""
    first, second = (Worker([queue], name="worker-1", connection=lab.redis) for _ in range(2))
    first.register_birth()
    with pytest.raises(ValueError, match="There exists an active worker named 'worker-1' already"):
        second.register_birth()


def test_a_waiting_job_does_not_expire(lab, queue):
    """00: "The job waits in Redis, and nothing limits its wait"."""
    job = queue.enqueue(send_notification, {"message": "Hello"})
    assert [lab.redis.ttl(key) for key in (job.key, queue.key)] == [-1, -1]
