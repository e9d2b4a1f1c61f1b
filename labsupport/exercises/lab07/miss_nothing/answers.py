"""Answers to miss-nothing."""

# %% solution
from redis.exceptions import ResponseError


def failures(redis, stream, tell):
    try:
        redis.xgroup_create(stream, "alarms", id="0")
    except ResponseError:
        pass  # it is there already
    for begin in ("0", ">"):
        for _, events in redis.xreadgroup("alarms", "me", {stream: begin}):
            for number, event in events:
                if event[b"outcome"] == b"failed":
                    tell(event[b"job"].decode())
                redis.xack(stream, "alarms", number)


answer = failures


# %% right: the last id, kept in a key of its own
def failures(redis, stream, tell):
    key = f"{stream}:read-by-alarms"
    last = (redis.get(key) or b"-").decode()
    for number, event in redis.xrange(stream, min="(" + last if last != "-" else "-"):
        if event[b"outcome"] == b"failed":
            tell(event[b"job"])
        redis.set(key, number)


answer = failures

# %% right: a set of what was told
from redis.exceptions import ResponseError


async def failures(redis, stream, tell):
    for _, event in redis.xrange(stream):
        if event[b"outcome"].decode() == "failed" and not redis.sismember(f"{stream}:told", event[b"job"]):
            tell(event[b"job"].decode())
            redis.sadd(f"{stream}:told", event[b"job"])


answer = failures

# %% right: claimed from whoever died
from redis.exceptions import ResponseError


def failures(redis, stream, tell, group="alarms"):
    if group.encode() not in [one["name"] for one in redis.xinfo_groups(stream)]:
        redis.xgroup_create(stream, group, id=0)
    _, old, _ = redis.xautoclaim(stream, group, "me", min_idle_time=0)
    new = redis.xreadgroup(group, "me", {stream: ">"}, count=1000)
    for number, event in [*old, *(new[0][1] if new else [])]:
        if event.get(b"outcome") == b"failed":
            try:
                tell(event[b"job"].decode())
            except OSError:
                continue
        redis.xack(stream, group, number)


answer = failures

# %% right: what is pending, listed and read again
import os

from redis.exceptions import ResponseError


def failures(redis, stream, tell):
    try:
        redis.xgroup_create(stream, "alarms", id="0")
    except ResponseError:
        pass
    redis.xreadgroup("alarms", f"reader-{os.getpid()}", {stream: ">"})
    for pending in redis.xpending_range(stream, "alarms", "-", "+", 1000):
        number = pending["message_id"]
        [(_, event)] = redis.xrange(stream, number, number)
        if event[b"outcome"] == b"failed":
            tell(event[b"job"].decode())
        redis.xack(stream, "alarms", number)


answer = failures


# %% wrong: was there before you came counts, too
def failures(redis, stream, tell):
    for _, events in redis.xread({stream: "$"}, block=200):
        for _, event in events:
            if event[b"outcome"] == b"failed":
                tell(event[b"job"].decode())


answer = failures


# %% wrong: tell was called for the same job again
def failures(redis, stream, tell):
    for _, event in redis.xrange(stream):
        if event[b"outcome"] == b"failed":
            tell(event[b"job"].decode())


answer = failures

# %% wrong: "$" means from now on
from redis.exceptions import ResponseError


def failures(redis, stream, tell):
    try:
        redis.xgroup_create(stream, "alarms", id="$")
    except ResponseError:
        pass
    for _, events in redis.xreadgroup("alarms", "me", {stream: ">"}):
        for number, event in events:
            if event[b"outcome"] == b"failed":
                tell(event[b"job"].decode())
            redis.xack(stream, "alarms", number)


answer = failures


# %% wrong: BUSYGROUP is no trouble
def failures(redis, stream, tell):
    redis.xgroup_create(stream, "alarms", id="0")
    for _, events in redis.xreadgroup("alarms", "me", {stream: ">"}):
        for number, event in events:
            if event[b"outcome"] == b"failed":
                tell(event[b"job"].decode())
            redis.xack(stream, "alarms", number)


answer = failures

# %% wrong: that job was never told again
from redis.exceptions import ResponseError


def failures(redis, stream, tell):
    try:
        redis.xgroup_create(stream, "alarms", id="0")
    except ResponseError:
        pass
    for _, events in redis.xreadgroup("alarms", "me", {stream: ">"}):
        for number, event in events:
            if event[b"outcome"] == b"failed":
                tell(event[b"job"].decode())
            redis.xack(stream, "alarms", number)


answer = failures

# %% wrong: and that job was never told again
from redis.exceptions import ResponseError


def failures(redis, stream, tell):
    try:
        redis.xgroup_create(stream, "alarms", id="0")
    except ResponseError:
        pass
    for begin in ("0", ">"):
        for _, events in redis.xreadgroup("alarms", "me", {stream: begin}):
            for number, event in events:
                redis.xack(stream, "alarms", number)
                if event[b"outcome"] == b"failed":
                    tell(event[b"job"].decode())


answer = failures

# %% wrong: was never told again. Ack an event
from redis.exceptions import ResponseError


def failures(redis, stream, tell):
    try:
        redis.xgroup_create(stream, "alarms", id="0")
    except ResponseError:
        pass
    for _, events in redis.xreadgroup("alarms", "me", {stream: ">"}, noack=True):
        for _, event in events:
            if event[b"outcome"] == b"failed":
                tell(event[b"job"].decode())


answer = failures

# %% wrong: tell was called for the same job again
from redis.exceptions import ResponseError


def failures(redis, stream, tell):
    try:
        redis.xgroup_create(stream, "alarms", id="0")
    except ResponseError:
        pass
    for begin in ("0", ">"):
        for _, events in redis.xreadgroup("alarms", "me", {stream: begin}):
            for number, event in events:
                if event[b"outcome"] == b"failed":
                    tell(event[b"job"].decode())


answer = failures

# %% wrong: has not failed for good
from redis.exceptions import ResponseError


def failures(redis, stream, tell):
    for _, event in redis.xrange(stream):
        if event[b"outcome"] != b"finished":
            tell(event[b"job"].decode())


answer = failures


# %% wrong: tell was not called for it
def failures(redis, stream, tell):
    for _, event in redis.xrange(stream):
        if event[b"outcome"] == "failed":
            tell(event[b"job"].decode())


answer = failures

# %% wrong: tell was called for the same job again
seen = set()


def failures(redis, stream, tell):
    for number, event in redis.xrange(stream):
        if event[b"outcome"] == b"failed" and number not in seen:
            tell(event[b"job"].decode())
            seen.add(number)


answer = failures


# %% wrong: Events are gone from the stream
def failures(redis, stream, tell):
    for number, event in redis.xrange(stream):
        if event[b"outcome"] == b"failed":
            tell(event[b"job"].decode())
        redis.xdel(stream, number)


answer = failures


# %% wrong: although tell had taken it the first time
def failures(redis, stream, tell):
    key = f"{stream}:read-by-alarms"
    last = (redis.get(key) or b"0").decode()
    for _, events in redis.xread({stream: last}):
        for _, event in events:
            if event[b"outcome"] == b"failed":
                tell(event[b"job"].decode())
        redis.set(key, events[-1][0])


answer = failures

# %% wrong: that job was never told again
import os

from redis.exceptions import ResponseError


def failures(redis, stream, tell):
    me = f"reader-{os.getpid()}"
    try:
        redis.xgroup_create(stream, "alarms", id="0")
    except ResponseError:
        pass
    for begin in ("0", ">"):
        for _, events in redis.xreadgroup("alarms", me, {stream: begin}):
            for number, event in events:
                if event[b"outcome"] == b"failed":
                    tell(event[b"job"].decode())
                redis.xack(stream, "alarms", number)


answer = failures

# %% wrong: that job was never told again
from redis.exceptions import ResponseError


def failures(redis, stream, tell):
    try:
        redis.xgroup_create(stream, "alarms", id="0")
    except ResponseError:
        pass
    for begin in ("0", ">"):
        for _, events in redis.xreadgroup("alarms", "me", {stream: begin}):
            for number, event in events:
                for _ in range(3):
                    try:
                        if event[b"outcome"] == b"failed":
                            tell(event[b"job"].decode())
                        break
                    except OSError:
                        continue
                redis.xack(stream, "alarms", number)


answer = failures

# %% wrong: A job had failed in another stream
from pathlib import Path


def failures(redis, stream, tell):
    file = Path("last-id.txt")
    last = file.read_text() if file.exists() else "0"
    for _, events in redis.xread({stream: last}):
        for number, event in events:
            if event[b"outcome"] == b"failed":
                tell(event[b"job"].decode())
            file.write_text(number.decode())


answer = failures


# %% wrong: at the second call, and it raised IndexError: list index out of range.
def failures(redis, stream, tell):
    key = f"{stream}:read-by-alarms"
    last = (redis.get(key) or b"0").decode()
    for number, event in redis.xread({stream: last})[0][1]:
        if event[b"outcome"] == b"failed":
            tell(event[b"job"].decode())
        redis.set(key, number)


answer = failures


# %% wrong: it takes the job's id
def failures(redis, stream, tell):
    for number, event in redis.xrange(stream):
        if event[b"outcome"] == b"failed":
            tell(number)


answer = failures


# %% wrong: still running after
def failures(redis, stream, tell):
    last = "0"
    while True:
        for _, events in redis.xread({stream: last}, block=0):
            for last, event in events:
                if event[b"outcome"] == b"failed":
                    tell(event[b"job"].decode())


answer = failures


# %% wrong: failures(redis, stream, tell) raised KeyError
def failures(redis, stream, tell):
    for _, event in redis.xrange(stream):
        if event["outcome"] == "failed":
            tell(event["job"])


answer = failures

# %% wrong: the function failures itself, which is not called
answer = ["job-1"]
