"""The HTTP API: it enqueues and answers, and does no slow work itself.

    uvicorn labsupport.notifications.api:api

What needs the queue answers 503 with `Retry-After` while Redis is away: at once when Redis refuses, and after a second
when it hangs. What does not need it goes on. With `settings.longest_queue()` jobs waiting, more are refused with 429. A
request's body may have 64 KiB.
"""

import json
import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Annotated, Any

import anyio.to_thread
from fastapi import Depends, FastAPI, HTTPException, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from redis import ConnectionError, ResponseError, TimeoutError
from redis.asyncio import Redis as AsyncRedis
from rq import Queue
from rq.job import Job, JobStatus
from rq.utils import utcparse
from rq.worker_registration import WORKERS_BY_QUEUE_KEY
from starlette.middleware.body_limit import RequestBodyLimitMiddleware

from . import settings
from .app import AppService
from .database import Database
from .guard import FewAtOnce, KnownHosts, WholeBody
from .processor import NAMES
from .queue import NotificationQueueService, QueueFull

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
    redis: bool = Field(description="it answers")
    writable: bool = Field(
        default=False, description="it takes jobs: its memory or its disk is not full, it is no replica, …"
    )
    workers: int = 0
    waiting: int = 0
    oldest_waiting: float | None = Field(default=None, description="seconds since the oldest waiting job was enqueued")
    overdue: int = Field(default=0, description="scheduled jobs that are five seconds late: is a scheduler there?")


class Problem(BaseModel):
    detail: str


# What the endpoints are given (NestJS: providers). What does not block is `async`: the rest takes turns in a few threads.


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    anyio.to_thread.current_default_thread_limiter().total_tokens = settings.threads()
    app.state.database = Database(settings.database(), timeout=1)
    app.state.away_until = 0.0
    async with settings.connect_briefly_async() as app.state.redis:
        with settings.connect_briefly() as redis:
            app.state.service = NotificationQueueService(redis)
            yield


api = FastAPI(title="Notification service", version="1.0", lifespan=lifespan)
api.add_middleware(FewAtOnce)
api.add_middleware(WholeBody)
api.add_middleware(RequestBodyLimitMiddleware, max_body_size=LARGEST_BODY)
api.add_middleware(KnownHosts)


async def database(request: Request) -> Database:
    found: Database = request.app.state.database
    return found


async def connection(request: Request) -> AsyncRedis:
    redis: AsyncRedis = request.app.state.redis
    return redis


async def queue_service(request: Request) -> NotificationQueueService:
    service: NotificationQueueService = request.app.state.service
    return service


Connection = Annotated[AsyncRedis, Depends(connection)]
Service = Annotated[NotificationQueueService, Depends(queue_service)]


async def app_service(service: Service) -> AppService:
    return AppService(service)


App = Annotated[AppService, Depends(app_service)]
Data = Annotated[Database, Depends(database)]
Number = Annotated[int, Path(ge=1, le=2**31)]
Name = Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{1,64}$")]


class Away(Exception):
    """Redis was away a moment ago, and is not asked again yet."""


@contextmanager
def asking() -> Iterator[None]:
    """Around what asks Redis. Raises Away when Redis was away a moment ago (this is called a *circuit breaker*).

    So a Redis that hangs costs a second once, and not each request its second.
    """
    if time.monotonic() < api.state.away_until:
        raise Away
    try:
        yield
    except (ConnectionError, TimeoutError):
        api.state.away_until = time.monotonic() + RETRY_AFTER
        raise


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


Responses = dict[int | str, dict[str, Any]]

_SECONDS = {"Retry-After": {"description": "seconds", "schema": {"type": "integer"}}}
AWAY: Responses = {503: {"model": Problem, "description": "Redis is away, or the database busy", "headers": _SECONDS}}
FULL: Responses = {429: {"model": Problem, "description": "The queue is full", "headers": _SECONDS}}
LARGE: Responses = {
    408: {"model": Problem, "description": "The body did not come in time"},
    413: {"model": Problem, "description": "The body is too large"},
    400: {"model": Problem},
}
UNKNOWN: Responses = {404: {"model": Problem, "description": "There is none"}}


def _accepted(response: Response, job: Job) -> Accepted:
    response.headers["Location"] = f"/jobs/{job.id}"
    return Accepted(job=job.id)


# The endpoints. Those that are not `async` have a thread each, since SQLite, RQ and redis-py block. `notify` has none:
# handing a request to a thread and back costs more than the trip to Redis, and many notifications come at once.


@api.get("/users", responses=AWAY | FULL)
def list_users(app: App, data: Data) -> list[User]:
    """All users. On the way, a notification is enqueued."""
    users = [User(**user) for user in data.users()]
    with asking():
        app.send_notification()
    return users


@api.get("/users/{number}", responses=AWAY | UNKNOWN)
def read_user(number: Number, data: Data) -> User:
    """One user. Needs no queue."""
    user = data.user(number)
    if user is None:
        raise HTTPException(404, "There is no such user.")
    return User(**user)


@api.put("/users/{number}", status_code=202, responses=AWAY | FULL | LARGE | UNKNOWN)
def write_user(number: Number, fields: UserData, service: Service, data: Data, response: Response) -> Accepted:
    """Replace a user's data: soon, and once, however often it is asked."""
    if data.user(number) is None:
        raise HTTPException(404, "There is no such user.")
    with asking():
        job = service.update_user(number, fields.name, fields.email)
    return _accepted(response, job)


@api.post("/notifications", status_code=202, responses=AWAY | FULL | LARGE)
async def notify(notification: NewNotification, service: Service, redis: Connection, response: Response) -> Accepted:
    """Send a notification: soon."""
    with asking():
        job = await service.add_job_async(notification.model_dump(exclude_none=True), redis)
    return _accepted(response, job)


@api.post("/events", status_code=202, responses=AWAY | FULL | LARGE)
def collect_event(event: NewEvent, service: Service) -> None:
    """Note an event for the analytics, which take many at a time."""
    with asking():
        service.add_event(event.model_dump())


@api.get("/jobs/{job}", responses=AWAY | UNKNOWN)
def read_job(job: Name, service: Service) -> JobState:
    """How a job is doing."""
    with asking():
        found = service.job(job)
        if found is None:
            raise HTTPException(404, "There is no such job, or it ended long ago.")
        return _state(found)


def _state(job: Job) -> JobState:
    """What a stranger may know of a job: no arguments, no traceback, and of others' jobs neither kind nor result."""
    status = job.get_status(refresh=False)
    return JobState(
        job=job.id,
        kind=job.description if job.description in NAMES else "other",
        state=status.value,
        attempts=job.get_meta(refresh=False).get("attempts", 0),
        result=_result(job) if status is JobStatus.FINISHED else None,
        error=_told(job) if status is JobStatus.FAILED else None,
    )


def _result(job: Job) -> bool | int | None:
    """What our own jobs return; nothing of what others on this queue may."""
    value = job.return_value()
    return value if isinstance(value, bool | int) else None


def _told(job: Job) -> str:
    """What a client may know of why a job failed: never the traceback."""
    result = job.latest_result()
    last = ((result and result.exc_string) or "").strip().rpartition("\n")[2]
    name = last.partition(":")[0].rpartition(".")[2]
    return ERRORS.get(name, "It failed on our side.")


@api.get("/health", responses={503: {"model": Health, "description": "Redis does not serve, or no worker listens"}})
def health(service: Service, response: Response) -> Health:
    """Is Redis there, does it take jobs, is a worker there, and how old is the oldest waiting job?

    A worker that was killed stays registered for some minutes. The age of the oldest job tells sooner; a job that is tried
    again counts from its last enqueueing.
    """
    found = Health(redis=True)
    try:
        with asking():
            found = _health(service.queue)
            service.queue.connection.set(f"{settings.prefix()}:health", 1, px=1)
            found.writable = True
    except (ConnectionError, TimeoutError, Away):
        found.redis = False
    except ResponseError as error:
        log.error("Redis refuses: %s", error)
    if not found.writable or not found.workers:
        response.status_code = 503
    return found


def _health(queue: Queue) -> Health:
    now = time.time()
    with queue.connection.pipeline() as pipe:
        pipe.llen(queue.key)
        pipe.lrange(queue.key, 0, 9)
        pipe.zcount(queue.scheduled_job_registry.key, 0, now - LATE)
        # Not `Worker.all`: each Worker that RQ makes raises the time limit of our connections.
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
