"""What the sweep calls: a move of a small queue is killed, RQ's workers run what was moved, and an hour later it is run again.

`lab11_move` has move(redis, bull, queue).
"""

from __future__ import annotations

import importlib
import json
import signal
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from sqlite3 import Connection
from typing import Any
from urllib.parse import quote

from redis import Redis
from redis.client import Pipeline
from rq import Queue
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer

from labsupport.exercises.lab11.move_it import queues

BULL = "bull:notification-queue:"
SEND = "labsupport.notifications.processor.send_notification"
RAN, TURN = "examiner:ran", "examiner:turn"
API = "a job of the API's"
LIMIT = 4
"""Seconds for a move of a few jobs."""

ENOUGH = 100
"""Jobs after which a worker of the examiner's ends: there are fewer."""


def _queue(redis: Redis) -> Queue:
    return Queue("notification-queue", connection=redis, serializer=JSONSerializer)


_recorded: dict[bytes, bytes] = {}
_jobs: list[queues.Old] = []
"""BullMQ's queue, as this process has made it once."""


def prepare(redis: Redis, database: Connection) -> None:
    """BullMQ's small queue, and a job of the API's in RQ's."""
    if _recorded:
        with redis.pipeline() as pipe:
            for key, value in _recorded.items():
                pipe.restore(key, 0, value)
            pipe.execute()
    else:
        where = redis.connection_pool.connection_kwargs
        password = quote(where.get("password") or "")
        queues.made(queues.small(), f"redis://:{password}@{where['host']}:{where['port']}", BULL)
        _recorded.update({key: redis.dump(key) for key in redis.keys(f"{BULL}*")})
        _jobs.extend(queues.read(redis, BULL))
    _queue(redis).enqueue(SEND, {"message": API})


class StillRunning(BaseException):
    """The reader's function does not end."""


def _too_long(*_: object) -> None:
    raise StillRunning(f"it was ended after {LIMIT} s")


def _one_by_one(pipe: Pipeline, connection: object, commands: list, raise_on_error: bool) -> list:
    return [_in_one_go(pipe, connection, [command], raise_on_error)[0] for command in commands]


_in_one_go, _scan = Pipeline._execute_pipeline, Redis.scan


def _all_at_once(
    redis: Redis, cursor: int = 0, match: Any = None, count: int | None = None, _type: str | None = None, **options: Any
) -> Any:
    return _scan(redis, cursor, match, 10_000, _type, **options)


def move(redis: Redis, database: Connection) -> None:
    """The reader's. In a fork: what is changed here ends with it.

    A pipeline that is no transaction is sent one by one, since others, and a crash, may come in between. A SCAN takes one step:
    how many it takes is a matter of the server's hash seed, and the two servers of a sweep must count alike.
    (redis-py 8.1: client.py, `Pipeline.execute`.)
    """
    Pipeline._execute_pipeline, Redis.scan = _one_by_one, _all_at_once
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(LIMIT)
    importlib.import_module("lab11_move").move(redis, BULL, _queue(redis))


def recover(redis: Redis, database: Connection) -> None:
    """By turns: RQ's workers run what waits; the reader's move is run again."""
    if redis.incr(TURN) % 2:
        work(redis)
    else:
        move(redis, database)


def work(redis: Redis) -> None:
    """Run what waits in RQ's queue, and note the id and the text of each run. (rq 3.0: queue.py, `Queue.run_job`.)"""
    queue = _queue(redis)
    for _ in range(ENOUGH):
        if (popped := redis.lpop(queue.key)) is None:
            return
        job_id = popped.decode()
        with suppress(NoSuchJobError):  # its id has no job: it is missed in the end
            job = Job.fetch(job_id, connection=redis, serializer=JSONSerializer)
            redis.rpush(RAN, json.dumps([job_id, _text(job)]))
            queue.run_job(job)


def _text(job: Job) -> str:
    said = str((job.args, job.kwargs))
    return next((one.text for one in _jobs if one.word in said), API if API in said else "")


BROKEN = (
    "A job that waited is in neither queue: it is lost",
    "A delayed job is in neither queue: it is lost",
    "A failed job is in neither queue: it is lost",
    "A job ran twice, under the same id: it had finished when it was enqueued again. unique=True refuses an id only while RQ "
    "keeps its job, and RQ forgets a finished one after result_ttl, 500 s by default",
    "A job that waited ran twice: RQ had two jobs for it",
    "A delayed job is in RQ twice",
    "A failed job is in RQ twice, or ran by itself",
    "A job is still in BullMQ's queue, and not in RQ: the second run did not move it",
    "A job is in RQ, and the second run left its id in BullMQ's queue",
    "A job is in RQ, and the second run left its hash in BullMQ's queue",
    "RQ's workers ran the jobs in another order. They take what was moved by then, so the next job to be moved must be the one "
    "that BullMQ would start next",
    "The API's own job did not run once",
)
"""What is wrong in the end, if so many of the rules are kept."""


def kept(redis: Redis, database: Connection) -> int:
    """How many of the rules are kept, up to the first that is not, once a last worker has run what waits."""
    work(redis)
    ran = [tuple(json.loads(one)) for one in redis.lrange(RAN, 0, -1)]
    queue = _queue(redis)
    scheduled, failed = _texts_in(queue, "scheduled"), _texts_in(queue, "failed")
    in_rq = Counter([text for _, text in ran]) + scheduled + failed
    listed = queues.listed(redis, BULL)
    moved = [job for job in _jobs if job.state != "completed"]
    held = {job.text for job in moved if job.id in listed}

    def every(keeps: Callable[[queues.Old], bool], state: str = "") -> bool:
        return all(keeps(job) for job in moved if job.state == (state or job.state))

    def there(job: queues.Old) -> bool:
        return in_rq[job.text] > 0 or job.text in held

    def once(job: queues.Old) -> bool:
        return in_rq[job.text] <= 1

    order = [job.text for job in _jobs if job.state == "waiting"]
    rules = (
        every(there, "waiting"),
        every(there, "delayed"),
        every(there, "failed"),
        len({job_id for job_id, _ in ran}) == len(ran),
        every(once, "waiting"),
        every(once, "delayed"),
        every(lambda job: failed[job.text] == in_rq[job.text] <= 1, "failed"),
        every(lambda job: in_rq[job.text] > 0),
        not held,
        not queues.written(redis, BULL, moved),
        [text for _, text in ran if text in order] == order,
        in_rq[API] == 1,
    )
    return [*rules, False].index(False)


def rules(redis: Redis, database: Connection) -> int:
    """How many there are."""
    return len(BROKEN)


def _texts_in(queue: Queue, kind: str) -> Counter[str]:
    """What the jobs of RQ's registry of this kind are about, without ids that have no job."""
    registry = {"scheduled": queue.scheduled_job_registry, "failed": queue.failed_job_registry}[kind]
    ids = [job_id.decode() for job_id in queue.connection.zrange(registry.key, 0, -1)]
    found = Job.fetch_many(ids, connection=queue.connection, serializer=JSONSerializer)
    return Counter(_text(job) for job in found if job)
