"""five-a-second: a limit per second that holds for all workers together."""

import time
from collections.abc import Callable

from redis import Redis

from labsupport.exercises import trial
from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import expect, token
from labsupport.namespace import root

HINTS = (
    "Counting by the clock's second lets two of them meet. What if each call got a moment of its own, 1 / limit after the last?",
    "The next free moment is one number in Redis. Reading it and writing the next one must be one step for all: a Lua script, "
    "or a lock. Then sleep until the moment.",
    "In Lua: redis.call('TIME') is the server's clock. next = max(now, stored or 0); store next + 1 / limit with an expiry; "
    "return tostring(next - now), and sleep for so long.",
)

LIMIT, PROCESSES, EACH = 10, 4, 6
CALLS = PROCESSES * EACH

WINDOW = 0.8
"""Seconds in which no more than LIMIT calls are looked for: what is missing to a second is for calls that a busy machine
delays between their turn and the note of it. One more than that is forgiven."""

FAR = 0.015
"""Seconds that each command takes in the trial, as if Redis were some rooms away: what is not one step then comes apart."""

SLOWEST = 8.0
"""Seconds that all calls may take; by the limit alone it is CALLS / LIMIT."""


def judge(answer: object, context: Context) -> str:
    expect(Callable, answer, "the function my_turn itself")
    assert callable(answer)
    key = f"{root()}check:{token()}"
    try:
        return _judge(answer, context.redis, key)
    finally:
        for name in context.redis.scan_iter(match=f"*{key.rpartition(':')[2]}*", count=1000):
            context.redis.unlink(name)


def _judge(answer: Callable, redis: Redis, key: str) -> str:
    def calls() -> list[float]:
        near = Redis.execute_command

        def far(client: Redis, *arguments: object, **options: object) -> object:
            answered = near(client, *arguments, **options)
            time.sleep(FAR)
            return answered

        Redis.execute_command = far  # type: ignore[method-assign]  # it ends with this child
        at = []
        for _ in range(EACH):
            trial.call(answer, redis, key, LIMIT)
            at.append(time.time())
        return at

    first = trial.run(lambda: trial.call(answer, redis, f"{key}:first", LIMIT))
    if first.error:
        raise NotYet(f"The first call {first}. It should return when its turn has come.")
    # The moment at which a count by the clock's second shows what it lets through.
    time.sleep((0.6 - time.time()) % 1)
    seen = trial.together(calls, [()] * PROCESSES, deadline=SLOWEST + 5)
    for one in seen:
        if one.error:
            raise NotYet(
                f"In one of {PROCESSES} processes it {one}. It should wait for its turn, however many others there are."
            )
    at = sorted(moment for one in seen for moment in one.returned)  # type: ignore[attr-defined]
    took = at[-1] - at[0]
    most = max(sum(begin <= moment < begin + WINDOW for moment in at) for begin in at)
    if most > LIMIT + 1:
        raise NotYet(f"{PROCESSES} processes made {CALLS} calls in {took:.1f} s: {_how(most)}")
    if took > SLOWEST:
        raise NotYet(
            f"The limit holds, but {CALLS} calls took {took:.1f} s; {LIMIT} a second need {CALLS / LIMIT:.1f} s."
        )
    names = [
        name for name in redis.scan_iter(match=f"*{key.rpartition(':')[2]}*", count=1000) if redis.pttl(name) == -1
    ]
    if names:
        raise NotYet(
            f"The limit holds. But {len(names)} of its keys would stay in Redis for ever: give them an expiry."
        )
    return f"{PROCESSES} processes made {CALLS} calls in {took:.1f} s, and never more than {LIMIT} in a second."


def _how(most: int) -> str:
    if most >= CALLS - 2:
        return (
            "no limit holds for all of them. What one process remembers, the others do not know. It belongs into Redis, read and "
            "written in one step: in a Lua script, or under a lock."
        )
    return (
        f"{most} of them within less than a second, where {LIMIT} are allowed. A count that starts anew with each second, or "
        "a bucket that starts full, lets two loads meet. And of a number that is read and then written, two may read the same."
    )
