"""huey: takes a job out of its list, and keeps nothing of it but in memory."""

import os

from huey import RedisHuey

from tools.compare import jobs
from tools.compare.row import Row, program

huey = RedisHuey("compare", url=os.environ["REDIS_URL"])


@huey.task()
def small():
    jobs.small()


@huey.task()
def waiting():
    jobs.waiting()


@huey.task()
def killed():
    jobs.killed()


def enqueue(job: str, number: int) -> None:
    for _ in range(number):
        globals()[job]()


CONSUMER = (program("huey_consumer"), f"{__name__}.huey", "--quiet")
THREADS = (*CONSUMER, "--worker-type", "thread", "--workers", "8")
SHARED = {"library": "huey", "module": "huey_app", "late": False, "setting": "no other"}

ROWS = (
    Row(
        name="huey, processes",
        commands=((*CONSUMER, "--worker-type", "process", "--workers", "2"),),
        at_once=2,
        how="2 processes",
        **SHARED,
    ),
    Row(name="huey, threads", commands=(THREADS, THREADS), at_once=16, how="2 consumers of 8 threads", **SHARED),
)
