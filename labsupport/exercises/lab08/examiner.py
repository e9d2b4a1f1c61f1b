"""What an examiner does with a reader's queue. A sweep calls these functions with a Redis and a SQLite database.

`lab08_queue` has put(redis, message), reserve(redis), acknowledge(redis, message, token), and at last retry(redis, message,
token).
"""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from redis import Redis

from labsupport.experiments import store
from labsupport.experiments.sweep.crash import CannotSweep
from labsupport.experiments.sweep.passing import an_hour_passes, time_passes

MESSAGES = ("first", "second")

WORK = 10
"""Seconds that a worker may need for a message."""

ENOUGH = 12
"""Messages that a worker takes before it is sure that they do not end."""

ATTEMPTS = 3
"""How often the job of a message may raise, before the message is given up."""

FAILED = "failed"
"""The list in which a message that was given up stands."""

BEGUN = f"{store.KEY}:begun"
"""How often the job of each message was started, where no attempt is forgotten."""

_Taken = tuple[Any, Any]


class _JobRaised(Exception):
    """What the job raises."""


def _queue() -> ModuleType:
    return importlib.import_module("lab08_queue")


def _reserve(redis: Redis) -> _Taken | None:
    """What the reader's reserve gives. Raises CannotSweep if a worker could not use it."""
    taken = _queue().reserve(redis)
    if taken is None:
        return None
    if not isinstance(taken, (tuple, list)) or len(taken) != 2:
        raise CannotSweep(f"reserve should return (message, token), or None; it returned {taken!r}")
    message, token = taken
    if not isinstance(message, (str, bytes)):
        raise CannotSweep(f"reserve returned {tuple(taken)!r}. If nothing waits, it should return None")
    try:
        float(token)
    except (TypeError, ValueError):
        raise CannotSweep(f"reserve returned the token {token!r}. A token is a number; 0 stands for none") from None
    if _text(message) not in MESSAGES:
        raise CannotSweep(f"put was given {' and '.join(MESSAGES)}, and reserve returned {message!r}")
    return message, token


def _text(message: str | bytes) -> str:
    return message.decode(errors="replace") if isinstance(message, bytes) else message


def work(redis: Redis, database: object, job: Callable[..., object] = store.write) -> None:
    """A worker: take, write, acknowledge, until nothing is left."""
    for _ in range(ENOUGH):
        if (taken := _reserve(redis)) is None:
            return
        try:
            job(redis, *taken)
        except _JobRaised:
            _queue().retry(redis, *taken)
        else:
            _queue().acknowledge(redis, *taken)
    if job is not store.write:
        return  # what follows from it is seen in the end
    raise CannotSweep(
        f"With no crash at all, {' and '.join(MESSAGES)} were put, and reserve still returned one at the {ENOUGH}th call: what "
        "is acknowledged must not come again"
    )


def work_that_fails(redis: Redis, database: object) -> None:
    """The same with a job that always raises for the first message, and once for the second."""
    work(redis, database, _fail)


def _fail(redis: Redis, message: str | bytes, token: float) -> None:
    begun = redis.hincrby(BEGUN, _text(message), 1)
    if _text(message) == MESSAGES[0] or begun == 1:
        raise _JobRaised
    store.write(redis, message, token)


def hang(redis: Redis, database: object) -> None:
    """A worker takes a message, and is never heard of again. Another one works off what else is there."""
    _reserve(redis)
    work(redis, database)


def put(redis: Redis, database: object) -> None:
    """Put two messages. Raises CannotSweep if they would not be written with no crash at all."""
    _put(redis)
    if not _shown:
        work(redis, database)
        got = [one.message for one in store.written(redis)]
        late = [one.message for one in store.refused(redis)]
        if late:
            tokens = [f"{one.token:g}" for one in (*store.written(redis), *store.refused(redis))]
            raise CannotSweep(
                f"With no crash at all, the store refused {late[0]}: the tokens were {', then '.join(tokens)}. Each token must "
                "be greater than all that were given before"
            )
        if sorted(got) != sorted(MESSAGES):
            raise CannotSweep(
                f"With no crash at all, {' and '.join(MESSAGES)} were put, and {' and '.join(got) or 'nothing'} was written"
            )
        an_hour_passes(redis)
        if taken := _reserve(redis):
            raise CannotSweep(
                f"With no crash at all, {_text(taken[0])} was written and acknowledged, and an hour later it was given once more"
            )
        _again(redis)
        _two_at_once(redis)
        _shown.append("all written")
        _again(redis)


def _two_at_once(redis: Redis) -> None:
    """Raise CannotSweep if an acknowledgement removes what another worker is at work on."""
    first = _reserve(redis)
    assert first
    _reserve(redis)
    there = "\n".join(_values(redis))
    _queue().acknowledge(redis, *first)
    left = "\n".join(_values(redis))
    for message in MESSAGES:
        if message != _text(first[0]) and message in there and message not in left:
            raise CannotSweep(
                f"With no crash at all, two workers took a message each. {_text(first[0])} was acknowledged, and {message}, on "
                "which the other one is still at work, is gone from Redis"
            )


def put_and_lease(redis: Redis, database: object) -> None:
    """The same. Raises CannotSweep if a message would be given to a second worker while the first is at work on it."""
    put(redis, database)
    if "not twice" in _shown:
        return
    for pause in (0, WORK):
        first = _reserve(redis)
        assert first
        time_passes(redis, pause)
        taken = [_text(first[0]), *(_text(message) for message, _ in _reserved(redis))]
        if len(set(taken)) < len(taken):
            when = f"within {pause} s" if pause else "right after that"
            (twice, _), *_ = Counter(taken).most_common()
            raise CannotSweep(
                f"Four workers came, with no crash at all, and two of them were given {twice}, the second one {when}. A worker "
                f"may need {WORK} s for a message, and nobody else should get it meanwhile"
            )
        if sorted(taken) != sorted(MESSAGES):
            raise CannotSweep(
                f"A worker took {taken[0]}, and was at work on it. Others came and were given "
                f"{' and '.join(taken[1:]) or 'nothing'}, although {' and '.join(set(MESSAGES) - set(taken))} waited"
            )
        _again(redis)
    _shown.append("not twice")


def left(redis: Redis, database: object) -> None:
    """The same, and then somebody takes a message and dies, an hour ago."""
    put_and_lease(redis, database)
    _reserve(redis)
    an_hour_passes(redis)


def put_and_retry(redis: Redis, database: object) -> None:
    """Put two messages. Raises CannotSweep if retry does not do what it should, with no crash at all."""
    put_and_lease(redis, database)
    if "tries again" in _shown:
        return
    redis.flushall()
    _give_up(redis, "With no crash at all, the job of each message raised")
    _give_up(redis, "The same messages were put again, later, and their jobs raised again")
    _come_late(redis)
    _give_up(
        redis, "Messages were acknowledged, one after a late worker's retry. They were put again, and their jobs raised"
    )
    _shown.append("tries again")
    _again(redis)


def _give_up(redis: Redis, story: str) -> None:
    """Raise CannotSweep unless each message is given three times, and stands in `failed` then."""
    redis.delete(FAILED)
    _put(redis)
    given: Counter[str] = Counter()
    while sum(given.values()) < ENOUGH and (taken := _reserve(redis)):
        given[_text(taken[0])] += 1
        importlib.reload(_queue())  # the next one to count is another process, and remembers nothing
        _queue().retry(redis, *taken)
    kind = redis.type(FAILED).decode()
    if kind not in ("list", "none"):
        raise CannotSweep(f"{story}. `{FAILED}` should be a list of messages, and is a {kind}")
    failed = [_text(message) for message in redis.lrange(FAILED, 0, -1)]
    if sum(given.values()) == ENOUGH:
        (often, times), *_ = given.most_common()
        raise CannotSweep(
            f"{story}, in a new process each time. {often} was given out {times} times, and no end was seen. Attempts should "
            "be counted, and the count should be in Redis"
        )
    for message in MESSAGES:
        if given[message] != ATTEMPTS:
            where = (
                f"stands in `{FAILED}`" if message in failed else f"is not in `{FAILED}`, and nobody was given it again"
            )
            times = "once" if given[message] == 1 else f"{given[message]} times"
            raise CannotSweep(f"{story}. {message} was given out {times}, not {ATTEMPTS} times, and {where}")
    if sorted(failed) != sorted(MESSAGES):
        raise CannotSweep(
            f"{story}, {ATTEMPTS} times. `{FAILED}` should hold {' and '.join(MESSAGES)}, and holds "
            f"{' and '.join(failed) or 'nothing'}"
        )
    an_hour_passes(redis)
    if taken := _reserve(redis):
        raise CannotSweep(
            f"{story}. {_text(taken[0])} stands in `{FAILED}`, and an hour later it was given to a worker"
        )


def _come_late(redis: Redis) -> None:
    """Two workers sleep, and two others have their messages. Raise CannotSweep if a retry of the late ones does anything."""
    _put(redis)
    late = {_text(taken[0]): taken for taken in _reserved(redis)}
    an_hour_passes(redis)
    now = {_text(taken[0]): taken for taken in _reserved(redis)}
    for message in MESSAGES:
        if message not in now or float(now[message][1]) <= float(late[message][1]):
            raise CannotSweep(
                f"A worker took {message} and slept for an hour; the next one should get it, with a greater token. Go on with "
                "the file that is right for too-late"
            )
    first, second = MESSAGES
    _queue().retry(redis, *late[first])
    told = "A worker came late and called retry with its old token"
    if _reserve(redis):
        raise CannotSweep(f"{told}. {first}, on which another one was at work, was given to a third one")
    _queue().acknowledge(redis, *now[second])
    _queue().retry(redis, *late[second])
    if _reserve(redis):
        raise CannotSweep(f"{told}. {second}, which another one had acknowledged, was given out again")
    _queue().retry(redis, *now[first])
    if (taken := _reserve(redis)) is None:
        raise CannotSweep(
            f"{told}. Then the job of another one, which had {first}, raised, and {first} was given to nobody"
        )
    _queue().acknowledge(redis, *taken)


def _reserved(redis: Redis) -> Iterator[_Taken]:
    """What three more workers get."""
    for _ in range(3):
        if taken := _reserve(redis):
            yield taken


_shown: list[str] = []
"""What this process has seen to be well with no crash."""


def _put(redis: Redis) -> None:
    for message in MESSAGES:
        _queue().put(redis, message)


def _again(redis: Redis) -> None:
    redis.flushall()
    redis.script_flush()
    _put(redis)


def written(redis: Redis, database: object) -> int:
    """How many of the messages the store took."""
    return len({one.message for one in store.written(redis)})


def kept(redis: Redis, database: object) -> int:
    """How many were written, or are still somewhere in Redis."""
    there = "\n".join(_values(redis))
    got = {one.message for one in store.written(redis)}
    return sum(message in got or message in there for message in MESSAGES)


def _values(redis: Redis) -> Iterator[str]:
    for key in redis.scan_iter():
        if key.startswith(store.KEY.encode()):
            continue
        kind = redis.type(key)
        if kind == b"string":
            found: list = [redis.get(key)]
        elif kind == b"list":
            found = redis.lrange(key, 0, -1)
        elif kind == b"set":
            found = list(redis.smembers(key))
        elif kind == b"zset":
            found = redis.zrange(key, 0, -1)
        elif kind == b"hash":
            found = [part for pair in redis.hgetall(key).items() for part in pair]
        else:
            found = [repr(redis.xrange(key)).encode()]
        yield from (value.decode(errors="replace") for value in found)


def not_too_late(redis: Redis, database: object) -> int:
    """1 unless the store took something of a worker that slept, after another one had written."""
    writers = [one.writer for one in store.written(redis)]
    return int(sorted(writers, key=writers.index) == writers)


def written_in_the_end(redis: Redis, database: object) -> int:
    """How many messages the store took, once a last worker has come, an hour later."""
    an_hour_passes(redis)
    work(redis, database)
    return written(redis, database)


def two(redis: Redis, database: object) -> int:
    """How many there are."""
    return len(MESSAGES)


BROKEN = (
    "A message that was given up was given out again: it stands in `failed` twice, or was written, too",
    "A message had more than three attempts and the one that the crash cost, as if its count were lost",
    "A message is neither written nor in `failed`, and nobody is given it",
    "A message was given up before it had three attempts",
)
"""What is wrong in the end, if so many of the rules are kept."""


def rules_kept(redis: Redis, database: object) -> int:
    """How many of the rules of a retry are kept, up to the first that is not, once a last worker has come an hour later."""
    an_hour_passes(redis)
    work_that_fails(redis, database)
    failed = [_text(message) for message in redis.lrange(FAILED, 0, -1)]
    ended = [*failed, *{one.message for one in store.written(redis)}]
    begun = int(redis.hget(BEGUN, MESSAGES[0]) or 0)
    kept = (
        len(ended) == len(set(ended)),
        begun <= ATTEMPTS + 1,
        set(ended) == set(MESSAGES),
        failed == [MESSAGES[0]] and begun >= ATTEMPTS - 1,  # a crash may cost an attempt before the job starts
    )
    return [*kept, False].index(False)


def rules(redis: Redis, database: object) -> int:
    """How many there are."""
    return len(BROKEN)
