"""same-key, of 04-retry."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from rq import Retry
from rq.job import Job
from rq.utils import now

import __main__
from labsupport.exercises import trial
from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import expect, own_queue, provider, token
from labsupport.namespace import root
from labsupport.notifications.provider import Provider

HINTS = (
    "uuid4 draws a new id each time it is called. When is it called?",
    "A job has an id of its own, which it keeps through all its attempts.",
)


def judge(answer: object, context: Context) -> str:
    expect(Callable, answer, "the function deliver")
    queue = own_queue(context)
    one, other = (queue.enqueue("operator.truth", 1, retry=Retry(max=5)) for _ in range(2))
    other.created_at = one.created_at  # as it can be, if two processes enqueue
    other.save()
    try:
        return _judged(answer, one, other, context)
    finally:
        for job in (one, other):
            job.delete()
            # What the reader's code noted about it.
            for key in context.redis.scan_iter(match=f"{root()}*{job.id}*", count=1000):
                context.redis.unlink(key)


def _judged(answer: Callable, one: Job, other: Job, context: Context) -> str:
    text = f"Your code is {token()}"
    with provider(context) as way:
        attempts = _Attempts(answer, text, way)
        if not attempts.fails(one, down=True):
            raise NotYet(
                f"The provider was down, and deliver {attempts.last}: for RQ the job is finished, and the message is lost. "
                "Let the error out."
            )
        if not attempts.fails(one, lost_reply=True):
            if not way.delivered():
                raise NotYet(
                    "The provider was down at the first attempt. At the second one it was up: nothing was sent, and deliver "
                    f"{attempts.last}. Whoever notes `sent` before sending loses the message when the sending fails."
                )
            raise NotYet(
                f"The message went out, the provider's answer was lost, and deliver {attempts.last}. Let the error out: "
                "the caller cannot know whether the message is out."
            )
        for _ in range(2):
            if attempts.fails(one):
                raise NotYet(f"The provider was up, and deliver {attempts.last}.")
        sent = way.delivered()
        if sent.count(text) != len(sent):
            raise NotYet(f"The message was {text!r}, and the provider delivered {sent[0]!r}.")
        if len(sent) != 1:
            raise NotYet(
                f"A job that ran four times was delivered {len(sent)} times: its attempts did not send the same key. "
                "An attempt can die between sending and noting, and each runs in a process of its own. What is the same "
                "in each attempt of a job?"
            )
        if attempts.fails(other):
            raise NotYet(f"The provider was up, and for another job deliver {attempts.last}.")
        if len(way.delivered()) == 1:
            raise NotYet(
                "Another job with the same text was not delivered: the key is the same for both. "
                "Two users may get the same text. What differs between two jobs?"
            )
    return "Four attempts of one job, one message; another job with the same text, another message."


@dataclass
class _Attempts:
    """Attempts at delivering one text, each in a process of its own and with the job fetched anew."""

    answer: Callable
    text: str
    way: Provider
    last: trial.Trial = trial.Trial()
    _jobs: list[Job] = field(default_factory=list)
    """Kept, so that no two have the same place in memory."""

    def fails(self, job: Job, **behaviour: bool) -> bool:
        """Make one more attempt, while the provider behaves so. Whether RQ would try again."""
        self.way.behave(**behaviour)
        fresh = Job.fetch(job.id, connection=job.connection, serializer=job.serializer)
        # What RQ changes from one attempt to the next.
        fresh.enqueued_at, fresh.started_at, fresh.last_heartbeat, fresh.worker_name = now(), now(), now(), token()
        fresh.retries_left = (fresh.retries_left or 1) - 1
        fresh.save(include_meta=False)
        self._jobs.append(fresh)
        self.last = trial.run(_salted(self.answer), fresh, self.text, job=fresh)
        return bool(self.last.error) or isinstance(self.last.returned, Retry)


def _salted(answer: Callable) -> Callable:
    """The function as another worker has it, where `hash` of the same text is another number."""

    def call(*arguments: object) -> object:
        salt = token()
        __main__.hash = lambda value: hash((salt, value) if isinstance(value, (str, bytes)) else value)
        returned = answer(*arguments)
        return asyncio.run(returned) if asyncio.iscoroutine(returned) else returned

    return call
