"""Answers to keep-it."""


# %% solution
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    message = redis.lmove("waiting", "taken", "LEFT", "RIGHT")
    return None if message is None else (message, 0)


def acknowledge(redis, message, token):
    redis.lrem("taken", 1, message)


# %% right: in one transaction, with a hash
# %%writefile lab08_queue.py
from redis import WatchError


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    with redis.pipeline() as pipe:
        while True:
            try:
                pipe.watch("waiting")
                message = pipe.lindex("waiting", 0)
                if message is None:
                    return None
                pipe.multi()
                pipe.lpop("waiting")
                pipe.hset("taken", message, "me")
                pipe.execute()
                return message, 0
            except WatchError:
                continue


def acknowledge(redis, message, token):
    redis.hdel("taken", message)


# %% right: written down before it is taken, so that it may be there twice
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    message = redis.lindex("waiting", 0)
    if message is None:
        return None
    redis.sadd("taken", message)
    redis.lrem("waiting", 1, message)
    return message.decode(), 0


def acknowledge(redis, message, token):
    redis.srem("taken", message)


# %% right: looks, and removes it at the end
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    for message in redis.lrange("waiting", 0, 0):
        return message, 0


def acknowledge(redis, message, token):
    redis.lrem("waiting", 1, message)


# %% right: a lease
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


# %% right: rpoplpush
# %%writefile lab08_queue.py
def put(redis, message):
    redis.lpush("waiting", message)


def reserve(redis):
    message = redis.rpoplpush("waiting", "taken")
    if message:
        return [message, 0]


def acknowledge(redis, message, token):
    redis.lrem("taken", 1, message)


# %% right: a stream
# %%writefile lab08_queue.py
from redis import ResponseError


def put(redis, message):
    redis.xadd("waiting", {"message": message})


def reserve(redis):
    try:
        redis.xgroup_create("waiting", "workers", id="0", mkstream=True)
    except ResponseError:
        pass
    for _, entries in redis.xreadgroup("workers", "me", {"waiting": ">"}, count=1) or []:
        for number, fields in entries:
            redis.set(f"number:{fields[b'message'].decode()}", number)
            return fields[b"message"], 0


def acknowledge(redis, message, token):
    number = redis.get(f"number:{message.decode()}")
    redis.xack("waiting", "workers", number)
    redis.xdel("waiting", number)


# %% wrong: LPOP waiting, ✗ before write to the store; worker 2: LPOP waiting, write to the store
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    message = redis.lpop("waiting")
    return None if message is None else (message, 0)


def acknowledge(redis, message, token):
    pass


# %% wrong: LPOP waiting, ✗ before RPUSH taken
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    message = redis.lpop("waiting")
    if message is None:
        return None
    redis.rpush("taken", message)
    return message, 0


def acknowledge(redis, message, token):
    redis.lrem("taken", 1, message)


# %% wrong: a message is neither written nor anywhere in Redis
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    message = redis.lmove("waiting", "taken")
    if message is None:
        return None
    redis.lrem("taken", 1, message)
    return message, 0


def acknowledge(redis, message, token):
    pass


# %% wrong: neither written nor anywhere
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    message = redis.lpop("waiting")
    if message is None:
        return None
    redis.setex(f"taken:{message.decode()}", 60, message)
    return message, 0


def acknowledge(redis, message, token):
    pass


# %% wrong: neither written nor anywhere
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    with redis.pipeline() as pipe:
        pipe.lindex("waiting", 0)
        pipe.lpop("waiting")
        message, _ = pipe.execute()
    return (message, 0) if message else None


def acknowledge(redis, message, token):
    redis.rpush("done", message)


# %% wrong: LMOVE waiting, LREM taken, ✗ before write to the store
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    message = redis.lmove("waiting", "taken")
    if message:
        acknowledge(redis, message, 0)
        return message, 0


def acknowledge(redis, message, token):
    redis.lrem("taken", 1, message)


# %% wrong: neither written nor anywhere
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    message = redis.lmove("waiting", "taken")
    if message is None:
        return None
    redis.expire("taken", 60)
    return message, 0


def acknowledge(redis, message, token):
    redis.lrem("taken", 1, message)


# %% wrong: neither written nor anywhere
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    try:
        message = redis.lpop("waiting")
        return None if message is None else (message, 0)
    except BaseException:
        redis.rpush("waiting", message)
        raise


def acknowledge(redis, message, token):
    pass


# %% wrong: neither written nor anywhere
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


taken = []


def reserve(redis):
    message = redis.lpop("waiting")
    if message:
        taken.append(message)
        return message, 0


def acknowledge(redis, message, token):
    taken.remove(message)


# %% wrong: what is acknowledged must not come again
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    message = redis.lmove("waiting", "waiting")
    return None if message is None else (message, 0)


def acknowledge(redis, message, token):
    pass


# %% wrong: what is acknowledged must not come again
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    message = redis.lmove("waiting", "waiting", "LEFT", "RIGHT")
    return None if message is None else (message, 0)


def acknowledge(redis, message, token):
    redis.lrem("taken", 1, message)


# %% wrong: reserve returned (None, 0). If nothing waits, it should return None
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    return redis.lmove("waiting", "taken"), 0


def acknowledge(redis, message, token):
    redis.lrem("taken", 1, message)


# %% wrong: reserve should return (message, token), or None; it returned b'first'
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    return redis.lmove("waiting", "taken")


def acknowledge(redis, message, token):
    redis.lrem("taken", 1, message)


# %% wrong: reserve returned the token None. A token is a number; 0 stands for none
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    message = redis.lmove("waiting", "taken")
    return (message, None) if message else None


def acknowledge(redis, message, token):
    redis.lrem("taken", 1, message)


# %% wrong: A call that blocks waits for longer
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    message = redis.blmove("waiting", "taken", 0)
    return None if message is None else (message, 0)


def acknowledge(redis, message, token):
    redis.lrem("taken", 1, message)


# %% wrong: NameError
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    message = redis.lmove("waiting", "taken", "LEFT", "RIGHT")
    return None if mesage is None else (message, 0)  # noqa: F821


def acknowledge(redis, message, token):
    redis.lrem("taken", 1, message)


# %% wrong: there is no function acknowledge(redis, message, token)
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    message = redis.lmove("waiting", "taken", "LEFT", "RIGHT")
    return None if message is None else (message, 0)


# %% wrong: acknowledge(redis, message, token) can't be called
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    message = redis.lmove("waiting", "taken", "LEFT", "RIGHT")
    return None if message is None else (message, 0)


def acknowledge(redis, message):
    redis.lrem("taken", 1, message)


# %% wrong: To import lab08_queue.py raised ModuleNotFoundError: No module named
# %%writefile lab08_queue.py
import bullmq_queue


def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    message = redis.lmove("waiting", "taken", "LEFT", "RIGHT")
    return None if message is None else (message, 0)


def acknowledge(redis, message, token):
    redis.lrem("taken", 1, message)


# %% wrong: second, on which the other one is still at work, is gone
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    message = redis.lmove("waiting", "taken", "LEFT", "RIGHT")
    return None if message is None else (message, 0)


def acknowledge(redis, message, token):
    redis.rpop("taken")


# %% wrong: second, on which the other one is still at work, is gone
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    message = redis.lmove("waiting", "taken", "LEFT", "RIGHT")
    return None if message is None else (message, 0)


def acknowledge(redis, message, token):
    redis.delete("taken")


# %% wrong: neither written nor anywhere in Redis
# %%writefile lab08_queue.py
def put(redis, message):
    redis.rpush("waiting", message)


def reserve(redis):
    message = redis.lmove("waiting", "taken", "LEFT", "RIGHT")
    return None if message is None else (message, 0)


def acknowledge(redis, message, token):
    redis.lpop("taken")
