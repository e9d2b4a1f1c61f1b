"""A shop: an order is a line in SQLite, and its mail is a job in Redis. A sweep calls these functions with both.

`lab08_orders` has place_order(redis, database) and relay(redis, database).
"""

from __future__ import annotations

import importlib
from collections import Counter
from contextlib import suppress
from sqlite3 import Connection
from types import ModuleType

from redis import ConnectionError, Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.job import Job

from labsupport.experiments.sweep.crash import CannotSweep

TABLES = ("CREATE TABLE orders (id INTEGER PRIMARY KEY, item TEXT)", "CREATE TABLE outbox (number INTEGER)")


def _code() -> ModuleType:
    return importlib.import_module("lab08_orders")


def place_order(redis: Redis, database: Connection) -> None:
    """The reader's."""
    _code().place_order(redis, database)


def relay(redis: Redis, database: Connection) -> None:
    """The reader's."""
    _code().relay(redis, database)


def prepare(redis: Redis, database: Connection) -> None:
    """Empty tables. Raises CannotSweep if an order would not be as asked with no crash at all."""
    _tables(database)
    if _shown:
        return
    for _ in range(2):
        place_order(redis, database)
        database.rollback()
    if (count := _count(database)) != 2:
        raise CannotSweep(f"With no crash at all, place_order was called twice, and {count} orders were committed")
    for _ in range(2):
        relay(redis, database)
        database.rollback()
    if (jobs := _jobs(redis)) != {1: 1, 2: 1}:
        raise CannotSweep(
            "With no crash at all, two orders were placed and relay was called. In the queue `mails`, "
            f"{_described(jobs)}: there should be one job for each order, whose argument is the order's id"
        )
    # The mails are sent, and after result_ttl RQ forgets a job.
    redis.flushall()
    relay(redis, database)
    database.rollback()
    if _jobs(redis):
        raise CannotSweep(
            "With no crash at all, relay enqueues an order's job once more when RQ has forgotten the first one: the outbox still "
            "holds it. What is enqueued must be deleted there, and committed"
        )
    redis.flushall()
    redis.script_flush()
    for name in ("orders", "outbox"):
        database.execute(f"DELETE FROM {name}")
    _shown.append("as asked")


_shown: list[str] = []
"""What this process has seen to be well with no crash."""


def orders_that_wait(redis: Redis, database: Connection) -> None:
    """Two orders whose place_order ended when it came to Redis."""
    _tables(database)
    nobody = Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0))
    for _ in range(2):
        with suppress(ConnectionError):
            place_order(nobody, database)
        database.rollback()


def orders(redis: Redis, database: Connection) -> int:
    """How many there are."""
    return _count(database)


def jobs(redis: Redis, database: Connection) -> int:
    """How many there are in the queue."""
    return Queue("mails", connection=redis).count


def _tables(database: Connection) -> None:
    for table in TABLES:
        database.execute(table)
    database.commit()


def _count(database: Connection) -> int:
    return database.execute("SELECT count(*) FROM orders").fetchone()[0]


def _jobs(redis: Redis) -> dict[object, int]:
    """The order's number of each job in the queue, and how often it is there."""
    ids = [name.decode() for name in redis.lrange("rq:queue:mails", 0, -1)]
    found: Counter[object] = Counter()
    for job in Job.fetch_many(ids, connection=redis):
        if job is None:
            raise CannotSweep("The queue `mails` holds the id of a job that is not there")
        values = [*job.args, *job.kwargs.values()]
        found[values[0] if len(values) == 1 else tuple(values)] += 1
    return dict(found)


def _described(found: dict[object, int]) -> str:
    if not found:
        return "there is no job"
    each = [f"{count} for {number!r}" for number, count in sorted(found.items(), key=repr)]
    return f"there {'is' if list(found.values()) == [1] else 'are'} {', '.join(each)}"
