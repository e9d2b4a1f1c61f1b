"""The HTTP API: it enqueues and answers, and does no slow work itself.

    uvicorn labsupport.notifications.api:api

What needs the queue answers 503 with `Retry-After` while Redis is away: at once when Redis refuses, and after a second
when it hangs. What does not need it goes on. With `settings.LONGEST_QUEUE` jobs waiting, more are refused with 429. A
request's body may have 64 KiB.
"""

import json
import logging
import re
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from typing import Annotated

import anyio.to_thread
from fastapi import Depends, FastAPI, HTTPException, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from redis import ConnectionError, Redis, RedisError, ResponseError, TimeoutError
from rq import Queue
from rq.exceptions import NoSuchJobError
from rq.job import Job, JobStatus
from rq.utils import utcparse
from rq.worker_registration import WORKERS_BY_QUEUE_KEY
from starlette.middleware.body_limit import RequestBodyLimitMiddleware

from labsupport.notifications import settings
from labsupport.notifications.app import AppService
from labsupport.notifications.database import Database
from labsupport.notifications.provider import ProviderError
from labsupport.notifications.queue import NotificationQueueService, QueueFull

log = logging.getLogger("uvicorn.error")

RETRY_AFTER = 1
"""Seconds after which a refused client may ask again; and for which we don't ask a Redis that was away."""

LATE = 5
"""Seconds after its time from which a scheduled job is overdue. RQ's scheduler looks once a second."""

LARGEST_BODY = 64 * 1024
"""Bytes."""

ERRORS = {
    "ProviderDown": "The provider could not be reached.",
    "RateLimited": "The provider takes no more messages at the moment.",
    "ProviderError": "The provider did not take the message.",
    "JobTimeoutException": "It took too long.",
}
"""What a client is told of a failed job. Anything else is told to our log alone."""


# What comes in and goes out (NestJS: DTOs).


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


Text = Annotated[str, Field(min_length=1, max_length=1000)]
UserId = Annotated[int, Field(ge=1, le=2**31)]


class NewNotification(Strict):
    message: Text
    user: UserId | None = None


class NewEvent(Strict):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    user: UserId


class UserData(Strict):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    email: Annotated[str, Field(max_length=200, pattern=r"^[^@\s]+@[^@\s]+$")]


class User(BaseModel):
    id: int
    name: str
    email: str


class Accepted(BaseModel):
    """A job that was taken on: `Location` says where to ask for it."""

    job: str


class JobState(BaseModel):
    job: str
    kind: str
    state: str
    attempts: int
    result: bool | int | None = None
    error: str | None = None


class Health(BaseModel):
    redis: bool
    workers: int
    waiting: int
    oldest_waiting: float | None = Field(description="seconds since the oldest waiting job was enqueued")
    overdue: int = Field(description="scheduled jobs that are five seconds late: is a scheduler there?")


class Problem(BaseModel):
    detail: str


# What the endpoints are given (NestJS: providers). What does not block is `async`: the rest takes turns in a few threads.


@cache
def _connection() -> Redis:
    return settings.connect_briefly()


@cache
def _database() -> Database:
    return Database(settings.DATABASE, timeout=1)


async def connection() -> Redis:
    return _connection()


async def database() -> Database:
    return _database()


class Away(Exception):
    """Redis was away a moment ago, and is not asked again yet."""


@contextmanager
def asking() -> Iterator[None]:
    """For what asks Redis first in a request. Raises Away when Redis was away a moment ago.

    So that a Redis which hangs costs each thread a second once, and not each request its second. It is looked at in the
    thread, since a crowd of requests may be waiting for one.
    """
    if time.monotonic() < api.state.away_until:
        raise Away
    try:
        yield
    except (ConnectionError, TimeoutError):
        api.state.away_until = time.monotonic() + RETRY_AFTER
        raise


async def queue_service(redis: Annotated[Redis, Depends(connection)]) -> NotificationQueueService:
    return NotificationQueueService(redis)


Service = Annotated[NotificationQueueService, Depends(queue_service)]


def room(service: Service) -> NotificationQueueService:
    with asking():
        service.check_room()
    return service


Room = Annotated[NotificationQueueService, Depends(room)]
"""The service, when there is room in its queue."""


async def app_service(service: Service) -> AppService:
    return AppService(service)


App = Annotated[AppService, Depends(app_service)]
Data = Annotated[Database, Depends(database)]
Number = Annotated[int, Path(ge=1, le=2**31)]
Name = Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{1,64}$")]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    anyio.to_thread.current_default_thread_limiter().total_tokens = settings.THREADS
    _database()
    yield


api = FastAPI(title="Notification service", version="1.0", lifespan=lifespan)
api.add_middleware(RequestBodyLimitMiddleware, max_body_size=LARGEST_BODY)
api.state.away_until = 0.0


# What goes wrong (NestJS: exception filters).


def _refused(code: int, why: str) -> JSONResponse:
    return JSONResponse({"detail": why}, code, headers={"Retry-After": str(RETRY_AFTER)})


@api.exception_handler(Away)
@api.exception_handler(ConnectionError)
@api.exception_handler(TimeoutError)
async def redis_away(request: Request, error: Exception) -> JSONResponse:
    return _refused(503, "The queue cannot be reached.")


@api.exception_handler(ResponseError)
async def redis_refuses(request: Request, error: ResponseError) -> JSONResponse:
    """Its memory or its disk is full, it is a replica, it has too few replicas, …"""
    log.error("Redis refuses: %s", error)
    return _refused(503, "The queue takes no jobs.")


@api.exception_handler(sqlite3.OperationalError)
async def database_busy(request: Request, error: sqlite3.OperationalError) -> JSONResponse:
    log.error("The database: %s", error)
    return _refused(503, "The database is busy.")


@api.exception_handler(RequestValidationError)
async def invalid(request: Request, error: RequestValidationError) -> Response:
    """What is wrong, and where; not what came in, which JSON may not be able to say (`NaN`, half a character)."""
    problems = [{key: problem[key] for key in ("type", "loc", "msg")} for problem in error.errors()]
    return Response(json.dumps({"detail": problems}), 422, media_type="application/json")


@api.exception_handler(QueueFull)
async def queue_full(request: Request, error: QueueFull) -> JSONResponse:
    return _refused(429, f"The queue is full: {error}.")


@api.exception_handler(ProviderError)
async def provider_failed(request: Request, error: ProviderError) -> JSONResponse:
    return _refused(503, ERRORS[type(error).__name__])


_SECONDS = {"Retry-After": {"description": "seconds", "schema": {"type": "integer"}}}
AWAY = {503: {"model": Problem, "description": "Redis is away, or the database busy", "headers": _SECONDS}}
FULL = {429: {"model": Problem, "description": "The queue is full", "headers": _SECONDS}}
LARGE = {413: {"model": Problem, "description": "The body is too large"}, 400: {"model": Problem}}
UNKNOWN = {404: {"model": Problem, "description": "There is none"}}


def _accepted(response: Response, job: Job) -> Accepted:
    response.headers["Location"] = f"/jobs/{job.id}"
    return Accepted(job=job.id)


# The endpoints. Not `async`: RQ and redis-py block, so each request has a thread.


@api.get("/users", responses=AWAY | FULL)
def list_users(service: Room, app: App, data: Data) -> list[User]:
    """All users. On the way, a notification is enqueued."""
    users = data.users()
    app.send_notification()
    return users


@api.get("/in-request/users", responses=AWAY)
def list_users_in_request(app: App, data: Data) -> list[User]:
    """The same, but the notification is sent before the answer. For comparison."""
    users = data.users()
    with asking():
        app.send_notification_now()
    return users


@api.get("/users/{number}", responses=AWAY | UNKNOWN)
def read_user(number: Number, data: Data) -> User:
    """One user. Needs no queue."""
    user = data.user(number)
    if user is None:
        raise HTTPException(404, "There is no such user.")
    return User(**user)


@api.put("/users/{number}", status_code=202, responses=AWAY | FULL | LARGE | UNKNOWN)
def write_user(number: Number, fields: UserData, service: Room, data: Data, response: Response) -> Accepted:
    """Replace a user's data: soon, and once, however often it is asked."""
    if data.user(number) is None:
        raise HTTPException(404, "There is no such user.")
    return _accepted(response, service.update_user(number, fields.name, fields.email))


@api.post("/notifications", status_code=202, responses=AWAY | FULL | LARGE)
def notify(notification: NewNotification, service: Room, response: Response) -> Accepted:
    """Send a notification: soon."""
    return _accepted(response, service.add_job(notification.model_dump(exclude_none=True)))


@api.post("/events", status_code=202, responses=AWAY | FULL | LARGE)
def collect_event(event: NewEvent, service: Room) -> None:
    """Note an event for the analytics, which take many at a time."""
    service.add_event(event.model_dump())


@api.get("/jobs/{job}", responses=AWAY | UNKNOWN)
def read_job(job: Name, service: Service) -> JobState:
    """How a job is doing."""
    queue = service.queue
    try:
        with asking():
            found = Job.fetch(job, connection=queue.connection, serializer=queue.serializer)
    except NoSuchJobError:
        found = None
    if found is None or found.origin != queue.name:
        raise HTTPException(404, "There is no such job, or it ended long ago.")
    state = found.get_status(refresh=False)
    return JobState(
        job=found.id,
        kind=found.description or "",
        state=state.value,
        attempts=found.get_meta(refresh=False).get("attempts", 0),
        result=_result(found) if state is JobStatus.FINISHED else None,
        error=_told(found) if state is JobStatus.FAILED else None,
    )


def _result(job: Job) -> bool | int | None:
    """What our own jobs return; nothing of what others on this queue may."""
    value = job.return_value()
    return value if isinstance(value, bool | int) else None


def _told(job: Job) -> str:
    """What a client may know of why a job failed: never the traceback."""
    result = job.latest_result()
    last = ((result and result.exc_string) or "").strip().rpartition("\n")[2]
    name = re.match(r"[\w.]*", last).group().rpartition(".")[2]
    return ERRORS.get(name, "It failed on our side.")


@api.get("/health", responses={503: {"model": Health, "description": "Redis is away, or no worker listens"}})
def health(redis: Annotated[Redis, Depends(connection)], response: Response) -> Health:
    """Is Redis there, is a worker there, and how old is the oldest waiting job?

    A worker that was killed stays registered for some minutes. The age of the oldest job tells sooner; a job that is tried
    again counts from its last enqueueing.
    """
    try:
        with asking():
            found = _health(NotificationQueueService(redis).queue)
    except (RedisError, Away):
        found = Health(redis=False, workers=0, waiting=0, oldest_waiting=None, overdue=0)
    if not found.workers:
        response.status_code = 503
    return found


def _health(queue: Queue) -> Health:
    now = time.time()
    with queue.connection.pipeline() as pipe:
        pipe.llen(queue.key).lrange(queue.key, 0, 9)
        pipe.zcount(queue.scheduled_job_registry.key, 0, now - LATE)
        # Not `Worker.all`: each Worker that RQ makes raises the time limit of our connections to seven minutes.
        pipe.smembers(WORKERS_BY_QUEUE_KEY % queue.name)
        waiting, head, overdue, workers = pipe.execute()
        for job in head:
            pipe.hget(Job.key_for(job.decode()), "enqueued_at")
        for worker in workers:
            pipe.exists(worker)
        facts = pipe.execute()
    enqueued = next(filter(None, facts[: len(head)]), None)  # a job that was deleted leaves its id in the list
    age = now - utcparse(enqueued.decode()).timestamp() if enqueued else None
    listening = sum(facts[len(head) :])
    return Health(redis=True, workers=listening, waiting=waiting, oldest_waiting=age, overdue=overdue)
