"""same-key, of 04-retry."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict

from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from labsupport.exercises.exercise import Bench, NotYet
from labsupport.exercises.judging import expect
from labsupport.notifications.provider import Provider, ProviderError

HINTS = (
    "uuid4 draws a new id each time it is called. When is it called?",
    "A job has an id of its own, which it keeps through all its attempts.",
)


@contextmanager
def _provider(redis: Redis) -> Iterator[Provider]:
    """The stand-in provider, which behaves afterwards as it did before."""
    provider = Provider(redis)
    before = provider.behaviour()
    try:
        yield provider
    finally:
        provider.behave(**asdict(before))


def judge(answer: object, bench: Bench) -> str:
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
