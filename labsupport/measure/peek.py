"""Shows what Redis holds for a queue or a job, as tables. Which keys those are was read from rq 3.0 (rq/queue.py,
rq/registry.py, rq/intermediate_queue.py).

Keys are printed as RQ's documentation has them; on a server that the reader brings they stand behind the
lab's own prefix (`labsupport.namespace`).
"""

import secrets
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple, cast

import pandas as pd
from redis import Redis
from rq import Queue
from rq.job import Job
from rq.utils import utcparse
from rq.worker_registration import WORKERS_BY_QUEUE_KEY

from labsupport.measure.attempt import NEVER, Attempt
from labsupport.namespace import root, shown

WIDEST = 100
"""Characters of a value that a table shows."""


def use() -> None:
    """From now on, tables of this process show values of up to WIDEST characters whole."""
    pd.set_option("display.max_colwidth", WIDEST)


class Counts(NamedTuple):
    """How many jobs of a queue are in each state, and how many workers are registered for it: one that was
    killed counts until RQ forgets it, minutes later."""

    queued: int
    started: int
    scheduled: int
    deferred: int
    failed: int
    finished: int
    workers: int


def counts(queue: Queue) -> Counts:
    """The queue's counts at one moment: one transaction, one round trip, whatever its length.

    Results that have expired but are not cleaned up yet don't count as finished or failed.
    """
    now = time.time()
    with queue.connection.pipeline(transaction=True) as pipe:
        pipe.llen(queue.key)
        pipe.zcard(queue.started_job_registry.key)
        pipe.zcard(queue.scheduled_job_registry.key)
        pipe.zcard(queue.deferred_job_registry.key)
        pipe.zcount(queue.failed_job_registry.key, now, "+inf")
        pipe.zcount(queue.finished_job_registry.key, now, "+inf")
        pipe.scard(WORKERS_BY_QUEUE_KEY % queue.name)
        return Counts(*pipe.execute())


def unended(queue: Queue) -> pd.DataFrame:
    """The queue's jobs that wait or run, one `labsupport.measure.attempts.Attempt` each.

    A job's worker and start are those of the run in hand; a waiting job has none. One that a worker has taken and not
    begun, which is in no registry but in the queue's intermediate list, waits as well. One whose worker and work-horse
    have died runs, until RQ's maintenance finds it.
    """
    with queue.connection.pipeline(transaction=True) as pipe:
        pipe.lrange(queue.intermediate_queue_key, 0, -1)
        pipe.lrange(queue.key, 0, -1)
        pipe.zrange(queue.started_job_registry.key, 0, -1)
        taken, waiting, running = pipe.execute()
        running = [member.rpartition(b":")[0] for member in running]  # job:execution
        waiting = [*(job for job in taken if job not in running), *waiting]  # RQ may leave a running one in that list
        for job in (ids := [*running, *waiting]):
            pipe.hmget(
                f"{Job.redis_job_namespace_prefix}{job.decode()}", "enqueued_at", "started_at", "worker_name", "status"
            )
        facts = pipe.execute()
    rows = []
    for job, (enqueued, started, worker, status) in zip(ids, facts, strict=True):
        # Between the registry and this status lies the start of the work-horse; a retry still has its last start there.
        runs = status == b"started" and bool(started)
        if enqueued:  # else it ended meanwhile, and left nothing
            rows.append(
                Attempt(
                    job=job.decode(),
                    queue=queue.name,
                    function="",
                    worker=worker.decode() if runs and worker else "",
                    enqueued=_seconds(enqueued),
                    started=_seconds(started) if runs else NEVER,
                    ended=NEVER,
                    outcome="running" if runs else "waiting",
                )
            )
    return pd.DataFrame(rows, columns=Attempt._fields)


def _seconds(moment: bytes) -> float:
    return utcparse(moment.decode()).timestamp()


_SIZES = {"list": "llen", "hash": "hlen", "zset": "zcard", "set": "scard", "stream": "xlen", "string": "strlen"}


def keys(redis: Redis) -> pd.DataFrame:
    """Every key of this lab: its type, and its entries (fields, members; bytes for a string)."""
    use()
    names = sorted(redis.scan_iter(match=root() + "*", count=1000))
    with redis.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.type(name)
        kinds = [kind.decode() for kind in pipe.execute()]
        for name, kind in zip(names, kinds, strict=True):
            getattr(pipe, _SIZES.get(kind, "exists"))(name)
        sizes = pipe.execute()
    rows = {"key": [shown(name.decode()) for name in names], "type": kinds, "entries": sizes}
    return pd.DataFrame(rows).set_index("key")


def job_hash(job: Job) -> pd.DataFrame:
    """The fields of a job's hash that hold something, as text. `data`, which RQ compresses, is shown unpacked."""
    use()
    fields = cast("dict[bytes, bytes]", job.connection.hgetall(job.key))
    rows = {}
    for field, value in sorted(fields.items()):
        if field == b"data":
            value = _unpacked(value)
        text = value.decode("utf8", "backslashreplace")
        if text:
            rows[field.decode()] = text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"
    return pd.DataFrame({"value": rows}).rename_axis("field")


def _unpacked(data: bytes) -> bytes:
    try:
        return zlib.decompress(data)
    except zlib.error:
        return data


@contextmanager
def monitor(redis: Redis) -> Iterator[list[str]]:
    """Collects the commands that the server runs during the block, each as `NAME key` and no values.

    Through MONITOR, which slows a server down and shows what everybody does on it: for a server of the
    lab's own only.
    """
    commands: list[str] = []
    mark = f"end of {secrets.token_hex(4)}"
    with redis.monitor() as watch:
        try:
            yield commands
        finally:
            redis.echo(mark)
            for event in watch.listen():
                name, _, rest = event["command"].partition(" ")
                if rest == mark:
                    break
                if name.upper() not in _CONNECTING:
                    commands.append(f"{name.upper()} {shown(rest.partition(' ')[0])}".strip())


_CONNECTING = {"HELLO", "AUTH", "CLIENT", "SELECT", "INFO", "PING"}
"""What a client says when it opens a connection, which is not the lesson."""
