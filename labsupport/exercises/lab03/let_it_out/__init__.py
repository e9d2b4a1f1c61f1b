"""let-it-out, of 03-fail."""

from collections.abc import Callable
from dataclasses import asdict

from labsupport.exercises.exercise import Bench, NotYet
from labsupport.exercises.judging import expect
from labsupport.notifications.provider import Provider

HINTS = (
    "What does RQ do with a job that returns False?",
    "RQ logs the exception by itself. Which lines of deliver does nobody need?",
)


def judge(answer: object, bench: Bench) -> str:
    expect(Callable, answer, "the function deliver")
    provider = Provider(bench.redis)
    before = provider.behaviour()
    try:
        provider.behave(down=True)
        try:
            returned = answer("while the provider is down")
        except Exception as error:
            raised = type(error).__name__
        else:
            raise NotYet(
                f"The provider was down, and deliver returned {returned!r}. For RQ a job that returns, whatever it "
                "returns, is finished: no retry, no alarm. Let the error out."
            )
        provider.behave()
        sent = len(provider.delivered())
        try:
            returned = answer("while the provider is up")
        except Exception as error:
            raise NotYet(f"The provider was up, and deliver raised {type(error).__name__}: {error}.") from None
        if len(provider.delivered()) == sent:
            raise NotYet("The provider was up, and nothing was delivered.")
        if returned is not True:
            raise NotYet(f"The message was delivered, and deliver returned {returned!r} instead of True.")
        return f"Down, it raises {raised}, so RQ can retry and count it. Up, it delivers."
    finally:
        provider.behave(**asdict(before))
