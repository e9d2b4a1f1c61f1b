"""Answers to too-late."""

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
return redis.call('ZREM', 'taken', ARGV[1])
"""


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    taken = redis.eval(TAKE, 2, "waiting", "taken", time.time())
    return tuple(taken) if taken else None


def acknowledge(redis, message, token):
    redis.eval(DONE, 0, message, token)


# %% right: the token is part of what is taken
# %%writefile lab08_queue.py
import time

TAKE = """
local message = redis.call('LPOP', 'waiting')
local old = redis.call('ZRANGEBYSCORE', 'taken', 0, ARGV[1], 'LIMIT', 0, 1)[1]
if old and not message then
    redis.call('ZREM', 'taken', old)
    message = string.match(old, ' (.*)')
end
if not message then return nil end
local taken = redis.call('INCR', 'token') .. ' ' .. message
redis.call('ZADD', 'taken', ARGV[2], taken)
return taken
"""


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    now = time.time()
    taken = redis.eval(TAKE, 0, now, now + 30)
    if taken is None:
        return None
    token, _, message = taken.decode().partition(" ")
    return message, int(token)


def acknowledge(redis, message, token):
    redis.zrem("taken", f"{token} {message}")


# %% right: a transaction, and a key that expires
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    token = redis.incr("token")
    for message in redis.lrange("taken", 0, -1):
        if redis.set(f"lease:{message.decode()}", token, nx=True, ex=30):
            return message, token
    message = redis.lmove("waiting", "taken")
    if message is None:
        return None
    if redis.set(f"lease:{message.decode()}", token, nx=True, ex=30):
        return message, token
    return reserve(redis)


def acknowledge(redis, message, token):
    key = f"lease:{message.decode()}"
    with redis.pipeline() as pipe:
        pipe.watch(key)
        if int(pipe.get(key) or 0) != token:
            return
        pipe.multi()
        pipe.lrem("taken", 1, message)
        pipe.delete(key)
        pipe.execute()


# %% wrong: LMOVE waiting, stopped before SET lease:first
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    token = redis.incr("token")
    for message in redis.lrange("taken", 0, -1):
        if redis.set(f"lease:{message.decode()}", token, nx=True, ex=30):
            return message, token
    message = redis.lmove("waiting", "taken")
    if message is None:
        return None
    redis.set(f"lease:{message.decode()}", token, ex=30)
    return message, token


def acknowledge(redis, message, token):
    key = f"lease:{message.decode()}"
    with redis.pipeline() as pipe:
        pipe.watch(key)
        if int(pipe.get(key) or 0) != token:
            return
        pipe.multi()
        pipe.lrem("taken", 1, message)
        pipe.delete(key)
        pipe.execute()


# %% wrong: goes on, write to the store
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
    redis.zrem("taken", message)


# %% wrong: went on when its message was another's, and acknowledged it
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
    redis.zrem("taken", message)


# %% wrong: the store refused second: the tokens were 2, then 1
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
    return (taken[0], 3 - taken[1]) if taken else None


def acknowledge(redis, message, token):
    redis.eval(DONE, 0, message, token)


# %% wrong: a message is not written by the workers that come
# %%writefile lab08_queue.py
import time

TAKE = """
local found = redis.call('ZRANGEBYSCORE', KEYS[2], 0, ARGV[1], 'LIMIT', 0, 1)[1] or redis.call('LPOP', KEYS[1])
if not found then return nil end
local token = redis.call('HINCRBY', 'counts', found, 1)
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
    redis.eval(DONE, 0, message, token)


# %% wrong: a worker wrote after others had written
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
    return (taken[0], 1) if taken else None


def acknowledge(redis, message, token):
    redis.zrem("taken", message)


# %% wrong: It is still in Redis, where no worker looks
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    message = redis.lmove("waiting", "taken")
    return None if message is None else (message, redis.incr("token"))


def acknowledge(redis, message, token):
    redis.lrem("taken", 1, message)


# %% wrong: and nobody ever wrote the message
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
    if redis.zscore("taken", message):
        redis.zrem("taken", message)


# %% right: looks, and then removes; that worker has written
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
    if int(redis.hget("tokens", message) or 0) == token:
        redis.zrem("taken", message)
        redis.hdel("tokens", message)
