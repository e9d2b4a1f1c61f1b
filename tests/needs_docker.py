"""docker-compose.yml, really run, and a lab on it: `make test-docker`.

Needs a Docker engine, which a fresh machine has not; hence no `test_` in the name.
"""

import os
import subprocess

import psutil
import pytest
from redis import Redis
from redis.exceptions import OutOfMemoryError, RedisError

from labsupport import desk
from labsupport.redis_server import free_port
from tests.kernels import SET_UP, soon


def docker(*words: str) -> str:
    run = subprocess.run(["docker", *words], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


@pytest.fixture
def url(monkeypatch):
    monkeypatch.setenv("REDIS_PORT", str(free_port()))
    yield desk.start_docker()
    compose = ["docker", "compose"] if _has_plugin() else ["docker-compose"]
    subprocess.run([*compose, "down", "--volumes"], cwd=desk.HERE, check=True, capture_output=True)


def _has_plugin() -> bool:
    return subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0


def container() -> str:
    (name,) = docker("ps", "--filter", "label=com.docker.compose.service=redis", "--format", "{{.Names}}").split()
    return name


def test_up_a_second_time_is_the_same(url):
    assert desk.start_docker() == url


def test_loopback_only(url):
    port = int(url.rpartition(":")[2])
    listening = {c.laddr.ip for c in psutil.net_connections() if c.status == "LISTEN" and c.laddr.port == port}
    assert listening == {"127.0.0.1"}


def test_jobs_survive_a_crash(url):
    redis = Redis.from_url(url)
    redis.rpush("line", *range(100))
    redis.config_set("appendfsync", "always")
    redis.rpush("line", "last")
    docker("kill", "--signal", "KILL", container())
    docker("start", docker("ps", "-a", "--filter", "label=com.docker.compose.service=redis", "--format", "{{.Names}}"))

    def back() -> bool:
        try:
            return Redis.from_url(url).llen("line") == 101
        except RedisError:
            return False

    assert soon(back, within=20)


def test_full_is_full_and_nothing_is_evicted(url):
    redis = Redis.from_url(url)
    assert redis.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"
    assert int(redis.config_get("maxmemory")["maxmemory"]) == 256 * 1024 * 1024
    redis.set("first", "kept")
    redis.config_set("maxmemory", "3mb")
    with pytest.raises(OutOfMemoryError):  # noqa: PT012
        redis.mset({f"big:{n}": "x" * 100_000 for n in range(50)})
        redis.set("one more", "x" * 100_000)  # Redis looks before it writes
    assert redis.get("first") == b"kept"


def test_a_lab_on_it(url, kernel):
    notebook = kernel(REDIS_URL=url)
    assert "the one of REDIS_URL" in notebook.run(SET_UP)
    work = "from rq import Queue\nqueue = Queue('q', connection=lab.redis)\njob = queue.enqueue('operator.add', 1, 2)\n"
    assert notebook.run(work + "lab.workers(queue, burst=True).wait()\nprint(job.return_value())").endswith("3\n")
    notebook.shut_down()
    assert Redis.from_url(url).keys() == []


def test_a_taken_port_is_two_lines(url):
    docker("stop", container())
    taken = subprocess.Popen(
        ["python3", "-c", "import socket, sys, time\ns = socket.create_server(('127.0.0.1', int(sys.argv[1])))\ntime.sleep(60)",
         os.environ["REDIS_PORT"]]
    )  # fmt: skip
    try:
        assert soon(lambda: psutil.Process(taken.pid).net_connections())
        with pytest.raises(SystemExit) as caught:
            desk.start_docker()
        assert "Docker could not start Redis" in str(caught.value)
        assert len(str(caught.value).splitlines()) == 2
    finally:
        taken.kill()
        taken.wait()
