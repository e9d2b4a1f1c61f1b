"""The original system on NestJS and BullMQ beside this kit's on FastAPI and RQ: both really run, and are asked the same.

Needs a package index, for packages that the kit itself does not need: a marker keeps it out of `make test`.
`make test-compare` runs it.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from rq.job import Job as RQJob
from rq.job import JobStatus

from labsupport.notifications import settings
from labsupport.notifications.processor import JOB_NAME, send_notification
from labsupport.notifications.provider import Provider
from labsupport.processes import services
from labsupport.processes.redis_server import DURABLE, EmbeddedServer
from tests import nest
from tests.bullmq import Bullmq
from tests.kernels import soon
from tests.notifications.test_api import API, BOUND, Running

pytestmark = pytest.mark.needs_index

EVIDENCE = re.compile(r"^Processing job .* with data: .*$", re.MULTILINE)
"""What the original shows as evidence: the line that its processor logs."""

THEIRS = "Processing job send-notification with data: { message: 'Hello, NestJS + BullMQ!' }"
OURS = "Processing job send-notification with data: {'message': 'Hello, RQ and Redis'}"

YEAR = 365 * 24 * 3600


@dataclass
class Job:
    """A job as Redis has it.

    state: in BullMQ's words.
    pauses: seconds before each retry.
    left: seconds until Redis forgets it; -1 for never.
    """

    name: str
    data: Any
    state: str
    attempts: int
    result: Any
    pauses: list[int]
    left: int


class Theirs:
    """The original, on a server of its own. No job is begun until `work`."""

    READ = """
        const jobs = await new Queue('notification-queue').getJobs()
        jobs.sort((one, other) => Number(one.id) - Number(other.id))
        return Promise.all(jobs.map(async job => ({
            id: job.id, name: job.name, data: job.data, state: await job.getState(), attempts: job.attemptsMade,
            result: job.returnvalue ?? null, limit: job.opts.attempts, pause: job.opts.backoff ?? 0
        })))
    """
    EMPTY = """
        const queue = new Queue('notification-queue')
        await queue.obliterate({ force: true })
        await queue.pause()
    """

    def __init__(self, node: str, folder: Path):
        self._node, self._folder = node, folder
        with ExitStack() as started:
            self.server = EmbeddedServer(DURABLE, folder)
            started.callback(self.server.close)
            self.provider = Provider(self.server.redis)
            self._bullmq = Bullmq(self.server.url)
            started.callback(self._bullmq.close)
            self.start()
            started.callback(lambda: self.app.kill())
            self.close = started.pop_all().close

    def start(self, main: str = "main") -> None:
        """Start the application, which has another port each time. main: which module of its `src/` is run."""
        self._main, self._seen = main, 0
        self.app = nest.Nest(self._node, self.server.url, self._folder / "nest.log", main=main)
        self.client = httpx.Client(base_url=self.app.url, timeout=30)

    def as_new(self) -> None:
        """For the next test: the application runs, and has no jobs."""
        if not self.app.running or self._main != "main":
            self.app.kill()
            self.start()
        self.run(self.EMPTY)
        for key in self.server.redis.scan_iter(f"{settings.prefix()}:*"):
            self.server.redis.delete(key)
        self._seen = len(self.app.text())

    def run(self, code: str) -> Any:
        """What lines of JavaScript return, which have BullMQ on this server."""
        return self._bullmq.run(code)

    def run_beside(self, code: str) -> None:
        """Run lines of JavaScript where the application's own modules are."""
        environment = {**os.environ, "REDIS_URL": self.server.url}
        command = [self._node, "--eval", f"(async () => {{{code}}})().then(() => process.exit())"]
        subprocess.run(command, cwd=nest.PLACE, env=environment, check=True, timeout=60)

    def work(self) -> None:
        self.run("await new Queue('notification-queue').resume()")

    def workers(self) -> int:
        """Workers that are connected to Redis."""
        return self.run("return (await new Queue('notification-queue').getWorkers()).length")

    def jobs(self) -> list[Job]:
        """All jobs, the oldest first."""
        return [self._read(**facts) for facts in self.run(self.READ)]

    def _read(self, id: str, limit: int, pause: int, **facts: Any) -> Job:
        left = self.server.redis.ttl(f"bull:notification-queue:{id}")
        return Job(**facts, pauses=[pause] * (limit - 1), left=left)

    def log(self) -> str:
        """What the application has printed in this test."""
        return self.app.text()[self._seen :]


class Ours(Running):
    """This kit's service. No job is begun until `work`."""

    WORDS = {"queued": "waiting", "started": "active", "scheduled": "delayed", "finished": "completed"}

    def as_new(self) -> None:
        """For the next test: the service runs, and has no jobs."""
        if not self.api.running:
            self.api = services.api(API, self.folder, **self.environment)
            self.client = httpx.Client(base_url=self.api.url, timeout=30)
        super().as_new()

    def work(self, count: int = 1) -> None:
        self.worker = super().work(count)[0]

    def jobs(self) -> list[Job]:
        """All jobs, the oldest first."""
        keys = self.server.redis.scan_iter("rq:job:*")
        found = [self.queue.fetch_job(key.decode().removeprefix("rq:job:")) for key in keys]
        return [self._read(job) for job in sorted(found, key=lambda job: job.created_at)]

    def _read(self, job: RQJob) -> Job:
        status = job.get_status(refresh=False)
        return Job(
            name=job.description,
            data=job.args[0],
            state=self.WORDS.get(status.value, status.value),
            attempts=job.get_meta().get("attempts", 0),
            result=job.return_value() if status is JobStatus.FINISHED else None,
            pauses=job.retry_intervals,
            left=self.server.redis.ttl(job.key),
        )

    def log(self) -> str:
        """What the worker has printed in this test."""
        return self.worker.text()


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    node = nest.build()
    with ExitStack() as started:
        ours = Ours(tmp_path_factory.mktemp("ours"))
        started.callback(ours.close)
        theirs = Theirs(node, tmp_path_factory.mktemp("theirs"))
        started.callback(theirs.close)
        yield theirs, ours


@pytest.fixture
def both(kept) -> tuple[Theirs, Ours]:
    """The original and this kit's, without jobs."""
    for one in kept:
        one.as_new()
    return kept


@pytest.fixture
def theirs(both) -> Theirs:
    return both[0]


@pytest.fixture
def ours(both) -> Ours:
    return both[1]


def ended(one: Theirs | Ours, count: int = 1) -> list[Job]:
    """The jobs, once so many have ended."""
    assert soon(lambda: [job.state in ("completed", "failed") for job in one.jobs()] == [True] * count, within=60)
    return one.jobs()


def evidence(one: Theirs | Ours) -> list[str]:
    return EVIDENCE.findall(one.log())


def data_in(line: str) -> Any:
    """The data that a line of evidence shows, as Node.js or Python writes it."""
    shown = line.partition(" with data: ")[2]
    return ast.literal_eval(re.sub(r"\{ (\w+): (.*) \}", r"{'\1': \2}", shown))


# The same in both.


def test_get_users_has_the_same_answer(both):
    """The original does not show its users: the stand-in's are this kit's. Both are JSON, with the same words."""
    theirs, ours = (one.client.get("/users") for one in both)
    assert theirs.status_code == ours.status_code == 200
    assert theirs.json() == ours.json()
    assert [answer.headers["Content-Type"].partition(";")[0] for answer in (theirs, ours)] == ["application/json"] * 2


def test_the_answer_comes_before_the_job_is_done(both):
    """No job is begun yet: an answer that waited for one would not come."""
    for one in both:
        assert one.client.get("/users").status_code == 200
        (job,) = one.jobs()
        assert (job.name, job.state, job.attempts) == ("send-notification", "waiting", 0)
        assert one.provider.delivered() == []
        one.work()
        (job,) = ended(one)
        assert (job.state, job.attempts, job.result) == ("completed", 1, True)
        assert one.provider.delivered() == [job.data["message"]]


def test_the_log_has_the_same_evidence(both):
    """The line of the original's screenshot. The greeting differs, and how each language writes an object."""
    lines = []
    for one in both:
        one.client.get("/users")
        one.work()
        (job,) = ended(one)
        lines += evidence(one)
        assert data_in(lines[-1]) == job.data
    assert lines == [THEIRS, OURS]
    assert {line.partition(" with data: ")[0] for line in lines} == {f"Processing job {JOB_NAME}"}


def test_each_request_is_a_job_and_they_are_done_in_turn(both):
    for one in both:
        answers = [one.client.get("/users") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200] * 3
        assert [job.state for job in one.jobs()] == ["waiting"] * 3
        one.work()
        assert [job.attempts for job in ended(one, 3)] == [1] * 3
        assert len(evidence(one)) == 3


@dataclass
class Failure:
    """What there was to see of a job whose processor always throws."""

    job: Job
    calls: int
    evidence: list[str]
    log: str


@pytest.fixture(scope="module")
def failures(kept) -> list[Failure]:
    """The original's, and this kit's."""
    return [_failure(one) for one in kept]


def _failure(one: Theirs | Ours) -> Failure:
    one.as_new()
    one.provider.behave(down=True)
    assert one.client.get("/users").status_code == 200  # who asks does not hear of it
    one.work()
    (job,) = ended(one)
    assert one.provider.delivered() == []
    return Failure(job, one.provider.calls, evidence(one), one.log())


def test_three_attempts_when_the_processor_throws(failures):
    """The original's `attempts: 3`, of which its comment says "retry 3 times if fails": it is three attempts in all."""
    for failure in failures:
        assert (failure.job.state, failure.job.attempts, failure.calls) == ("failed", 3, 3)
        assert failure.evidence == failure.evidence[:1] * 3


def test_the_job_is_in_redis_afterwards(both, failures):
    """In BullMQ until somebody removes it; in RQ for 500 seconds, or a year if it failed."""
    left = []
    for one, failure in zip(both, failures, strict=True):
        one.client.get("/users")
        one.work()
        (done,) = ended(one)
        assert (done.state, done.result) == ("completed", True)
        left.append((done.left, failure.job.left))
    assert left[0] == (-1, -1)
    assert 0 < left[1][0] <= 500
    assert YEAR - 600 < left[1][1] <= YEAR


# What differs.


def test_pauses_before_retries(failures):
    """The original tries again at once, three times; this kit pauses, and so a short outage of the provider does no harm."""
    assert [failure.job.pauses for failure in failures] == [[0, 0], [1, 4]]


def test_what_the_log_says_of_a_failure(failures):
    """RQ's worker logs each traceback. In NestJS a failed attempt leaves no word: who wants one handles `failed`."""
    theirs, ours = failures
    assert theirs.log.split("\n") == [THEIRS, THEIRS, THEIRS, ""]
    assert ours.log.count("ProviderDown: provider unreachable") == 3


OTHER = {
    "GET /users?page=2": ((200, 1), (200, 1)),
    "GET /nothing": ((404, 0), (404, 0)),
    "GET /users/": ((200, 1), (307, 0)),
    "HEAD /users": ((200, 1), (405, 0)),
    "POST /users": ((404, 0), (405, 0)),
}
"""Requests of which the original says nothing, and so its framework decides: (status, jobs), there and here. Express answers
HEAD with the handler of GET, which enqueues a job."""


@pytest.mark.parametrize("request_line", OTHER)
def test_other_requests(both, request_line):
    method, path = request_line.split()
    assert tuple((one.client.request(method, path).status_code, len(one.jobs())) for one in both) == OTHER[request_line]


def test_while_redis_is_away(both):
    """10: "By default ioredis waits for Redis, and a request hangs".

    What it kept is done when Redis is back, though nobody waits for it any more. Here it is refused at once.
    """
    theirs, ours = both
    for one in both:
        one.server.kill()
    try:
        with pytest.raises(httpx.ReadTimeout):
            theirs.client.get("/users", timeout=BOUND)
        answer = ours.client.get("/users", timeout=BOUND)
    finally:
        for one in both:
            one.server.start()
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"
    assert soon(lambda: len(theirs.jobs()) == 1, within=30)
    assert soon(lambda: ours.client.get("/users").status_code == 200, within=30)
    assert len(ours.jobs()) == 1
    assert theirs.client.get("/users").status_code == 200


# What lab 10 says of NestJS.


def test_registered_queue(theirs, ours):
    """10: "In NestJS, `notification_queue()` is `BullModule.registerQueue`, and `send_notification()` the processor's
    `process()`."

    A job that is put into the one reaches the other.
    """
    theirs.run_beside("""
        const { getQueueToken } = require('@nestjs/bullmq')
        const { NestFactory } = require('@nestjs/core')
        const { NotificationModule } = require('./dist/notification/notification.module')
        const app = await NestFactory.createApplicationContext(NotificationModule, { logger: false })
        const queue = app.get(getQueueToken('notification-queue'))
        await queue.add('send-notification', { message: 'Registered' }, { attempts: 3 })
    """)
    ours.queue.enqueue(send_notification, {"message": "Registered"}, description=JOB_NAME)
    for one in (theirs, ours):
        one.work()
        (job,) = ended(one)
        assert (job.state, job.result) == ("completed", True)
        assert [data_in(line) for line in evidence(one)] == [{"message": "Registered"}]
    assert ours.queue.name == settings.QUEUE_NAME == "notification-queue"


def test_the_processor_runs_inside_the_api(theirs, ours):
    """10: "a NestJS processor runs inside the API's process unless you take care. RQ's workers are processes of their own."

    When both APIs are killed, RQ's worker works, and nobody does in NestJS.
    """
    theirs.client.get("/users")
    theirs.work()
    assert ended(theirs)[0].state == "completed"
    assert theirs.app.processes() == [theirs.app.pid]  # it has done a job, and there is no other process
    theirs.as_new()
    assert theirs.workers() == 1
    for one in (theirs, ours):
        assert one.client.get("/users").status_code == 200
    assert psutil.Process(ours.api.pid).children() == []
    theirs.app.kill()
    ours.api.kill()
    for one in (theirs, ours):
        one.work()
    assert ended(ours)[0].state == "completed"
    assert soon(lambda: theirs.workers() == 0)
    assert theirs.jobs()[0].state == "waiting"
    theirs.start()
    assert ended(theirs)[0].state == "completed"


def test_unless_you_take_care(theirs):
    """The same sentence: a processor that is registered as a file runs in a process of its own."""
    theirs.app.kill()
    theirs.start("apart")
    assert theirs.client.get("/users").status_code == 200
    theirs.work()
    (job,) = ended(theirs)
    assert evidence(theirs) == [THEIRS]
    assert job.result != theirs.app.pid
    assert set(theirs.app.processes()) == {theirs.app.pid, job.result}
