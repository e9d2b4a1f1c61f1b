"""Events for the analytics, collected in Redis until a job takes all of them at once."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from redis import Redis, ResponseError
from redis.client import Pipeline

from . import settings


def _events() -> str:
    return f"{settings.prefix()}:events"


def _coming() -> str:
    return f"{_events()}:sync-is-coming"


def _batch(name: str) -> str:
    return f"{_events()}:{name}"


class Events:
    """What was collected and is not in the database yet."""

    def __init__(self, redis: Redis):
        self._redis = redis

    def collect(self, event: dict[str, Any], enqueue_sync: Callable[[Pipeline], object]) -> None:
        """Keep an event, and see that a job will come for it: both in one transaction, or neither.

        The event gets an id, by which the database knows it when it comes twice.

        enqueue_sync: called with the transaction's pipeline when no job is coming yet.
        """

        event = {"id": uuid4().hex, **event}

        def transaction(pipe: Pipeline) -> None:
            coming = pipe.exists(_coming())
            pipe.multi()
            pipe.rpush(_events(), json.dumps(event))
            if not coming:
                # It expires, so that a job which was deleted by hand is replaced.
                pipe.set(_coming(), 1, ex=60)
                enqueue_sync(pipe)

        self._redis.transaction(transaction, _coming())

    def take(self, batch: str) -> list[dict[str, Any]]:
        """All events so far, as the batch of this name; again the same ones, until the batch is forgotten."""
        # The mark goes first: whoever collects from here on sends another job.
        self._redis.delete(_coming())
        try:
            self._redis.renamenx(_events(), _batch(batch))
        except ResponseError as error:
            if "no such key" not in str(error):  # which means that nothing was collected
                raise
        return [json.loads(event) for event in self._redis.lrange(_batch(batch), 0, -1)]

    def forget(self, batch: str) -> None:
        """Drop a batch that is in the database."""
        self._redis.delete(_batch(batch))
