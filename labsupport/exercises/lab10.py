"""The exercises of 10-ship, and the model answers to its four questions."""

import json
import os
import secrets
from collections.abc import Callable, Iterator

import httpx
import numpy as np
import pandas as pd
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from labsupport.exercises import Bench, Exercise, NotYet, expect
from labsupport.measure import load
from labsupport.notifications.provider import Provider


def _first_202(answer: object, bench: Bench) -> str:
    expect(httpx.Response, answer, "the response that httpx returns")
    method, path = answer.request.method, answer.request.url.path
    if method == "GET":
        raise NotYet(f"That is the answer to a GET of {path}. A notification is sent with POST, to /notifications.")
    if answer.status_code == 422:
        problem = answer.json()["detail"][0]
        raise NotYet(
            f"The service refused it with 422, and says of {'.'.join(map(str, problem['loc']))}: {problem['msg']}."
        )
    if answer.status_code != 202:
        raise NotYet(f"The service answered {answer.status_code} to a {method} of {path}: {answer.text[:100]}")
    identity = answer.headers.get("Location", "").rpartition("/")[2]
    fields = bench.redis.hgetall(Job.key_for(identity))
    if not fields:
        raise NotYet(f"{path} answered 202, and its Location leads to no job.")
    job = Job.fetch(identity, connection=bench.redis, serializer=JSONSerializer)
    if job.args[0].get("message") != "Shipped":
        raise NotYet(f"The job is there, and its message is {job.args[0].get('message')!r}; it should be 'Shipped'.")
    return f"202 Accepted, and Redis holds the job that {answer.headers['Location'][:6]}… names."


def _busy(*runs_per_job: list[float]) -> pd.DataFrame:
    """A table of attempts: one list of runs, in seconds, per job; waits of a second between them."""
    rows = []
    for number, runs in enumerate(runs_per_job):
        moment = 1000.0 + number
        for attempt, run in enumerate(runs):
            rows.append((f"job-{number}", attempt + 1, moment, moment + 1, moment + 1 + run))
            moment += 2 + run
    return pd.DataFrame(rows, columns=["job", "attempt", "enqueued", "started", "ended"])


def _workers_needed(answer: object, bench: Bench) -> str:
    expect(Callable, answer, "the function workers_needed")
    steady = _busy(*[[0.5]] * 20)
    needed = answer(steady, 30)
    needed = needed.item() if isinstance(needed, np.generic) else needed
    if needed == 30:
        raise NotYet("Jobs of half a second, 30 a second: one worker for each would be idle half of its time.")
    if not isinstance(needed, (int, float)) or isinstance(needed, bool):
        raise NotYet(f"For jobs that run half a second, 30 a second, it returned {needed!r}; a number is asked for.")
    if needed == 45:
        raise NotYet("You count the waits, too: a job that waits keeps no worker busy. A run is from started to ended.")
    if 15 < needed <= 22:
        raise NotYet(
            f"For jobs of half a second, 30 a second, it returned {needed}. By their runs alone 15 keep up: leave the reserve "
            "out here, and add it when you order the machines."
        )
    if needed != 15:
        raise NotYet(
            f"Jobs run half a second, and 30 arrive per second: each second brings 15 seconds of work. It returned {needed!r}."
        )
    if (partly := answer(_busy(*[[0.25]] * 8), 5)) != 2:
        raise NotYet(
            f"Jobs of 0.25 s, 5 a second: 1.25 workers' work. With {float(partly):g} the queue would grow for ever, or you would "
            "have to cut a worker up. Round up."
        )
    if answer(_busy([0.25], [0.25], [0.25], [1.25]), 10) != 5:
        raise NotYet(
            "On a day whose jobs run 0.25, 0.25, 0.25 and 1.25 s, ten a second bring five seconds of work: it is the mean that "
            "counts, not the usual job and not the longest one."
        )
    if answer(_busy([1.0, 1.0, 1.0], [1.0]), 10) != 20:
        raise NotYet(
            "When jobs are attempted again, a job costs more than one run: two jobs with four runs of a second, ten jobs a "
            "second, need 20. The rate counts jobs; add up all runs, and divide by the number of jobs."
        )
    return "Each second brings rate × seconds of work per job; so many workers are busy, rounded up."


HEALTHY = {"redis": True, "workers": 2, "waiting": 4, "oldest_waiting": 0.4, "overdue": 0}


def _alarm(answer: object, bench: Bench) -> str:
    expect(Callable, answer, "the function alarm")
    cases = (
        ({}, False, "Two workers, four jobs, the oldest 0.4 s old: let people sleep."),
        (
            {"workers": 1, "oldest_waiting": 20.0},
            False,
            "One worker is there, and 20 s is within the minute: let people sleep.",
        ),
        ({"redis": False, "workers": 0, "waiting": 0, "oldest_waiting": None}, True, "Redis is away: wake someone."),
        ({"workers": 0, "waiting": 0, "oldest_waiting": None}, True, "No worker is there: wake someone."),
        ({"waiting": 0, "oldest_waiting": None}, False, "Nothing waits: oldest_waiting is None, and all is well."),
        (
            {"waiting": 900, "oldest_waiting": 2.0},
            False,
            "900 jobs wait and the oldest is two seconds old: they are done as fast as they come. How many is no trouble; "
            "how long is.",
        ),
        (
            {"waiting": 3, "oldest_waiting": 90.0},
            True,
            "Three jobs wait, one of them for a minute and a half: the workers are registered, and dead or hung. Few jobs "
            "is no comfort.",
        ),
        ({"overdue": 7}, True, "Seven retries are past their time: no scheduler is there, and nothing else tells."),
    )
    for changes, wanted, why in cases:
        health = HEALTHY | changes
        try:
            said = answer(dict(health))
        except Exception as error:
            raise NotYet(f"For {json.dumps(health)} it raised {type(error).__name__}: {error}. {why}") from None
        if bool(said) is not wanted:
            raise NotYet(f"For {json.dumps(health)} it returned {said!r}. {why}")
    return "It looks at how long users wait, and at what is missing; not at how many jobs there are."


def _two_releases(answer: object, bench: Bench) -> str:
    expect(Callable, answer, "the function send")
    for data, wanted in (({"text": "new"}, "new"), ({"message": "old"}, "old")):
        try:
            got = answer(dict(data))
        except KeyError as error:
            kind = "old" if "message" in data else "new"
            raise NotYet(
                f"A job of the {kind} release, {data}, raised KeyError: {error}. Both kinds are in the queue."
            ) from None
        if got != wanted:
            raise NotYet(f"For {data} it returned {got!r} instead of {wanted!r}.")
    try:
        got = answer({"subject": "neither"})
    except Exception:
        return "Jobs of both releases are done, and what is neither fails aloud."
    raise NotYet(
        f"For a job of neither kind it returned {got!r}: the job would count as finished, and nobody would know that "
        "nothing was sent. Let it raise."
    )


def _five_faults(answer: object, bench: Bench) -> str:
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


# The two functions of five-faults, right and wrong in the ways that the answers combine.

_RIGHT = """
def deliver(data):
    provider.send(data["message"], key=f"order-{data['order']}")
    return True
"""
_NO_KEY = """
def deliver(data):
    provider.send(data["message"])
    return True
"""
_ONE_KEY = """
def deliver(data):
    provider.send(data["message"], key=data["message"])
    return True
"""
_SWALLOWS = """
def deliver(data):
    try:
        provider.send(data["message"], key=f"order-{data['order']}")
        return True
    except Exception:
        return False
"""
_HIDES = """
def deliver(data):
    try:
        provider.send(data["message"])
    except Exception as error:
        print("could not send:", error)
    return True
"""


def _enqueue(timeout: str = "job_timeout=10", retries: int = 2, url: str = "url") -> str:
    return f"""
def enqueue(url, data):
    redis = Redis.from_url({url})
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", data, {timeout}, retry=Retry(max={retries}))
"""


_FAULTY = _enqueue("timeout=10", 3, "url, decode_responses=True")


def _orders(deliver: str, enqueue: str, answer: str = "(deliver, enqueue)") -> str:
    return f"{deliver}\n{enqueue}\n\nanswer = {answer}\n"


EXERCISES = (
    Exercise(
        name="first-202",
        stub="""
answer = ...
""",
        hints=(
            "The cell above sent one. What is different in yours?",
            "httpx.post(url, json={…}) sends a dictionary as JSON.",
        ),
        solution="""
answer = httpx.post(f"{service.url}/notifications", json={"message": "Shipped"})
""",
        wrong={
            'answer = httpx.get(f"{service.url}/users")': "That is the answer to a GET",
            'answer = httpx.post(f"{service.url}/notifications", json={"text": "Shipped"})': "body.message: Field required",
            'answer = httpx.post(f"{service.url}/notifications", data={"message": "Shipped"})': "says of body:",
            'answer = httpx.post(f"{service.url}/notifications", json={"message": "Hello"})': "its message is 'Hello'",
            'answer = httpx.post(f"{service.url}/notifications", json={"message": "Shipped"}).json()': "this is dict",
        },
        judge=_first_202,
    ),
    Exercise(
        name="workers-needed",
        stub="""
from math import ceil

from labsupport.measure.attempts import runs


def workers_needed(attempts, rate):
    return rate


answer = ...  # when it is written: answer = workers_needed
""",
        hints=(
            "How many seconds of work does a job bring? And how many does a second bring, at this rate?",
            "labsupport.measure.attempts.runs(attempts) has each attempt's seconds; their sum is the work. For how many jobs?",
            'runs(attempts).sum() / attempts["job"].nunique() is the work of one job. Times rate, rounded up.',
        ),
        solution="""
from math import ceil

from labsupport.measure.attempts import runs


def workers_needed(attempts, rate):
    work = runs(attempts).sum() / attempts["job"].nunique()
    return ceil(rate * work)


answer = workers_needed
""",
        wrong={
            """
def workers_needed(attempts, rate):
    return rate


answer = workers_needed
""": "one worker for each would be idle",
            """
from math import ceil

from labsupport.measure.attempts import runs


def workers_needed(attempts, rate):
    return ceil(rate * runs(attempts).sum() / attempts["job"].nunique() / 0.8)


answer = workers_needed
""": "leave the reserve out here",
            """
from math import ceil


def workers_needed(attempts, rate):
    return ceil(rate * (attempts["ended"] - attempts["enqueued"]).mean())


answer = workers_needed
""": "You count the waits, too",
            """
from labsupport.measure.attempts import runs


def workers_needed(attempts, rate):
    return int(rate * runs(attempts).sum() / attempts["job"].nunique())


answer = workers_needed
""": "Round up",
            """
from math import ceil

from labsupport.measure.attempts import runs


def workers_needed(attempts, rate):
    return ceil(rate * runs(attempts).median())


answer = workers_needed
""": "it is the mean that counts",
            """
from math import ceil

from labsupport.measure.attempts import runs


def workers_needed(attempts, rate):
    return ceil(rate * runs(attempts).mean())


answer = workers_needed
""": "a job costs more than one run",
        },
        judge=_workers_needed,
    ),
    Exercise(
        name="alarm",
        stub="""
def alarm(health):
    return health["waiting"] > 100


answer = ...  # when it is right: answer = alarm
""",
        hints=(
            "Which of the fields says how long a user waits?",
            "Four reasons to wake someone: no Redis, no worker, no scheduler, a job that waits too long. Mind the None.",
        ),
        solution="""
def alarm(health):
    if not health["redis"] or not health["workers"]:
        return True
    return (health["oldest_waiting"] or 0) > 60 or health["overdue"] > 0


answer = alarm
""",
        wrong={
            """
def alarm(health):
    return health["waiting"] > 100


answer = alarm
""": "Redis is away",
            """
def alarm(health):
    return health["oldest_waiting"] > 60


answer = alarm
""": "it raised TypeError",
            """
def alarm(health):
    return not health["redis"]


answer = alarm
""": "No worker is there",
            """
def alarm(health):
    return not health["redis"] or health["workers"] == 0 or health["waiting"] > 100


answer = alarm
""": "How many is no trouble",
            """
def alarm(health):
    return not health["redis"] or health["workers"] == 0


answer = alarm
""": "registered, and dead",
            """
def alarm(health):
    return not health["redis"] or health["workers"] == 0 or (health["oldest_waiting"] or 0) > 60


answer = alarm
""": "no scheduler is there",
            """
def alarm(health):
    return not health["redis"] or health["workers"] < 2 or (health["oldest_waiting"] or 0) > 60


answer = alarm
""": "One worker is there",
        },
        judge=_alarm,
    ),
    Exercise(
        name="two-releases",
        stub="""
def send(data):
    return data["text"]


answer = ...  # when it takes both: answer = send
""",
        hints=(
            "The queue holds jobs with `message`, and the new API enqueues jobs with `text`.",
            "Look whether one of the two is there, and take the other one otherwise. A job with neither should fail.",
        ),
        solution="""
def send(data):
    if "message" in data:  # jobs of the release before; remove this when none is left
        return data["message"]
    return data["text"]


answer = send
""",
        wrong={
            """
def send(data):
    return data["text"]


answer = send
""": "A job of the old release",
            """
def send(data):
    return data["message"]


answer = send
""": "A job of the new release",
            """
def send(data):
    return data.get("text")


answer = send
""": "returned None instead of 'old'",
            """
def send(data):
    return data.get("text") or data.get("message")


answer = send
""": "Let it raise",
        },
        judge=_two_releases,
    ),
    Exercise(
        name="five-faults",
        stub=_orders(_HIDES, _FAULTY, "...  # when you have found all five: answer = (deliver, enqueue)"),
        hints=(
            "One hides errors, one lets a second run send a second message, one is a wrong word, one counts wrong, and one makes "
            "text of what should be bytes.",
            "03-fail met the first, 04-retry the second and the fourth, 01-enqueue the third. The fifth is in the line with "
            "from_url.",
            "Let the exception out; key=… from the order; job_timeout; max=2; no decode_responses.",
        ),
        solution=_orders(_RIGHT, _enqueue()),
        wrong={
            _orders(_HIDES, _FAULTY): "All five faults are there",
            _orders(_SWALLOWS, _enqueue()): "would be finished, and not be tried again. (Faults left: 1.)",
            _orders(_NO_KEY, _FAULTY): "3 messages went out, and not two. (Faults left: 4.)",
            _orders(_ONE_KEY, _enqueue()): "the key must differ between orders",
            _orders(_RIGHT, _enqueue("timeout=10")): "RQ's is another word. (Faults left: 1.)",
            _orders(_RIGHT, _enqueue(retries=3)): "so 4 attempts; it should be three",
            _orders(_RIGHT, _enqueue(url="url, decode_responses=True")): "a worker could not read its jobs",
        },
        judge=_five_faults,
    ),
)


# The four questions. Each model answer cites what this run measured.


def _why(in_request: pd.DataFrame, queued: pd.DataFrame) -> str:
    slow, fast = load.summary(in_request), load.summary(queued)
    return (
        f"Because the user should not wait for what the user need not wait for. Under the same load, half of the users "
        f"waited for {slow.p50:.2f} s with the work in the request and for {fast.p50:.3f} s with a queue. The work did not "
        f"get faster: it was moved to where nobody waits in line for it, and where it can be counted, limited and retried. "
        f"The price is that a 202 is a promise and not a result, and that someone must watch the queue."
    )


def _redis(requests: pd.DataFrame, queue: Queue) -> str:
    accepted = list(requests.loc[requests["status"] == 202, "job"])
    jobs = Job.fetch_many(accepted, connection=queue.connection, serializer=queue.serializer)
    kept = sum(job is not None for job in jobs)
    return (
        f"It is the one place that API and workers share: a list of the ids that wait, a hash for each job, and sorted sets "
        f"for what runs, is scheduled, has failed or is finished. Changes that belong together are one transaction, and a "
        f"worker moves an id from one list to another, so that no crash leaves a job half enqueued. Whether it survives "
        f"Redis itself depends on persistence: with an append-only file, {kept} × kept and {len(jobs) - kept} × lost "
        f"after a SIGKILL. Its commands to workers (pub/sub) are not kept."
    )


def _failure(attempts: pd.DataFrame) -> str:
    again = attempts["outcome"] == "retried"
    ended = attempts["outcome"].value_counts()
    return (
        f"An attempt that raises is over, and the job is tried again if it has retries left: {again.sum()} × retried in this "
        f"lab, by the scheduler after a pause, while {ended.get('failed', 0)} × failed for good and stayed in the failed "
        f"registry with the traceback, where it can be requeued on demand. A worker that dies takes its job down with it; "
        f"another one finds it a minute and a half later. So a job may run twice, and must be harmless when it does: ours "
        f"sends its id along as a key."
    )


def _uses(attempts: pd.DataFrame) -> str:
    kinds = attempts.drop_duplicates("job")["function"].str.rpartition(".")[2].value_counts()
    return (
        f"For work that is slow, that can fail for reasons of its own, or that comes in bursts. Here: notifications "
        f"({kinds.get('send_notification', 0)} × enqueued), which wait for a provider; analytics "
        f"({kinds.get('sync_analytics', 0)} × enqueued), collected and written in batches; and user data "
        f"({kinds.get('update_user', 0)} × enqueued), where each update is harmless when repeated, and the last one wins. "
        f"Not for what the user must see in the answer, and not for what takes a millisecond."
    )


MODELS: dict[str, Callable[..., str]] = {"why": _why, "redis": _redis, "failure": _failure, "uses": _uses}


def compare(question: str, mine: object, *figures: object) -> None:
    """Show a model answer to one of the four questions, beside the reader's own, with figures of this run.

    question: why, redis, failure or uses. mine: the reader's own answer. figures: what the lab measured for it.
    """
    if mine is ...:
        print("Not answered yet. Put a sentence or two of your own in place of the ... and run the cell again.")
        return
    print(f"Yours: {mine}\n\nA possible answer: {MODELS[question](*figures)}")
