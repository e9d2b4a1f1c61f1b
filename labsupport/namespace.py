"""Which keys are this notebook's own, so that on a Redis of the reader's nothing else is ever touched.

On a server that the reader brings (`REDIS_URL`), every key of a lab begins with `jobs-lab:<token>:`, a
token drawn once per kernel; RQ's own keys begin with `jobs-lab:<token>:rq`. On an embedded server there
is nobody else, and RQ's keys read as its documentation has them: `rq:…`.

RQ reads `RQ_KEY_PREFIX` when it is first imported (rq 3.0: rq/defaults.py), so call `claim` before that.
"""

import json
import os
import platform
import re
import secrets
import sys
import time
from dataclasses import dataclass

import psutil
from redis import Redis

from labsupport.errors import LabError

LABS = "jobs-lab:labs"
"""A hash on the reader's server, token → who holds it, so that a later lab finds leftovers."""

RIGHTS = "~jobs-lab:* &jobs-lab:* +@all -@dangerous +info"
"""What a lab needs of a user with an access list (https://redis.io/docs: ACL)."""

FORGOTTEN = 7 * 24 * 3600
"""Seconds after which a lab of another machine counts as gone."""


@dataclass(frozen=True)
class Namespace:
    """What a notebook may touch.

    url: the server that the reader brings; empty for an embedded one.
    root: what every key of this notebook begins with; empty on an embedded server.
    """

    url: str
    root: str

    @property
    def token(self) -> str:
        return self.root.split(":")[1]

    def register(self, redis: Redis) -> None:
        """Note on the reader's server that this notebook holds its token."""
        redis.hset(LABS, self.token, json.dumps(holder()))

    def check_rights(self, redis: Redis) -> None:
        """Do, on one key, what RQ does: write, run a script, publish. Leaves nothing.

        Raises redis.NoPermissionError if the server forbids it, redis.OutOfMemoryError if the server is full.
        """
        key = self.root + "rights"
        redis.set(key, "checked", ex=10)
        redis.eval("return redis.call('unlink', KEYS[1])", 1, key)
        redis.publish(key, "checked")

    def clear(self, redis: Redis) -> None:
        """Delete every key of this notebook."""
        _delete(redis, self.root)

    def leave(self, redis: Redis) -> None:
        """Delete every key of this notebook, and its entry among the labs."""
        self.clear(redis)
        if self.root:
            redis.hdel(LABS, self.token)


_mine: Namespace | None = None


def claim() -> Namespace:
    """This process's namespace, decided once, by its REDIS_URL. RQ, imported later, keeps to it.

    Raises LabError if RQ was imported before and uses other keys.
    """
    global _mine
    if _mine is None:
        url = os.environ.get("REDIS_URL", "").strip()
        root = f"jobs-lab:{secrets.token_hex(4)}:" if url else ""
        if "rq" in sys.modules and root + "rq" != sys.modules["rq.defaults"].RQ_KEY_PREFIX:
            raise LabError("RQ was imported before the set-up cell. Restart the kernel and run the set-up cell first.")
        os.environ["RQ_KEY_PREFIX"] = root + "rq"
        os.environ["NOTIFICATIONS_PREFIX"] = root + "notifications"
        _mine = Namespace(url, root)
    return _mine


def root() -> str:
    """What every key of this notebook begins with."""
    return _mine.root if _mine else ""


def shown(key: str) -> str:
    """A key as the labs print it: the same on every server."""
    return key.removeprefix(root())


def _machine() -> str:
    """This machine, or container, among those that share a Redis."""
    try:
        space = os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        space = 0
    return f"{platform.node()}/{space}"


def holder() -> dict[str, str | float]:
    """Who holds something: this process, told apart from a later one with its number. For `alive`."""
    process = psutil.Process()
    return {"machine": _machine(), "pid": process.pid, "born": process.create_time(), "seen": time.time()}


def alive(holder: dict) -> bool:
    """Whether the process of a `holder()` still runs; of another machine: whether it was seen within FORGOTTEN."""
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
        if re.fullmatch(r"[0-9a-f]{8}", token) and not alive(json.loads(holder)):
            _delete(redis, f"jobs-lab:{token}:")
            redis.hdel(LABS, token)
            swept += 1
    return swept


def _delete(redis: Redis, root: str) -> None:
    batch = []
    for key in redis.scan_iter(match=root + "*", count=1000):
        batch.append(key)
        if len(batch) == 1000:
            redis.unlink(*batch)
            batch = []
    if batch:
        redis.unlink(*batch)
