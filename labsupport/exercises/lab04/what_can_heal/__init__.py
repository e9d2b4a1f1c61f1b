"""what-can-heal, of 04-retry."""

import asyncio
from collections.abc import Callable

from rq import Retry, get_current_job
from rq.job import Job

from labsupport.exercises import trial
from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import expect, own_queue, provider, token

HINTS = (
    "Which errors in deliver can heal? What must happen to those?",
    "The function `sensible` further up needs no try at all.",
)

TROUBLES = {
    "was down": {"down": True},
    "answered with an error": {"failure_rate": 1.0},
    "took no more calls in this second": {"rate_limit": -1},  # every call is one too many
    "delivered, but its answer was lost": {"lost_reply": True},
    "hung until the job's timeout": {"latency": 30.0},
}
"""What can heal, and how the stand-in for the provider does it."""

NO_RETRY = "raised, and took its own retries away"
"""What an attempt returns whose function does so."""


def judge(answer: object, context: Context) -> str:
    expect(Callable, answer, "the function deliver")
    job = own_queue(context).enqueue("operator.truth", 1, retry=Retry(max=2))
    for trouble, behaviour in TROUBLES.items():
        with provider(context, **behaviour):
            tried = _attempt(answer, f"{token()}@example.org", token(), job, limit="latency" in behaviour)
        if not _retried(tried):
            raise NotYet(
                f"The provider {trouble}, and deliver {_what(tried)}: RQ would not try again, and the message is lost. What is "
                "wrong at the provider can heal; let all such errors out."
            )
    for host in ("example.org", "mail.example.com"):
        _to_an_address(answer, f"{token()}@{host}", job, context)
    texts = [_to_nobody(answer, address, job, context) for address in ("ada", token(), f"{token()}.example.org")]
    return f"All that went wrong at the provider would be retried; a wrong address gives up: {texts[0]:.80}"


def _to_an_address(answer: Callable, address: str, job: Job, context: Context) -> None:
    message = token()
    with provider(context) as one:
        tried = _attempt(answer, address, message, job)
        delivered = one.delivered()
    where = f"The provider was up, and deliver({address!r}, {message!r})"
    if not delivered:
        raise NotYet(f"{where} {tried}; the provider delivered nothing.")
    if delivered != [message]:
        what = "the message twice" if delivered == [message] * 2 else ", ".join(map(repr, delivered))
        raise NotYet(f"{where} {tried}; the provider delivered {what}.")
    if tried.error or tried.returned != "sent":
        raise NotYet(f"{where} was delivered; deliver {tried} and should return 'sent'.")


def _to_nobody(answer: Callable, address: str, job: Job, context: Context) -> str:
    with provider(context) as one:
        tried = _attempt(answer, address, token(), job)
        delivered = one.delivered()
    if delivered:
        raise NotYet(f"A message went out to the address {address!r}, which is none.")
    if _retried(tried):
        raise NotYet(
            f"For the address {address!r}, deliver {tried}. RQ would try again what cannot heal. Return instead, and say "
            "why in the result."
        )
    if not isinstance(tried.returned, str) or tried.returned == "sent" or len(tried.returned.strip()) < 5:
        raise NotYet(
            f"For the address {address!r}, deliver {tried}. Whoever counts what was sent needs a text as the result "
            "that says what happened."
        )
    return _what(tried)


def _attempt(answer: Callable, address: str, message: str, job: Job, limit: int = 0) -> trial.Trial:
    """One attempt in a process of its own, as RQ makes it, with a timeout of `limit` seconds."""

    def attempt(*arguments: str) -> object:
        try:
            returned = answer(*arguments)
            return asyncio.run(returned) if asyncio.iscoroutine(returned) else returned
        except Exception:
            if get_current_job().retries_left == 0:
                return NO_RETRY
            raise

    return trial.run(attempt, address, message, job=job, limit=limit)


def _what(tried: trial.Trial) -> str:
    return NO_RETRY if tried.returned == NO_RETRY else str(tried)


def _retried(tried: trial.Trial) -> bool:
    return bool(tried.error) or isinstance(tried.returned, Retry)
