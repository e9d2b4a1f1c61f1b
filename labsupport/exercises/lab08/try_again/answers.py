"""Answers to try-again."""

# %% solution
# %%writefile lab08_queue.py
import time

TAKE = """
local found = redis.call('ZRANGEBYSCORE', KEYS[2], 0, ARGV[1], 'LIMIT', 0, 1)[1] or redis.call('LPOP', KEYS[1])
if not found then return nil end
local token = redis.call('INCR', 'token')
redis.call('ZADD', KEYS[2], ARGV[1] + 30, found)
redis.call('HSET', 'tokens', found, token)
return {found, token}
"""
DONE = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('HDEL', 'failures', ARGV[1])
return redis.call('ZREM', 'taken', ARGV[1])
"""
AGAIN = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('ZREM', 'taken', ARGV[1])
if redis.call('HINCRBY', 'failures', ARGV[1], 1) < 3 then return redis.call('RPUSH', 'waiting', ARGV[1]) end
redis.call('HDEL', 'failures', ARGV[1])
return redis.call('RPUSH', 'failed', ARGV[1])
"""


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    taken = redis.eval(TAKE, 2, "waiting", "taken", time.time())
    return tuple(taken) if taken else None


def acknowledge(redis, message, token):
    redis.eval(DONE, 0, message, token)


def retry(redis, message, token):
    redis.eval(AGAIN, 0, message, token)


# %% right: a transaction with WATCH
# %%writefile lab08_queue.py
import time

from redis import WatchError

TAKE = """
local found = redis.call('ZRANGEBYSCORE', KEYS[2], 0, ARGV[1], 'LIMIT', 0, 1)[1] or redis.call('LPOP', KEYS[1])
if not found then return nil end
local token = redis.call('INCR', 'token')
redis.call('ZADD', KEYS[2], ARGV[1] + 30, found)
redis.call('HSET', 'tokens', found, token)
return {found, token}
"""
DONE = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('HDEL', 'failures', ARGV[1])
return redis.call('ZREM', 'taken', ARGV[1])
"""


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    taken = redis.eval(TAKE, 2, "waiting", "taken", time.time())
    return tuple(taken) if taken else None


def acknowledge(redis, message, token):
    redis.eval(DONE, 0, message, token)


def retry(redis, message, token):
    with redis.pipeline() as pipe:
        while True:
            try:
                pipe.watch("tokens", "failures")
                if int(pipe.hget("tokens", message) or 0) != token:
                    return
                failures = int(pipe.hget("failures", message) or 0) + 1
                pipe.multi()
                pipe.hdel("tokens", message)
                pipe.zrem("taken", message)
                if failures < 3:
                    pipe.hset("failures", message, failures)
                    pipe.rpush("waiting", message)
                else:
                    pipe.hdel("failures", message)
                    pipe.rpush("failed", message)
                pipe.execute()
                return
            except WatchError:
                continue


# %% right: attempts counted when they begin; one that was taken three times and never ended is given up
# %%writefile lab08_queue.py
import time

TAKE = """
for _, old in ipairs(redis.call('ZRANGEBYSCORE', 'taken', 0, ARGV[1])) do
    redis.call('ZREM', 'taken', old)
    redis.call('HDEL', 'tokens', old)
    if tonumber(redis.call('HGET', 'attempts', old)) < 3 then
        redis.call('RPUSH', 'waiting', old)
    else
        redis.call('HDEL', 'attempts', old)
        redis.call('RPUSH', 'failed', old)
    end
end
local found = redis.call('LPOP', 'waiting')
if not found then return nil end
local token = redis.call('INCR', 'token')
redis.call('HINCRBY', 'attempts', found, 1)
redis.call('ZADD', 'taken', ARGV[2], found)
redis.call('HSET', 'tokens', found, token)
return {found, token}
"""
END = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('ZREM', 'taken', ARGV[1])
if ARGV[3] == 'retry' and tonumber(redis.call('HGET', 'attempts', ARGV[1])) < 3 then
    return redis.call('LPUSH', 'waiting', ARGV[1])
end
redis.call('HDEL', 'attempts', ARGV[1])
if ARGV[3] == 'retry' then redis.call('RPUSH', 'failed', ARGV[1]) end
return 1
"""


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    now = time.time()
    return redis.eval(TAKE, 0, now, now + 30)


def acknowledge(redis, message, token):
    redis.eval(END, 0, message, token, "acknowledge")


def retry(redis, message, token):
    redis.eval(END, 0, message, token, "retry")


# %% wrong: first was given out once, not 3 times, and is not in `failed`
# %%writefile lab08_queue.py
import time

TAKE = """
local found = redis.call('ZRANGEBYSCORE', KEYS[2], 0, ARGV[1], 'LIMIT', 0, 1)[1] or redis.call('LPOP', KEYS[1])
if not found then return nil end
local token = redis.call('INCR', 'token')
redis.call('ZADD', KEYS[2], ARGV[1] + 30, found)
redis.call('HSET', 'tokens', found, token)
return {found, token}
"""
DONE = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('HDEL', 'failures', ARGV[1])
return redis.call('ZREM', 'taken', ARGV[1])
"""


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    taken = redis.eval(TAKE, 2, "waiting", "taken", time.time())
    return tuple(taken) if taken else None


def acknowledge(redis, message, token):
    redis.eval(DONE, 0, message, token)


def retry(redis, message, token):
    pass


# %% wrong: first was given out once, not 3 times, and stands in `failed`
# %%writefile lab08_queue.py
import time

TAKE = """
local found = redis.call('ZRANGEBYSCORE', KEYS[2], 0, ARGV[1], 'LIMIT', 0, 1)[1] or redis.call('LPOP', KEYS[1])
if not found then return nil end
local token = redis.call('INCR', 'token')
redis.call('ZADD', KEYS[2], ARGV[1] + 30, found)
redis.call('HSET', 'tokens', found, token)
return {found, token}
"""
DONE = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('HDEL', 'failures', ARGV[1])
return redis.call('ZREM', 'taken', ARGV[1])
"""
AGAIN = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('ZREM', 'taken', ARGV[1])
return redis.call('RPUSH', 'failed', ARGV[1])
"""


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    taken = redis.eval(TAKE, 2, "waiting", "taken", time.time())
    return tuple(taken) if taken else None


def acknowledge(redis, message, token):
    redis.eval(DONE, 0, message, token)


def retry(redis, message, token):
    redis.eval(AGAIN, 0, message, token)


# %% wrong: EVAL, ✗ before HINCRBY failures
# %%writefile lab08_queue.py
import time

TAKE = """
local found = redis.call('ZRANGEBYSCORE', KEYS[2], 0, ARGV[1], 'LIMIT', 0, 1)[1] or redis.call('LPOP', KEYS[1])
if not found then return nil end
local token = redis.call('INCR', 'token')
redis.call('ZADD', KEYS[2], ARGV[1] + 30, found)
redis.call('HSET', 'tokens', found, token)
return {found, token}
"""
DONE = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
return redis.call('ZREM', 'taken', ARGV[1])
"""


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    taken = redis.eval(TAKE, 2, "waiting", "taken", time.time())
    return tuple(taken) if taken else None


def acknowledge(redis, message, token):
    if redis.eval(DONE, 0, message, token):
        redis.hdel("failures", message)


def retry(redis, message, token):
    if not redis.eval(DONE, 0, message, token):
        return
    if redis.hincrby("failures", message, 1) < 3:
        redis.rpush("waiting", message)
    else:
        redis.hdel("failures", message)
        redis.rpush("failed", message)


# %% wrong: start of the job, HGET tokens, stopped before HINCRBY failures
# %%writefile lab08_queue.py
import time

TAKE = """
local found = redis.call('ZRANGEBYSCORE', KEYS[2], 0, ARGV[1], 'LIMIT', 0, 1)[1] or redis.call('LPOP', KEYS[1])
if not found then return nil end
local token = redis.call('INCR', 'token')
redis.call('ZADD', KEYS[2], ARGV[1] + 30, found)
redis.call('HSET', 'tokens', found, token)
return {found, token}
"""
DONE = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('HDEL', 'failures', ARGV[1])
return redis.call('ZREM', 'taken', ARGV[1])
"""
AGAIN = """
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('ZREM', 'taken', ARGV[1])
return redis.call('RPUSH', ARGV[3], ARGV[1])
"""


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    taken = redis.eval(TAKE, 2, "waiting", "taken", time.time())
    return tuple(taken) if taken else None


def acknowledge(redis, message, token):
    redis.eval(DONE, 0, message, token)


def retry(redis, message, token):
    if int(redis.hget("tokens", message) or 0) == token:
        failures = redis.hincrby("failures", message, 1)
        redis.eval(AGAIN, 0, message, token, "waiting" if failures < 3 else "failed")
        if failures >= 3:
            redis.hdel("failures", message)


# %% wrong: first was given out 4 times, not 3
# %%writefile lab08_queue.py
import time

TAKE = """
local found = redis.call('ZRANGEBYSCORE', KEYS[2], 0, ARGV[1], 'LIMIT', 0, 1)[1] or redis.call('LPOP', KEYS[1])
if not found then return nil end
local token = redis.call('INCR', 'token')
redis.call('ZADD', KEYS[2], ARGV[1] + 30, found)
redis.call('HSET', 'tokens', found, token)
return {found, token}
"""
DONE = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('HDEL', 'failures', ARGV[1])
return redis.call('ZREM', 'taken', ARGV[1])
"""
AGAIN = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('ZREM', 'taken', ARGV[1])
if redis.call('HINCRBY', 'failures', ARGV[1], 1) <= 3 then return redis.call('RPUSH', 'waiting', ARGV[1]) end
redis.call('HDEL', 'failures', ARGV[1])
return redis.call('RPUSH', 'failed', ARGV[1])
"""


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    taken = redis.eval(TAKE, 2, "waiting", "taken", time.time())
    return tuple(taken) if taken else None


def acknowledge(redis, message, token):
    redis.eval(DONE, 0, message, token)


def retry(redis, message, token):
    redis.eval(AGAIN, 0, message, token)


# %% wrong: and no end was seen
# %%writefile lab08_queue.py
import time

TAKE = """
local found = redis.call('ZRANGEBYSCORE', KEYS[2], 0, ARGV[1], 'LIMIT', 0, 1)[1] or redis.call('LPOP', KEYS[1])
if not found then return nil end
local token = redis.call('INCR', 'token')
redis.call('ZADD', KEYS[2], ARGV[1] + 30, found)
redis.call('HSET', 'tokens', found, token)
return {found, token}
"""
DONE = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('HDEL', 'failures', ARGV[1])
return redis.call('ZREM', 'taken', ARGV[1])
"""
AGAIN = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('ZREM', 'taken', ARGV[1])
return redis.call('RPUSH', 'waiting', ARGV[1])
"""


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    taken = redis.eval(TAKE, 2, "waiting", "taken", time.time())
    return tuple(taken) if taken else None


def acknowledge(redis, message, token):
    redis.eval(DONE, 0, message, token)


def retry(redis, message, token):
    redis.eval(AGAIN, 0, message, token)


# %% wrong: the count should be in Redis
# %%writefile lab08_queue.py
import time
from collections import Counter

TAKE = """
local found = redis.call('ZRANGEBYSCORE', KEYS[2], 0, ARGV[1], 'LIMIT', 0, 1)[1] or redis.call('LPOP', KEYS[1])
if not found then return nil end
local token = redis.call('INCR', 'token')
redis.call('ZADD', KEYS[2], ARGV[1] + 30, found)
redis.call('HSET', 'tokens', found, token)
return {found, token}
"""
DONE = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('HDEL', 'failures', ARGV[1])
return redis.call('ZREM', 'taken', ARGV[1])
"""
AGAIN = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('ZREM', 'taken', ARGV[1])
return redis.call('RPUSH', ARGV[3], ARGV[1])
"""
failures = Counter()


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    taken = redis.eval(TAKE, 2, "waiting", "taken", time.time())
    return tuple(taken) if taken else None


def acknowledge(redis, message, token):
    redis.eval(DONE, 0, message, token)


def retry(redis, message, token):
    failures[message] += 1
    redis.eval(AGAIN, 0, message, token, "waiting" if failures[message] < 3 else "failed")


# %% wrong: retry(redis, message, token) can't be called
# %%writefile lab08_queue.py
import time

TAKE = """
local found = redis.call('ZRANGEBYSCORE', KEYS[2], 0, ARGV[1], 'LIMIT', 0, 1)[1] or redis.call('LPOP', KEYS[1])
if not found then return nil end
local token = redis.call('INCR', 'token')
redis.call('ZADD', KEYS[2], ARGV[1] + 30, found)
redis.call('HSET', 'tokens', found, token)
return {found, token}
"""
DONE = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('HDEL', 'failures', ARGV[1])
return redis.call('ZREM', 'taken', ARGV[1])
"""
AGAIN = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('ZREM', 'taken', ARGV[1])
if redis.call('HINCRBY', 'failures', ARGV[1], 1) < 3 then return redis.call('RPUSH', 'waiting', ARGV[1]) end
redis.call('HDEL', 'failures', ARGV[1])
return redis.call('RPUSH', 'failed', ARGV[1])
"""


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    taken = redis.eval(TAKE, 2, "waiting", "taken", time.time())
    return tuple(taken) if taken else None


def acknowledge(redis, message, token):
    redis.eval(DONE, 0, message, token)


def retry(redis, message):
    redis.eval(AGAIN, 0, message, redis.hget("tokens", message))


# %% wrong: NotImplementedError
# %%writefile lab08_queue.py
import time

TAKE = """
local found = redis.call('ZRANGEBYSCORE', KEYS[2], 0, ARGV[1], 'LIMIT', 0, 1)[1] or redis.call('LPOP', KEYS[1])
if not found then return nil end
local token = redis.call('INCR', 'token')
redis.call('ZADD', KEYS[2], ARGV[1] + 30, found)
redis.call('HSET', 'tokens', found, token)
return {found, token}
"""
DONE = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('HDEL', 'failures', ARGV[1])
return redis.call('ZREM', 'taken', ARGV[1])
"""


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    taken = redis.eval(TAKE, 2, "waiting", "taken", time.time())
    return tuple(taken) if taken else None


def acknowledge(redis, message, token):
    redis.eval(DONE, 0, message, token)


def retry(redis, message, token):
    raise NotImplementedError


# %% wrong: it stands in `failed` twice, or was written, too
# %%writefile lab08_queue.py
import time

TAKE = """
local found = redis.call('ZRANGEBYSCORE', KEYS[2], 0, ARGV[1], 'LIMIT', 0, 1)[1] or redis.call('LPOP', KEYS[1])
if not found then return nil end
local token = redis.call('INCR', 'token')
redis.call('ZADD', KEYS[2], ARGV[1] + 30, found)
redis.call('HSET', 'tokens', found, token)
return {found, token}
"""
DONE = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('HDEL', 'failures', ARGV[1])
return redis.call('ZREM', 'taken', ARGV[1])
"""
FREE = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
return redis.call('ZREM', 'taken', ARGV[1])
"""


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    taken = redis.eval(TAKE, 2, "waiting", "taken", time.time())
    return tuple(taken) if taken else None


def acknowledge(redis, message, token):
    redis.eval(DONE, 0, message, token)


def retry(redis, message, token):
    if int(redis.hget("tokens", message) or 0) != token:
        return
    failures = redis.hincrby("failures", message, 1)
    redis.rpush("waiting" if failures < 3 else "failed", message)
    redis.eval(DONE if failures >= 3 else FREE, 0, message, token)


# %% wrong: on which another one was at work, was given to a third one
# %%writefile lab08_queue.py
import time

TAKE = """
local found = redis.call('ZRANGEBYSCORE', KEYS[2], 0, ARGV[1], 'LIMIT', 0, 1)[1] or redis.call('LPOP', KEYS[1])
if not found then return nil end
local token = redis.call('INCR', 'token')
redis.call('ZADD', KEYS[2], ARGV[1] + 30, found)
redis.call('HSET', 'tokens', found, token)
return {found, token}
"""
DONE = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('HDEL', 'failures', ARGV[1])
return redis.call('ZREM', 'taken', ARGV[1])
"""
AGAIN = """
if not redis.call('ZSCORE', 'taken', ARGV[1]) then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('ZREM', 'taken', ARGV[1])
if redis.call('HINCRBY', 'failures', ARGV[1], 1) < 3 then return redis.call('RPUSH', 'waiting', ARGV[1]) end
redis.call('HDEL', 'failures', ARGV[1])
return redis.call('RPUSH', 'failed', ARGV[1])
"""


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    taken = redis.eval(TAKE, 2, "waiting", "taken", time.time())
    return tuple(taken) if taken else None


def acknowledge(redis, message, token):
    redis.eval(DONE, 0, message, token)


def retry(redis, message, token):
    redis.eval(AGAIN, 0, message, token)


# %% wrong: which another one had acknowledged, was given out again
# %%writefile lab08_queue.py
import time

TAKE = """
local found = redis.call('ZRANGEBYSCORE', KEYS[2], 0, ARGV[1], 'LIMIT', 0, 1)[1] or redis.call('LPOP', KEYS[1])
if not found then return nil end
local token = redis.call('INCR', 'token')
redis.call('ZADD', KEYS[2], ARGV[1] + 30, found)
redis.call('HSET', 'tokens', found, token)
return {found, token}
"""
DONE = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('HDEL', 'failures', ARGV[1])
return redis.call('ZREM', 'taken', ARGV[1])
"""
AGAIN = """
local newest = redis.call('HGET', 'tokens', ARGV[1])
if newest and newest ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('ZREM', 'taken', ARGV[1])
if redis.call('HINCRBY', 'failures', ARGV[1], 1) < 3 then return redis.call('RPUSH', 'waiting', ARGV[1]) end
redis.call('HDEL', 'failures', ARGV[1])
return redis.call('RPUSH', 'failed', ARGV[1])
"""


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    taken = redis.eval(TAKE, 2, "waiting", "taken", time.time())
    return tuple(taken) if taken else None


def acknowledge(redis, message, token):
    redis.eval(DONE, 0, message, token)


def retry(redis, message, token):
    redis.eval(AGAIN, 0, message, token)


# %% wrong: stands in `failed`, and an hour later it was given to a worker
# %%writefile lab08_queue.py
import time

TAKE = """
local found = redis.call('ZRANGEBYSCORE', KEYS[2], 0, ARGV[1], 'LIMIT', 0, 1)[1] or redis.call('LPOP', KEYS[1])
if not found then return nil end
local token = redis.call('INCR', 'token')
redis.call('ZADD', KEYS[2], ARGV[1] + 30, found)
redis.call('HSET', 'tokens', found, token)
return {found, token}
"""
DONE = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('HDEL', 'failures', ARGV[1])
return redis.call('ZREM', 'taken', ARGV[1])
"""
AGAIN = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
if redis.call('HINCRBY', 'failures', ARGV[1], 1) < 3 then
    redis.call('ZREM', 'taken', ARGV[1])
    return redis.call('RPUSH', 'waiting', ARGV[1])
end
redis.call('HDEL', 'failures', ARGV[1])
return redis.call('RPUSH', 'failed', ARGV[1])
"""


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    taken = redis.eval(TAKE, 2, "waiting", "taken", time.time())
    return tuple(taken) if taken else None


def acknowledge(redis, message, token):
    redis.eval(DONE, 0, message, token)


def retry(redis, message, token):
    redis.eval(AGAIN, 0, message, token)


# %% wrong: and reserve returned
# %%writefile lab08_queue.py
import json
import time

TAKE = """
local found = redis.call('ZRANGEBYSCORE', KEYS[2], 0, ARGV[1], 'LIMIT', 0, 1)[1] or redis.call('LPOP', KEYS[1])
if not found then return nil end
local token = redis.call('INCR', 'token')
redis.call('ZADD', KEYS[2], ARGV[1] + 30, found)
redis.call('HSET', 'tokens', found, token)
return {found, token}
"""
DONE = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('HDEL', 'failures', ARGV[1])
return redis.call('ZREM', 'taken', ARGV[1])
"""
AGAIN = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('ZREM', 'taken', ARGV[1])
return redis.call('RPUSH', ARGV[3], ARGV[4])
"""


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    taken = redis.eval(TAKE, 2, "waiting", "taken", time.time())
    return tuple(taken) if taken else None


def acknowledge(redis, message, token):
    redis.eval(DONE, 0, message, token)


def retry(redis, message, token):
    entry = json.loads(message) if message.startswith(b"{") else {"message": message.decode(), "failures": 0}
    entry["failures"] += 1
    key = "waiting" if entry["failures"] < 3 else "failed"
    redis.eval(AGAIN, 0, message, token, key, json.dumps(entry))


# %% wrong: `failed` should hold first and second, and holds {
# %%writefile lab08_queue.py
import time

TAKE = """
local found = redis.call('ZRANGEBYSCORE', KEYS[2], 0, ARGV[1], 'LIMIT', 0, 1)[1] or redis.call('LPOP', KEYS[1])
if not found then return nil end
local token = redis.call('INCR', 'token')
redis.call('ZADD', KEYS[2], ARGV[1] + 30, found)
redis.call('HSET', 'tokens', found, token)
return {found, token}
"""
DONE = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('HDEL', 'failures', ARGV[1])
return redis.call('ZREM', 'taken', ARGV[1])
"""
AGAIN = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('ZREM', 'taken', ARGV[1])
if redis.call('HINCRBY', 'failures', ARGV[1], 1) < 3 then return redis.call('RPUSH', 'waiting', ARGV[1]) end
redis.call('HDEL', 'failures', ARGV[1])
return redis.call('RPUSH', 'failed', cjson.encode({message = ARGV[1], attempts = 3}))
"""


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    taken = redis.eval(TAKE, 2, "waiting", "taken", time.time())
    return tuple(taken) if taken else None


def acknowledge(redis, message, token):
    redis.eval(DONE, 0, message, token)


def retry(redis, message, token):
    redis.eval(AGAIN, 0, message, token)


# %% wrong: one after a late worker's retry. They were put again, and their jobs raised. first was given out 2 times
# %%writefile lab08_queue.py
import time

TAKE = """
local found = redis.call('ZRANGEBYSCORE', KEYS[2], 0, ARGV[1], 'LIMIT', 0, 1)[1] or redis.call('LPOP', KEYS[1])
if not found then return nil end
local token = redis.call('INCR', 'token')
redis.call('ZADD', KEYS[2], ARGV[1] + 30, found)
redis.call('HSET', 'tokens', found, token)
return {found, token}
"""
DONE = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
return redis.call('ZREM', 'taken', ARGV[1])
"""
AGAIN = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('ZREM', 'taken', ARGV[1])
if redis.call('HINCRBY', 'failures', ARGV[1], 1) < 3 then return redis.call('RPUSH', 'waiting', ARGV[1]) end
redis.call('HDEL', 'failures', ARGV[1])
return redis.call('RPUSH', 'failed', ARGV[1])
"""


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    taken = redis.eval(TAKE, 2, "waiting", "taken", time.time())
    return tuple(taken) if taken else None


def acknowledge(redis, message, token):
    redis.eval(DONE, 0, message, token)


def retry(redis, message, token):
    redis.eval(AGAIN, 0, message, token)


# %% wrong: as if its count were lost
# %%writefile lab08_queue.py
import time

TAKE = """
local found = redis.call('ZRANGEBYSCORE', KEYS[2], 0, ARGV[1], 'LIMIT', 0, 1)[1]
if found then redis.call('HSET', 'failures', found, 0) else found = redis.call('LPOP', KEYS[1]) end
if not found then return nil end
local token = redis.call('INCR', 'token')
redis.call('ZADD', KEYS[2], ARGV[1] + 30, found)
redis.call('HSET', 'tokens', found, token)
return {found, token}
"""
DONE = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('HDEL', 'failures', ARGV[1])
return redis.call('ZREM', 'taken', ARGV[1])
"""
AGAIN = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('ZREM', 'taken', ARGV[1])
if redis.call('HINCRBY', 'failures', ARGV[1], 1) < 3 then return redis.call('RPUSH', 'waiting', ARGV[1]) end
redis.call('HDEL', 'failures', ARGV[1])
return redis.call('RPUSH', 'failed', ARGV[1])
"""


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    taken = redis.eval(TAKE, 2, "waiting", "taken", time.time())
    return tuple(taken) if taken else None


def acknowledge(redis, message, token):
    redis.eval(DONE, 0, message, token)


def retry(redis, message, token):
    redis.eval(AGAIN, 0, message, token)


# %% wrong: They were put again, and their jobs raised. second was given out 2 times
# %%writefile lab08_queue.py
import time

TAKE = """
local found = redis.call('ZRANGEBYSCORE', KEYS[2], 0, ARGV[1], 'LIMIT', 0, 1)[1] or redis.call('LPOP', KEYS[1])
if not found then return nil end
local token = redis.call('INCR', 'token')
redis.call('ZADD', KEYS[2], ARGV[1] + 30, found)
redis.call('HSET', 'tokens', found, token)
return {found, token}
"""
DONE = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('HDEL', 'failures', ARGV[1])
return redis.call('ZREM', 'taken', ARGV[1])
"""
AGAIN = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('ZREM', 'taken', ARGV[1])
return redis.call('RPUSH', ARGV[3], ARGV[1])
"""


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    taken = redis.eval(TAKE, 2, "waiting", "taken", time.time())
    return tuple(taken) if taken else None


def acknowledge(redis, message, token):
    redis.eval(DONE, 0, message, token)


def retry(redis, message, token):
    failures = redis.hincrby("failures", message, 1)
    redis.eval(AGAIN, 0, message, token, "waiting" if failures < 3 else "failed")
    if failures >= 3:
        redis.hdel("failures", message)


# %% wrong: as if its count were lost
# %%writefile lab08_queue.py
import time

TAKE = """
local found = redis.call('ZRANGEBYSCORE', KEYS[2], 0, ARGV[1], 'LIMIT', 0, 1)[1] or redis.call('LPOP', KEYS[1])
if not found then return nil end
local token = redis.call('INCR', 'token')
redis.call('ZADD', KEYS[2], ARGV[1] + 30, found)
redis.call('HSET', 'tokens', found, token)
return {found, token}
"""
DONE = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('HDEL', 'failures', ARGV[1])
return redis.call('ZREM', 'taken', ARGV[1])
"""
AGAIN = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('ZREM', 'taken', ARGV[1])
return redis.call('RPUSH', ARGV[3], ARGV[1])
"""


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    taken = redis.eval(TAKE, 2, "waiting", "taken", time.time())
    return tuple(taken) if taken else None


def acknowledge(redis, message, token):
    redis.eval(DONE, 0, message, token)


def retry(redis, message, token):
    if redis.hget("tokens", message) != b"%d" % token:
        return
    failures = redis.hincrby("failures", message, 1)
    redis.eval(AGAIN, 0, message, token, "failed" if failures == 3 else "waiting")
    if failures == 3:
        redis.hdel("failures", message)


# %% wrong: Go on with the file that is right for too-late
# %%writefile lab08_queue.py
import time

TAKE = """
local found = redis.call('ZRANGEBYSCORE', KEYS[2], 0, ARGV[1], 'LIMIT', 0, 1)[1] or redis.call('LPOP', KEYS[1])
if found then redis.call('ZADD', KEYS[2], ARGV[1] + 30, found) end
return found
"""


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    message = redis.eval(TAKE, 2, "waiting", "taken", time.time())
    return None if message is None else (message, 0)


def acknowledge(redis, message, token):
    with redis.pipeline() as pipe:
        pipe.zrem("taken", message)
        pipe.hdel("failures", message)
        pipe.execute()


def retry(redis, message, token):
    failures = int(redis.hget("failures", message) or 0) + 1
    with redis.pipeline() as pipe:
        pipe.zrem("taken", message)
        if failures < 3:
            pipe.hset("failures", message, failures)
            pipe.rpush("waiting", message)
        else:
            pipe.hdel("failures", message)
            pipe.rpush("failed", message)
        pipe.execute()


# %% wrong: LMOVE waiting, stopped before SET lease:first
# %%writefile lab08_queue.py
LEASE = 30


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    token = redis.incr("token")
    for message in redis.lrange("taken", 0, -1):
        if redis.set(f"lease:{message.decode()}", token, nx=True, ex=LEASE):
            return message, token
    message = redis.lmove("waiting", "taken")
    if message is None:
        return None
    if redis.set(f"lease:{message.decode()}", token, nx=True, ex=LEASE):
        return message, token
    return reserve(redis)


def acknowledge(redis, message, token):
    _end(redis, message, token, False)


def retry(redis, message, token):
    _end(redis, message, token, True)


def _end(redis, message, token, again):
    lease, failures = f"lease:{message.decode()}", f"failures:{message.decode()}"
    with redis.pipeline() as pipe:
        pipe.watch(lease)
        if int(pipe.get(lease) or 0) != token:
            return
        count = int(pipe.get(failures) or 0) + 1
        pipe.multi()
        pipe.lrem("taken", 1, message)
        pipe.delete(lease)
        if again and count < 3:
            pipe.set(failures, count)
            pipe.lpush("waiting", message)
        else:
            pipe.delete(failures)
            if again:
                pipe.rpush("failed", message)
        pipe.execute()


# %% right: the count travels with the message inside of the queue
# %%writefile lab08_queue.py
import json
import time

TAKE = """
local found = redis.call('ZRANGEBYSCORE', 'taken', 0, ARGV[1], 'LIMIT', 0, 1)[1]
if found then redis.call('ZREM', 'taken', found) else found = redis.call('LPOP', 'waiting') end
if not found then return nil end
local entry = cjson.decode(found)
entry.token = redis.call('INCR', 'token')
redis.call('ZADD', 'taken', ARGV[2], cjson.encode(entry))
return {entry.message, entry.token}
"""
END = """
for _, found in ipairs(redis.call('ZRANGE', 'taken', 0, -1)) do
    local entry = cjson.decode(found)
    if entry.token == tonumber(ARGV[1]) then
        redis.call('ZREM', 'taken', found)
        if ARGV[2] == 'done' then return end
        entry.failures = entry.failures + 1
        if entry.failures == 3 then return redis.call('RPUSH', 'failed', entry.message) end
        return redis.call('RPUSH', 'waiting', cjson.encode(entry))
    end
end
"""


def put(redis, message):
    redis.rpush("waiting", json.dumps({"message": message, "failures": 0, "token": 0}))


def reserve(redis):
    now = time.time()
    taken = redis.eval(TAKE, 0, now, now + 30)
    return tuple(taken) if taken else None


def acknowledge(redis, message, token):
    redis.eval(END, 0, token, "done")


def retry(redis, message, token):
    redis.eval(END, 0, token, "failed")


# %% right: counted before it is moved: a crash between the two costs no attempt
# %%writefile lab08_queue.py
import time

TAKE = """
local found = redis.call('ZRANGEBYSCORE', KEYS[2], 0, ARGV[1], 'LIMIT', 0, 1)[1] or redis.call('LPOP', KEYS[1])
if not found then return nil end
local token = redis.call('INCR', 'token')
redis.call('ZADD', KEYS[2], ARGV[1] + 30, found)
redis.call('HSET', 'tokens', found, token)
return {found, token}
"""
DONE = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('HDEL', 'failures', ARGV[1])
return redis.call('ZREM', 'taken', ARGV[1])
"""
COUNT = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
return redis.call('HINCRBY', 'failures', ARGV[1], 1)
"""
MOVE = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('ZREM', 'taken', ARGV[1])
if ARGV[3] == 'failed' then redis.call('HDEL', 'failures', ARGV[1]) end
return redis.call('RPUSH', ARGV[3], ARGV[1])
"""


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    taken = redis.eval(TAKE, 2, "waiting", "taken", time.time())
    return tuple(taken) if taken else None


def acknowledge(redis, message, token):
    redis.eval(DONE, 0, message, token)


def retry(redis, message, token):
    failures = redis.eval(COUNT, 0, message, token)
    if failures:
        redis.eval(MOVE, 0, message, token, "waiting" if failures < 3 else "failed")


# %% right: one sorted set; a retry ends the lease
# %%writefile lab08_queue.py
import time

TAKE = """
local found = redis.call('ZRANGEBYSCORE', 'messages', 0, ARGV[1], 'LIMIT', 0, 1)[1]
if not found then return nil end
local token = redis.call('INCR', 'token')
redis.call('ZADD', 'messages', ARGV[2], found)
redis.call('SET', 'token:' .. found, token)
return {found, token}
"""
END = """
if redis.call('GET', 'token:' .. ARGV[1]) ~= ARGV[2] then return nil end
redis.call('DEL', 'token:' .. ARGV[1])
if ARGV[3] == 'retry' and redis.call('INCR', 'failures:' .. ARGV[1]) < 3 then
    return redis.call('ZADD', 'messages', 0, ARGV[1])
end
redis.call('DEL', 'failures:' .. ARGV[1])
redis.call('ZREM', 'messages', ARGV[1])
if ARGV[3] == 'retry' then redis.call('LPUSH', 'failed', ARGV[1]) end
"""


def put(redis, message):
    redis.zadd("messages", {message: 0})


def reserve(redis):
    now = time.time()
    taken = redis.eval(TAKE, 0, now, now + 30)
    return tuple(taken) if taken else None


def acknowledge(redis, message, token):
    redis.eval(END, 0, message, token, "done")


def retry(redis, message, token):
    redis.eval(END, 0, message, token, "retry")


# %% right: keys that expire; reserve looks again whether the message is still taken
# %%writefile lab08_queue.py
LEASE = 30


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    token = redis.incr("token")
    for message in redis.lrange("taken", 0, -1):
        if redis.set(f"lease:{message.decode()}", token, nx=True, ex=LEASE):
            return _still_taken(redis, message, token)
    message = redis.lmove("waiting", "taken")
    if message is None:
        return None
    if redis.set(f"lease:{message.decode()}", token, nx=True, ex=LEASE):
        return _still_taken(redis, message, token)
    return reserve(redis)


def _still_taken(redis, message, token):
    if redis.lpos("taken", message) is not None:
        return message, token
    redis.delete(f"lease:{message.decode()}")
    return reserve(redis)


def acknowledge(redis, message, token):
    _end(redis, message, token, False)


def retry(redis, message, token):
    _end(redis, message, token, True)


def _end(redis, message, token, again):
    lease, failures = f"lease:{message.decode()}", f"failures:{message.decode()}"
    with redis.pipeline() as pipe:
        pipe.watch(lease)
        if int(pipe.get(lease) or 0) != token:
            return
        count = int(pipe.get(failures) or 0) + 1
        pipe.multi()
        pipe.lrem("taken", 1, message)
        pipe.delete(lease)
        if again and count < 3:
            pipe.set(failures, count)
            pipe.lpush("waiting", message)
        else:
            pipe.delete(failures)
            if again:
                pipe.rpush("failed", message)
        pipe.execute()


# %% right: the old token stays until the next worker draws one
# %%writefile lab08_queue.py
import time

TAKE = """
local found = redis.call('ZRANGEBYSCORE', KEYS[2], 0, ARGV[1], 'LIMIT', 0, 1)[1] or redis.call('LPOP', KEYS[1])
if not found then return nil end
local token = redis.call('INCR', 'token')
redis.call('ZADD', KEYS[2], ARGV[1] + 30, found)
redis.call('HSET', 'tokens', found, token)
return {found, token}
"""
DONE = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', 'tokens', ARGV[1])
redis.call('HDEL', 'failures', ARGV[1])
return redis.call('ZREM', 'taken', ARGV[1])
"""
AGAIN = """
if redis.call('HGET', 'tokens', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('ZREM', 'taken', ARGV[1])
if redis.call('HINCRBY', 'failures', ARGV[1], 1) < 3 then return redis.call('RPUSH', 'waiting', ARGV[1]) end
redis.call('HDEL', 'failures', ARGV[1])
return redis.call('RPUSH', 'failed', ARGV[1])
"""


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    taken = redis.eval(TAKE, 2, "waiting", "taken", time.time())
    return tuple(taken) if taken else None


def acknowledge(redis, message, token):
    redis.eval(DONE, 0, message, token)


def retry(redis, message, token):
    redis.eval(AGAIN, 0, message, token)
