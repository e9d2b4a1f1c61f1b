"""The lab that a notebook has open: its Redis, its workers, its attempts. Tidies up after itself.

Importing this imports RQ, which reads its key prefix then and never again: `labsupport.lab.open_lab` decides it first.
"""

import atexit
import contextlib
import os
import shutil
import tempfile
import time
from contextlib import AbstractContextManager
from pathlib import Path

import pandas as pd
from redis import Redis, RedisError
from rq import Queue, Worker
from rq.job import Job

from labsupport import exercises, namespace
from labsupport.commands.doctor import examine
from labsupport.errors import LabError
from labsupport.measure import peek, plots
from labsupport.measure.attempts import AttemptLog
from labsupport.measure.recorder import STREAM
from labsupport.notifications import worker
from labsupport.processes import services, workers
from labsupport.processes.redis_server import DURABLE, EmbeddedServer, address, connect, product
from labsupport.waiting import wait_until

ENDED = {"finished", "failed", "stopped", "canceled"}
"""The states a job does not leave by itself."""

ABANDONED = 5
"""Seconds after which nobody will begin a job that was taken (RQ allows a minute: rq/intermediate_queue.py)."""


class Lab:
    """A notebook's lab. `redis` is its connection, `url` its server's address."""

    url: str
    redis: Redis

    def __init__(self, names: namespace.Namespace):
        self._names = names
        self._server: EmbeddedServer | None = None
        self._own: EmbeddedServer | None = None
        self._running: list[workers.Workers | services.Service] = []
        self.folder = Path(tempfile.mkdtemp(prefix="jobs-lab-"))
        atexit.register(self.close)

    def open(self) -> None:
        """Begin, or begin again: no workers, no jobs, no attempts."""
        self._stop_all()
        plots.use()
        peek.use()
        _reach_loopback()
        # For the service under study: a database of this notebook's own, as new.
        database = self.folder / "notifications.db"
        for file in self.folder.glob(f"{database.name}*"):  # its log, too, which would be played back
            file.unlink()
        os.environ["NOTIFICATIONS_DATABASE"] = str(database)
        if self._names.url:
            self._use(self._names.url)
            namespace.sweep(self.redis)
            self._names.register(self.redis)
        else:
            if self._server is None or not self._server.running:
                self._server = EmbeddedServer(folder=self.folder)
            self._use(self._server.url)
        self._names.clear(self.redis)
        self._shown: set[str] = set()

    def _use(self, url: str) -> None:
        """Work on this server from now on."""
        self.url = url
        self.redis = connect(url)
        # For what the notebook starts by itself, such as `!rq info`.
        os.environ["REDIS_URL"] = url
        self._log = AttemptLog(self.redis, STREAM)
        exercises.begin(self.redis, self.attempts, self.folder)

    def __repr__(self) -> str:
        whose = "the one of REDIS_URL" if self._names.url else "this notebook's own"
        return f"{product(self.redis)} at {address(self.url)}, {whose} · {os.cpu_count()} cores"

    def workers(
        self,
        *queues: Queue,
        count: int = 1,
        scheduler: bool = False,
        burst: bool = False,
        keep: bool = False,
        worker_class: str = "labsupport.measure.recorder.RecordingWorker",
    ) -> workers.Workers:
        """Start `count` real `rq worker` processes on `queues`, and show the command: whole the first time.

        scheduler: with `--with-scheduler`, for delayed retries.
        burst: with `--burst`: they end when the queue is empty.
        keep: as a service has them: patient when Redis is away, and replaced when they die.
        worker_class: dotted path; one of `labsupport.measure.recorder`, so that attempts are recorded.
        """
        if not queues or not all(isinstance(queue, Queue) for queue in queues):
            raise LabError("lab.workers takes the queue to work on, and how many by name: lab.workers(queue, count=3)")
        self._running = [running for running in self._running if running.running]
        groups = [running for running in self._running if isinstance(running, workers.Workers)]
        taken = {member.name for group in groups for member in group if member.running}
        names = [name for name in (f"worker-{n}" for n in range(1, 1000)) if name not in taken][:count]
        group = workers.start(
            list(queues),
            names,
            config="labsupport.notifications.settings",
            worker_class=worker_class,
            folder=self.folder,
            scheduler=scheduler,
            burst=burst,
            brief=worker_class in self._shown,
            keep=worker.OPTIONS if keep else (),
        )
        self._shown.add(worker_class)
        self._running.append(group)
        return group

    def serve(self, app: str, **settings: object) -> services.Service:
        """Serve an ASGI application with uvicorn, and show the command.

        app: as uvicorn has it, `module:attribute`.
        settings: environment variables of the service.
        """
        service = services.api(app, self.folder, **settings)
        self._running.append(service)
        return service

    def dashboard(self) -> services.Service:
        """Start rq-dashboard on this lab's Redis, and show the command."""
        service = services.dashboard(self.url, self.folder)
        self._running.append(service)
        return service

    def wait(self, *jobs: Job, timeout: float = 60) -> None:
        """Return when every job has ended, and say how. Shows its progress.

        Raises LabError after `timeout` seconds.
        """
        for job in jobs or [None]:
            if not isinstance(job, Job):
                raise LabError(
                    f"lab.wait takes jobs, as queue.enqueue returns them: lab.wait(job). This is {str(job)[:60]}."
                )

        def statuses() -> list[str]:
            with self.redis.pipeline(transaction=False) as pipe:
                for job in jobs:
                    pipe.hget(job.key, "status")
                # A job whose result has expired is gone, and so has ended.
                return [(status or b"finished").decode() for status in pipe.execute()]

        def tally() -> str:
            now = statuses()
            return ", ".join(f"{now.count(status)} {status}" for status in sorted(set(now)))

        def progress() -> str:
            listening = any(group.running for group in self._running if not isinstance(group, services.Service))
            return tally() + ("" if listening else " (no worker is running: lab.workers(queue) starts one)")

        wait_until(lambda: ENDED.issuperset(statuses()), progress, timeout)
        print(f"{len(jobs)} job{'s' * (len(jobs) != 1)}: {tally()}")

    def drain(self, queue: Queue, timeout: float = 60) -> None:
        """Return when no job of the queue waits, not for a retry either, and no worker is busy. Shows its progress.

        A job whose taker died before it began, or never heard of it since Redis died, is nobody's until RQ's maintenance
        finds it in the intermediate list, a minute later or more: it is not waited for.

        Raises LabError after `timeout` seconds.
        """
        first_seen: dict[bytes, float] = {}

        def beginning() -> int:
            """Jobs that a worker has taken and not begun; after some seconds it won't."""
            taken, now = queue.connection.lrange(queue.intermediate_queue_key, 0, -1), time.monotonic()
            for job in first_seen.keys() - taken:  # begun; it may be taken again, for a retry
                del first_seen[job]
            return sum(now - first_seen.setdefault(job, now) < ABANDONED for job in taken)

        def left() -> dict[str, int]:
            now = peek.counts(queue)
            busy = sum(one.get_state() == "busy" for one in Worker.all(queue=queue))
            return {"waiting": now.queued, "scheduled": now.scheduled, "being begun": beginning(), "being run": busy}

        # Twice: a job that failed between two of the questions waits for its retry at the second asking.
        wait_until(
            lambda: not any(left().values()) and not any(left().values()),
            lambda: ", ".join(f"{number} {what}" for what, number in left().items()),
            timeout,
        )
        print(f"{queue.name} is empty")

    def attempts(self, *queues: Queue) -> pd.DataFrame:
        """All attempts since the set-up cell, one row each (labsupport.measure.attempts says what the columns are).

        queues: with their jobs that have not ended, too.
        """
        if not queues:
            return self._log.read()
        return self._log.with_unended(pd.concat([peek.unended(queue) for queue in queues], ignore_index=True))

    def monitor(self) -> AbstractContextManager[list[str]]:
        """The commands that this notebook's own server runs during the block. See `own_server`."""
        return peek.monitor(self.own_server().redis)

    def own_server(self) -> EmbeddedServer:
        """A server that the lab may watch, configure and break: never the one of REDIS_URL."""
        if self._server is not None:
            return self._server
        if self._own is None or not self._own.running:
            self._own = EmbeddedServer()
        return self._own

    def move_to_own_server(self) -> EmbeddedServer:
        """Work from now on, until the set-up cell, on a new server that may be killed and started again.

        It has an append-only file, so that it comes back with the jobs it had.
        """
        self._stop_all()
        if self._own:
            self._own.close()
        self._own = EmbeddedServer(DURABLE)
        self._use(self._own.url)
        print("Valkey with an append-only file, this notebook's own")
        return self._own

    def doctor(self) -> None:
        """Print a check-list of what a lab needs, each with its mend."""
        examine(self.redis, self.url)

    def _stop_all(self) -> None:
        for running in self._running:
            running.kill()
        self._running = []

    def close(self) -> None:
        """Stop everything and delete every key of this notebook. The kernel does it when it ends."""
        with contextlib.suppress(RedisError, OSError):
            self._stop_all()
            if self._names.url:
                self._names.leave(self.redis)
        for server in (self._server, self._own):
            if server:
                server.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _reach_loopback() -> None:
    """Let no HTTP client of this process, or of those that it starts, ask a proxy (HTTP_PROXY) for this machine itself."""
    # Many clients read one of the two names only, or the small one first.
    theirs = os.environ.get("no_proxy") or os.environ.get("NO_PROXY", "")
    hosts = [host.strip() for host in theirs.split(",") if host.strip()]
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(dict.fromkeys([*hosts, "127.0.0.1", "localhost", "::1"]))
