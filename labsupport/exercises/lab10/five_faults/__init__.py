"""five-faults, of 10-ship."""

import os
import secrets
from collections.abc import Callable, Iterator

from rq import Queue
from rq.job import Job

from labsupport.exercises.exercise import Bench, NotYet
from labsupport.exercises.judging import expect
from labsupport.notifications.provider import Provider

HINTS = (
    "One hides errors, one lets a second run send a second message, one is a wrong word, one counts wrong, one makes text "
    "of bytes.",
    "03-fail met the first, 04-retry the second and the fourth, 01-enqueue the third. The fifth is in the line with from_url.",
    "Let the exception out; key=… from the order; job_timeout; max=2; no decode_responses.",
)


def judge(answer: object, bench: Bench) -> str:
    if not (isinstance(answer, tuple) and len(answer) == 2 and all(map(callable, answer))):
        raise NotYet("The answer should be the two functions: answer = (deliver, enqueue)")
    deliver, enqueue = answer
    order = {"order": 17, "message": "Thank you for your order"}
    job = enqueue(os.environ["REDIS_URL"], order)
    expect(Job, job, "two functions, of which enqueue returns the job")
    job.delete()
    bench.redis.srem(Queue.redis_queues_keys, Queue(job.origin, connection=bench.redis).key)
    faults = [*_faults_of_deliver(deliver, order, Provider(bench.redis)), *_faults_of_job(job)]
    if len(faults) == 5:
        raise NotYet("All five faults are there. Take one line at a time: what would RQ, or a worker, do with it?")
    if faults:
        raise NotYet(f"{faults[0]} (Faults left: {len(faults)}.)")
    return "Errors that are heard, one message per order, a time limit that is kept, three attempts, and bytes."


def _faults_of_deliver(deliver: Callable, order: dict, provider: Provider) -> Iterator[str]:
    before = provider.behaviour()
    try:
        provider.behave(down=True)
        try:
            deliver(dict(order))
            yield "The provider was down, and deliver returned: its job would be finished, and not be tried again."
        except KeyError:
            raise  # a wrong name of the data's
        except Exception:
            pass  # its own, or one that says more
        provider.behave()
        # Numbers of the check's own: the provider remembers the keys that it has seen.
        first, second = (order | {"order": secrets.randbelow(10**9)} for _ in range(2))
        sent = len(provider.delivered())
        for one in (first, first, second):
            deliver(dict(one))
        sent = len(provider.delivered()) - sent
        if sent == 0:
            yield "The provider was up, and nothing was sent."
        elif sent == 1:
            yield "Two orders, and one confirmation: the key must differ between orders."
        elif sent != 2:
            yield f"A job can run twice. Two orders, one of them delivered twice: {sent} messages went out, and not two."
    except Exception as error:
        yield (
            f"deliver raised {type(error).__name__}: {error}. (It is called as a function here, outside a worker: what it "
            "needs is in its data.)"
        )
    finally:
        provider.behave(**vars(before))


def _faults_of_job(job: Job) -> Iterator[str]:
    if "timeout" in job.kwargs:
        yield (
            f"The job's own arguments are {job.kwargs}: `timeout` went to deliver, which does not take it. RQ's is another "
            "word."
        )
    elif job.timeout != 10:
        yield f"The job may run for {job.timeout} s; it should be 10."
    retries = job.retries_left or 0
    if retries != 2:
        yield f"Redis holds {retries} retries, so {1 + retries} attempts; it should be three."
    if job.connection.connection_pool.connection_kwargs.get("decode_responses"):
        yield "The connection decodes what Redis answers into text. RQ reads bytes: a worker could not read its jobs."
