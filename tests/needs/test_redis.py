"""The labs on Redis itself, by REDIS_URL, among keys that are none of theirs: `make test-redis`.

Needs `redis-server`, which a fresh machine does not have: a marker keeps it out of `make test`.
Set REDIS_SERVER to try another binary.
"""

import os
import shutil
import subprocess
import sys

import pandas as pd
import pytest
from redis import Redis
from rq import Retry

from labsupport.experiments.sweep import _Sweeper, sweep
from labsupport.paths import CHECKOUT
from labsupport.processes.leash import Leashed
from labsupport.processes.redis_server import connect, free_port, product
from labsupport.waiting import wait_until
from tests.experiments import swept_jobs
from tests.test_namespace import plant

pytestmark = pytest.mark.needs_redis

SUITE = [
    "notebooks",
    "tests/exercises",
    "tests/experiments/test_sweep.py",
    "tests/measure/test_recorder.py",
    "tests/processes/test_workers.py",
    "tests/measure/test_peek.py",
]


def binary() -> str:
    path = shutil.which(os.environ.get("REDIS_SERVER", "redis-server"))
    assert path, "redis-server is not installed (Debian: apt install redis-server)"
    return path


@pytest.fixture
def readers_server(tmp_path):
    """The URL of a Redis with its defaults, and a password."""
    port = free_port()
    command = [
        binary(),
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--dir",
        str(tmp_path),
        "--save",
        "",
        "--requirepass",
        "pw",
    ]
    process = Leashed(command, log=tmp_path / "log")
    url = f"redis://:pw@127.0.0.1:{port}/0"

    def answers() -> bool:
        try:
            return Redis.from_url(url).ping()
        except Exception:
            return False

    wait_until(answers, lambda: "redis-server is starting", timeout=20)
    yield url
    process.end()


def test_on_a_redis_of_the_readers(readers_server):
    redis = connect(readers_server)
    print(product(redis))
    planted = plant(redis)
    command = [sys.executable, "-m", "pytest", "-q", "--whole", *SUITE]
    run = subprocess.run(
        command, cwd=CHECKOUT, env={**os.environ, "REDIS_URL": readers_server}, capture_output=True, text=True
    )
    print(run.stdout[-50_000:])
    assert run.returncode == 0
    assert {key: redis.dump(key) for key in planted} == planted
    left = {key.decode() for key in redis.scan_iter()} - set(planted)
    # The tests' own processes have opened labs; the next lab sweeps what they leave.
    sweep = "from labsupport.lab import open_lab; open_lab()"
    subprocess.run(
        [sys.executable, "-c", sweep], env={**os.environ, "REDIS_URL": readers_server}, cwd=CHECKOUT, check=True
    )
    assert {key.decode() for key in redis.scan_iter()} == set(planted), left
    assert {key: redis.dump(key) for key in planted} == planted


def test_a_sweep_says_the_same_on_redis(monkeypatch):
    """Each crash point, in every field."""

    def swept() -> pd.DataFrame:
        monkeypatch.setattr(_Sweeper, "_mine", None)
        table = sweep(swept_jobs.with_key, "hello", delivered=swept_jobs.delivered, retry=Retry(max=1), inside=True)
        _Sweeper.mine().close()
        return table

    on_valkey = swept()
    monkeypatch.setenv("LAB_SERVER", binary())
    assert swept().to_dict("records") == on_valkey.to_dict("records")
