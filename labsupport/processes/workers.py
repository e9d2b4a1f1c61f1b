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
from dataclasses import dataclass
from pathlib import Path

import psutil
from redis import Redis, RedisError
from rq import Queue
from rq.defaults import RQ_KEY_PREFIX
from rq.executions import WORKER_EXECUTIONS_KEY_TEMPLATE
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer
from rq.worker import WorkerStatus
from rq.worker_registration import REDIS_WORKER_KEYS, WORKERS_BY_QUEUE_KEY

from labsupport.errors import LabError
from labsupport.processes.fork_server import Forked
from labsupport.processes.leash import Leashed, memory_of, signal_all
from labsupport.waiting import comes_true, wait_until

WORKER_KEY = RQ_KEY_PREFIX + ":worker:"

RECORDING = "labsupport.measure.recorder.RecordingWorker"
SETTINGS = "labsupport.notifications.rq_settings"

HOUSEKEEPING = re.compile(r"cleaning (group )?registries|scheduler|Scheduler|Acquired locks|Trying to acquire")
"""Log lines that come or not depending on which worker was first: not shown."""


@dataclass(frozen=True)
class WorkerCommand:
    """An `rq worker` command: what every one of a group is started with.

    worker_class: dotted path. The default writes down each attempt, and is RQ's own otherwise.
    config: a module with RQ settings, for `--config`.
    scheduler: with `--with-scheduler`, for delayed jobs and retries.
    burst: with `--burst`: it ends when the queues are empty.
    more: more options of `rq worker`.
    """

    queues: Sequence[Queue]
    worker_class: str = RECORDING
    config: str = SETTINGS
    scheduler: bool = False
    burst: bool = False
    more: Sequence[str] = ()

    def options(self, name: str) -> list[str]:
        """What changes from one call to the next."""
        serializer = "json" if self.queues[0].serializer is JSONSerializer else "pickle"
        flags = ["--with-scheduler"] * self.scheduler + ["--burst"] * self.burst
        return [*(queue.name for queue in self.queues), "--name", name, "--serializer", serializer, *flags]

    def settings(self) -> list[str]:
        """What stays the same."""
        return ["--worker-class", self.worker_class, *(["--config", self.config] if self.config else [])]

    def start(self, name: str, folder: Path) -> "WorkerProcess":
        """As one that is typed in a terminal starts, on a leash. Its log is in `folder`, which goes with the notebook."""
        log = folder / f"{name}.log"
        command = [sys.executable, "-m", "rq.cli", *self._arguments(name)]
        process = Leashed(command, log=log, env=environment(), remove=folder)
        return WorkerProcess(name, process, self.queues[0].connection, log)

    def fork(self, name: str, folder: Path) -> "WorkerProcess":
        """The same, from a process that has RQ loaded: quicker, for checks."""
        log = folder / f"{name}.log"
        process = Forked(self._arguments(name), log=log, env=environment())
        return WorkerProcess(name, process, self.queues[0].connection, log)

    def _arguments(self, name: str) -> list[str]:
        return ["worker", *self.options(name), *self.more, *self.settings()]

    def show(self, name: str, brief: bool) -> None:
        """Print the command, as one would type it. brief: without the settings."""
        rest = "…" if brief else f"\\\n    {shlex.join(self.settings())}"
        print(f"$ rq worker {shlex.join(self.options(name))} ", end="")
        print(f"\\\n    {shlex.join(self.more)} {rest}" if self.more else rest)


class WorkerProcess:
    """One running `rq worker`. `pid` is its process id, `name` its name in RQ, `log_file` the file that it logs to."""

    def __init__(self, name: str, process: Leashed | Forked, redis: Redis, log: Path):
        self.name = name
        self.log_file = log
        self._redis = redis
        self._process = process
        self.pid = process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    @property
    def failed(self) -> bool:
        """It has ended, and not as a burst worker does."""
        return not self.running and self._process.returncode != 0

    @property
    def at_work(self) -> bool:
        """It runs, or its work-horse outlived it: that one finishes the job in hand."""
        # RQ gives a work-horse, and nothing else, a process group of its own (rq 3.0: worker_classes.py, fork_work_horse).
        return self.running or any(_leads_a_group(pid) for pid in self._process.members())

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

    def text(self) -> str:
        """Its log so far."""
        return self.log_file.read_text(encoding="utf8", errors="replace")

    def lines(self) -> list[str]:
        """Its log so far: without times, and the same on every run but for ids, pids and durations."""
        # A job is finished in Redis a moment before its worker has logged so.
        wait_until(self._settled, lambda: f"{self.name} is finishing its log", timeout=10)
        return [line for line in self.text().splitlines() if not HOUSEKEEPING.search(line)]

    def signal(self, number: int) -> None:
        """Send a signal to the worker alone, not to its work-horse: `worker.signal(signal.SIGKILL)`."""
        self._process.signal(number)

    def complaint(self) -> str:
        """The last line it wrote, for a worker that could not start."""
        return next((line.strip() for line in reversed(self.text().split("\n")) if line.strip()), "it wrote nothing")

    def pids(self) -> list[int]:
        """Of it and of its work-horse."""
        return self._process.members()

    def end(self) -> None:
        """Kill what is left of it: worker, work-horse, scheduler. RQ is not told; see `forget`."""
        self._process.end()

    def end_at_work(self, timeout: float = 60) -> None:
        """`end()` in the middle of a job that has a retry left, as soon as it has such a job in hand.

        It is halted first, and goes on if it has none: on a busy machine, a job could end between the look and the kill.

        Raises LabError, and it goes on, if it has none for `timeout` seconds.
        """
        wait_until(self._halted_at_work, lambda: f"{self.name} has no job in hand that would be tried again", timeout)
        self.end()

    def _halted_at_work(self) -> bool:
        """Whether it was halted in the middle of such a job."""
        if not self._may_be_tried_again():
            return False
        signal_all([self.pid], signal.SIGSTOP)  # it forks no more
        halted = signal_all({self.pid, *self.pids()}, signal.SIGSTOP)
        found = comes_true(lambda: not any(map(_goes_on, halted)), within=10)
        self._redis.ping()  # the server has then done what they had asked of it
        found = found and self._may_be_tried_again()
        if not found:
            signal_all(halted, signal.SIGCONT)
        return found

    def _may_be_tried_again(self) -> bool:
        """Its work-horse has begun a job that has a retry left, and has not ended it."""
        # A job's status is set by the work-horse, its execution by the worker before (rq 3.0: worker/base.py, executions.py).
        for execution in self._redis.smembers(WORKER_EXECUTIONS_KEY_TEMPLATE.format(self.name)):
            job = Job.key_for(execution.decode().rpartition(":")[0])
            status, retries = self._redis.hmget(job, "status", "retries_left")
            if status == JobStatus.STARTED.value.encode() and int(retries or 0) > 0:
                return True
        return False

    def forget(self) -> None:
        """Delete its registration, if it could not do that itself.

        This hides what a worker that was killed hard leaves behind elsewhere: for minutes, RQ refuses another one of the
        same name ("There exists an active worker named …"). A service that is restarted gives each worker a new name.

        Raises redis.RedisError if the server is gone; the registration has then an expiry.
        """
        key = WORKER_KEY + self.name
        queues = self._redis.hget(key, "queues")
        with self._redis.pipeline() as pipe:
            pipe.srem(REDIS_WORKER_KEYS, key)
            for queue in (queues or b"").decode().split(","):
                pipe.srem(WORKERS_BY_QUEUE_KEY % queue, key)
            pipe.delete(key, WORKER_EXECUTIONS_KEY_TEMPLATE.format(self.name))
            pipe.execute()


ALWAYS = {
    "PYTHONUNBUFFERED": "1",
    # macOS kills a fork of a process that has used its system libraries. This was the remedy that RQ's documentation gives;
    # it no longer helps on macOS 15.4, and RQ's maintainer then recommends SpawnWorker: rq#2235.
    "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",
}
"""The environment of every worker, besides this process's."""


def environment() -> dict[str, str]:
    """What an `rq` command beside the notebook is started with."""
    # RQ's commands prefer RQ_REDIS_URL, which may be the reader's for something else, to the lab's REDIS_URL.
    return {name: value for name, value in os.environ.items() if name != "RQ_REDIS_URL"} | ALWAYS


def _goes_on(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() not in (psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _leads_a_group(pid: int) -> bool:
    try:
        return os.getpgid(pid) == pid
    except OSError:
        return False


class WorkerGroup:
    """Workers that were started together. Use it in a `with`, or call `stop()`.

    A worker that gets SIGTERM finishes the job in hand first (a warm shutdown).

    again: starts a worker of a name. Whoever dies is then replaced within a second, and what it left behind is killed:
    systemd and Docker do both. (A scheduler that survives its worker keeps the worker's connections open, and Redis hands
    the next job to nobody.)
    """

    def __init__(self, members: list[WorkerProcess], redis: Redis, again: Callable[[str], WorkerProcess] | None = None):
        self._members = members
        self._redis = redis
        self._stopping = threading.Event()
        self._keeper = threading.Thread(target=self._keep, args=[again], daemon=True)
        if again:
            self._keeper.start()

    def _keep(self, again: Callable[[str], WorkerProcess]) -> None:
        while not self._stopping.wait(0.5):
            for place, worker in enumerate(self._members):
                if not worker.running:
                    worker.end()
                    with suppress(LabError, RedisError):  # it is tried again, as a supervisor would
                        worker.forget()
                        self._members[place] = again(worker.name)

    def _let_go(self) -> None:
        self._stopping.set()
        if self._keeper.is_alive():
            self._keeper.join()

    def __iter__(self):
        return iter(self._members)

    def __len__(self):
        return len(self._members)

    def __getitem__(self, index: int) -> WorkerProcess:
        return self._members[index]

    def __enter__(self) -> "WorkerGroup":
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    @property
    def running(self) -> int:
        """How many run."""
        return sum(worker.running for worker in self._members)

    def wait(self, timeout: float = 120) -> None:
        """Return when all have ended by themselves, as burst workers do once the queue is empty, and say how.

        Raises LabError after `timeout` seconds.
        """
        wait_until(lambda: not self.running, lambda: f"{_count(self.running)} still at work", timeout)
        died = [worker for worker in self._members if worker.failed]
        self.kill()
        print(f"{_names(died)} died" if died else f"{_names(self._members)} ended: the queue is empty")

    def stop(self, timeout: float = 30) -> None:
        """Stop them warmly, together: each finishes the job in hand. After `timeout` seconds they are killed.

        If Redis is gone, they are killed after some seconds: a patient worker would go on looking for it.

        Raises LabError if they had to be killed although Redis is there.
        """
        self._let_go()
        for worker in self._members:
            worker.signal(signal.SIGTERM)
        how = "stopped"
        try:
            if not comes_true(lambda: not self.running, within=min(SHORT, timeout)) and not self._redis_answers():
                how = "killed: Redis does not answer"
            else:
                for worker in self._members:
                    if worker.running and worker._state() == WorkerStatus.IDLE.value.encode():
                        # Rarely a SIGTERM that meets a worker between two waits is lost: one without a job is asked again.
                        worker.signal(signal.SIGTERM)
                wait_until(
                    lambda: not self.running,
                    lambda: f"{_count(self.running)} finishing the job in hand",
                    timeout - SHORT,
                )
        finally:
            self.kill()
        print(f"{_names(self._members)} {how}")

    def _redis_answers(self) -> bool:
        try:
            return self._redis.ping()
        except RedisError:
            return False

    def end(self) -> None:
        """End them at once, with their work-horses. RQ is not told: for when all keys are deleted anyway."""
        self._let_go()
        for worker in self._members:
            worker.end()

    def kill(self) -> None:
        """End them at once, with their work-horses, and delete what RQ knows of them."""
        self.end()
        with suppress(RedisError):  # Redis may be gone as well, and is then asked no more
            for worker in self._members:
                worker.forget()

    def memory(self) -> float:
        """MiB that they take, with their work-horses."""
        return memory_of(pid for worker in self._members for pid in worker.pids())

    def log(self) -> None:
        """Print what they logged, one worker after the other."""
        for worker in self._members:
            if len(self._members) > 1:
                print(f"— {worker.name} —")
            print("\n".join(worker.lines()))


SHORT = 3
"""Seconds after which workers that were told to stop, and still run, are asked whether they can."""


def _names(members: Sequence[WorkerProcess]) -> str:
    return members[0].name if len(members) == 1 else f"{members[0].name} to {members[-1].name}"


def _count(workers: int) -> str:
    return f"{workers} worker" if workers == 1 else f"{workers} workers"


AT_ONCE = 8
"""Workers that start at the same time. A start is a third of a second of computing; fifty of them would leave nothing to whatever
else runs on the machine, and the last would wait for all others."""


def start(
    command: WorkerCommand, names: Sequence[str], folder: Path, *, brief: bool = False, keep: bool = False
) -> WorkerGroup:
    """Start one worker per name, print the command, and return when all of them are listening.

    The server and RQ's key prefix are those of this process's environment.

    folder: where the logs go; it is deleted when the notebook is gone.
    brief: print only the options that change from one call to the next.
    keep: one that dies is replaced.

    Raises LabError, with the worker's own words, if one of them ends before it listens.
    """
    command.show(names[0], brief)
    redis = command.queues[0].connection
    members: list[WorkerProcess] = []
    try:
        for first in range(0, len(names), AT_ONCE):
            for name in names[first : first + AT_ONCE]:
                (folder / f"{name}.log").unlink(missing_ok=True)
                members.append(command.start(name, folder))
            wait_until(
                lambda: all(worker.listening or not worker.running for worker in members),
                lambda: f"{_count(len(names))} starting",
                timeout=60,
            )
        for worker in members:
            # One that listened, and was killed by its first job, has left its registration behind.
            if worker.failed and not worker.registered:
                raise LabError(f"{worker.name} could not start: {worker.complaint()}")
    except BaseException:
        WorkerGroup(members, redis).kill()
        raise
    print(f"{_names(members)} started")
    return WorkerGroup(members, redis, (lambda name: command.start(name, folder)) if keep else None)


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
    command = WorkerCommand(queues, worker_class, config="", scheduler=scheduler, burst=True)
    worker = command.fork(f"burst-{secrets.token_hex(4)}", folder)
    try:
        if not comes_true(lambda: not worker.running, within=timeout):
            raise LabError(f"A worker was still at work after {timeout:g} s, and was killed.")
        if worker.failed:
            raise LabError(f"A worker died: {worker.complaint()}")
        return worker.text()
    finally:
        worker.end()
        worker.log_file.unlink(missing_ok=True)
        with suppress(RedisError):
            worker.forget()
