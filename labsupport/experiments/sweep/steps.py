"""Counts what a process and its children send to Redis and ask of SQLite, and strikes right before a given step.

A step is one request to Redis (a transaction is one) or one statement of SQLite. Everything here runs in a fork that ends
soon: what is changed in redis-py stays there. (Read from redis-py 8.1: connection.py, `AbstractConnection`.)
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import re
import signal
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.sharedctypes import RawValue
from typing import NamedTuple

from redis.connection import AbstractConnection

HANDSHAKE = {"HELLO", "AUTH", "SELECT", "CLIENT"}
"""Not counted: they differ by client, server and kind of connection."""


STOPPED = b"stopped\n"
"""What a process says in place of a step when it is stopped."""


class Step(NamedTuple):
    """sender: who sent it: `worker`, `work-horse`, or `job` for the job function itself. key: the first key that it names."""

    point: int
    sender: str
    command: str
    key: str


_OF_A_PROCESS = ("steps", "inside", "worker", "horse")


class Shared(ctypes.Structure):
    """Memory that the sweep, the worker and its work-horse see."""

    _fields_ = [(name, ctypes.c_long) for name in ("runs", "returned", *_OF_A_PROCESS)]


class Counter:
    """Numbers the steps of one process and of its children.

    point: the step before which it strikes; 0 for none.
    strikes: the signal: SIGKILL, or SIGSTOP for a process that hangs.
    victims: which of `worker` and `horse` it hits.
    inside: the job function's own steps count, too.
    """

    def __init__(self) -> None:
        self.shared = RawValue(Shared)
        self.point, self.strikes, self.victims, self.inside = 0, signal.SIGKILL, ("worker", "horse"), False
        self._lock = tempfile.TemporaryFile()  # noqa: SIM115
        self._log = -1

    def begin(self, point: int) -> None:
        """Forget the steps of the process before, and strike at this one."""
        self.point = point
        self.restore(dict.fromkeys(_OF_A_PROCESS, 0))

    def state(self) -> dict[str, int]:
        """What it knows of the process at hand."""
        return {name: getattr(self.shared, name) for name in _OF_A_PROCESS}

    def restore(self, state: dict[str, int]) -> None:
        """Come back to the process of this state."""
        for name, value in state.items():
            setattr(self.shared, name, value)

    def install(self, log: int) -> None:
        """In the fork: count from now on, and write each step to the file `log` once it may be sent."""
        send = AbstractConnection.send_packed_command
        self._log, self.shared.worker = log, os.getpid()

        def counting(connection: AbstractConnection, packed: object, check_health: bool = True) -> object:
            command, key = described(packed)
            if command not in HANDSHAKE:
                if not connection.is_connected:  # or its handshake would come between the count and the command
                    connection.connect_check_health(check_health=False)
                self.count(command, key)
            return send(connection, packed, check_health)

        AbstractConnection.send_packed_command = counting

    def watch(self, database: sqlite3.Connection) -> None:
        """Count the statements of this database, too."""
        database.set_trace_callback(lambda statement: self.count(*_statement(statement)))

    def job(self, function: Callable[[], object]) -> object:
        """Call the job function: its steps are its own, and its runs are counted."""
        self.shared.runs += 1
        self.shared.inside = 1
        try:
            returned = function()
            self.shared.returned += 1
            return returned
        finally:
            self.shared.inside = 0

    def count(self, command: str, key: str) -> None:
        """A step is about to be taken."""
        if self.shared.inside and not self.inside:
            return
        fcntl.lockf(self._lock, fcntl.LOCK_EX)  # which the system takes back from a holder that is killed
        point = self.shared.steps = self.shared.steps + 1
        fcntl.lockf(self._lock, fcntl.LOCK_UN)
        at_home = os.getpid() == self.shared.worker
        if not at_home:  # the worker may not know yet that it has forked
            self.shared.horse = os.getpid()
        sender = "job" if self.shared.inside else "worker" if at_home else "work-horse"
        if point == self.point:
            self._strike()
        os.write(self._log, f"{point}|{sender}|{command}|{key}\n".encode())

    def _strike(self) -> None:
        """Hit the worker, its work-horse, or both; this process last. No worker is to see its work-horse die."""
        me = os.getpid()
        groups = {getattr(self.shared, name) for name in self.victims} - {0}
        for group in groups - {me}:
            signal_group(group, self.strikes)
        if self.strikes == signal.SIGSTOP:
            os.write(self._log, STOPPED)
        if me in groups:
            os.killpg(me, self.strikes)


def signal_group(group: int, number: int) -> None:
    """RQ gives a work-horse a process group of its own. One that is gone needs no signal."""
    with suppress(ProcessLookupError):
        os.killpg(group, number)


def described(packed: object) -> tuple[str, str]:
    """(command, key) of a request in Redis's wire format; of a transaction, the commands between MULTI and EXEC.

    Keys are shown with `*` for what RQ draws anew each time: ids of jobs and executions, and hashes of scripts.
    """
    data = packed if isinstance(packed, bytes) else b"".join(packed)  # type: ignore[arg-type]
    found = _commands(data)
    inner = [words for words in found if words[0] not in (b"MULTI", b"EXEC")] or found
    command = "MULTI " * (len(found) > 1) + " ".join(dict.fromkeys(words[0].decode() for words in inner))
    _, *words = inner[0]
    if inner[0][0] in _SCRIPTS:
        words = words[2:] if int(words[1]) else []
    return command, without_ids(words[0].decode(errors="replace") if words else "")


def without_ids(key: str) -> str:
    """On one line, with `*` for an id or a hash."""
    return re.sub("[0-9a-f]{32,}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "*", key.replace("\n", " "))


_SCRIPTS = {b"EVAL", b"EVALSHA"}
"""Commands whose keys come after a script and their number."""


def _commands(data: bytes) -> list[list[bytes]]:
    """The words of each command of a request."""
    commands: list[list[bytes]] = []
    at = 0

    def number() -> int:
        nonlocal at
        begin, at = at + 1, data.index(b"\r\n", at) + 2
        return int(data[begin : at - 2])

    while at < len(data):
        words = []
        for _ in range(number()):
            length = number()
            words.append(data[at : at + length])
            at += length + 2
        commands.append(words)
    return commands


def _statement(text: str) -> tuple[str, str]:
    """(statement, table) of a statement of SQLite."""
    text = " ".join(text.split())
    word, _, rest = text.partition(" ")
    table = re.search(r"\b(?:INTO|FROM|UPDATE|TABLE)\s+(?:IF NOT EXISTS\s+)?(\w+)", text, re.IGNORECASE)
    return word.upper(), table[1] if table and rest else ""
