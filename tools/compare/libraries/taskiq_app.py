"""Taskiq: jobs are coroutines. Its broker on a list acknowledges nothing; the one on a stream does, when a job is saved."""

import asyncio
import inspect
import os
import time

from taskiq_redis import ListQueueBroker, RedisStreamBroker

from tools.compare import jobs
from tools.compare.row import Row, program

soon = os.environ.get("REDELIVER_AFTER")
if os.environ.get("ACKNOWLEDGE") == "late":
    broker = RedisStreamBroker(os.environ["REDIS_URL"], **({"idle_timeout": int(soon) * 1000} if soon else {}))
else:
    broker = ListQueueBroker(os.environ["REDIS_URL"])


@broker.task
async def small():
    jobs.small()


@broker.task
async def waiting():
    start = time.monotonic()
    await asyncio.sleep(jobs.WAIT)
    jobs.note("waiting", start)


@broker.task
async def killed():
    start = time.monotonic()
    await asyncio.sleep(jobs.begun())
    jobs.note("killed", start)


loop = asyncio.new_event_loop()


async def send(job: str, number: int) -> None:
    await broker.startup()
    for _ in range(number):
        await globals()[job].kiq()


def enqueue(job: str, number: int) -> None:
    loop.run_until_complete(send(job, number))


SHARED = {
    "library": "taskiq",
    "module": "taskiq_app",
    "commands": ((program("taskiq"), "worker", f"{__name__}:broker", "--workers", "2", "--log-level", "WARNING"),),
    "at_once": 200,
    "how": "2 processes of 100 coroutines",
}
IDLE = inspect.signature(RedisStreamBroker).parameters["idle_timeout"].default

ROWS = (
    Row(name="Taskiq, async, list", late=False, setting="ListQueueBroker", **SHARED),
    Row(
        name="Taskiq, async, stream",
        late=True,
        setting="RedisStreamBroker, ack_type when_saved (the default)",
        wait=("idle_timeout", IDLE / 1000),
        environment={"ACKNOWLEDGE": "late"},
        **SHARED,
    ),
)
