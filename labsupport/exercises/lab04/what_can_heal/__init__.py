"""what-can-heal, of 04-retry."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict

from redis import Redis

from labsupport.exercises.exercise import Bench, NotYet
from labsupport.exercises.judging import expect
from labsupport.notifications.provider import Provider

HINTS = (
    "Which errors in deliver can heal? What must happen to those?",
    "The function `sensible` further up needs no try at all.",
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
