"""Settings, from the environment. Also RQ's own settings file: `rq worker --config` reads it.

REDIS_URL                    the server, as redis://host:6379; or instead
REDIS_HOST, REDIS_PORT       its parts (default: localhost and 6379)
NOTIFICATIONS_PREFIX         what this application's own keys begin with (default: notifications)
NOTIFICATIONS_DATABASE       the file of its database (default: notifications.db)
NOTIFICATIONS_LONGEST_QUEUE  jobs that may wait; more are refused (default: 1000)
NOTIFICATIONS_THREADS        requests that are worked on at once (default: 8)
"""

import os

from redis import Redis
from redis.backoff import ExponentialWithJitterBackoff, NoBackoff
from redis.retry import Retry

QUEUE_NAME = "notification-queue"

REDIS_URL = os.environ.get("REDIS_URL") or (
    f"redis://{os.environ.get('REDIS_HOST', 'localhost')}:{os.environ.get('REDIS_PORT', '6379')}"
)

PREFIX = os.environ.get("NOTIFICATIONS_PREFIX", "notifications")
DATABASE = os.environ.get("NOTIFICATIONS_DATABASE", "notifications.db")
LONGEST_QUEUE = int(os.environ.get("NOTIFICATIONS_LONGEST_QUEUE", "1000"))
THREADS = int(os.environ.get("NOTIFICATIONS_THREADS", "8"))
"""Each may hold a connection to Redis. Enqueueing is short, and needs few; work done in the request needs many."""

# The names that RQ looks for.
QUEUES = [QUEUE_NAME]
DICT_CONFIG = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(message)s"}},
    "handlers": {"stdout": {"class": "logging.StreamHandler", "formatter": "plain", "stream": "ext://sys.stdout"}},
    "root": {"handlers": ["stdout"], "level": "INFO"},
}


def connect() -> Redis:
    """A connection to the server of the settings."""
    return Redis.from_url(REDIS_URL)


def connect_briefly() -> Redis:
    """A connection for requests, whose callers wait: an error within a second, and no second try.

    A second try could also enqueue a job twice, when the first one's answer was lost.
    """
    return Redis.from_url(REDIS_URL, socket_connect_timeout=1, socket_timeout=1, retry=Retry(NoBackoff(), 0))


class PatientRedis(Redis):
    """A connection for workers: `rq worker --connection-class labsupport.notifications.settings.PatientRedis`.

    It rides out a restart of Redis of about a minute. With redis-py's own ten quick tries, a worker that has a job
    in hand gives up after four seconds at most, and leaves that job *started* for a minute and a half.
    """

    @classmethod
    def from_url(cls, url: str, **options) -> "PatientRedis":
        return super().from_url(url, retry=Retry(ExponentialWithJitterBackoff(base=0.01, cap=1), 120), **options)
