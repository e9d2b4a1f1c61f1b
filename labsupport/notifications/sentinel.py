"""Clients of a Redis that has a stand-in: they ask its Sentinels which server is the primary now.

Which Sentinels, and what they call it, `settings` says. (redis-py 8.1: sentinel.py, asyncio/sentinel.py.)
"""

from typing import Any
from urllib.parse import unquote, urlsplit

from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.retry import Retry as AsyncRetry
from redis.asyncio.sentinel import Sentinel as AsyncSentinel
from redis.backoff import NoBackoff
from redis.connection import parse_url
from redis.retry import Retry
from redis.sentinel import Sentinel, SentinelManagedConnection

Addresses = list[tuple[str, int]]

BRIEFLY: dict[str, Any] = {"socket_connect_timeout": 1, "socket_timeout": 1}
"""A Sentinel that does not answer within a second is passed over: there are others."""


class AskingConnection(SentinelManagedConnection):
    """Asks the Sentinels whenever it connects.

    redis-py's own asks them when a command starts. Within the tries of one command it goes on knocking at the server that
    was the primary before (github.com/redis/redis-py/issues/3874), so patience would be in vain.
    """

    def _connect(self) -> Any:
        self.host, self.port = self.connection_pool.get_master_address()
        return super()._connect()  # type: ignore[no-untyped-call]


def named(url: str) -> tuple[str, dict[str, Any]]:
    """What the Sentinels call the primary, which is the URL's host; and what a connection to it needs, such as its password.

    Raises ValueError for any other scheme than redis.
    """
    if not url.startswith("redis://"):
        raise ValueError("with REDIS_SENTINELS, REDIS_URL is written as redis://:password@name")
    options = {key: value for key, value in parse_url(url).items() if key not in ("host", "port")}
    name = urlsplit(url).netloc.rpartition("@")[2].partition(":")[0]  # parse_url would make its letters small
    return unquote(name), options


def asked(password: str | None) -> dict[str, Any]:
    """How the Sentinels themselves are asked: once, and briefly."""
    return {"password": password, "retry": Retry(NoBackoff(), 0), **BRIEFLY}


def primary(addresses: Addresses, password: str | None, url: str, **options: Any) -> Redis:
    """A client of the primary. password: the Sentinels' own. options: of its connections."""
    name, login = named(url)
    sentinel = Sentinel(addresses, sentinel_kwargs=asked(password), **login)
    client: Redis = sentinel.master_for(name, connection_class=AskingConnection, **options)
    return client


def primary_async(addresses: Addresses, password: str | None, url: str, **options: Any) -> AsyncRedis:
    """The same for `async` code, which must not try twice: see AskingConnection."""
    name, login = named(url)
    quick = {"password": password, "retry": AsyncRetry(NoBackoff(), 0), "protocol": 2, **BRIEFLY}
    sentinel = AsyncSentinel(addresses, sentinel_kwargs=quick, **login)
    client: AsyncRedis = sentinel.master_for(name, **options)
    return client
