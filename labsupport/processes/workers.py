"""Starts real `rq worker` processes beside the notebook, shows their log, stops them."""

import os
import re
import secrets
import shlex
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from redis import Redis, RedisError
from rq import Queue
from rq.defaults import RQ_KEY_PREFIX
from rq.executions import WORKER_EXECUTIONS_KEY_TEMPLATE
from rq.serializers import JSONSerializer
from rq.worker import WorkerStatus
from rq.worker_registration import REDIS_WORKER_KEYS, WORKERS_BY_QUEUE_KEY

from labsupport.errors import LabError
from labsupport.processes.leash import Leashed
from labsupport.waiting import comes_true, wait_until

WORKER_KEY = RQ_KEY_PREFIX + ":worker:"

HOUSEKEEPING = re.compile(r"cleaning (group )?registries|scheduler|Scheduler|Acquired locks|Trying to acquire")
"""Log lines that come or not depending on which worker was first: not shown."""


class Worker:
    """One `rq worker` process. `pid` is its process id, `name` its name in RQ."""

    def __init__(self, name: str, command: list[str], redis: Redis, folder: Path):
        self.name = name
        self._redis = redis
        self._log = folder / f"{name}.log"
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES"}
        self._process = Leashed(command, log=self._log, env=environment, remove=folder)
        self.pid = self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    @property
    def failed(self) -> bool:
        """It has ended, and not as a burst worker does."""
        return not self.running and self._process.returncode != 0

    @property
    def registered(self) -> bool:
        return self._redis.sismember(REDIS_WORKER_KEYS, WORKER_KEY + self.name)

    @property
    def listening(self) -> bool:
        """It has begun to ask for jobs. (RQ's worker may be deaf to a SIGTERM that comes while it still starts.)"""
        return self._state() not in (None, WorkerStatus.STARTED.value.encode())

    def _state(self) -> bytes | None:
        return self._redis.hget(WORKER_KEY + self.name, "state")

    def _settled(self) -> bool:
        """No job in hand, and nothing left to say about the last one."""
        state = self._state()
        working = self._redis.scard(WORKER_EXECUTIONS_KEY_TEMPLATE.format(self.name))
        return not self.running or working > 0 or state != b"busy"

    def lines(self) -> list[str]:
        """Its log so far: without times, and the same on every run but for ids, pids and durations."""
        # A job is finished in Redis a moment before its worker has logged so.
        wait_until(self._settled, lambda: f"{self.name} is finishing its log", timeout=10)
        text = self._log.read_text(encoding="utf8", errors="replace")
        return [line for line in text.splitlines() if not HOUSEKEEPING.search(line)]

    def signal(self, number: int) -> None:
        """Send a signal to the worker alone, not to its work-horse: `worker.signal(signal.SIGKILL)`."""
        self._process.signal(number)

    def complaint(self) -> str:
        """The last line it wrote, for a worker that could not start."""
        lines = self._log.read_text(encoding="utf8", errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "it wrote nothing")

    def end(self) -> None:
        """Kill what is left of it, and its registration if it could not take that back itself."""
        self._process.end()
        key = WORKER_KEY + self.name
        with suppress(RedisError), self._redis.pipeline() as pipe:  # Redis may be gone as well
            queues = self._redis.hget(key, "queues")
            pipe.srem(REDIS_WORKER_KEYS, key)
            for queue in (queues or b"").decode().split(","):
                pipe.srem(WORKERS_BY_QUEUE_KEY % queue, key)
            pipe.delete(key, key + ":executions")
            pipe.execute()


class Workers:
    """Workers that were started together. Use it in a `with`, or call `stop()`.

    A worker that gets SIGTERM finishes the job in hand first (a warm shutdown).

    again: starts a worker of a name. Whoever dies is then replaced within a second, and what it left behind is killed:
    systemd and Docker do both. (A scheduler that survives its worker keeps the worker's connections open, and Redis hands
    the next job to nobody.)
    """

    def __init__(self, members: list[Worker], again: Callable[[str], Worker] | None = None):
        self._members = members
        self._stopping = threading.Event()
        self._keeper = threading.Thread(target=self._keep, args=[again], daemon=True)
        if again:
            self._keeper.start()

    def _keep(self, again: Callable[[str], Worker]) -> None:
        while not self._stopping.wait(0.5):
            for place, worker in enumerate(self._members):
                if not worker.running:
                    worker.end()
                    with suppress(LabError):  # it is tried again, as a supervisor would
                        self._members[place] = again(worker.name)

    def _let_go(self) -> None:
        self._stopping.set()
        if self._keeper.is_alive():
            self._keeper.join()

    def __iter__(self):
        return iter(self._members)

    def __len__(self):
        return len(self._members)

    def __getitem__(self, index: int) -> Worker:
        return self._members[index]

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    @property
    def running(self) -> int:
        return sum(worker.running for worker in self._members)

    def wait(self, timeout: float = 120) -> None:
        """Return when all have ended by themselves, as burst workers do once the queue is empty, and say how."""
        wait_until(lambda: not self.running, lambda: f"{_count(self.running)} still at work", timeout)
        died = [worker for worker in self._members if worker.failed]
        self.kill()
        print(f"{_names(died)} died" if died else f"{_names(self._members)} ended: the queue is empty")

    def stop(self, timeout: float = 30) -> None:
        """Stop them warmly, together: each finishes the job in hand. After `timeout` seconds they are killed."""
        self._let_go()
        for worker in self._members:
            worker.signal(signal.SIGTERM)
        try:
            wait_until(lambda: not self.running, lambda: f"{_count(self.running)} finishing the job in hand", timeout)
        finally:
            self.kill()
        print(f"{_names(self._members)} stopped")

    def kill(self) -> None:
        """End them at once, with their work-horses."""
        self._let_go()
        for worker in self._members:
            worker.end()

    def log(self) -> None:
        """Print what they logged, one worker after the other."""
        for worker in self._members:
            if len(self._members) > 1:
                print(f"— {worker.name} —")
            print("\n".join(worker.lines()))


def _names(members: list[Worker]) -> str:
    return members[0].name if len(members) == 1 else f"{members[0].name} to {members[-1].name}"


def _count(workers: int) -> str:
    return f"{workers} worker" if workers == 1 else f"{workers} workers"


def start(
    queues: list[Queue],
    names: list[str],
    *,
    config: str,
    worker_class: str,
    folder: Path,
    scheduler: bool,
    burst: bool,
    brief: bool,
    keep: Sequence[str] = (),
) -> Workers:
    """Start one `rq worker` per name, print the command, and return when all of them are listening.

    The server and RQ's key prefix are those of this process's environment.

    config: module with RQ settings, for `--config`.
    folder: where the logs go; it is deleted when the notebook is gone.
    brief: print only the options that change from one call to the next.
    keep: more options of `rq worker`; with them, one that dies is replaced.

    Raises LabError, with the worker's own words, if one of them ends before it listens.
    """
    serializer = "json" if queues[0].serializer is JSONSerializer else "pickle"
    targets = [queue.name for queue in queues]
    options = ["--serializer", serializer, *["--with-scheduler"] * scheduler, *["--burst"] * burst]
    recording = ["--worker-class", worker_class, "--config", config]
    if not brief:
        print("$", _exports())
    rest = "…" if brief else f"\\\n    {shlex.join(recording)}"
    print(f"$ rq worker {shlex.join([*targets, '--name', names[0], *options])} ", end="")
    print(f"\\\n    {shlex.join(keep)} {rest}" if keep else rest)

    def run(name: str) -> Worker:
        command = [sys.executable, "-m", "rq.cli", "worker", *targets, "--name", name, *options, *keep, *recording]
        return Worker(name, command, queues[0].connection, folder)

    members: list[Worker] = []
    try:
        for name in names:
            (folder / f"{name}.log").unlink(missing_ok=True)
            members.append(run(name))
        wait_until(
            lambda: all(worker.listening or not worker.running for worker in members),
            lambda: f"{_count(len(members))} starting",
            timeout=60,
        )
        for worker in members:
            # One that listened, and was killed by its first job, has left its registration behind.
            if worker.failed and not worker.registered:
                raise LabError(f"{worker.name} could not start: {worker.complaint()}")
    except BaseException:
        Workers(members).kill()
        raise
    print(f"{_names(members)} started")
    return Workers(members, run if keep else None)


def work_off(
    queues: Sequence[Queue],
    *,
    folder: Path,
    timeout: float = 30,
    worker_class: str = "rq.worker.Worker",
    scheduler: bool = False,
) -> str:
    """Let one `rq worker --burst` work on the queues until they are empty, and return what it logged.

    Quiet, for exercises: it prints nothing, and leaves no registration, log or process behind. No attempt is recorded,
    unless `worker_class` records them. The server and RQ's key prefix are those of this process's environment.

    folder: where its log is while it runs.
    timeout: seconds; then it is killed with the job in hand, which stays *started*.
    scheduler: with `--with-scheduler`: delayed jobs that are due by then are run, too.

    Raises LabError after `timeout` seconds, or if the worker could not start, or died.
    """
    name = f"burst-{secrets.token_hex(4)}"
    serializer = "json" if queues[0].serializer is JSONSerializer else "pickle"
    options = ["--serializer", serializer, "--burst", *["--with-scheduler"] * scheduler, "--worker-class", worker_class]
    command = [sys.executable, "-m", "rq.cli", "worker", *(queue.name for queue in queues), "--name", name, *options]
    worker = Worker(name, command, queues[0].connection, folder)
    try:
        if not comes_true(lambda: not worker.running, within=timeout):
            raise LabError(f"A worker was still at work after {timeout:g} s, and was killed.")
        if worker.failed:
            raise LabError(f"A worker died: {worker.complaint()}")
        return (folder / f"{name}.log").read_text(encoding="utf8", errors="replace")
    finally:
        worker.end()
        (folder / f"{name}.log").unlink(missing_ok=True)


def _exports() -> str:
    """What a terminal must know first. In the environment, since any user can read a command line."""
    names = ["REDIS_URL"] if RQ_KEY_PREFIX == "rq" else ["REDIS_URL", "RQ_KEY_PREFIX", "NOTIFICATIONS_PREFIX"]
    return "export " + " ".join(f"{name}={shlex.quote(os.environ[name])}" for name in names)
