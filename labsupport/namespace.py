"""Which keys are this notebook's own, so that on a Redis of the reader's nothing else is ever touched.

On a server that the reader brings (`REDIS_URL`), every key of a lab begins with `jobs-lab:<token>:`, a
token drawn once per kernel; RQ's own keys begin with `jobs-lab:<token>:rq`. On an embedded server there
is nobody else, and RQ's keys read as its documentation has them: `rq:…`.

RQ reads `RQ_KEY_PREFIX` when it is first imported, so import this module before `rq`.
"""

import json
import os
import platform
import re
import secrets
import sys
import time

import psutil
from redis import Redis

from labsupport.errors import LabError

READERS_URL = os.environ.get("REDIS_URL", "").strip()
"""The server that the reader brings; empty for an embedded one."""

ROOT = f"jobs-lab:{secrets.token_hex(4)}:" if READERS_URL else ""
"""What every key of this notebook begins with."""

LABS = "jobs-lab:labs"
"""A hash on the reader's server, token → who holds it, so that a later lab finds leftovers."""

FORGOTTEN = 7 * 24 * 3600
"""Seconds after which a lab of another machine counts as gone."""

if "rq" in sys.modules and sys.modules["rq.defaults"].RQ_KEY_PREFIX != ROOT + "rq":
    raise LabError("RQ was imported before the set-up cell. Restart the kernel and run the set-up cell first.")
os.environ["RQ_KEY_PREFIX"] = ROOT + "rq"
os.environ["NOTIFICATIONS_PREFIX"] = ROOT + "notifications"


def shown(key: str) -> str:
    """A key as the labs print it: the same on every server."""
    return key.removeprefix(ROOT)


def _machine() -> str:
    """This machine, or container, among those that share a Redis."""
    try:
        space = os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        space = 0
    return f"{platform.node()}/{space}"


def register(redis: Redis) -> None:
    """Note on the reader's server that this notebook holds its token."""
    process = psutil.Process()
    holder = {"machine": _machine(), "pid": process.pid, "born": process.create_time(), "seen": time.time()}
    redis.hset(LABS, ROOT.split(":")[1], json.dumps(holder))


def _alive(holder: dict) -> bool:
    if holder["machine"] != _machine():
        return time.time() - holder["seen"] < FORGOTTEN
    try:
        process = psutil.Process(holder["pid"])
        return process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - holder["born"]) < 1
    except psutil.Error:
        return False


def sweep(redis: Redis) -> int:
    """Delete the keys of labs whose notebook is gone. Returns how many labs were swept."""
    swept = 0
    for token, holder in redis.hgetall(LABS).items():
        token = token.decode()
        if re.fullmatch(r"[0-9a-f]{8}", token) and not _alive(json.loads(holder)):
            _delete(redis, f"jobs-lab:{token}:")
            redis.hdel(LABS, token)
            swept += 1
    return swept


def clear(redis: Redis) -> None:
    """Delete every key of this notebook."""
    _delete(redis, ROOT)


def leave(redis: Redis) -> None:
    """Delete every key of this notebook, and its entry among the labs."""
    clear(redis)
    if ROOT:
        redis.hdel(LABS, ROOT.split(":")[1])


def _delete(redis: Redis, root: str) -> None:
    batch = []
    for key in redis.scan_iter(match=root + "*", count=1000):
        batch.append(key)
        if len(batch) == 1000:
            redis.unlink(*batch)
            batch = []
    if batch:
        redis.unlink(*batch)
