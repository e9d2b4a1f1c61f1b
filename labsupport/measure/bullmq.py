"""The attempts of a BullMQ queue, for the same table and figures as RQ's.

BullMQ writes an event to a stream, `bull:QUEUE:events`, in the very script that changes a job: no worker has to be changed,
and one that is killed is seen, too. (Read from bullmq 6.7: src/commands/*.lua. The stream keeps about 10,000 events.)
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, cast

from redis import Redis

from labsupport.measure.attempt import ABANDONED, NEVER, Attempt

ENDS = {"completed": "finished", "failed": "failed", "waiting": "retried", "delayed": "retried"}
"""What an event says of the attempt that was being made, if one was."""

STALLED_TOO_OFTEN = "job stalled more than allowable limit"
"""The reason of a job that fails since its workers died."""


@dataclass
class _Job:
    """What is known of a job. thrown: how many of its attempts have raised."""

    name: str = ""
    enqueued: float = NEVER
    started: float = NEVER
    running: bool = False
    thrown: int = 0


@dataclass
class BullmqEvents:
    """Reads the events of a queue, each once, however often it is asked.

    redis: a client that decodes nothing. prefix: what BullMQ's keys begin with.
    """

    redis: Redis
    queue: str
    prefix: str = "bull"
    _last: str = "-"
    _jobs: dict[str, _Job] = field(default_factory=dict)

    def read(self) -> list[Attempt]:
        """The attempts that have ended since the last call, in the order in which they did.

        Jobs are named QUEUE:ID, since every queue of BullMQ's counts from 1. A worker's name is known of a job's latest attempt.
        """
        ended: list[Attempt] = []
        raised: dict[int, int] = {}  # index in `ended` → which of the job's errors it is
        for at, event in self._new():
            if "jobId" in event:
                self._follow(at, event, ended, raised)
        return self._with_details(ended, raised)

    def _follow(self, at: float, event: dict[str, str], ended: list[Attempt], raised: dict[int, int]) -> None:
        """What one event says: an attempt begins, it ends, or the job waits."""
        kind, name = event["event"], f"{self.queue}:{event['jobId']}"
        job = self._jobs.setdefault(name, _Job())
        if kind == "added":
            job.name = event["name"]
        elif kind == "active":
            job.started, job.running = at, True
        elif kind == "stalled":
            # Its worker died. The event before, of the same script, took it for one that raised.
            latest = max(index for index, attempt in enumerate(ended) if attempt.job == name)
            ended[latest] = ended[latest]._replace(error=ABANDONED)
            del raised[latest]
            job.thrown -= 1
        elif kind in ENDS and job.running:
            job.running = False
            abandoned = event.get("failedReason") == STALLED_TOO_OFTEN
            if kind != "completed" and not abandoned:
                raised[len(ended)] = job.thrown
                job.thrown += 1
            if abandoned:  # it was put back, and taken again only to be failed
                job.started = at
            error = ABANDONED if abandoned else ""
            ended.append(Attempt(name, self.queue, job.name, "", job.enqueued, job.started, at, ENDS[kind], error))
        if kind == "delayed":
            job.enqueued = int(event["delay"]) / 1000  # when it is due
        elif kind == "waiting" and event.get("prev") != "delayed":
            job.enqueued = at

    def _new(self) -> list[tuple[float, dict[str, str]]]:
        """(seconds since the epoch, by the clock of Redis; the event) of each new one."""
        found = self.redis.xrange(f"{self.prefix}:{self.queue}:events", min=self._last)
        page = cast("list[tuple[bytes, dict[bytes, bytes]]]", found)
        if page:
            self._last = "(" + page[-1][0].decode()
        texts = [(moment.decode(), {k.decode(): v.decode() for k, v in event.items()}) for moment, event in page]
        return [(int(moment.partition("-")[0]) / 1000, event) for moment, event in texts]

    def _with_details(self, ended: list[Attempt], raised: dict[int, int]) -> list[Attempt]:
        """With what the job's hash says: the error of each attempt, and who made the latest."""
        latest = {attempt.job: index for index, attempt in enumerate(ended)}
        with self.redis.pipeline(transaction=False) as pipe:
            for attempt in ended:
                pipe.hmget(f"{self.prefix}:{attempt.job}", "name", "stacktrace", "pb")
            found = pipe.execute()
        for index, (name, stacks, worker) in enumerate(found):
            attempt = ended[index]
            attempt = attempt._replace(function=attempt.function or (name or b"?").decode())
            errors = json.loads(stacks or b"[]")
            if index in raised and raised[index] < len(errors):
                attempt = attempt._replace(error=re.split(r"\W", errors[raised[index]])[0])
            if latest[attempt.job] == index and not self._jobs[attempt.job].running:
                attempt = attempt._replace(worker=(worker or b"").decode())
            ended[index] = attempt
        return ended


class BullmqRecorder:
    """Adds the attempts of all BullMQ queues to a stream, each once, as a recording worker of RQ's does.

    redis: a client that decodes nothing. prefix: what BullMQ's keys begin with. stream: the key.
    """

    def __init__(self, redis: Redis, prefix: str, stream: str):
        self._redis, self._prefix, self._stream = redis, prefix, stream
        self._queues: dict[str, BullmqEvents] = {}

    def record(self) -> None:
        """Add those that have ended since the last call, in the order in which they did."""
        for key in self._redis.scan_iter(match=f"{self._prefix}:*:events", count=1000):
            name = key.decode().removeprefix(f"{self._prefix}:").removesuffix(":events")
            self._queues.setdefault(name, BullmqEvents(self._redis, name, self._prefix))
        attempts = [attempt for queue in self._queues.values() for attempt in queue.read()]
        with self._redis.pipeline() as pipe:
            for attempt in sorted(attempts, key=lambda attempt: attempt.ended):
                fields: dict[Any, Any] = attempt._asdict()
                pipe.xadd(self._stream, fields)
            pipe.execute()
