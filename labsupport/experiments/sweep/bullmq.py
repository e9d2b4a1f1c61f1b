"""What is swept: BullMQ at work on one job. Runs in a process of the sweep's own.

A worker is a Node.js process that ends when it waits for a job; `labsupport/bullmq/sweep.mjs` is what runs in it. All times
are BullMQ's own: a lock of 30 s and a look at stalled jobs every 30 s are over when an hour passes. (Read from bullmq 6.7:
src/commands/moveStalledJobsToWait-9.lua.)
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from pathlib import Path
from typing import Any

from redis import Redis

from labsupport.experiments.sweep.crash import CannotSweep
from labsupport.experiments.sweep.passing import an_hour_passes
from labsupport.experiments.sweep.steps import Step, without_ids
from labsupport.processes import node
from labsupport.waiting import comes_true

SCRIPT = node.CODE / "sweep.mjs"

LIMIT = 15
"""Seconds after which a worker that is still busy is killed, and the sweep ends."""

ROUNDS = 4
"""Workers that come after a crash, an hour apart. BullMQ needs two: one notes an active job, and the next one puts it back if
it has no lock."""

QUEUE, JOB, PREFIX = "jobs", "job-1", "bull"

STATES = {"completed": "completed", "failed": "failed", "active": "active", "delayed": "delayed", "wait": "waiting"}
"""The key that holds a job → what BullMQ calls its state."""


class BullmqJob:
    """BullMQ's worker, from its start until it has done one job and waits for the next."""

    def __init__(
        self,
        url: str,
        *,
        file: str,
        data: Any,
        attempts: int,
        max_stalled_count: int,
        inside: bool,
        after: tuple[int, ...],
        folder: str,
    ):
        self._redis, self._file, self._after = Redis.from_url(url), Path(file), after
        self._environment = node.environment(url, PREFIX)
        self._log = Path(folder) / f"{os.getpid()}.steps"
        self._order = {
            "file": file, "log": str(self._log), "queue": QUEUE, "inside": inside,
            "worker": {"maxStalledCount": max_stalled_count},
        }  # fmt: skip
        self._job = {"data": data, "options": {"attempts": attempts, "jobId": JOB}}
        self._workers = self._runs = self._returned = self._delivered = 0

    def begin(self) -> None:
        self._redis.flushall()
        self._workers = self._runs = self._returned = self._delivered = 0
        for point in self._after:
            self._work(point)
            an_hour_passes(self._redis)

    def dry_run(self) -> list[Step]:
        self.begin()
        steps = self._work()
        if not self._after and self._status() != "completed":
            raise CannotSweep(
                f"{self._file.name} fails with no crash at all: {self._reason()}\nCorrect it there, and sweep it then."
            )
        return steps

    def strike(self, point: int) -> dict[str, Any]:
        self.begin()
        history = [(self._workers, step) for step in self._work(point)]
        for _ in range(ROUNDS):
            an_hour_passes(self._redis)
            history += [(self._workers, step) for step in self._work()]
            if self._status() in ("completed", "failed"):
                break
        return {
            "promised": 1,
            "delivered": self._delivered,
            "status": self._status(),
            "found": " ".join(self._found()),
            "runs": self._runs,
            "history": history,
        }

    def _found(self) -> list[str]:
        """The lists and sets that hold the job's id, without BullMQ's prefix."""
        read = {
            b"list": lambda key: self._redis.lrange(key, 0, -1),
            b"zset": lambda key: self._redis.zrange(key, 0, -1),
            b"set": self._redis.smembers,
        }
        begin, found = f"{PREFIX}:{QUEUE}:", []
        for key in sorted(self._redis.keys(f"{begin}*")):
            kind = self._redis.type(key)
            if kind in read and JOB.encode() in read[kind](key):
                found.append(key.decode().removeprefix(begin))
        return found

    def _status(self) -> str:
        found = self._found()
        return next((state for key, state in STATES.items() if key in found), "unknown")

    def _reason(self) -> str:
        """What the processor threw last."""
        stacks = json.loads(self._redis.hget(f"{PREFIX}:{QUEUE}:{JOB}", "stacktrace") or "[]")
        return stacks[-1].splitlines()[0] if stacks else f"the job is {self._status()}"

    def _work(self, point: int = 0) -> list[Step]:
        """A worker, killed right before this step; its steps. The first one adds the job before it begins."""
        self._workers += 1
        order = {**self._order, "point": point, "add": self._job if self._workers == 1 else None}
        others = self._clients()
        self._log.write_text("")
        self._run([node.node(), str(SCRIPT), json.dumps(order)])
        # What a killed process has sent may not be read yet; its connection ends when it is.
        comes_true(lambda: self._clients() <= others, within=LIMIT, every=0.002)
        said = [json.loads(line) for line in self._log.read_text(encoding="utf8").splitlines()]
        self._runs += sum(one.get("runs", 0) for one in said)
        self._returned += sum(one.get("returned", 0) for one in said)
        self._delivered = next((one["delivered"] for one in said if "delivered" in one), self._returned)
        return _steps([one for one in said if "point" in one])

    def _run(self, command: list[str]) -> None:
        """Raises CannotSweep if it does not end, or by itself with an error."""
        try:
            run = subprocess.run(command, env=self._environment, capture_output=True, text=True, timeout=LIMIT)
        except subprocess.TimeoutExpired:
            raise CannotSweep(
                f"{self._file.name} was still busy after {LIMIT} s, and was ended.\nA job that is swept takes a moment."
            ) from None
        if run.returncode not in (0, -signal.SIGKILL):
            raise CannotSweep(_complaint(run.stderr, self._file))

    def _clients(self) -> set[str]:
        return {client["id"] for client in self._redis.client_list()}


def _complaint(said: str, file: Path) -> str:
    """What Node.js says of an error: which one, and in which line of the file if it says so."""
    lines = [line.strip() for line in said.splitlines() if line.strip()] or ["it says nothing"]
    error = next((line for line in lines if re.match(r"\w*Error\b", line)), lines[-1]).partition(" imported from ")[0]
    at = next((f", line {line.rpartition(':')[2]}" for line in lines if line.startswith(f"{file.as_uri()}:")), "")
    return f"{file.name}{at}: {error}\nCorrect it there, and run the cell that writes it."


def _steps(said: list[dict[str, Any]]) -> list[Step]:
    """A step for each request: the commands of a pipeline or a transaction have one number."""
    requests: dict[int, list[dict[str, Any]]] = {}
    for one in said:
        requests.setdefault(one["point"], []).append(one)
    steps = []
    for point, commands in requests.items():
        inner = [one for one in commands if one["command"] not in ("MULTI", "EXEC")] or commands
        name = " ".join(dict.fromkeys(one["command"] for one in inner))
        multi = "MULTI " * any(one["command"] == "EXEC" for one in commands)
        steps.append(Step(point, inner[0]["sender"], f"{multi}{name}", without_ids(inner[0]["key"])))
    return steps
