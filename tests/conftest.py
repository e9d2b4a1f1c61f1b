"""What the tests share: a lab in this process, servers, and kernels."""

import os

import pytest
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from labsupport.lab import open_lab
from labsupport.processes.redis_server import EmbeddedServer
from tests.bullmq import Bullmq
from tests.kernels import Kernel


@pytest.fixture(autouse=True)
def own_progress(monkeypatch, tmp_path):
    """Each test begins as a reader who was never there; the notebooks' own tests stay so."""
    monkeypatch.setenv("LAB_PROGRESS", str(tmp_path / "own-progress" / "progress.json"))


@pytest.fixture
def lab():
    """A lab at its beginning, on an embedded server or on the one of REDIS_URL."""
    environment = dict(os.environ)
    opened = open_lab()
    yield opened
    opened._stop_all()
    # A notebook that is tested in this process later has its own server.
    os.environ.clear()
    os.environ.update(environment)


@pytest.fixture
def queue(lab):
    return Queue("notification-queue", connection=lab.redis, serializer=JSONSerializer)


@pytest.fixture
def server():
    """A server of the test's own."""
    started = EmbeddedServer()
    yield started
    started.close()


@pytest.fixture
def kernel(tmp_path):
    """Starts kernels, in a folder of their own, and sees that none is left."""
    started = []

    def start(**environment: str) -> Kernel:
        started.append(Kernel(tmp_path, **environment))
        return started[-1]

    yield start
    for one in started:
        one.kill()


@pytest.fixture(scope="session")
def _bullmq():
    """One server and one Node.js for all tests: they start slowly."""
    server = EmbeddedServer()
    process = Bullmq(server.url)
    yield process, Redis.from_url(server.url)
    process.close()
    server.close()


@pytest.fixture
def bullmq(_bullmq):
    """BullMQ on an empty server: `bullmq.run(code)`, and `bullmq.redis`."""
    process, redis = _bullmq
    redis.flushall()
    process.redis = redis
    return process
