"""What judges share: look at a job as a worker would, run it on a worker, and leave the lab as it was."""

import inspect
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pandas as pd
from redis import Redis
from rq import Queue, Retry
from rq.defaults import RQ_KEY_PREFIX
from rq.exceptions import DeserializationError, NoSuchJobError
from rq.job import Job
from rq.job_lifecycle import record_job_failure
from rq.serializers import JSONSerializer
from rq.utils import import_attribute, now

from labsupport.errors import LabError
from labsupport.exercises.exercise import Context, NotYet
from labsupport.namespace import root
from labsupport.notifications.provider import Provider
from labsupport.processes import workers
from labsupport.waiting import comes_true


def plain(answer: object) -> object:
    """An answer without what does not matter: a tuple, a Series or an array is a list, a numpy number a number."""
    if isinstance(answer, (pd.Series, pd.Index, np.ndarray, np.generic)):
        answer = answer.tolist()
    return list(answer) if isinstance(answer, tuple) else answer


def expect(kind: type | tuple[type, ...], answer: object, what: str) -> None:
    """Raise NotYet unless the answer is a `kind`; `what` says what is asked for."""
    if not isinstance(answer, kind):
        raise NotYet(f"The answer should be {what}; this is {_described(answer)}.")


def _described(answer: object) -> str:
    if answer is None:
        return "None"
    text = repr(answer)
    return f"{type(answer).__name__} {text if len(text) < 60 else text[:57] + '…'}"


def token() -> str:
    """A word that no check has used before, for names, texts and keys."""
    return secrets.token_hex(4)


def fetched(answer: object, context: Context, queue: str | None = "notification-queue") -> Job:
    """The job as a worker finds it: in Redis, in JSON, on its queue. Its arguments can be read.

    queue: the name of the queue it should be on; None for any.

    Raises NotYet if the answer is no job, or no worker would ever run it.
    """
    expect(Job, answer, "the job that queue.enqueue returns")
    assert isinstance(answer, Job)
    try:
        job = Job.fetch(answer.id, connection=context.redis, serializer=JSONSerializer)
    except NoSuchJobError:
        raise NotYet("Redis does not hold this job: it was not enqueued, or it was deleted.") from None
    except ValueError as error:  # such as Retry(max=2.0)
        raise NotYet(f"A worker could not read this job from Redis: {error}.") from None
    try:
        job.args  # noqa: B018  (reads what Redis holds)
    except DeserializationError:
        raise NotYet(
            "The job is not written in JSON. A worker of this course reads JSON, and would fail it with "
            "DeserializationError. Give the queue serializer=JSONSerializer."
        ) from None
    status = job.get_status(refresh=False)
    if queue and job.origin != queue:
        raise NotYet(f"The job is on the queue `{job.origin}`; it should be on `{queue}`, where the worker listens.")
    if status in ("canceled", "stopped"):
        raise NotYet(f"The job is {status.value}: no worker will run it.")
    if status == "queued" and job.id.encode() not in context.redis.lrange(f"{RQ_KEY_PREFIX}:queue:{job.origin}", 0, -1):
        taken = context.redis.lrange(f"{RQ_KEY_PREFIX}:queue:{job.origin}:intermediate", 0, -1)
        if job.id.encode() not in taken and job.get_status() == "queued":
            raise NotYet("The job is written down, and its id is not in the queue: no worker will ever find it.")
    if status == "scheduled" and not job.started_at:
        raise NotYet(
            "The job waits for its time: enqueue_in and enqueue_at say when a job may start, and only a worker with a scheduler "
            "moves it into the queue then. queue.enqueue puts it there at once."
        )
    if status == "deferred":
        raise NotYet("The job waits for another job (depends_on), and no worker will find it before that one is done.")
    if status in ("created", None):
        raise NotYet("The job is made and not enqueued: no worker will ever find it. queue.enqueue does both.")
    if job.worker_name == "sync":  # as RQ calls whoever enqueues such a job (rq 3.0: queue.py, `Queue.run_sync`)
        raise NotYet("The job ran here, in the notebook (is_async=False), and no worker had a part in it.")
    return job


def calls(job: Job, path: str, *arguments: object, **named: object) -> None:
    """Raise NotYet unless the job calls the function at `path` with these arguments, in whatever form it has them."""
    name = path.rpartition(".")[2]
    if job.func_name != path:
        raise NotYet(f"The job should call {path}; it calls {job.func_name}.")
    signature = inspect.signature(import_attribute(path))
    wanted = signature.bind(*arguments, **named)
    wanted.apply_defaults()
    try:
        seen = signature.bind(*job.args, **job.kwargs)
    except TypeError as error:
        raise NotYet(f"The worker would call {name}({_written(job)}), and it would fail: {error}.") from None
    seen.apply_defaults()
    if seen.arguments != wanted.arguments:
        raise NotYet(f"The worker would call {name}({_written(job)}); other arguments were asked for.")


def _written(job: Job) -> str:
    return ", ".join([*map(repr, job.args), *(f"{name}={value!r}" for name, value in job.kwargs.items())])


@contextmanager
def provider(context: Context, **behaviour: float | bool) -> Iterator[Provider]:
    """A provider of the check's own, for the length of the block: for trials and workers that are started in it, too.

    It begins with this behaviour, and with nothing delivered. The reader's own provider notices nothing.
    """
    before = os.environ.get("NOTIFICATIONS_PREFIX")
    prefix = f"{root()}notifications:check:{token()}"
    os.environ["NOTIFICATIONS_PREFIX"] = prefix
    try:
        one = Provider(context.redis)
        one.behave(**behaviour)
        yield one
    finally:
        if before is None:
            del os.environ["NOTIFICATIONS_PREFIX"]
        else:
            os.environ["NOTIFICATIONS_PREFIX"] = before
        for key in context.redis.scan_iter(match=f"{prefix}*", count=1000):
            context.redis.unlink(key)


def copied(job: Job, context: Context, *, retry: Retry | None = None) -> Job:
    """The same call, enqueued on a queue of the check's own, so that the reader's job stays as it is."""
    return own_queue(context).enqueue_call(
        job.func_name, tuple(job.args), dict(job.kwargs), timeout=job.timeout, retry=retry
    )


def worked_off(job: Job, context: Context, timeout: float = 8, *, scheduler: bool = False) -> Job:
    """Let a real worker run what is on the job's queue, and fetch the job again.

    timeout: seconds for the worker.
    scheduler: it has one, so that what is scheduled and due is run, too.

    Raises NotYet if the worker is not done by then.
    """
    queue = Queue(job.origin, connection=context.redis, serializer=JSONSerializer)
    try:
        workers.work_off([queue], folder=context.folder, timeout=timeout, scheduler=scheduler)
    except LabError as error:
        raise NotYet(f"A real worker was given the job. {error}") from None
    return Job.fetch(job.id, connection=context.redis, serializer=JSONSerializer)


def own_queue(context: Context) -> Queue:
    """A queue of the check's own, on which no worker of the reader's listens."""
    return Queue(f"check-{token()}", connection=context.redis, serializer=JSONSerializer)


def ran_here(queue: Queue, path: str, *arguments: object) -> Job:
    """Enqueue the call and run it here and now: a real result, or a real traceback, without the time that a worker takes."""
    here = Queue(queue.name, connection=queue.connection, serializer=JSONSerializer, is_async=False)
    return here.enqueue(path, *arguments)


def killed_here(queue: Queue, path: str, *arguments: object) -> Job:
    """A job that failed as one does whose work-horse was killed (rq 3.0: worker_classes.py, `monitor_work_horse`)."""
    job = queue.enqueue(path, *arguments)
    queue.remove(job)
    job.ended_at = now()
    with queue.connection.pipeline() as pipe:
        record_job_failure(job, "Work-horse terminated unexpectedly; waitpid returned 9 (signal 9); ", pipe)
        pipe.execute()
    return job


def jobs_of(queue: Queue) -> list[Job]:
    """The jobs that were enqueued on this queue and are still in Redis, whatever their state, oldest first.

    Raises NotYet if one is not written in JSON.
    """
    keys = list(_jobs(queue.connection))
    with queue.connection.pipeline(transaction=False) as pipe:
        for key in keys:
            pipe.hget(key, "origin")
        origins = pipe.execute()
    here = [key for key, origin in zip(keys, origins, strict=True) if origin == queue.name.encode()]
    ids = [key.decode().removeprefix(Job.redis_job_namespace_prefix) for key in here]
    found = Job.fetch_many(ids, connection=queue.connection, serializer=JSONSerializer)
    jobs = sorted((job for job in found if job), key=lambda job: job.created_at)
    try:
        [job.args for job in jobs]  # reads what Redis holds
    except DeserializationError:
        raise NotYet(
            "A job is not written in JSON: the worker cannot read it. Use the queue as it was given."
        ) from None
    return jobs


@contextmanager
def at_work(*queues: Queue, context: Context, count: int = 1) -> Iterator[None]:
    """Real workers listen on the queues during the block. Quiet: they print nothing, and nothing of them is left behind.

    Raises LabError if they do not start.
    """
    command = workers.WorkerCommand(queues, "rq.worker.Worker", config="")
    members: list[workers.WorkerProcess] = []
    try:
        members += [command.fork(f"check-{token()}", context.folder) for _ in range(count)]
        if not comes_true(lambda: all(one.listening for one in members), within=8):
            raise LabError(f"A worker of the check does not listen after 8 s: {members[-1].complaint()}")
        yield
    finally:
        for one in members:
            one.end()
            one.log_file.unlink(missing_ok=True)
            one.forget()


@contextmanager
def untouched(redis: Redis) -> Iterator[None]:
    """Deletes, after the block, every job that came into being in it, and the names of queues that did."""
    jobs, queues = _jobs(redis), redis.smembers(Queue.redis_queues_keys)
    try:
        yield
    finally:
        for key in _jobs(redis) - jobs:
            try:
                name = key.decode().removeprefix(Job.redis_job_namespace_prefix)
                job = Job.fetch(name, connection=redis, serializer=JSONSerializer)
                job.delete()
                for place in (job.origin, f"{job.origin}:intermediate"):  # its id may have been pushed twice, or taken
                    redis.lrem(f"{RQ_KEY_PREFIX}:queue:{place}", 0, name)
            except NoSuchJobError:
                redis.delete(key)
        if new := redis.smembers(Queue.redis_queues_keys) - queues:
            redis.srem(Queue.redis_queues_keys, *new)
        # A worker that is killed in the middle of something leaves more than the deletion of its job finds.
        for key in new:
            name = key.decode().removeprefix(Queue.redis_queue_namespace_prefix)
            for kind in ("queue", "wip", "finished", "failed", "deferred", "ready", "scheduled", "canceled"):
                redis.delete(f"{RQ_KEY_PREFIX}:{kind}:{name}")
            redis.delete(f"{RQ_KEY_PREFIX}:queue:{name}:intermediate")


def _jobs(redis: Redis) -> set[bytes]:
    pattern = f"{Job.redis_job_namespace_prefix}*"
    return {key for key in redis.scan_iter(match=pattern, count=1000) if key.count(b":") == pattern.count(":")}
