"""Dramatiq: processes with threads. A job is acknowledged when it is done; there is no other way."""

import os

import dramatiq
from dramatiq.brokers.redis import DEFAULT_HEARTBEAT_TIMEOUT, RedisBroker

from tools.compare import jobs
from tools.compare.row import Row, program

soon = os.environ.get("REDELIVER_AFTER")
# The chance is a number of a million: each command then looks for workers that died.
often = {"heartbeat_timeout": int(soon) * 1000, "maintenance_chance": 1_000_000} if soon else {}
broker = RedisBroker(url=os.environ["REDIS_URL"], **often)
dramatiq.set_broker(broker)


@dramatiq.actor
def small():
    jobs.small()


@dramatiq.actor
def waiting():
    jobs.waiting()


@dramatiq.actor
def killed():
    jobs.killed()


def enqueue(job: str, number: int) -> None:
    for _ in range(number):
        globals()[job].send()


ROWS = (
    Row(
        name="Dramatiq, threads",
        library="dramatiq",
        module="dramatiq_app",
        commands=((program("dramatiq"), __name__, "--processes", "2", "--threads", "8"),),
        at_once=16,
        how="2 processes of 8 threads",
        late=True,
        setting="always",
        wait=("heartbeat_timeout", DEFAULT_HEARTBEAT_TIMEOUT / 1000),
    ),
)
