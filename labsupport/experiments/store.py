"""A store that takes one message after another, and keeps the last one as its state.

Each write comes with a token, a number. The store refuses a token that is older than the newest it has seen: so a worker that
slept too long cannot undo what another has written since. The token 0 stands for none, and is never refused.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from redis import Redis

KEY = "store"
"""A list of what was written, the newest last. What was refused is in `store:refused`."""

_WRITE = """
local token, line = tonumber(ARGV[1]), ARGV[1] .. ' ' .. ARGV[2] .. ' ' .. ARGV[3]
for _, written in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
    if token ~= 0 and tonumber(string.match(written, '^%S+')) > token then
        redis.call('RPUSH', KEYS[1] .. ':refused', line)
        return 0
    end
end
redis.call('RPUSH', KEYS[1], line)
return 1
"""


class Write(NamedTuple):
    """One write. writer: the id of the process."""

    token: float
    writer: int
    message: str


def write(redis: Redis, message: str | bytes, token: float) -> bool:
    """Write, in one step; whether the store took it. Raises ValueError or TypeError for a token that is no number."""
    text = message.decode() if isinstance(message, bytes) else message
    return bool(redis.eval(_WRITE, 1, KEY, f"{float(token):.6f}", os.getpid(), text))


def written(redis: Redis) -> list[Write]:
    """What it took, in this order."""
    return _read(redis, KEY)


def refused(redis: Redis) -> list[Write]:
    """What it refused, in this order."""
    return _read(redis, f"{KEY}:refused")


def _read(redis: Redis, key: str) -> list[Write]:
    lines = (line.decode().split(" ", 2) for line in redis.lrange(key, 0, -1))
    return [Write(float(token), int(writer), message) for token, writer, message in lines]
