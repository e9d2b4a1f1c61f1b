"""Answers to five-a-second."""

import time
from time import sleep

# %% solution
NEXT = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local turn = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
redis.call('SET', KEYS[1], string.format('%.6f', turn + 1 / ARGV[1]), 'EX', 60)
return string.format('%.6f', turn - now)
"""


def my_turn(redis, key, limit):
    sleep(float(redis.eval(NEXT, 1, key, limit)))


answer = my_turn


# %% right: a lock that is held for a while
def my_turn(redis, key, limit):
    with redis.lock(f"{key}:lock", timeout=10, sleep=0.005):
        sleep(1.05 / limit)


answer = my_turn


# %% right: a key that expires is the turn
def my_turn(redis, key, limit):
    while not redis.set(key, 1, nx=True, px=int(1050 / limit)):
        sleep(0.005)


answer = my_turn


# %% right: a sorted set of the last second, in one script
SLIDING = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
redis.call('ZREMRANGEBYSCORE', KEYS[1], 0, now - 1)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], now, clock[1] .. '.' .. clock[2] .. redis.call('INCR', KEYS[1] .. ':n'))
redis.call('EXPIRE', KEYS[1], 5)
redis.call('EXPIRE', KEYS[1] .. ':n', 5)
return 1
"""


def my_turn(redis, key, limit):
    while not redis.eval(SLIDING, 1, key, limit):
        sleep(0.01)


answer = my_turn


# %% wrong: lets two loads meet
def my_turn(redis, key, limit):
    while redis.incr(f"{key}:{int(time.time())}") > limit:
        sleep(1 - time.time() % 1)


answer = my_turn


# %% wrong: lets two loads meet
def my_turn(redis, key, limit):
    while True:
        name = f"{key}:{int(time.time())}"
        number = redis.incr(name)
        redis.expire(name, 2)
        if number <= limit:
            return
        sleep(1 - time.time() % 1)


answer = my_turn

# %% wrong: a bucket that starts full
BUCKET = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local left = tonumber(redis.call('HGET', KEYS[1], 'left') or ARGV[1])
local last = tonumber(redis.call('HGET', KEYS[1], 'last') or now)
left = math.min(tonumber(ARGV[1]), left + (now - last) * ARGV[1])
local granted = 0
if left >= 1 then left = left - 1; granted = 1 end
redis.call('HSET', KEYS[1], 'left', tostring(left), 'last', string.format('%.6f', now))
redis.call('EXPIRE', KEYS[1], 60)
return granted
"""


def my_turn(redis, key, limit):
    while not redis.eval(BUCKET, 1, key, limit):
        sleep(0.01)


answer = my_turn

# %% wrong: What one process remembers, the others do not know
calls = []


def my_turn(redis, key, limit):
    while len(calls) >= limit and time.time() - calls[-limit] < 1:
        sleep(0.01)
    calls.append(time.time())


answer = my_turn


# %% wrong: What one process remembers, the others do not know
def my_turn(redis, key, limit):
    return redis.incr(key) <= limit


answer = my_turn


# %% wrong: processes made 24 calls in
def my_turn(redis, key, limit):
    sleep(1 / limit)


answer = my_turn


# %% wrong: processes made 24 calls in
def my_turn(redis, key, limit):
    turn = max(time.time(), float(redis.get(key) or 0))
    redis.set(key, turn + 1 / limit, ex=60)
    sleep(max(0, turn - time.time()))


answer = my_turn


# %% wrong: would stay in Redis for ever
def my_turn(redis, key, limit):
    with redis.lock(f"{key}:lock", timeout=10, sleep=0.005):
        wait = float(redis.get(key) or 0) + 1.02 / limit - time.time()
        sleep(max(0, wait))
        redis.set(key, time.time())


answer = my_turn


# %% wrong: It should return when its turn has come
def my_turn(redis, key, limit):
    if redis.incr(key) > 0:
        raise RuntimeError("too many")


answer = my_turn


# %% wrong: calls took
def my_turn(redis, key, limit):
    with redis.lock(f"{key}:lock", timeout=10, sleep=0.005):
        sleep(3.5 / limit)


answer = my_turn

# %% wrong: the function my_turn itself
answer = 5
