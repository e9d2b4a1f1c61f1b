"""Two hosts and one Redis: network namespaces, each with an address and a host name of its own, on a bridge.

Needs Linux, root, and Debian's iproute2, which a fresh machine may not have: a marker keeps it out of `make test`.
`make test-hosts` runs it.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from redis import Redis
from rq import Queue, Retry, Worker
from rq.serializers import JSONSerializer

from labsupport.experiments.maintenance import minutes_later
from labsupport.paths import CHECKOUT
from labsupport.processes.leash import Leashed
from labsupport.processes.redis_server import EmbeddedServer
from tests.kernels import soon

pytestmark = pytest.mark.needs_hosts

NETWORK = "10.203.77"
"""Its first three numbers."""


def ip(*words: str) -> None:
    run = subprocess.run(["ip", *words], capture_output=True, text=True)
    assert run.returncode == 0, f"ip {' '.join(words)}: {run.stderr} (this needs root and iproute2)"


class Host:
    """A network namespace with one cable to the bridge."""

    def __init__(self, name: str, number: int, bridge: str, url: str, folder: Path):
        self.name, self.address = name, f"{NETWORK}.{number}"
        self._space, self._cable = f"{bridge}-{number}", f"{bridge}v{number}"
        self._url, self._folder = url, folder
        self._processes: list[Leashed] = []
        ip("netns", "add", self._space)
        ip("link", "add", self._cable, "type", "veth", "peer", "name", "eth0", "netns", self._space)
        ip("link", "set", self._cable, "master", bridge, "up")
        for words in (["addr", "add", f"{self.address}/24", "dev", "eth0"], ["link", "set", "eth0", "up"]):
            ip("-n", self._space, *words)

    def start(self, *words: str) -> Leashed:
        """Run `python -m …` on this host, which has a name of its own."""
        inside = f'hostname {self.name} && exec "$0" -m "$@"'
        command = ["ip", "netns", "exec", self._space, "unshare", "--uts", "sh", "-c", inside, sys.executable, *words]
        log = self._folder / f"{self.name}-{len(self._processes)}.log"
        environment = {
            **os.environ,
            "REDIS_URL": self._url,
            "COLUMNS": "200",
            "PYTHONPATH": f"{CHECKOUT}:{self._folder}",
        }
        self._processes.append(Leashed(command, log=log, env=environment))
        self._processes[-1].log = log
        return self._processes[-1]

    def worker(self, name: str, *options: str) -> Leashed:
        words = ["rq.cli", "worker", "q", "--name", name, "--serializer", "json", *options]
        return self.start(*words)

    def says(self, *words: str) -> str:
        """What a command on this host prints."""
        process = self.start(*words)
        assert soon(lambda: process.poll() is not None, within=30)
        text = process.log.read_text()
        process.end()
        assert process.returncode == 0, text
        return text

    def cut_off(self) -> None:
        """Pull the cable: nobody hears of it."""
        ip("link", "set", self._cable, "down")

    def connect(self) -> None:
        ip("link", "set", self._cable, "up")

    def close(self) -> None:
        for process in self._processes:
            process.end()
        subprocess.run(["ip", "netns", "del", self._space], check=False, capture_output=True)


@pytest.fixture
def net(tmp_path):
    """(the queue as this machine sees it, the hosts host-a and host-b)"""
    bridge = f"jl{secrets.token_hex(3)}"
    hosts: list[Host] = []
    server = None
    ip("link", "add", bridge, "type", "bridge")
    try:
        ip("addr", "add", f"{NETWORK}.1/24", "dev", bridge)
        ip("link", "set", bridge, "up")
        server = EmbeddedServer({"bind": f"127.0.0.1 {NETWORK}.1"})
        url = server.url.replace("127.0.0.1", f"{NETWORK}.1")
        (tmp_path / "host_jobs.py").write_text(
            "import socket, time\n\n\ndef where(seconds, file):\n    time.sleep(seconds)\n"
            "    with open(file, 'a') as done:\n        done.write(socket.gethostname() + '\\n')\n"
            "    return socket.gethostname()\n"
        )
        for number, name in ((2, "host-a"), (3, "host-b")):
            hosts.append(Host(name, number, bridge, url, tmp_path))
        yield Queue("q", connection=server.redis, serializer=JSONSerializer), *hosts
    finally:
        for host in hosts:
            host.close()
        if server:
            server.close()
        ip("link", "del", bridge)


def listening(queue: Queue) -> set[str]:
    return {worker.name for worker in Worker.all(queue=queue) if worker.get_state() == "idle"}


def test_each_host_sees_the_workers_of_the_other(net):
    queue, a, b = net
    a.worker("worker-a")
    b.worker("worker-b")
    assert soon(lambda: listening(queue) == {"worker-a", "worker-b"}, within=20)
    seen = {worker.name: worker for worker in Worker.all(queue=queue)}
    assert [(seen[f"worker-{x}"].hostname) for x in "ab"] == ["host-a", "host-b"]
    assert [seen[f"worker-{x}"].ip_address.partition(":")[0] for x in "ab"] == [a.address, b.address]
    for host in (a, b):
        told = host.says("rq.cli", "info", "--serializer", "json")
        assert f"worker-a (host-a {a.address}:" in told
        assert f"worker-b (host-b {b.address}:" in told


def test_they_share_the_jobs(net, tmp_path):
    queue, a, b = net
    a.worker("worker-a")
    b.worker("worker-b")
    assert soon(lambda: len(listening(queue)) == 2, within=20)
    jobs = [queue.enqueue("host_jobs.where", 0.05, str(tmp_path / "done")) for _ in range(12)]
    assert soon(lambda: all(job.is_finished for job in jobs), within=30)
    where = Counter(job.return_value() for job in jobs)
    assert set(where) == {"host-a", "host-b"}
    assert where.total() == 12


def test_a_job_is_stopped_from_another_host(net, tmp_path):
    """The command goes through Redis, and the worker of that host kills its own work-horse: a pid is never sent."""
    queue, a, b = net
    a.worker("worker-a")
    job = queue.enqueue("host_jobs.where", 60, str(tmp_path / "done"))
    assert soon(lambda: job.get_status() == "started", within=20)
    (tmp_path / "stop_it.py").write_text(
        "import os, sys\nfrom redis import Redis\nfrom rq.command import send_stop_job_command\n"
        "from rq.serializers import JSONSerializer\n"
        "send_stop_job_command(Redis.from_url(os.environ['REDIS_URL']), sys.argv[1], serializer=JSONSerializer)\n"
    )
    b.says("stop_it", job.id)
    assert soon(lambda: job.get_status() == "stopped")


def test_a_host_that_is_cut_off_finishes_a_job_that_is_run_again_elsewhere(net, tmp_path):
    """Nobody can tell a host that is cut off from a host that is dead: the job runs twice."""
    queue, a, b = net
    done = tmp_path / "done"
    a.worker("worker-a")
    job = queue.enqueue("host_jobs.where", 3, str(done), job_timeout=10, retry=Retry(max=1))
    assert soon(lambda: job.get_status() == "started", within=20)
    a.cut_off()
    b.worker("worker-b")
    assert soon(lambda: "worker-b" in listening(queue), within=20)
    assert job.get_status() == "started"  # its time is not over: min(timeout, 30) + 60 s after its last sign of life
    minutes_later(queue)
    assert soon(lambda: job.get_status(refresh=True) == "finished", within=20)
    assert job.return_value(refresh=True) == "host-b"
    assert soon(lambda: done.read_text().split().count("host-a") == 1, within=20)
    assert sorted(done.read_text().split()) == ["host-a", "host-b"]  # both did the work
    a.connect()
    # Its worker goes on where it was, and says so of a job that ended long ago.
    assert soon(lambda: {"worker-a", "worker-b"} <= listening(queue), within=60)
    assert job.get_status(refresh=True) == "finished"
    print(f"results: {[result.return_value for result in job.results()]}, status {job.get_status().value}")


def test_redis_hears_nothing_of_the_cut(net):
    """A worker of a host that is cut off stays in `rq info` until its record expires: its TTL and a minute."""
    queue, a, b = net
    a.worker("worker-a", "--worker-ttl", "30")
    assert soon(lambda: listening(queue) == {"worker-a"}, within=20)
    a.cut_off()
    told = b.says("rq.cli", "info", "--serializer", "json")
    assert "worker-a (host-a" in told
    redis: Redis = queue.connection
    assert 30 < redis.ttl(next(iter(Worker.all(queue=queue))).key) <= 90
