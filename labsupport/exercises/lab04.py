"""The exercises of 04-retry."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict

from redis import Redis
from rq import Queue, Retry
from rq.job import Job
from rq.serializers import JSONSerializer

from labsupport.exercises import Bench, Exercise, NotYet, expect
from labsupport.notifications.provider import Provider, ProviderError


@contextmanager
def _provider(redis: Redis) -> Iterator[Provider]:
    """The stand-in provider, which behaves afterwards as it did before."""
    provider = Provider(redis)
    before = provider.behaviour()
    try:
        yield provider
    finally:
        provider.behave(**asdict(before))


def _three_attempts(answer: object, bench: Bench) -> str:
    expect(Job, answer, "the job that queue.enqueue returns")
    if list(answer.args) != [{"message": "Three"}]:
        raise NotYet(f'The data should be {{"message": "Three"}}; the job has {list(answer.args)}.')
    retries = bench.redis.hget(answer.key, "retries_left")
    if retries is None:
        raise NotYet("Redis holds no retries for this job: it would be attempted once, and fail.")
    attempts = 1 + int(retries)
    if attempts == 4:
        raise NotYet("Redis holds 3 retries: with the first attempt that is 4. max counts what comes after the first.")
    if attempts != 3:
        raise NotYet(f"Redis holds {int(retries)} retries: with the first attempt that is {attempts}, not 3.")
    return "Redis holds 2 retries, and the first attempt is the third one to count."


def _own_jitter(answer: object, bench: Bench) -> str:
    expect(Callable, answer, "the function policy")
    queue = Queue("jitter", connection=bench.redis, serializer=JSONSerializer)
    queue.empty()
    try:
        pauses = []
        for _ in range(100):
            policy = answer()
            expect(Retry, policy, "a function that returns a Retry")
            job = queue.enqueue("operator.truth", 1, retry=policy)
            fetched = Job.fetch(job.id, connection=bench.redis, serializer=JSONSerializer)
            if fetched.retries_left != 3 or len(fetched.retry_intervals or []) != 3:
                raise NotYet(
                    f"Redis holds {fetched.retries_left} retries and the pauses {fetched.retry_intervals}; there should "
                    "be three of each."
                )
            pauses.append(tuple(fetched.retry_intervals))
        if len(set(pauses)) == 1:
            raise NotYet(
                f"100 jobs, and all have the pauses {list(pauses[0])}: they are not drawn for each job. "
                "A herd with one random pause is still a herd."
            )
        for number, longest in enumerate((2, 4, 8)):
            drawn = {pause[number] for pause in pauses}
            if min(drawn) < 1 or max(drawn) > longest:
                raise NotYet(
                    f"Pause {number + 1} should be from 1 to {longest} s; the jobs have from {min(drawn)} to {max(drawn)}."
                )
        if len({pause[2] for pause in pauses}) < 5:
            raise NotYet(
                f"Before the third retry the jobs wait for {sorted({pause[2] for pause in pauses})} s: they come back in few "
                "groups. Draw every pause for itself, the third from 1 to 8 s."
            )
        if all(second == 2 * first for first, second, _ in pauses):
            raise NotYet(
                "Jobs that met once will meet again: each pause is twice the one before. Draw every pause for itself."
            )
        return f"100 jobs drew {len(set(pauses))} different sets of pauses, up to 2, 4 and 8 s."
    finally:
        queue.empty()


def _what_can_heal(answer: object, bench: Bench) -> str:
    expect(Callable, answer, "the function deliver")
    with _provider(bench.redis) as provider:
        raised = []
        for trouble in ({"down": True}, {"failure_rate": 1.0}):
            provider.behave(**trouble)
            try:
                returned = answer("ada@example.org", "while the provider has trouble")
            except Exception as error:
                raised.append(type(error).__name__)
            else:
                raise NotYet(
                    f"The provider failed, and deliver returned {returned!r}: the job is finished, and the message is "
                    "lost. What is wrong at the provider heals; let such errors out, all of them."
                )
        provider.behave()
        sent = len(provider.delivered())
        try:
            returned = answer("ada", "to nobody")
        except Exception as error:
            raise NotYet(
                f"For the address `ada`, deliver raised {type(error).__name__}: RQ would try again and again what cannot "
                "heal. Return instead."
            ) from None
        if len(provider.delivered()) != sent:
            raise NotYet("A message went out to the address `ada`, which is none.")
        if returned == "sent" or not isinstance(returned, str):
            raise NotYet(
                f"For the address `ada`, deliver returned {returned!r}; the result should say that it gave up."
            )
        success = answer("ada@example.org", "while the provider is up")
        if len(provider.delivered()) != sent + 1:
            raise NotYet("The provider was up and the address good, and nothing was delivered.")
        if success != "sent":
            raise NotYet(f"The message was delivered, and deliver returned {success!r} instead of 'sent'.")
        return f"{' and '.join(raised)} are raised, and retried; a wrong address gives up: {returned!r}"


def _same_key(answer: object, bench: Bench) -> str:
    expect(Callable, answer, "the function deliver")
    queue = Queue("keys", connection=bench.redis, serializer=JSONSerializer)
    one, other = (queue.enqueue("operator.truth", 1) for _ in range(2))
    try:
        with _provider(bench.redis) as provider:
            sent = len(provider.delivered())
            provider.behave(lost_reply=True)  # the first attempt fails, and the message is out
            with suppress(ProviderError):
                answer(one, "Your code is 1234")
            provider.behave()
            for _ in range(2):
                answer(one, "Your code is 1234")
            after_one = len(provider.delivered()) - sent
            answer(other, "Your code is 1234")
            after_both = len(provider.delivered()) - sent
        if after_one == 0:
            raise NotYet("Nothing was delivered for a job that ran three times.")
        if after_one != 1:
            raise NotYet(
                f"A job that ran three times was delivered {after_one} times, so its attempts did not send the same key. "
                "(Noting in the job that it was sent does not help: an attempt can die between sending and noting.) "
                "What is the same in each attempt of a job?"
            )
        if after_both == 1:
            raise NotYet(
                "Another job with the same text was not delivered: the key is the same for both. "
                "Two users may get the same text. What differs between two jobs?"
            )
        return "Three attempts of one job, one message; another job with the same text, another message."
    finally:
        queue.empty()


EXERCISES = (
    Exercise(
        name="three-attempts",
        stub="""
answer = ...
""",
        hints=(
            "Retry(max=3) ran four times. Which number makes three?",
            "max is the number of attempts after the first.",
        ),
        solution="""
answer = queue.enqueue(send_notification, {"message": "Three"}, retry=Retry(max=2))
""",
        wrong={
            'answer = queue.enqueue(send_notification, {"message": "Three"}, retry=Retry(max=3))': "that is 4. max counts",
            'answer = queue.enqueue(send_notification, {"message": "Three"})': "no retries for this job",
            'answer = queue.enqueue(send_notification, {"message": "Three"}, retry=Retry(max=1))': "that is 2, not 3",
            'answer = queue.enqueue(send_notification, {"message": "Three", "attempts": 3})': "The data should be",
        },
        judge=_three_attempts,
    ),
    Exercise(
        name="own-jitter",
        stub="""
delay = random.randint(1, 2)


def policy():
    return Retry(max=3, interval=[delay, delay * 2, delay * 4])


answer = ...  # when you have fixed it: answer = policy
""",
        hints=(
            "How often does the line with random.randint run, if policy is called for a hundred jobs?",
            "Draw inside the function; and draw each of the three pauses, with its own upper end.",
        ),
        solution="""
def policy():
    return Retry(max=3, interval=[random.randint(1, longest) for longest in (2, 4, 8)])


answer = policy
""",
        wrong={
            """
delay = random.randint(1, 2)


def policy():
    return Retry(max=3, interval=[delay, delay * 2, delay * 4])


answer = policy
""": "not drawn for each job",
            """
def policy():
    delay = random.randint(1, 2)
    return Retry(max=3, interval=[delay, delay * 2, delay * 4])


answer = policy
""": "they come back in few groups",
            """
def policy():
    return Retry(max=3, interval=random.randint(1, 2))


answer = policy
""": "there should be three of each",
            """
def policy():
    return Retry(max=3, interval=[random.randint(1, 8) for _ in range(3)])


answer = policy
""": "Pause 1 should be from 1 to 2 s",
        },
        judge=_own_jitter,
    ),
    Exercise(
        name="what-can-heal",
        stub="""
def deliver(address, message):
    try:
        if "@" not in address:
            raise ValueError(f"no such address: {address}")
        provider.send(message)
        return "sent"
    except Exception as error:
        return f"given up: {error}"


answer = ...  # when you have fixed it: answer = deliver
""",
        hints=(
            "Which errors in deliver can heal? What must happen to those?",
            "The function `sensible` further up needs no try at all.",
        ),
        solution="""
def deliver(address, message):
    if "@" not in address:
        return f"given up: no such address: {address}"
    provider.send(message)
    return "sent"


answer = deliver
""",
        wrong={
            """
def deliver(address, message):
    try:
        if "@" not in address:
            raise ValueError(f"no such address: {address}")
        provider.send(message)
        return "sent"
    except Exception as error:
        return f"given up: {error}"


answer = deliver
""": "the message is lost",
            """
def deliver(address, message):
    if "@" not in address:
        raise ValueError(f"no such address: {address}")
    provider.send(message)
    return "sent"


answer = deliver
""": "again and again what cannot",
            """
def deliver(address, message):
    provider.send(message)
    if "@" not in address:
        return f"given up: no such address: {address}"
    return "sent"


answer = deliver
""": "went out to the address `ada`",
            """
def deliver(address, message):
    if "@" not in address:
        return None
    provider.send(message)
    return "sent"


answer = deliver
""": "the result should say that it gave up",
        },
        judge=_what_can_heal,
    ),
    Exercise(
        name="same-key",
        stub="""
from uuid import uuid4


def deliver(job, message):
    provider.send(message, key=str(uuid4()))


answer = ...  # when you have fixed it: answer = deliver
""",
        hints=(
            "uuid4 draws a new id each time it is called. When is it called?",
            "A job has an id of its own, which it keeps through all its attempts.",
        ),
        solution="""
def deliver(job, message):
    provider.send(message, key=job.id)


answer = deliver
""",
        wrong={
            """
from uuid import uuid4


def deliver(job, message):
    provider.send(message, key=str(uuid4()))


answer = deliver
""": "was delivered 3 times",
            """
def deliver(job, message):
    if not job.meta.get("sent"):
        provider.send(message)
        job.meta["sent"] = True
        job.save_meta()


answer = deliver
""": "was delivered 2 times",
            """
def deliver(job, message):
    provider.send(message, key=message)


answer = deliver
""": "the key is the same for both",
            """
def deliver(job, message):
    return None


answer = deliver
""": "Nothing was delivered",
        },
        judge=_same_key,
    ),
)
