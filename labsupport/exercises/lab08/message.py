"""A job that a sweep runs as RQ would: it delivers a message."""

from redis import Redis
from rq import get_current_job
from rq.job import Job
from rq.serializers import JSONSerializer

DELIVERED = "delivered"
"""A list."""


def send(message: str) -> None:
    """Deliver, in one step."""
    get_current_job().connection.rpush(DELIVERED, message)


def sent(redis: Redis) -> int:
    """How often something was delivered."""
    return redis.llen(DELIVERED)


def sent_as_asked(redis: Redis) -> int:
    """The same; -1 if what was delivered is another text than the one that the job was given."""
    if redis.type(DELIVERED) not in (b"none", b"list"):
        return -1
    texts = redis.lrange(DELIVERED, 0, -1)
    asked = Job.fetch("job-1", connection=redis, serializer=JSONSerializer).args[0]
    return len(texts) if set(texts) <= {asked.encode()} else -1
