"""five-faults: find them in what passed review."""

import inspect
import logging
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import ModuleType
from urllib.parse import urlsplit

from redis import Redis
from rq import Queue, Retry, SimpleWorker
from rq.defaults import RQ_KEY_PREFIX
from rq.job import Job
from rq.serializers import JSONSerializer

from labsupport.exercises import trial
from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import copied, fetched, provider, token
from labsupport.namespace import root
from labsupport.notifications.provider import Provider

HINTS = (
    "One hides errors, one lets a second run send a second message, one is a wrong word, one counts wrong, one makes text "
    "of bytes.",
    "03-fail met the first, 04-retry the second and the fourth, 01-enqueue the third. The fifth is in the line with from_url.",
    "Let the exception out; key=… from the order; job_timeout; max=2; no decode_responses.",
)

GREEN = "deliver returned: its job would be finished, and not be tried again."
"""What is wrong with an error that is swallowed."""

OTHER = 9
"""The database whose url enqueue gets: not the lab's, so that it is seen whether the url is used."""


def judge(answer: object, context: Context) -> str:
    if not (isinstance(answer, list) and len(answer) == 2 and all(map(callable, answer))):
        raise NotYet("The answer should be the two functions: answer = (deliver, enqueue)")
    number = 100_000_000 + secrets.randbelow(900_000_000)
    try:
        return _judged(*answer, number, context)
    finally:
        for noted in (number, number + 1):  # what the answer wrote down about the two orders; `check` deletes the jobs
            for key in context.redis.scan_iter(match=f"{root()}*{noted}*", count=1000):
                if not key.startswith(f"{RQ_KEY_PREFIX}:".encode()):
                    context.redis.unlink(key)


def _judged(deliver: Callable, enqueue: Callable, number: int, context: Context) -> str:
    with _elsewhere() as (url, elsewhere):
        order = {"order": number, "message": f"Thank you {token()}"}
        job, told = _enqueued(enqueue, url, order, replace(context, redis=elsewhere))
        with provider(context) as one:
            faults = [
                *_faults_of_deliver(deliver, job, order, one, context),
                *_faults_of_job(deliver, job, order, told),
            ]
        if len(faults) == 5:
            raise NotYet("All five faults are there. Take one line at a time: what would RQ, or a worker, do with it?")
        if faults:
            raise NotYet(f"{faults[0]} (Faults left: {len(faults)}.)")
        _hears_its_timeout(deliver, job, order, context)
        with provider(context) as one:  # which has not seen this order
            trial.run(lambda: _work(url, deliver))
            came = one.delivered() + Provider(elsewhere).delivered()
        if came != [order["message"]]:
            raise NotYet(f"A worker ran the job, which is {job.get_status().value} now, and {came} was delivered.")
    return "A worker ran your job. Errors are heard, one message per order, a time limit, three attempts, and bytes."


@contextmanager
def _elsewhere() -> Iterator[tuple[str, Redis]]:
    """Another database of the lab's server: its url and a connection. Nothing of this lab's stays in it."""
    url = urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{OTHER}").geturl()
    with Redis.from_url(url) as redis:
        try:
            yield url, redis
        finally:
            for key in redis.scan_iter(match=f"{root()}*", count=1000):
                redis.unlink(key)


def _enqueued(enqueue: Callable, url: str, order: dict, context: Context) -> tuple[Job, str]:
    """The job that enqueue makes, looked at where its url leads; and what its own connection makes of it."""
    placed = trial.run(lambda: _placed(enqueue(url, dict(order))))
    if placed.error:
        raise NotYet(f"enqueue {placed}.")
    if not isinstance(placed.returned, tuple):
        raise NotYet(f"enqueue should return the job; it {placed}.")
    identity, told = placed.returned
    jobs = list(context.redis.scan_iter(match=f"{Job.redis_job_namespace_prefix}*", count=1000))
    if not jobs:
        raise NotYet("enqueue was given the url of another database, and no job is there: it enqueues somewhere else.")
    if len(jobs) > 1:
        raise NotYet(f"enqueue made {len(jobs)} jobs for one order.")
    job = fetched(Job(identity, connection=context.redis), context, "orders")
    if job.func_name != "orders.deliver":
        raise NotYet(f"The job should call orders.deliver; it calls {job.func_name}.")
    return job, told


def _placed(job: object) -> object:
    """In the child: the job's id, and the error that whoever reads it through its own connection gets."""
    if not isinstance(job, Job):
        return job
    try:
        Job.fetch(job.id, connection=job.connection, serializer=job.serializer)
    except Exception as error:
        return job.id, type(error).__name__
    return job.id, ""


def _faults_of_deliver(deliver: Callable, job: Job, order: dict, one: Provider, context: Context) -> Iterator[str]:
    first, second = copied(job, context), copied(job, context)
    another = order | {"order": order["order"] + 1}

    def attempt(**behaviour: float | bool) -> trial.Trial:
        one.behave(**behaviour)
        return trial.run(deliver, dict(order), job=first)

    if not _heard(attempt(down=True)):
        yield f"The provider was down, and {GREEN}"
    elif not _heard(attempt(failure_rate=1)):
        if not one.calls:
            yield "Its first attempt failed, and the next one did not call the provider: the order counts as sent before it is."
            return
        yield f"The provider failed, and {GREEN}"
    attempt(lost_reply=True)
    one.behave()
    for outcome in (attempt(), trial.run(deliver, dict(another), job=second)):
        if outcome.error:
            raise NotYet(f"The provider was up, and deliver {outcome}.")
    came = one.delivered()
    if set(came) != {order["message"]}:
        raise NotYet(f"deliver should send {order['message']!r}; it sent {came}.")
    if len(came) == 1:
        yield "Two orders with the same message, and one confirmation: the key must differ between orders."
    elif len(came) > 2:
        yield f"A job can run twice. Two orders, one of them attempted twice: {len(came)} messages went out, and not two."


def _hears_its_timeout(deliver: Callable, job: Job, order: dict, context: Context) -> None:
    """Raise NotYet if RQ's own exception, by which it ends an attempt that takes too long, does not come out."""
    with provider(context, latency=3):
        outcome = trial.run(deliver, dict(order), job=copied(job, context), limit=1)
    if not _heard(outcome):
        raise NotYet(f"The job's time was up, and {GREEN} (Faults left: 1.)")


def _heard(outcome: trial.Trial) -> bool:
    """Whether RQ takes the attempt for one that failed."""
    return bool(outcome.error) or isinstance(outcome.returned, Retry)


def _faults_of_job(deliver: Callable, job: Job, order: dict, told: str) -> Iterator[str]:
    if "timeout" in job.kwargs:
        yield f"The job's own arguments are {job.kwargs}: `timeout` went to deliver. RQ's is another word."
    else:
        try:
            seen = inspect.signature(deliver).bind(*job.args, **job.kwargs)
        except TypeError as error:
            raise NotYet(f"The worker would call deliver with {[*job.args]} and {job.kwargs}: {error}.") from None
        if seen.arguments != inspect.signature(deliver).bind(order).arguments:
            raise NotYet(
                f"deliver should get the order {order}; the worker would give it {list(seen.arguments.values())}."
            )
        if job.timeout != 10:
            yield f"The job may run for {job.timeout} s; it should be 10."
    retries = job.retries_left or 0
    if retries != 2:
        yield f"Redis holds {retries} for the retries after the first attempt, {1 + retries} in all; it should be three attempts."
    if told:
        yield (
            f"Whoever reads the job through this connection gets {told}: it turns what Redis answers into text, and RQ needs "
            "bytes. (A worker has a connection of its own.)"
        )


def _work(url: str, deliver: Callable) -> None:
    """In the child: RQ's worker, for which the reader's function is orders.deliver."""
    logging.disable(logging.CRITICAL)
    orders = ModuleType("orders")
    orders.deliver = deliver  # type: ignore[attr-defined]
    sys.modules["orders"] = orders
    queue = Queue("orders", connection=Redis.from_url(url), serializer=JSONSerializer)
    SimpleWorker([queue], connection=queue.connection, serializer=JSONSerializer).work(burst=True)
