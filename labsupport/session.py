"""The lab that a notebook has open: its Redis, its workers, its attempts. Tidies up after itself.

Importing this imports RQ, which reads its key prefix then and never again: `labsupport.lab.open_lab` decides it first.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import secrets
import shlex
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from redis import ConnectionError, OutOfMemoryError, Redis, RedisError, TimeoutError
from redis.exceptions import NoPermissionError
from rq import Queue
from rq.job import Job

from labsupport import exercises, namespace
from labsupport.commands.doctor import examine
from labsupport.errors import LabError
from labsupport.measure.recorder import STREAM
from labsupport.notifications import service_worker, settings
from labsupport.paths import FIGURES
from labsupport.processes import crons, folders, node, services, terminal, workers
from labsupport.processes.redis_server import DURABLE, EmbeddedServer, address, connect, lets_in, product
from labsupport.processes.remaining import Watch
from labsupport.processes.sentinels import SentinelGroup
from labsupport.waiting import wait_until

if TYPE_CHECKING:
    import pandas as pd

    from labsupport.measure.attempts import AttemptLog
    from labsupport.measure.bullmq import BullmqRecorder
    from labsupport.measure.panel import Panel

EXPORTER = "labsupport.notifications.exporter"

ENDED = {"finished", "failed", "stopped", "canceled"}
"""The states a job does not leave by itself."""


class Lab:
    """A notebook's lab. `redis` is its connection, `url` its server's address, with the password."""

    url: str
    redis: Redis

    def __init__(self, names: namespace.Namespace):
        """Find a server. Raises LabError if there is none to be had, and leaves nothing then."""
        self._names = names
        self._process = os.getpid()
        self._server: EmbeddedServer | None = None
        self._own: EmbeddedServer | None = None
        self._sentinels: list[SentinelGroup] = []
        self._groups: list[workers.WorkerGroup] = []
        self._crons: list[crons.CronGroup] = []
        self._services: list[services.Service] = []
        self._scripts: list[node.Script] = []
        self._panels: list[Panel] = []
        self._shown: set[str] = set()
        folders.sweep()
        terminal.sweep()
        self.folder = folders.make()
        self._login = ("lab", secrets.token_hex(8))
        self._terminal = terminal.TerminalFile(self.folder, self._login)
        try:
            self._use(self._find_server())
        except BaseException:
            self._leave_this_machine()
            raise
        atexit.register(self.close)

    def open(self) -> None:
        """Begin, or begin again: no workers, no jobs, no attempts.

        Raises LabError if there is no server to be had, or if it does not let a lab work.
        """
        self._stop_all()
        # matplotlib reads it when the notebook first draws. (Loading it now would take a second of every kernel.)
        os.environ["MATPLOTLIBRC"] = str(FIGURES)
        _reach_loopback()
        # For the service under study: a database of this notebook's own, as new.
        database = self.folder / "notifications.db"
        for file in self.folder.glob(f"{database.name}*"):  # its log, too, which would be played back
            file.unlink()
        os.environ["NOTIFICATIONS_DATABASE"] = str(database)
        self._use(self._find_server())
        try:
            if self._names.url:
                namespace.sweep(self.redis)
            # Before anything is written, since the server may be full.
            self._names.clear(self.redis)
            if self._names.url:
                self._names.check_rights(self.redis)
                self._names.register(self.redis)
        except RedisError as error:
            if explanation := self.explain(error):
                raise LabError(explanation) from None
            raise
        self._shown.clear()

    def _find_server(self) -> str:
        """The URL of the reader's server, or of one of this notebook's own that answers."""
        if self._names.url:
            return self._names.url
        if self._server is None or not self._server.answers():
            if self._server:
                self._server.close()
            self._server = EmbeddedServer(folder=self.folder)
        return self._server.url

    def _use(self, url: str, group: SentinelGroup | None = None) -> None:
        """Work on this server from now on, or on the one that is the group's primary at each moment."""
        self.url = url
        for name in ("REDIS_SENTINELS", "REDIS_SENTINEL_PASSWORD"):  # the reader's, or those of a group before
            os.environ.pop(name, None)
        # For what the notebook starts by itself, such as `!rq info`.
        os.environ.update(group.settings if group else {"REDIS_URL": url})
        self.redis = settings.connect() if group else connect(url)
        os.environ.pop("RQ_REDIS_URL", None)  # RQ's commands would prefer it
        self._log: AttemptLog | None = None
        self._bullmq: BullmqRecorder | None = None
        exercises.begin(self.redis, self.attempts, self.folder)
        readers = url == self._names.url
        port = group.sentinels[0].port if group else address(url).rpartition(":")[2]
        self._terminal.write(self._names.token if readers else str(port))

    def explain(self, error: Exception) -> str | None:
        """What a reader should know of an error of Redis, and do, in two lines; None for any other error."""
        where = f"Redis at {address(self.url)}"
        # Redis says it of a transaction, too, if it fills up between the last command and EXEC.
        if isinstance(error, OutOfMemoryError) or "OOM command not allowed" in str(error):
            return (
                f"{where} is full, and refuses to store more.\n"
                "Run the set-up cell again: it deletes this notebook's keys. On a server of your own, see what else fills it."
            )
        if isinstance(error, NoPermissionError):
            return (
                f"{where} does not let this user do what a lab does: {error}\n"
                f"It needs {namespace.RIGHTS}. Or unset REDIS_URL to use a server of the lab's own."
            )
        if isinstance(error, ConnectionError | TimeoutError) or "MISCONF" in str(error):
            ours = next((one for one in (self._server, self._own) if one and one.url == self.url), None)
            if ours and ours.disk_full:
                return f"{where} can't write to its disk: the disk is full.\nFree some space, and run the set-up cell again."
            # If the lab's server is there, the error is of another one: of a `Redis()` in a cell, say.
            if isinstance(error, ConnectionError | TimeoutError) and not lets_in(self.url):
                return (
                    f"{where} did not answer: {error}\n"
                    "Run the set-up cell again. If it is a server of your own, see that it runs first."
                )
        return None

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
        worker_class: str = workers.RECORDING,
        options: str = "",
    ) -> workers.WorkerGroup:
        """Start `count` real `rq worker` processes on `queues`, and show the command: whole the first time.

        scheduler: with `--with-scheduler`, for delayed retries.
        burst: with `--burst`: they end when the queue is empty.
        keep: as a service has them: patient when Redis is away, and replaced when they die.
        worker_class: dotted path; one of `labsupport.measure.recorder`, so that attempts are recorded.
        options: more options of `rq worker`, as one types them.
        """
        if not queues or not all(isinstance(queue, Queue) for queue in queues):
            raise LabError("lab.workers takes the queue to work on, and how many by name: lab.workers(queue, count=3)")
        for member in self._members():
            if not member.at_work:
                member.forget()  # its name is free again
        taken = {member.name for member in self._members() if member.at_work}
        names = [name for name in (f"worker-{n}" for n in range(1, 1000)) if name not in taken][:count]
        more = (*(service_worker.OPTIONS if keep else ()), *shlex.split(options))
        command = workers.WorkerCommand(queues, worker_class, scheduler=scheduler, burst=burst, more=more)
        brief = worker_class in self._shown
        if not brief:
            print(f"$ source {self._terminal.shown}")
        group = workers.start(command, names, self.folder, brief=brief, keep=keep)
        self._shown.add(worker_class)
        self._groups.append(group)
        return group

    def _members(self) -> list[workers.WorkerProcess]:
        return [member for group in self._groups for member in group]

    def cron(self, config: str, count: int = 1) -> crons.CronGroup:
        """Start `count` real `rq cron` processes with this configuration file, and show the command.

        Raises LabError, with the process's own words, if one ends before it is ready.
        """
        group = crons.start(config, count, self.redis, self.folder)
        self._crons.append(group)
        return group

    def serve(self, app: str, **settings: object) -> services.Service:
        """Serve an ASGI application with uvicorn, and show the command.

        app: as uvicorn has it, `module:attribute`.
        settings: environment variables of the service.
        """
        service = services.api(app, self.folder, **settings)
        self._services.append(service)
        return service

    def bullmq(self) -> None:
        """Let `node`, here and in `lab.node`, find BullMQ, and `lab.attempts` its attempts; print the versions.

        A script reads where Redis is from REDIS_URL, and what its keys begin with from BULLMQ_PREFIX.

        Raises LabError if BullMQ is not set up.
        """
        from labsupport.measure.bullmq import BullmqRecorder

        prefix = f"{namespace.root()}bull"
        os.environ.update(node.environment(self.url, prefix))
        self._bullmq = BullmqRecorder(self.redis, prefix, STREAM)
        print(node.versions())

    def node(self, file: str) -> node.Script:
        """Start `node file` beside the notebook, show the command, and return when it has printed a line, or has ended.

        Raises LabError, with its own words, if it ends with an error.
        """
        print(f"$ node {file}")
        script = node.Script(file, self.folder, dict(os.environ))
        self._scripts.append(script)
        return script

    def dashboard(self) -> services.Service:
        """Start rq-dashboard on this lab's Redis, behind a login, and show the command and where the password is."""
        service = services.dashboard(self.url, self.folder, login=self._login)
        self._services.append(service)
        print(f"Log in as {self._login[0]}; the password is in {self._terminal.shown}")
        return service

    def exporter(self) -> services.Service:
        """Start the notification service's exporter on this lab's Redis, and show the command."""
        service = services.exporter(self.url, self.folder, EXPORTER)
        self._services.append(service)
        return service

    def panel(self, queue: Queue, add: Callable[[], object]) -> Panel:
        """A figure of the queue that is drawn ten times a second beside the notebook, and a slider for its load.

        add: enqueues one job; the slider says how often it is called. `stop()`, another panel, or the set-up cell ends it.
        """
        # ipywidgets and matplotlib take a moment to load: a kernel that shows no panel does without.
        from labsupport.measure import peek
        from labsupport.measure.attempts import AttemptLog
        from labsupport.measure.panel import Panel

        for one in self._panels:
            one.end()
        log = AttemptLog(self.redis, STREAM)  # its own, since the panel reads in a thread
        panel = Panel(log.read, lambda: peek.unended(queue), add)
        self._panels.append(panel)
        return panel

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
            listening = any(group.running for group in self._groups)
            return tally() + ("" if listening else " (no worker is running: lab.workers(queue) starts one)")

        wait_until(lambda: ENDED.issuperset(statuses()), progress, timeout)
        print(f"{len(jobs)} job{'s' * (len(jobs) != 1)}: {tally()}")

    def drain(self, queue: Queue, timeout: float = 60) -> None:
        """Return when no job of the queue waits, not for a retry either, and none is being run. Shows its progress.

        A job whose worker died is nobody's until RQ's maintenance finds it, minutes later: it is not waited for. If it was
        being run, its id is printed.

        Raises LabError after `timeout` seconds.
        """
        watch = Watch(queue, self._members())
        left = watch.look()

        def nothing() -> bool:
            nonlocal left
            left = watch.look()
            return left.nothing

        wait_until(nothing, lambda: str(left), timeout)
        print(f"{queue.name} is empty")
        for job in left.abandoned:
            print(f"abandoned: {job}, whose worker died")

    def attempts(self, *queues: Queue) -> pd.DataFrame:
        """All attempts since the set-up cell, one row each (labsupport.measure.attempts says what the columns are); BullMQ's,
        too, after `lab.bullmq()`.

        queues: with their jobs that have not ended, too.
        """
        # pandas takes a second to load: a kernel that shows no table does without.
        import pandas as pd

        from labsupport.measure import peek
        from labsupport.measure.attempts import AttemptLog

        peek.use()
        if self._bullmq:
            self._bullmq.record()
        self._log = self._log or AttemptLog(self.redis, STREAM)
        if not queues:
            return self._log.read()
        return self._log.with_unended(pd.concat([peek.unended(queue) for queue in queues], ignore_index=True))

    def monitor(self) -> AbstractContextManager[list[str]]:
        """The commands that this notebook's own server runs during the block. See `own_server`."""
        from labsupport.measure import peek

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
        print(f"{product(self.redis)} with an append-only file, this notebook's own")
        return self._own

    def sentinels(self, config: dict[str, str] | None = None, *, cable: bool = False) -> SentinelGroup:
        """Start a primary, its replica and three Sentinels, this notebook's own.

        config: lines of valkey.conf for primary and replica.
        cable: so that the primary can be cut off, and not only killed.
        """
        group = SentinelGroup(config, cable=cable)
        self._sentinels.append(group)
        return group

    def move_to_sentinels(self) -> SentinelGroup:
        """Work from now on, until the set-up cell, on a new group of that kind: on its primary, whichever server that is."""
        self._stop_all()
        group = self.sentinels()
        self._use(group.settings["REDIS_URL"], group)
        print(f"{product(self.redis)}: a primary, its replica and three Sentinels, this notebook's own")
        return group

    def doctor(self) -> None:
        """Print a check-list of what a lab needs, each with its fix."""
        examine(self.url)

    def _stop_all(self) -> None:
        """End all processes. Redis is not told: it may be gone, and what it knows of them is deleted with the rest."""
        for panel in self._panels:
            panel.end()
        for group in self._groups:
            group.end()
        for cron in self._crons:
            cron.end()
        for service in self._services:
            service.kill()
        for script in self._scripts:
            script.end()
        for group in self._sentinels:
            group.close()
        self._groups, self._crons, self._services, self._panels, self._sentinels = [], [], [], [], []
        self._scripts = []

    def close(self) -> None:
        """Stop everything and delete every key of this notebook. The kernel does it when it ends."""
        if os.getpid() != self._process:
            return  # a fork of the kernel ends: the lab is not its own
        self._stop_all()
        if self._names.url:
            # The server may be gone: the next lab deletes what is left.
            with contextlib.suppress(LabError, RedisError, OSError):
                self._names.leave(connect(self._names.url))
        self._leave_this_machine()

    def _leave_this_machine(self) -> None:
        self._terminal.remove()
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
