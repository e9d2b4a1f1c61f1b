"""Settings, from the environment. Each is read when it is used, so that a change of the environment is seen.

REDIS_URL                    the server, as redis://host:6379; or instead
REDIS_HOST, REDIS_PORT       its parts (the port's default: 6379)
REDIS_SENTINELS              Sentinels that know which server is the primary, as host:port,host:port; the host of REDIS_URL
                             is then what they call it, as in redis://:password@name
REDIS_SENTINEL_PASSWORD      the Sentinels' own password, if they have one
NOTIFICATIONS_PREFIX         what this application's own keys begin with (default: notifications)
NOTIFICATIONS_DATABASE       the file of its database (default: notifications.db)
NOTIFICATIONS_LONGEST_QUEUE  jobs that may wait; more are refused (default: 1000)
NOTIFICATIONS_THREADS        requests that are worked on at once (default: 8)
NOTIFICATIONS_HOSTS          names under which the API is asked, besides this machine's own, separated by commas
"""

import os
from typing import Any

from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

from . import sentinel

QUEUE_NAME = "notification-queue"


class NotConfigured(Exception):
    """A setting that nobody can guess is missing. The message names it."""


def redis_url() -> str:
    """The server. Raises NotConfigured if none is named: some Redis on this machine may be somebody else's."""
    url, host = os.environ.get("REDIS_URL"), os.environ.get("REDIS_HOST")
    if not url and not host:
        raise NotConfigured("REDIS_URL is not set. It names the Redis to use, such as redis://localhost:6379.")
    return url or f"redis://{host}:{os.environ.get('REDIS_PORT', '6379')}"


def sentinels() -> sentinel.Addresses:
    """The Sentinels; none if there is one server alone. Raises NotConfigured if one is not written as host:port."""
    places = [one.strip() for one in os.environ.get("REDIS_SENTINELS", "").split(",") if one.strip()]
    parts = [place.rpartition(":") for place in places]
    if not all(host and port.isdigit() for host, _, port in parts):
        raise NotConfigured("REDIS_SENTINELS is written as host:port,host:port,host:port.")
    return [(host, int(port)) for host, _, port in parts]


def sentinel_password() -> str | None:
    """The Sentinels' own."""
    return os.environ.get("REDIS_SENTINEL_PASSWORD") or None


def prefix() -> str:
    """What this application's own keys begin with. Raises NotConfigured if it is set to nothing."""
    name = os.environ.get("NOTIFICATIONS_PREFIX", "notifications")
    if not name:
        raise NotConfigured("NOTIFICATIONS_PREFIX is empty. It is what this application's keys in Redis begin with.")
    return name


def database() -> str:
    """The file of the database."""
    return os.environ.get("NOTIFICATIONS_DATABASE", "notifications.db")


def longest_queue() -> int:
    """Jobs that may wait."""
    return int(os.environ.get("NOTIFICATIONS_LONGEST_QUEUE", "1000"))


def threads() -> int:
    """Requests that are worked on at once. Each may hold a connection to Redis, or a thread, or both.

    Enqueueing is short, and needs few; work done in the request needs many.
    """
    return int(os.environ.get("NOTIFICATIONS_THREADS", "8"))


def hosts() -> list[str]:
    """Names under which the API is asked, besides this machine's own."""
    return [name.strip() for name in os.environ.get("NOTIFICATIONS_HOSTS", "").split(",") if name.strip()]


def connect() -> Redis:
    """A connection to the server of the settings."""
    return _connect()


def connect_briefly() -> Redis:
    """A connection for requests, whose callers wait: an error within a second, and no second try.

    A second try could also enqueue a job twice, when the first one's answer was lost.
    """
    return _connect(socket_connect_timeout=1, socket_timeout=1, retry=Retry(NoBackoff(), 0))


def _connect(**options: Any) -> Redis:
    if places := sentinels():
        return sentinel.primary(places, sentinel_password(), redis_url(), **options)
    return Redis.from_url(redis_url(), **options)


def connect_briefly_async() -> AsyncRedis:
    """The same for `async` code.

    It speaks Redis's older protocol. With the newer one, redis-py 8.1.0 does not see that the server has closed a
    connection (github.com/redis/redis-py/issues/4252): after a restart of Redis each would fail once.
    """
    options = {**sentinel.BRIEFLY, "retry": AsyncRetry(NoBackoff(), 0), "protocol": 2}
    if places := sentinels():
        return sentinel.primary_async(places, sentinel_password(), redis_url(), **options)
    return AsyncRedis.from_url(redis_url(), **options)
