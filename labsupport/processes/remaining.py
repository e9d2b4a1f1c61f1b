"""What is left to do on a queue, and what nobody does any more. Knows RQ's keys; read from rq 3.0."""

import socket
import time
from collections.abc import Iterable
from typing import NamedTuple

import psutil
from rq import Queue
from rq.executions import WORKER_EXECUTIONS_KEY_TEMPLATE
from rq.worker_registration import WORKERS_BY_QUEUE_KEY

from labsupport.processes.workers import WORKER_KEY, WorkerProcess

UNBEGUN = 5
"""Seconds after which nobody will begin a job that was taken (RQ allows a minute: rq/intermediate_queue.py)."""


class Remaining(NamedTuple):
    """What is left at one moment. `abandoned`: ids of jobs whose worker died with them; they are not waited for."""

    waiting: int
    scheduled: int
    being_begun: int
    being_run: int
    abandoned: tuple[str, ...]

    @property
    def nothing(self) -> bool:
        return not (self.waiting or self.scheduled or self.being_begun or self.being_run)

    def __str__(self) -> str:
        return f"{self.waiting} waiting, {self.scheduled} scheduled, {self.being_begun} being begun, {self.being_run} being run"


class Watch:
    """Looks at a queue again and again. own: this notebook's workers, whose processes it knows."""

    def __init__(self, queue: Queue, own: Iterable[WorkerProcess]):
        self._queue = queue
        self._own = {worker.name: worker for worker in own}
        self._taken: dict[bytes, float] = {}

    def look(self) -> Remaining:
        queue = self._queue
        registered = queue.connection.smembers(WORKERS_BY_QUEUE_KEY % queue.name)
        names = self._own.keys() | {key.decode().removeprefix(WORKER_KEY) for key in registered}
        with queue.connection.pipeline(transaction=True) as pipe:  # one moment: a job is in one place, and in one only
            pipe.llen(queue.key)
            pipe.zcard(queue.scheduled_job_registry.key)
            pipe.lrange(queue.intermediate_queue_key, 0, -1)
            pipe.zrange(queue.started_job_registry.key, 0, -1)
            for name in names:
                pipe.smembers(WORKER_EXECUTIONS_KEY_TEMPLATE.format(name))
                pipe.hmget(WORKER_KEY + name, "hostname", "pid")
            waiting, scheduled, taken, started, *facts = pipe.execute()
        in_hand = set()
        for name, executions, (host, pid) in zip(names, facts[::2], facts[1::2], strict=True):
            if self._at_work(name, host, pid):
                in_hand |= executions
        run, abandoned = [], []
        for execution in started:  # job:execution
            (run if execution in in_hand else abandoned).append(execution.rpartition(b":")[0])
        begun = {execution.rpartition(b":")[0] for execution in started}  # RQ may leave one in the list of taken ones
        jobs = tuple(sorted({job.decode() for job in abandoned}))
        return Remaining(waiting, scheduled, self._being_begun(set(taken) - begun), len(run), jobs)

    def _being_begun(self, taken: set[bytes]) -> int:
        """Jobs that a worker has taken and not begun; after some seconds it won't.

        Its worker died, or never heard of it since Redis died. RQ's maintenance finds it, a minute later or more.
        """
        now = time.monotonic()
        self._taken = {
            job: self._taken.get(job, now) for job in taken
        }  # one that was begun may be taken again, for a retry
        return sum(now - since < UNBEGUN for since in self._taken.values())

    def _at_work(self, name: str, host: bytes | None, pid: bytes | None) -> bool:
        """Whether a worker runs: this notebook's, or one of a terminal; elsewhere, for as long as RQ believes so.

        One of this notebook's that died may have been replaced meanwhile, by another of its name.
        """
        if name in self._own and self._own[name].at_work:
            return True
        if host is None or pid is None or host.decode() != socket.gethostname():
            return host is not None
        try:
            return psutil.Process(int(pid)).status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False
