"""BullMQ queues to move: drawn here, made by BullMQ itself, and read as the check needs it.

Read from bullmq 6.7 (src/commands/*.lua): `wait` is a list that workers take from on the right; a score of `delayed` is the
moment in milliseconds × 4096, and a number that keeps the order; `atm` counts the attempts that are used up. A job that is
retried goes to the back of `wait`, or into `delayed`, where its `timestamp` is still that of its birth.
"""

from __future__ import annotations

import json
import random
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis import Redis

from labsupport.errors import LabError
from labsupport.processes import node

SCRIPT = Path(__file__).with_name("make_queue.mjs")
PATIENCE = 30
"""Seconds that BullMQ may take to make a queue."""

HOUR = 3600_000
"""In milliseconds, as all times of BullMQ."""

PLACES = ("wait", "paused", "active", "delayed", "prioritized", "failed", "completed", "waiting-children")
"""Lists and sorted sets of a queue that hold ids of jobs."""

Step = tuple[Any, ...]


@dataclass(frozen=True)
class Old:
    """A job as it was in BullMQ.

    state: waiting, delayed, failed or completed. attempts: as it was added; used: how many it has had.
    due: seconds since the epoch; of a delayed job.
    born: the same, of its `timestamp`; delay: seconds, of its `delay`.
    """

    id: str
    state: str
    data: dict[str, Any]
    attempts: int
    used: int
    due: float
    born: float
    delay: float

    @property
    def text(self) -> str:
        """No other job has it."""
        return self.data["message"]

    @property
    def word(self) -> str:
        """The word of its text that no other has, which is the same however it is encoded."""
        return self.text.split()[-1]

    @property
    def retries(self) -> int:
        """How many more times it may be tried, after the next one."""
        return max(self.attempts - self.used - 1, 0)

    def __str__(self) -> str:
        return f"BullMQ's job {self.id} ({self.state})"


class Plan:
    """The steps that make a queue. Each text is drawn anew."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._texts: set[str] = set()

    def add(self, **options: object) -> None:
        """One job, with BullMQ's options."""
        word = f"{random.choice(('Olá', 'Hej', 'Ça va', 'Hello'))} {random.getrandbits(32):08x}"
        self.steps.append(("add", {"message": word, "userId": random.randrange(1, 500)}, options))

    def fail(self, times: int = 1) -> None:
        """A worker takes the next job, and its processor throws; so many times."""
        self.steps.append(("fail", times, random.choice(("provider unreachable", "429 Too Many Requests"))))

    def complete(self) -> None:
        """A worker takes the next job, and completes it."""
        self.steps.append(("complete", 1))


def large() -> Plan:
    """About a hundred jobs in every state, with attempts of every number."""
    plan, some = Plan(), random.randrange
    for _ in range(some(4, 7)):
        plan.add(attempts=3)
        plan.complete()
    for attempts in random.sample([1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3], some(11, 15)):
        plan.add(attempts=attempts)
        plan.fail(attempts)
    for _ in range(some(7, 11)):
        plan.add(attempts=some(2, 6), backoff={"type": "fixed", "delay": some(HOUR // 2, 3 * HOUR)}, timestamp=_ago(1))
        plan.fail()
    twice, once = some(2, 4), some(4, 7)
    for _ in range(twice):
        plan.add(attempts=some(3, 6))
    plan.fail(twice)
    for _ in range(once):
        plan.add(attempts=some(2, 5))
    for _ in range(some(21, 26)):
        plan.add(**random.choice(({}, {"attempts": 1}, {"attempts": 3}, {"attempts": 5})))
    plan.fail(twice + once)  # they go to the back
    for _ in range(some(18, 23)):
        plan.add(**random.choice(({}, {"attempts": 1}, {"attempts": 3}, {"attempts": 2})))
    for _ in range(some(2, 4)):
        plan.add(attempts=3, lifo=True)
    for _ in range(some(19, 24)):
        plan.add(attempts=some(1, 5), delay=some(2 * HOUR, 24 * HOUR), timestamp=_ago(1))
    for _ in range(some(2, 4)):  # its workers were stopped when it was due
        plan.add(attempts=some(1, 5), delay=HOUR, timestamp=_ago(2))
    return plan


def small() -> Plan:
    """A few of each."""
    plan = Plan()
    plan.add(attempts=1)
    plan.complete()
    for attempts in (1, 2):
        plan.add(attempts=attempts)
        plan.fail(attempts)
    plan.add(attempts=3, backoff={"type": "fixed", "delay": 20 * HOUR}, timestamp=_ago(1))
    plan.fail()
    plan.add(attempts=3)
    plan.add(attempts=2)
    plan.fail()
    plan.add()
    plan.add(attempts=2, delay=24 * HOUR, timestamp=_ago(1))
    return plan


def _ago(hours: int) -> int:
    return int(time.time() * 1000) - hours * HOUR - random.randrange(60_000)


def made(plan: Plan, url: str, bull: str) -> None:
    """Let BullMQ make the queue in the Redis at this URL.

    bull: what its keys begin with, `prefix:queue:`.

    Raises LabError if BullMQ is not set up, or fails.
    """
    prefix, _, queue = bull.removesuffix(":").rpartition(":")
    order = {"queue": queue, "first": random.randrange(60, 95), "steps": plan.steps}
    command = [node.node(), str(SCRIPT)]
    try:
        ended = subprocess.run(
            command,
            input=json.dumps(order).encode(),
            env=node.environment(url, prefix),
            capture_output=True,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        raise LabError(f"BullMQ did not make a queue within {PATIENCE} s.") from None
    if ended.returncode:
        lines = [line for line in ended.stderr.decode(errors="replace").splitlines() if "Error" in line]
        raise LabError(f"BullMQ could not make a queue: {[*lines, 'it wrote nothing'][0].strip()}")


def read(redis: Redis, bull: str) -> list[Old]:
    """The jobs of a queue: those that wait in the order in which a worker would take them."""
    with redis.pipeline() as pipe:
        pipe.lrange(f"{bull}wait", 0, -1)
        for state in ("delayed", "failed", "completed"):
            pipe.zrange(f"{bull}{state}", 0, -1, withscores=True)
        wait, *sets = pipe.execute()
    found = [(job_id, "waiting", 0.0) for job_id in reversed(wait)]
    for state, members in zip(("delayed", "failed", "completed"), sets, strict=True):
        found += [(job_id, state, score // 4096 / 1000 if state == "delayed" else 0.0) for job_id, score in members]
    with redis.pipeline() as pipe:
        for job_id, _, _ in found:
            pipe.hgetall(f"{bull}{job_id.decode()}")
        hashes = pipe.execute()
    return [_old(*one, fields) for one, fields in zip(found, hashes, strict=True)]


def _old(job_id: bytes, state: str, due: float, fields: dict[bytes, bytes]) -> Old:
    return Old(
        id=job_id.decode(),
        state=state,
        data=json.loads(fields[b"data"]),
        attempts=max(json.loads(fields[b"opts"]).get("attempts", 0), 1),
        used=int(fields.get(b"atm", 0)),
        due=due,
        born=int(fields[b"timestamp"]) / 1000,
        delay=int(fields[b"delay"]) / 1000,
    )


def listed(redis: Redis, bull: str) -> dict[str, str]:
    """The ids that the queue still holds, and in which of PLACES."""
    found: dict[str, str] = {}
    for place in PLACES:
        key = f"{bull}{place}"
        kind = redis.type(key)
        ids = redis.lrange(key, 0, -1) if kind == b"list" else redis.zrange(key, 0, -1) if kind == b"zset" else []
        found |= {job_id.decode(): place for job_id in ids}
    return found


def written(redis: Redis, bull: str, jobs: Iterable[Old]) -> list[Old]:
    """Those of the jobs whose hash is still there."""
    jobs = list(jobs)
    with redis.pipeline() as pipe:
        for job in jobs:
            pipe.exists(f"{bull}{job.id}")
        return [job for job, there in zip(jobs, pipe.execute(), strict=True) if there]
