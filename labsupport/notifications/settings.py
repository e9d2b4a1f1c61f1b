"""Settings, from the environment. Also RQ's own settings file: `rq worker --config` reads it.

REDIS_URL                the server, as redis://host:6379; or instead
REDIS_HOST, REDIS_PORT   its parts (default: localhost and 6379)
NOTIFICATIONS_PREFIX     what this application's own keys begin with (default: notifications)
"""

import os

from redis import Redis

QUEUE_NAME = "notification-queue"

REDIS_URL = os.environ.get("REDIS_URL") or (
    f"redis://{os.environ.get('REDIS_HOST', 'localhost')}:{os.environ.get('REDIS_PORT', '6379')}"
)

PREFIX = os.environ.get("NOTIFICATIONS_PREFIX", "notifications")

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
