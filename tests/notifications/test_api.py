"""The notification service over real HTTP, on a real Redis, with real workers."""

import asyncio
import concurrent.futures
import json
import os
import re
import signal
import socket
import sqlite3
import time
from collections import Counter
from datetime import datetime, timedelta, timezone

import httpx
import pytest
from redis import Redis
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from labsupport.errors import LabError
from labsupport.notifications import guard, settings
from labsupport.notifications.analytics import Events
from labsupport.notifications.database import Database
from labsupport.notifications.provider import Provider
from labsupport.notifications.queue import NotificationQueueService, notification_queue
from labsupport.processes import services, workers
from labsupport.processes.redis_server import DURABLE, EmbeddedServer, free_port
from tests.kernels import soon

API = "labsupport.notifications.api:api"
BOUND = 6
"""Seconds within which any request is answered, on a crowded machine too. (Alone, the slowest takes about one.)"""


class Running:
    """A service with its server, its queue and its workers."""

    def __init__(self, folder, **settings):
        self.server = EmbeddedServer(DURABLE, folder)
        self.folder = folder
        self.queue = notification_queue(self.server.redis)
        self.provider = Provider(self.server.redis)
        self._file = folder / "notifications.db"
        self.database = Database(str(self._file))
        self.environment = {"REDIS_URL": self.server.url, "NOTIFICATIONS_DATABASE": str(self._file)}
        self.api = services.api(API, folder, **self.environment, **settings)
        self.client = httpx.Client(base_url=self.api.url, timeout=30)
        self._workers = []

    def work(self, count=1):
        names = [f"worker-{len(self._workers)}-{n}" for n in range(count)]
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.environment.items():
                patch.setenv(name, value)
            command = workers.WorkerCommand([self.queue], "rq.Worker", scheduler=True)
            group = workers.start(command, names, self.folder, brief=True)
        self._workers.append(group)
        return group

    def ended(self, location: str) -> dict:
        """The job's state once it has ended."""
        assert soon(lambda: self.client.get(location).json()["state"] in ("finished", "failed"), within=30)
        return self.client.get(location).json()

    def as_new(self) -> None:
        """For the next test: no workers, no keys, no users but the first ones."""
        for group in self._workers:
            group.kill()
        self._workers = []
        for key in self.server.redis.scan_iter():
            self.server.redis.delete(key)
        self.server.redis.config_set("maxmemory", "0")
        with sqlite3.connect(self._file) as connection:
            connection.executescript("DELETE FROM users; DELETE FROM events;")
        self.database = Database(str(self._file))

    def close(self):
        self.client.close()
        for group in self._workers:
            group.kill()
        self.api.kill()
        self.server.close()


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    running = Running(tmp_path_factory.mktemp("service"))
    yield running
    running.close()


@pytest.fixture
def service(kept):
    kept.as_new()
    return kept


@pytest.fixture
def fresh(tmp_path):
    """Starts a service of the test's own, to be broken or set otherwise."""
    started = []

    def start(**settings):
        started.append(Running(tmp_path, **settings))
        return started[-1]

    yield start
    for one in started:
        one.close()


def test_get_users_answers_at_once_and_the_worker_logs_it(service):
    """The original system, end to end."""
    service.provider.behave(latency=0.5)
    answer = service.client.get("/users")
    assert answer.status_code == 200
    assert [user["name"] for user in answer.json()] == ["Ada", "Grace", "Alan"]
    assert service.provider.delivered() == []
    (job,) = service.queue.jobs
    assert job.description == "send-notification"
    group = service.work()
    assert service.ended(f"/jobs/{job.id}")["result"] is True
    assert service.provider.delivered() == ["Hello, RQ and Redis"]
    assert "Processing job send-notification with data: {'message': 'Hello, RQ and Redis'}" in group[0].lines()


def test_in_the_request_the_user_waits(service):
    """The same endpoint without a queue, in a service of its own: for comparison."""
    service.provider.behave(latency=0.5)
    slow = services.api("labsupport.experiments.in_request:api", service.folder, **service.environment)
    try:
        answer = httpx.get(f"{slow.url}/users")
        assert answer.elapsed.total_seconds() >= 0.5
        assert answer.json() == service.client.get("/users").json()
        assert service.provider.delivered() == ["Hello, RQ and Redis"]
        service.provider.behave(down=True)
        answer = httpx.get(f"{slow.url}/users")
        assert (answer.status_code, answer.json()) == (503, {"detail": "The provider could not be reached."})
        assert answer.headers["Retry-After"]
    finally:
        slow.kill()


def test_in_the_request_who_came_first_is_answered_first(service):
    """Or the two ways could not be compared: FastAPI's check of an answer would wait behind the requests that came later."""
    service.provider.behave(latency=0.3)
    environment = {**service.environment, "NOTIFICATIONS_THREADS": "1"}
    slow = services.api("labsupport.experiments.in_request:api", service.folder, **environment)
    try:
        with concurrent.futures.ThreadPoolExecutor(5) as pool:
            answers = list(pool.map(lambda _: httpx.get(f"{slow.url}/users", timeout=30), range(5)))
        seconds = sorted(answer.elapsed.total_seconds() for answer in answers)
        assert seconds[0] < seconds[-1] / 2
    finally:
        slow.kill()


def test_a_notification_from_202_to_delivered(service):
    answer = service.client.post("/notifications", json={"message": "Hi", "user": 7})
    job = answer.json()["job"]
    assert (answer.status_code, answer.headers["Location"]) == (202, f"/jobs/{job}")
    state = service.client.get(answer.headers["Location"]).json()
    assert state == {
        "job": job, "kind": "send-notification", "state": "queued", "attempts": 0, "result": None, "error": None,
    }  # fmt: skip
    service.work()
    assert service.ended(f"/jobs/{job}") == {**state, "state": "finished", "attempts": 1, "result": True}


def test_a_failure_tells_attempts_and_no_traceback(service):
    service.provider.behave(down=True)
    location = service.client.post("/notifications", json={"message": "secret-token"}).headers["Location"]
    service.work()
    assert soon(lambda: service.client.get(location).json()["state"] == "scheduled", within=10)
    assert service.client.get(location).json()["attempts"] == 1
    state = service.ended(location)
    assert (state["state"], state["attempts"]) == ("failed", 3)
    assert state["error"] == "The provider could not be reached."
    # Again, on demand: the count goes on.
    service.provider.behave()
    service.queue.failed_job_registry.requeue(state["job"])
    assert service.ended(location)["attempts"] == 4


@pytest.mark.parametrize(
    ("function", "arguments", "told"),
    [
        ("labsupport.notifications.no_such_module.work", (), "It failed on our side."),
        ("builtins.open", ("/no/secret/path",), "It failed on our side."),
        ("os.kill", (0, 9), "It failed on our side."),
        ("time.sleep", (60,), "It took too long."),
    ],
    ids=["missing", "raises", "killed", "timeout"],
)
def test_no_error_leaks(service, function, arguments, told):
    job = service.queue.enqueue(function, *arguments, job_timeout=1)
    service.work()
    state = service.ended(f"/jobs/{job.id}")
    assert (state["state"], state["error"], state["result"]) == ("failed", told, None)


def test_an_update_is_once_and_the_last_one_wins(service):
    def put(name):
        answer = service.client.put("/users/1", json={"name": name, "email": "ada@example.org"})
        assert answer.status_code == 202
        return answer.headers["Location"]

    old, new = put("Old"), put("New")
    assert service.client.get("/users/1").json()["name"] == "Ada"
    # The older one runs after the newer one, and again.
    first, second = service.queue.get_job_ids()
    service.queue.remove(first)
    service.queue.push_job_id(first)
    service.queue.push_job_id(second)
    service.queue.push_job_id(first)
    service.work()
    assert soon(
        lambda: [service.client.get(old).json()["attempts"], service.client.get(new).json()["attempts"]] == [2, 2], 30
    )
    assert service.ended(new)["state"] == service.ended(old)["state"] == "finished"
    assert service.client.get("/users/1").json()["name"] == "New"


def test_events_arrive_in_batches_and_once(service):
    for n in range(50):
        assert service.client.post("/events", json={"name": "opened", "user": n + 1}).status_code == 202
    service.work()
    assert soon(lambda: sum(service.database.count_events().values()) == 50, within=20)
    assert len(service.database.count_events()) <= 3  # jobs, for 50 requests within some moments
    # A batch whose job died before it could say so is written once more, and changes nothing.
    (batch, size), *_ = service.database.count_events().items()
    again = [{"id": f"again-{n}", "name": "opened", "user": 1} for n in range(size)]
    for _ in range(2):
        service.database.add_events(batch, again)
    assert sum(service.database.count_events().values()) == 50 + size


def test_no_event_is_lost_when_a_sync_dies_at_its_very_end(service):
    """After the batch is in the database and forgotten, before RQ notes that the job is finished."""
    queue = NotificationQueueService(service.server.redis)
    events = Events(service.server.redis)
    for name in ("a", "b", "c"):
        queue.add_event({"name": name, "user": 1})
        if name == "a":
            service.database.add_events("job", events.take("job"))
            events.forget("job")
    service.database.add_events("job", events.take("job"))  # the next attempt of the same job
    assert service.database.count_events() == {"job": 3}


def test_a_batch_outlives_a_failed_attempt(service):
    service.client.post("/events", json={"name": "opened", "user": 1})
    (job,) = service.queue.scheduled_job_registry.get_job_ids()
    lock = sqlite3.connect(service.folder / "notifications.db", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    service.work()
    state = {}

    def tried_again() -> bool:
        state.update(service.client.get(f"/jobs/{job}").json())
        return state["attempts"] >= 2

    assert soon(tried_again, within=30)
    service.client.post("/events", json={"name": "opened", "user": 2})  # belongs to the next batch
    lock.execute("ROLLBACK")
    lock.close()
    assert soon(lambda: sorted(service.database.count_events().values()) == [1, 1], within=30)
    assert service.database.count_events()[job] == 1


def test_health(service):
    answer = service.client.get("/health")
    assert (answer.status_code, answer.json()["redis"], answer.json()["workers"]) == (503, True, 0)
    assert answer.json()["oldest_waiting"] is None
    service.client.get("/users")
    first = service.client.get("/health").json()
    service.client.get("/users")
    assert soon(lambda: service.client.get("/health").json()["oldest_waiting"] > first["oldest_waiting"])
    assert service.client.get("/health").json()["waiting"] == 2
    service.work(2)
    assert soon(lambda: service.client.get("/health").json()["waiting"] == 0, within=20)
    answer = service.client.get("/health")
    assert (answer.status_code, answer.json()["workers"], answer.json()["oldest_waiting"]) == (200, 2, None)


def test_health_sees_overdue_jobs_and_past_deleted_ones(service):
    queue = service.queue
    jobs = [
        queue.enqueue_at(datetime.now(timezone.utc) - timedelta(seconds=s), "operator.truth", 1) for s in (1, 60, 70)
    ]
    assert service.client.get("/health").json()["overdue"] == 2
    for job in jobs:
        job.delete()
    first, _ = queue.enqueue("operator.truth", 1), queue.enqueue("operator.truth", 2)
    service.server.redis.delete(first.key)  # its id stays in the list
    health = service.client.get("/health").json()
    assert (health["waiting"], health["overdue"]) == (2, 0)
    assert health["oldest_waiting"] >= 0


BAD = [
    ("POST", "/notifications", {"json": {}}, 422),
    ("POST", "/notifications", {"json": {"message": ""}}, 422),
    ("POST", "/notifications", {"json": {"message": "x" * 1001}}, 422),
    ("POST", "/notifications", {"json": {"message": 7}}, 422),
    ("POST", "/notifications", {"json": {"message": "Hi", "admin": True}}, 422),
    ("POST", "/notifications", {"content": b"{half"}, 422),
    ("POST", "/notifications", {"content": b"\xff\xfe", "headers": {"Content-Type": "application/json"}}, 422),
    ("POST", "/notifications", {"content": b'{"message": "' + b"x" * 70_000 + b'"}'}, 413),
    ("POST", "/notifications", {"content": (b"x" * 1000 for _ in range(100))}, 413),
    ("POST", "/notifications", {"content": b'{"message": NaN}'}, 422),
    ("POST", "/notifications", {"content": b'{"message": "\\ud800"}'}, 422),
    ("POST", "/notifications", {"content": b'{"message": "Hi", "\\ud800": 1}'}, 422),
    ("POST", "/notifications", {"content": b'{"message": "Hi", "user": 1e999}'}, 422),
    ("POST", "/events", {"content": b'{"name": "\\udfff", "user": 1}'}, 422),
    ("PUT", "/users/1", {"content": b'{"name": "\\ud800", "email": "a@b"}'}, 422),
    ("PUT", "/users/1", {"json": {"name": "Ada", "email": "nobody"}}, 422),
    ("PUT", "/users/99", {"json": {"name": "Ada", "email": "a@b"}}, 404),
    ("PUT", "/users/99999999999999999999", {"json": {"name": "Ada", "email": "a@b"}}, 422),
    ("GET", "/users/0", {}, 422),
    ("GET", "/users/99", {}, 404),
    ("GET", "/jobs/no-such-job", {}, 404),
    ("GET", "/jobs/a%00b", {}, 422),
    ("GET", "/jobs/a%0Ab", {}, 422),
    ("GET", "/jobs/a%20*", {}, 422),
    ("GET", "/jobs/" + "a" * 65, {}, 422),
    ("DELETE", "/users", {}, 405),
    ("GET", "/nowhere", {}, 404),
]


@pytest.mark.parametrize(
    ("method", "path", "rest", "wanted"),
    BAD,
    ids=[f"{number} {method} {path[:20]}" for number, (method, path, *_) in enumerate(BAD)],
)
def test_bad_input_is_a_clear_4xx_and_enqueues_nothing(service, method, path, rest, wanted):
    answer = service.client.request(method, path, **rest)
    assert answer.status_code == wanted, answer.text
    assert answer.text if wanted == 413 else answer.json()["detail"]
    assert "Traceback" not in answer.text
    assert len(answer.text) < 500  # what came in is not sent back
    assert len(service.queue) == 0


def test_jobs_of_other_queues_are_not_shown(service):
    other = Queue("other", connection=service.server.redis, serializer=JSONSerializer)
    job = other.enqueue("operator.truth", 1)
    assert service.client.get(f"/jobs/{job.id}").status_code == 404


def test_a_full_queue_refuses(fresh):
    service = fresh(NOTIFICATIONS_LONGEST_QUEUE=3)
    asked = [service.client.post("/notifications", json={"message": "Hi"}) for _ in range(5)]
    assert [answer.status_code for answer in asked] == [202, 202, 202, 429, 429]
    assert asked[-1].json() == {"detail": "The queue is full: 3 jobs are waiting."}
    assert asked[-1].headers["Retry-After"]
    assert service.client.get("/users").status_code == 429
    assert service.client.get(f"/jobs/{asked[0].json()['job']}").status_code == 200
    service.work()
    assert soon(lambda: service.client.get("/users").status_code == 200, within=20)


def test_many_at_once(service):
    """Each request its own job, none lost and none twice."""
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: service.client.post("/notifications", json={"message": f"m{n}"}), range(200)))
    assert {answer.status_code for answer in answers} == {202}
    ids = [answer.json()["job"] for answer in answers]
    assert sorted(ids) == sorted(service.queue.get_job_ids())
    jobs = Job.fetch_many(ids, connection=service.server.redis, serializer=JSONSerializer)
    assert sorted(job.args[0]["message"] for job in jobs) == sorted(f"m{n}" for n in range(200))


def test_a_burst_does_not_pass_the_limit(fresh):
    """Not by one job, whichever way the jobs come; and what is refused leaves nothing behind."""
    service = fresh(NOTIFICATIONS_LONGEST_QUEUE=20)
    asked = [
        ("POST", "/notifications", {"message": "Hi"}),
        ("GET", "/users", None),
        ("PUT", "/users/1", {"name": "Ada", "email": "a@b"}),
    ] * 30  # fmt: skip
    codes = Counter(int(answer.split()[1]) for answer, _ in at_once(service.api.url, asked))
    assert codes[200] + codes[202] == len(service.queue) == 20
    assert codes[429] == 70
    assert len(service.server.redis.keys(Job.key_for("*"))) == 20
    # Events make the queue no longer by themselves: what they collect is one job, two seconds later.
    events = [("POST", "/events", {"name": "opened", "user": 1})] * 10
    assert {int(answer.split()[1]) for answer, _ in at_once(service.api.url, events)} == {429}
    service.queue.remove(service.queue.get_job_ids()[0])
    assert {int(answer.split()[1]) for answer, _ in at_once(service.api.url, events)} == {202}
    assert len(service.queue.scheduled_job_registry) == 1
    assert len(service.queue) == 19


def test_rq_writes_into_an_async_pipeline(server, monkeypatch):
    """RQ does not document it: it asks nothing of a pipeline but its commands, of which it awaits no answer.

    So a job comes in one transaction, the same as from RQ's own pipeline, and on no other connection.
    """
    plain = NotificationQueueService(server.redis)
    plain.add_job({"message": "Hi"})
    monkeypatch.setenv("REDIS_URL", server.url)
    nobody = Redis(port=free_port())  # an answer from it would be a ConnectionError

    async def add() -> tuple[Job, list[str]]:
        async with settings.connect_briefly_async() as redis, redis.monitor() as monitor:
            job = await NotificationQueueService(nobody).add_job_async({"message": "Hi"}, redis)
            seen = [await monitor.next_command()]
            while seen[-1]["command"] != "EXEC":
                seen.append(await monitor.next_command())
        script = [command["command"].split()[0].upper() for command in seen if command["client_type"] == "lua"]
        assert script == ["LLEN"]
        return job, [command["command"].split()[0].upper() for command in seen if command["client_type"] != "lua"]

    job, commands = asyncio.run(add())
    begin = commands.index("MULTI")
    assert set(commands[:begin]) <= {"AUTH", "CLIENT"}  # a new connection
    assert commands[begin:] == ["MULTI", "SADD", "HSET", "HSET", "RPUSH", "EVAL", "EXEC"]
    first, second = plain.queue.get_jobs()
    assert second.id == job.id
    varies = {"created_at", "enqueued_at"}
    first, second = (server.redis.hgetall(one.key) for one in (first, second))
    assert {k: v for k, v in first.items() if k.decode() not in varies} == {
        k: v for k, v in second.items() if k.decode() not in varies
    }


@pytest.mark.parametrize(
    ("setting", "value", "usual"), [("maxmemory", "1mb", "0"), ("min-replicas-to-write", "1", "0")]
)
@pytest.mark.parametrize(
    ("method", "path", "body"), [("GET", "/users", None), ("POST", "/notifications", {"message": "Hi"})]
)
def test_what_redis_refuses_is_a_503(service, method, path, body, setting, value, usual):
    service.work()
    assert service.client.get("/health").status_code == 200
    service.server.redis.config_set(setting, value)
    try:
        answer = service.client.request(method, path, json=body)
        assert (answer.status_code, answer.json()) == (503, {"detail": "The queue takes no jobs."})
        health = service.client.get("/health")
        said = health.json()
        assert (health.status_code, said["redis"], said["writable"], said["workers"]) == (503, True, False, 1)
    finally:
        service.server.redis.config_set(setting, usual)
    assert service.client.get("/health").status_code == 200


def test_a_locked_database_does_not_stop_readers(service):
    lock = sqlite3.connect(service.folder / "notifications.db", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    try:
        begun = time.monotonic()
        assert service.client.get("/users").status_code == 200
        assert service.client.get("/users/1").status_code == 200
        assert time.monotonic() - begun < BOUND / 2
    finally:
        lock.close()


@pytest.mark.parametrize("function", ["builtins.str", "builtins.dict"])
def test_of_jobs_that_are_not_ours_neither_arguments_nor_results_are_shown(service, function):
    job = service.queue.enqueue(function, [["secret", "token"]])
    service.work()
    state = service.ended(f"/jobs/{job.id}")
    assert (state["kind"], state["state"], state["result"]) == ("other", "finished", None)
    assert "secret" not in str(state)


def at_once(url: str, requests: list[tuple[str, str, object]]) -> list[tuple[str, float]]:
    """Each request's answer and the seconds it took: all connections are open before the first request is sent."""

    async def everything():
        host, port = url.removeprefix("http://").split(":")
        connections = [await asyncio.open_connection(host, int(port)) for _ in requests]
        begun = time.monotonic()
        for (method, path, body), (_, writer) in zip(requests, connections, strict=True):
            content = json.dumps(body).encode() if body else b""
            head = (
                f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/json\r\n"
            )
            writer.write(f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content)

        async def read(reader):
            return (await reader.read()).decode(), time.monotonic() - begun

        return await asyncio.gather(*[read(reader) for reader, _ in connections])

    return asyncio.run(everything())


@pytest.mark.parametrize("away", ["killed", "hangs"])
def test_without_redis_nothing_hangs_and_it_recovers_by_itself(fresh, away):
    service = fresh()
    group = service.work()
    assert service.client.get("/health").json()["workers"] == 1  # a Worker made by RQ would raise our time limits
    group.kill()
    location = service.client.post("/notifications", json={"message": "before"}).headers["Location"]
    if away == "killed":
        service.server.kill()
    else:
        os.kill(service.server.pid, signal.SIGSTOP)
    # More at once than there are threads, so that they would wait for each other.
    asked = [
        ("GET", "/users"), ("POST", "/notifications"), ("PUT", "/users/1"), ("POST", "/events"), ("GET", location),
    ] * 20  # fmt: skip
    bodies = {
        "/notifications": {"message": "Hi"},
        "/users/1": {"name": "Ada", "email": "a@b"},
        "/events": {"name": "opened", "user": 1},
    }

    answers = at_once(service.api.url, [(method, path, bodies.get(path)) for method, path in asked])
    slowest = max(seconds for _, seconds in answers)
    print(f"{away}: 100 requests at once, the slowest answered after {slowest:.1f} s")
    assert {answer.split()[1] for answer, _ in answers} == {"503"}
    assert {"retry-after: 1" in answer for answer, _ in answers} == {True}
    assert slowest < BOUND
    answer = service.client.get("/health")
    assert (answer.status_code, answer.json()["redis"]) == (503, False)
    # What needs no queue goes on.
    begun = time.monotonic()
    assert service.client.get("/users/1").json()["name"] == "Ada"
    assert service.client.get("/docs").status_code == 200
    assert time.monotonic() - begun < BOUND
    if away == "killed":
        service.server.start()
    else:
        os.kill(service.server.pid, signal.SIGCONT)
    assert soon(lambda: service.client.get("/users").status_code == 200, within=10)
    # What was accepted before is there.
    assert service.client.get(location).json().get("state") == "queued", service.client.get(location).text
    service.work()
    assert service.ended(location)["result"] is True


@pytest.mark.parametrize(
    ("method", "path", "body"), [("GET", "/users", None), ("POST", "/notifications", {"message": "Hi"})]
)
def test_jobs_are_enqueued_once_however_the_connection_breaks(service, method, path, body):
    """The API does not try again by itself: its client does, and knows it."""
    for _ in range(5):
        assert service.client.request(method, path, json=body).is_success
        service.server.redis.client_kill_filter(_type="normal")
    # Broken connections are replaced, not reported to the user.
    assert service.client.request(method, path, json=body).is_success
    assert len(service.queue) == 6


def test_after_a_restart_of_redis_no_request_meets_an_old_connection(fresh):
    """Nobody asked while Redis was away, so all of the connections are old, and it is not known to be back."""
    service = fresh()
    asked = [("POST", "/notifications", {"message": "Hi"}), ("GET", "/users", None)] * 20
    assert {answer.split()[1] for answer, _ in at_once(service.api.url, asked)} == {"202", "200"}
    clients = service.server.redis.info("clients")["connected_clients"]
    assert clients > 4  # several of each kind
    service.server.kill()
    service.server.start()
    assert {answer.split()[1] for answer, _ in at_once(service.api.url, asked)} == {"202", "200"}


def test_three_hundred_posts_to_a_redis_that_hangs(fresh):
    service = fresh()
    os.kill(service.server.pid, signal.SIGSTOP)
    try:
        answers = at_once(service.api.url, [("POST", "/notifications", {"message": "Hi"})] * 300)
        assert {answer.split()[1] for answer, _ in answers} == {"503"}
        slowest = max(seconds for _, seconds in answers)
        print(f"300 requests at once, the slowest answered after {slowest:.2f} s")
        assert slowest < BOUND  # in turns, with a second each, it would be 38
    finally:
        os.kill(service.server.pid, signal.SIGCONT)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200), ("LOCALHOST:80", 200), ("127.0.0.1:8000", 200), ("[::1]:8000", 200), ("api:8000", 200),
        ("evil.example", 400), ("127.0.0.1.evil.example", 400), ("localhost.evil", 400), ("[::2]", 400), ("", 400),
    ],
)  # fmt: skip
def test_only_known_hosts_are_served(named, host, status):
    answer = httpx.get(f"{named.api.url}/users/1", headers={"Host": host})
    assert answer.status_code == status
    assert ("Ada" in answer.text) == (status == 200)


@pytest.fixture(scope="module")
def named(tmp_path_factory):
    running = Running(tmp_path_factory.mktemp("named"), NOTIFICATIONS_HOSTS="api, notifications.example")
    yield running
    running.close()


def test_half_a_body_is_given_up(service):
    """So that it is not held for as long as its sender likes. Others are served meanwhile."""
    host, port = service.api.url.removeprefix("http://").split(":")
    head = "POST /notifications HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 17\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=30) as half:
        begun = time.monotonic()
        half.sendall(f'{head}{{"message"'.encode())
        assert service.client.post("/notifications", json={"message": "Hi"}).status_code == 202
        with half.makefile("rb") as answer:
            said = answer.read().decode()  # until the service hangs up
        assert said.startswith("HTTP/1.1 408 ")
        assert "The body did not come in time." in said
        assert time.monotonic() - begun >= guard.PATIENCE
    assert len(service.queue) == 1


def test_a_body_that_comes_in_pieces_is_taken(service):
    def pieces():
        yield b'{"mess'
        yield b'age": "Hi"}'

    answer = service.client.post("/notifications", content=pieces(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 202


@pytest.mark.parametrize(
    ("method", "path", "refusals"),
    [
        ("get", "/users", {"429", "503"}),
        ("post", "/notifications", {"429", "503"}),
        ("post", "/events", {"429", "503"}),
        ("put", "/users/{number}", {"429", "503"}),
        ("get", "/health", {"503"}),
    ],
)
def test_openapi_names_every_refusal(service, method, path, refusals):
    described = service.client.get("/openapi.json").json()
    assert refusals <= set(described["paths"][path][method]["responses"])


def test_a_service_that_cannot_start_says_why(tmp_path):
    with pytest.raises(LabError, match=re.compile("api could not start: .*(no_such|No module)")):
        services.api("no_such_module:app", tmp_path)
    port = free_port()
    settings = {"REDIS_URL": "redis://127.0.0.1:1", "NOTIFICATIONS_DATABASE": tmp_path / "db"}
    running = services.api(API, tmp_path, port=port, **settings)  # it starts without its Redis
    try:
        with pytest.raises(LabError, match=f"port {port} is taken"):
            services.api(API, tmp_path, port=port, **settings)
    finally:
        running.kill()


def test_service_knows_its_policies(lab):
    """Each kind of work has its own."""
    service = NotificationQueueService(lab.redis)
    service.add_event({"name": "opened", "user": 1})
    (sync,) = service.queue.scheduled_job_registry.get_job_ids()
    jobs = [service.add_job({"message": "Hi"}), service.update_user(1, "Ada", "a@b"), service.queue.fetch_job(sync)]
    assert [(job.description, job.retries_left, job.retry_intervals, job.timeout) for job in jobs] == [
        ("send-notification", 2, [1, 4], 10),
        ("update-user", 3, [1, 2, 4], 10),
        ("sync-analytics", 4, [2, 4, 8, 16], 60),
    ]
