"""keep-three: what stays in Redis of jobs that have ended."""

from __future__ import annotations

from typing import Any, cast

from redis import Redis

from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.lab11.javascript import asked, own_keys, path_of

FILE = "lab11_kept.mjs"

HINTS = (
    "BullMQ keeps every job that has ended, unless the job's options say otherwise. There is one option for those that "
    "finish, and one for those that fail.",
    "removeOnComplete and removeOnFail: each takes true, or a number. What does a number mean: jobs to keep, or seconds?",
)

KEPT = 3


def judge(answer: object, context: Context) -> str:
    file = path_of(answer, FILE)
    with own_keys(context) as prefix:
        said = asked("kept.mjs", prefix, context, file)
        if "refused" in said:
            raise NotYet(f"BullMQ refuses these options: {said['refused']:.160}.")
        return _judge(said, context.redis, f"{prefix}:of-the-check")


def _judge(said: dict[str, Any], redis: Redis, queue: str) -> str:
    good, bad = said["jobs"]["good"], said["jobs"]["bad"]
    if said["errors"]:
        raise NotYet(f"BullMQ's worker complained when a job ended, and the job hangs: {_short(said['errors'][0])}.")
    failed = _failed(redis, queue)
    if said["ended"] < len(good + bad):
        raise NotYet(
            f"The check added {len(good + bad)} jobs with these options, and {said['ended']} were run to their end: "
            "something in them keeps a job from being run."
        )
    keys = {key.decode().removeprefix(f"{queue}:") for key in redis.scan_iter(match=f"{queue}:*", count=1000)}
    if finished := [one for one in good if any(key == one or key.startswith(f"{one}:") for key in keys)]:
        of_age = len(finished) < len(said["first"]["completed"])
        raise NotYet(
            f"{len(good)} jobs finished, and Redis holds {len(finished)} of them. Nothing should stay of a job that finishes: "
            f"that is removeOnComplete.{' `age` is a time in seconds for which they stay.' * of_age}"
        )
    before, first = said["first"]["failed"], failed[:-1]
    if before != first[-KEPT:]:
        raise NotYet(
            f"{len(first)} jobs failed, and Redis holds {_which(before, first)}. The latest {KEPT} should stay."
            f"{_why(before, first)}"
        )
    now = [one.decode() for one in redis.zrange(f"{queue}:failed", 0, -1)]
    if now != failed[-KEPT:]:
        raise NotYet(
            f"{len(first)} jobs failed, and the latest {KEPT} stayed. When one more failed a month later, Redis held "
            f"{_which(now, failed)}. The latest {KEPT} should stay, however old they are: `age` is a time in seconds."
        )
    if unreadable := [one for one in now if not redis.hget(f"{queue}:{one}", "failedReason")]:
        raise NotYet(f"Redis holds {len(unreadable)} failed jobs without the reason.")
    return (
        f"{len(good)} jobs finished, and nothing stayed of them. {len(bad)} failed, the last one a month after the others "
        f"(by its score in Redis), and the latest {KEPT} stayed, with their reasons."
    )


def _failed(redis: Redis, queue: str) -> list[str]:
    """The jobs that have failed for good, in the order in which they did, as BullMQ's events say."""
    found = cast("list[tuple[bytes, dict[bytes, bytes]]]", redis.xrange(f"{queue}:events"))
    return [event[b"jobId"].decode() for _, event in found if event[b"event"] == b"failed"]


def _which(held: list[str], ended: list[str]) -> str:
    if not held:
        return "none of them"
    if len(held) == len(ended):
        return "all of them"
    return f"{len(held)} of them" + (", the latest" if held == ended[-len(held) :] else "")


def _why(held: list[str], failed: list[str]) -> str:
    if not held:
        return " Only a number, or { count: … }, keeps some: `true` and 0 keep none, and a text counts as true."
    if len(held) == len(failed):
        return " That is removeOnFail: a number, or { count: … }, says how many; `age` is a time in seconds."
    return ""


def _short(message: str) -> str:
    return message[:160].rstrip(".")
