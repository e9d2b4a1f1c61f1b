"""A stand-in for a provider of e-mail or push messages, which can be slow, flaky, down or rate-limited.

Its behaviour and what it has delivered are in Redis, so that a test or a lab changes it while workers run,
and sees what reached the provider whichever process sent it.
"""

import json
import random
import time
from dataclasses import asdict, dataclass
from typing import Any

from redis import Redis

from . import settings


class ProviderError(Exception):
    """The provider did not take the message. It may on another try."""


class ProviderDown(ProviderError):
    """The provider cannot be reached."""


class RateLimited(ProviderError):
    """Too many calls in this second."""


@dataclass
class Behaviour:
    """How the provider behaves from now on.

    latency: seconds that a call takes.
    failure_rate: share of the calls that fail, 0 to 1; which ones, `seed` decides.
    down: every call fails at once.
    lost_reply: the message is delivered, and the answer does not arrive, so that the call fails.
    rate_limit: calls that are taken in any second, by the server's clock; 0 for no limit.
    """

    latency: float = 0.0
    failure_rate: float = 0.0
    seed: int = 0
    down: bool = False
    rate_limit: int = 0
    lost_reply: bool = False


_DELIVER_ONCE = "if redis.call('SADD', KEYS[1], ARGV[1]) == 1 then redis.call('RPUSH', KEYS[2], ARGV[2]) end"
"""In one step: a key that is known without its message being out would be a message lost."""


def _key(name: str) -> str:
    return f"{settings.prefix()}:provider:{name}"


class Provider:
    """The provider as its callers see it: `send`, and nothing else."""

    def __init__(self, redis: Redis):
        self._redis = redis

    def send(self, message: str, key: str | None = None) -> None:
        """Deliver `message`. Raises ProviderDown, RateLimited or ProviderError.

        key: an idempotency key. A message whose key was delivered before is accepted, and not delivered again.
        """
        behaviour = self.behaviour()
        number = self._redis.incr(_key("calls"))
        if behaviour.down:
            raise ProviderDown("provider unreachable")
        if behaviour.rate_limit:
            self._take_a_place(number, behaviour.rate_limit)
        time.sleep(behaviour.latency)
        if random.Random(f"{behaviour.seed}:{number}").random() < behaviour.failure_rate:
            raise ProviderError(f"provider error on call {number}")
        if key is None:
            self._redis.rpush(_key("delivered"), message)
        else:
            self._redis.eval(_DELIVER_ONCE, 2, _key("keys"), _key("delivered"), key, message)
        if behaviour.lost_reply:
            raise ProviderError("the connection broke before the answer came")

    def _take_a_place(self, number: int, limit: int) -> None:
        """Take this call among the last second's, of which the provider accepts `limit`. Raises RateLimited."""
        seconds, micros = self._redis.time()
        now = seconds + micros / 1e6
        with self._redis.pipeline() as pipe:
            pipe.zremrangebyscore(_key("taken"), 0, now - 1)
            pipe.zadd(_key("taken"), {str(number): now})
            pipe.zcard(_key("taken"))
            _, _, taken = pipe.execute()
        if taken > limit:
            self._redis.zrem(_key("taken"), number)
            raise RateLimited(f"more than {limit} calls in a second")

    # The switches of the stand-in.

    def behave(self, **changes: Any) -> None:
        """Behave otherwise from now on: `behave(latency=0.2, down=True)`; what is not named is as new.

        The count of calls begins again, so that one seed gives one sequence of failures.
        """
        behaviour = json.dumps(asdict(Behaviour(**changes)))
        with self._redis.pipeline() as pipe:
            pipe.set(_key("behaviour"), behaviour)
            pipe.delete(_key("calls"), _key("taken"))
            pipe.execute()

    def behaviour(self) -> Behaviour:
        """How it behaves now."""
        return Behaviour(**json.loads(self._redis.get(_key("behaviour")) or "{}"))

    @property
    def calls(self) -> int:
        """Calls since `behave`."""
        return int(self._redis.get(_key("calls")) or 0)

    def delivered(self) -> list[str]:
        """The messages that were delivered, in order."""
        messages: list[Any] = self._redis.lrange(_key("delivered"), 0, -1)
        return [message.decode() for message in messages]
