"""Answers to take-it-back."""

# %% solution
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


# %% right: a key that expires for each
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    for message in redis.lrange("taken", 0, -1):
        if redis.set(f"lease:{message.decode()}", 1, nx=True, ex=30):
            return message, 0
    message = redis.lmove("waiting", "taken")
    if message is None:
        return None
    redis.set(f"lease:{message.decode()}", 1, ex=30)
    return message, 0


def acknowledge(redis, message, token):
    redis.lrem("taken", 1, message)


# %% right: the expired go back into the queue first
# %%writefile lab08_queue.py
import time

from redis import WatchError


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    now = time.time()
    for message in redis.zrangebyscore("taken", 0, now):
        with redis.pipeline() as pipe:
            pipe.zrem("taken", message)
            pipe.rpush("waiting", message)
            pipe.execute()
    with redis.pipeline() as pipe:
        while True:
            try:
                pipe.watch("waiting")
                message = pipe.lindex("waiting", 0)
                if message is None:
                    return None
                pipe.multi()
                pipe.lpop("waiting")
                pipe.zadd("taken", {message: now + 30})
                pipe.execute()
                return message, 0
            except WatchError:
                continue


def acknowledge(redis, message, token):
    redis.zrem("taken", message)


# %% right: a stream and XAUTOCLAIM
# %%writefile lab08_queue.py
from redis import ResponseError


def put(redis, message):
    redis.xadd("waiting", {"message": message})


def reserve(redis):
    try:
        redis.xgroup_create("waiting", "workers", id="0", mkstream=True)
    except ResponseError:
        pass
    entries = redis.xautoclaim("waiting", "workers", "me", 30_000, count=1)[1]
    if not entries:
        answer = redis.xreadgroup("workers", "me", {"waiting": ">"}, count=1)
        entries = answer[0][1] if answer else []
    for number, fields in entries:
        redis.hset("numbers", fields[b"message"], number)
        return fields[b"message"], 0


def acknowledge(redis, message, token):
    redis.xack("waiting", "workers", redis.hget("numbers", message))


# %% right: one sorted set, by when a message may be taken
# %%writefile lab08_queue.py
import time

TAKE = """
local found = redis.call('ZRANGEBYSCORE', KEYS[1], 0, ARGV[1], 'LIMIT', 0, 1)[1]
if found then redis.call('ZADD', KEYS[1], ARGV[2], found) end
return found
"""


def put(redis, message):
    redis.zadd("messages", {message: time.time()})


def reserve(redis):
    now = time.time()
    message = redis.eval(TAKE, 1, "messages", now, now + 60)
    return None if message is None else (message, 0)


def acknowledge(redis, message, token):
    redis.zrem("messages", message)


# %% right: the end in a hash, in milliseconds of the server's clock
# %%writefile lab08_queue.py
TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local all = redis.call('HGETALL', 'taken')
local found
for i = 1, #all, 2 do
    if tonumber(all[i + 1]) < now then found = all[i] end
end
found = found or redis.call('LPOP', 'waiting')
if found then redis.call('HSET', 'taken', found, string.format('%d', now + 30000)) end
return found
"""


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    message = redis.register_script(TAKE)()
    return None if message is None else (message, 0)


def acknowledge(redis, message, token):
    redis.hdel("taken", message)


# %% right: with tokens
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


# %% right: noted before it is moved
# %%writefile lab08_queue.py
import time


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    now = time.time()
    for message in redis.lrange("waiting", 0, -1):
        if redis.zadd("taken", {message: now + 30}, nx=True):
            return message, 0
        until = redis.zscore("taken", message)
        if until and until < now:
            redis.zadd("taken", {message: now + 30})
            return message, 0


def acknowledge(redis, message, token):
    with redis.pipeline() as pipe:
        pipe.lrem("waiting", 1, message)
        pipe.zrem("taken", message)
        pipe.execute()


# %% wrong: two of them were given first, the second one right after that
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    message = redis.lindex("taken", 0) or redis.lmove("waiting", "taken")
    return None if message is None else (message, 0)


def acknowledge(redis, message, token):
    redis.lrem("taken", 1, message)


# %% wrong: It is still in Redis, where no worker looks
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    message = redis.lmove("waiting", "taken", "LEFT", "RIGHT")
    return None if message is None else (message, 0)


def acknowledge(redis, message, token):
    redis.lrem("taken", 1, message)


# %% wrong: LPOP waiting, ✗ before ZADD taken
# %%writefile lab08_queue.py
import time


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    now = time.time()
    expired = redis.zrangebyscore("taken", 0, now, start=0, num=1)
    message = expired[0] if expired else redis.lpop("waiting")
    if message is None:
        return None
    redis.zadd("taken", {message: now + 30})
    return message, 0


def acknowledge(redis, message, token):
    redis.zrem("taken", message)


# %% wrong: It is nowhere in Redis
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    message = redis.lpop("waiting")
    return None if message is None else (message, 0)


def acknowledge(redis, message, token):
    pass


# %% wrong: LMOVE waiting, ✗ before ZADD leases
# %%writefile lab08_queue.py
import time


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    now = time.time()
    for message in redis.zrangebyscore("leases", 0, now):
        redis.zadd("leases", {message: now + 30})
        return message, 0
    message = redis.lmove("waiting", "taken")
    if message is None:
        return None
    redis.zadd("leases", {message: now + 30})
    return message, 0


def acknowledge(redis, message, token):
    redis.lrem("taken", 1, message)
    redis.zrem("leases", message)


# %% wrong: It is still in Redis, where no worker looks
# %%writefile lab08_queue.py
import time

TAKE = """
local found = redis.call('ZRANGEBYSCORE', KEYS[2], 0, ARGV[1], 'LIMIT', 0, 1)[1] or redis.call('LPOP', KEYS[1])
if found then redis.call('ZADD', KEYS[2], ARGV[1] + 86400, found) end
return found
"""


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    message = redis.eval(TAKE, 2, "waiting", "taken", time.time())
    return None if message is None else (message, 0)


def acknowledge(redis, message, token):
    redis.zrem("taken", message)


# %% wrong: two of them were given first, the second one within 10 s
# %%writefile lab08_queue.py
import time

TAKE = """
local found = redis.call('ZRANGEBYSCORE', KEYS[2], 0, ARGV[1], 'LIMIT', 0, 1)[1] or redis.call('LPOP', KEYS[1])
if found then redis.call('ZADD', KEYS[2], ARGV[1] + 5, found) end
return found
"""


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    message = redis.eval(TAKE, 2, "waiting", "taken", time.time())
    return None if message is None else (message, 0)


def acknowledge(redis, message, token):
    redis.zrem("taken", message)


# %% wrong: two of them were given first, the second one within 10 s
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    for message in redis.lrange("taken", 0, -1):
        if redis.set(f"lease:{message.decode()}", 1, nx=True, ex=3):
            return message, 0
    message = redis.lmove("waiting", "taken")
    if message is None:
        return None
    redis.set(f"lease:{message.decode()}", 1, ex=3)
    return message, 0


def acknowledge(redis, message, token):
    redis.lrem("taken", 1, message)


# %% wrong: two of them were given first, the second one right after that
# %%writefile lab08_queue.py
import time

TAKE = """
local found = redis.call('ZRANGEBYSCORE', KEYS[2], 0, ARGV[1], 'LIMIT', 0, 1)[1] or redis.call('LPOP', KEYS[1])
if found then redis.call('ZADD', KEYS[2], ARGV[1], found) end
return found
"""


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    message = redis.eval(TAKE, 2, "waiting", "taken", time.time())
    return None if message is None else (message, 0)


def acknowledge(redis, message, token):
    redis.zrem("taken", message)


# %% wrong: ZREM taken, ✗ before RPUSH waiting
# %%writefile lab08_queue.py
import time

TAKE = """
local found = redis.call('LPOP', 'waiting')
if found then redis.call('ZADD', 'taken', ARGV[1], found) end
return found
"""


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    now = time.time()
    for message in redis.zrangebyscore("taken", 0, now):
        redis.zrem("taken", message)
        redis.rpush("waiting", message)
    message = redis.eval(TAKE, 0, now + 30)
    return None if message is None else (message, 0)


def acknowledge(redis, message, token):
    redis.zrem("taken", message)


# %% wrong: and was at work on it. Others came and were given nothing, although second waited
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    if not redis.set("lock", 1, nx=True, ex=30):
        return None
    message = redis.lindex("waiting", 0)
    if message is None:
        redis.delete("lock")
        return None
    return message, 0


def acknowledge(redis, message, token):
    redis.lrem("waiting", 1, message)
    redis.delete("lock")


# %% wrong: where no worker looks
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    message = redis.lmove("waiting", "taken")
    if message is None:
        return None
    redis.set(f"lease:{message.decode()}", 1, ex=30)
    return message, 0


def acknowledge(redis, message, token):
    redis.lrem("taken", 1, message)


# %% wrong: It is nowhere in Redis
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    message = redis.lmove("waiting", "taken")
    if message is None:
        return None
    redis.expire("taken", 30)
    return message, 0


def acknowledge(redis, message, token):
    redis.lrem("taken", 1, message)


# %% wrong: with no crash at all
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    for message in redis.lrange("taken", 0, -1):
        if not redis.exists(f"lease:{message}"):
            redis.set(f"lease:{message.decode()}", 1, ex=30)
            return message, 0
    message = redis.lmove("waiting", "taken")
    if message is None:
        return None
    redis.set(f"lease:{message.decode()}", 1, ex=30)
    return message, 0


def acknowledge(redis, message, token):
    redis.lrem("taken", 1, message)


# %% wrong: was written and acknowledged, and an hour later it was given once more
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
    pass
