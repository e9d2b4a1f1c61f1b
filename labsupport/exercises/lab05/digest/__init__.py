"""digest, of 05-schedule."""

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone

from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from labsupport.exercises import trial
from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import expect, jobs_of, provider, token
from labsupport.exercises.lab05.planned import elsewhere, if_naive, lasts, later, planned, run_here, tidied

HINTS = (
    "A digest that was sent leaves its id taken for 500 seconds. Which option says how long a finished job is kept?",
    "result_ttl=0 deletes the job when it is done. And which option says how long a failed job is kept?",
    "Or the id may differ for each ten minutes: then no old job stands in its way.",
)

PATH = "lab05_digest.send"
SHORT, SOON = timedelta(minutes=8), timedelta(minutes=11)
"""What was asked for is ten minutes; an answer that goes by the clock's ten minutes has nine."""


def judge(answer: object, context: Context) -> str:
    expect(Callable, answer, "the function note itself, which is not called")
    try:
        importlib.import_module(PATH.partition(".")[0])
    except ImportError:
        raise NotYet(
            "There is no lab05_digest.send: run the cell that writes lab05_digest.py, and this one again."
        ) from None
    users = [f"user{token()}" for _ in range(3)]
    with tidied(context) as written:
        desk = _Desk(elsewhere(answer), context, written)
        try:
            return desk.judged(*users)
        finally:
            desk.clear()


class _Desk:
    """Events for one answer, each noted in a process of its own, and what comes of them."""

    def __init__(self, note: Callable, context: Context, written: Callable[[], set[str]]):
        self._note, self._context, self._written = note, context, written
        self._queue = Queue("digests", connection=context.redis, serializer=JSONSerializer)
        # Eleven minutes past, so that an answer that goes by hours or by ten minutes of the clock sees one of them.
        hour = datetime.now(timezone.utc).replace(minute=0, second=0, microsecond=0)
        self._now = hour + timedelta(minutes=71)
        self._made: dict[str, set[str]] = {}
        """The ids of the jobs that came into being with each user's events."""

    def judged(self, lucky: str, unlucky: str, crowded: str) -> str:
        events = [f"event {token()}" for _ in range(3)]
        for number, event in enumerate(events):
            self._event(lucky, event, timedelta(minutes=4 * number))
        jobs = self._jobs(lucky)
        if not jobs:
            raise NotYet("Three events of a user came, and no job is planned on the queue `digests`.")
        if len(jobs) > 1:
            raise NotYet(
                f"Three events of a user came within eight minutes, and planned {len(jobs)} jobs: no mail has all three."
            )
        self._sound(jobs[0])
        self._event(unlucky, "lost")
        if len(self._jobs(unlucky)) != 1:
            raise NotYet("The first user has a job, and the second one gets none: the id must say whose digest it is.")
        with self._noticed(crowded):
            crowd = trial.together(self._note, [(crowded, f"event {n}", self._now) for n in range(4)])
        for seen in crowd:
            if seen.error:
                raise NotYet(f"Four events came at the same moment, and note {seen}.")
        if len(self._jobs(crowded)) != 1:
            raise NotYet(
                f"Four events came at the same moment, and planned {len(self._jobs(crowded))} jobs. Between looking and "
                "enqueueing another event finds room; let Redis decide, in one step."
            )
        for job in self._jobs(crowded):
            job.delete()
        delivered = self._both_run(jobs[0], self._jobs(unlucky)[0], unlucky)
        if sorted(delivered) != [", ".join(events)]:
            last = jobs[0].latest_result() if Job.exists(jobs[0].id, self._context.redis) else None
            why = f" The job failed: {last.exc_string.splitlines()[-1]}." if last and last.exc_string else ""
            raise NotYet(f"A worker sent the digest of {events}, and the provider delivered {delivered}.{why}")
        self._again(lucky, "The digest was sent", "result_ttl", "500 s")
        self._again(unlucky, "The digest failed for good", "failure_ttl", "a year")
        return "Three events made one digest; after it was sent, and after one had failed, the next event planned a new one."

    def clear(self) -> None:
        """Forget how the jobs ended: the deletion of one that was planned anew does not find that."""
        for registry in (self._queue.finished_job_registry, self._queue.failed_job_registry):
            for made in self._made.values():
                if made:
                    registry.connection.zrem(registry.key, *made)

    @contextmanager
    def _noticed(self, user: str) -> Iterator[None]:
        before = {job.id for job in jobs_of(self._queue)}
        yield
        self._made.setdefault(user, set()).update({job.id for job in jobs_of(self._queue)} - before)

    def _event(self, user: str, event: str, after: timedelta = timedelta(0)) -> None:
        with self._noticed(user):
            seen = trial.run(self._note, user, event, self._now + after)
        if seen.error:
            fine = " That a digest is planned already is fine." if seen.error == "DuplicateJobError" else ""
            raise NotYet(f"note {seen}.{fine}")

    def _jobs(self, user: str) -> list[Job]:
        """The user's digests that are planned or wait in the queue, one for each time that a worker would run them."""
        known = {job.id: job for job in jobs_of(self._queue)}
        ids = [*(job.id for job in planned(self._queue)), *self._queue.job_ids]
        return [known[one] for one in ids if one in known and one in self._made.get(user, ())]

    def _sound(self, job: Job) -> None:
        """Raise NotYet unless the job is the digest, and due ten minutes after its first event."""
        if job.func_name != PATH:
            raise NotYet(f"The job should call {PATH}; it calls {job.func_name}.")
        moment = planned(self._queue).get(job)
        if moment is None:
            raise NotYet("The job is in the queue, and not planned for later: the first event makes a mail of its own.")
        # By the moment of the event, or by the clock of whoever noted it.
        waits = [moment - self._now, moment - datetime.now(timezone.utc)]
        if not any(SHORT < wait <= SOON for wait in waits):
            minutes = waits[0].total_seconds() / 60
            moved = " Each event moves the job, so a user with many events gets no mail." if 17 < minutes < 19 else ""
            when = f"{abs(minutes):.0f} minutes {'after' if minutes > 0 else 'before'}"
            naive = "".join({if_naive(wait - timedelta(minutes=10)) for wait in waits})
            raise NotYet(
                f"The digest is due {when} its first event, and should be due ten minutes after it.{moved}{naive}"
            )
        lasts(job, self._context.redis)

    def _both_run(self, lucky: Job, unlucky: Job, user: str) -> list[str]:
        """Let a worker run both digests; the one of `user` fails. Returns what was delivered."""
        redis = self._context.redis
        spoiled = [key for key in redis.scan_iter(match=f"*{user}*", count=1000) if redis.type(key) == b"list"]
        for key in spoiled:
            redis.rename(key, key + b":kept")
            redis.set(key, "no list, so that the job fails")
        with provider(self._context) as one:
            run_here(self._queue, lucky, unlucky)
            delivered = one.delivered()
        for key in spoiled:
            redis.rename(key + b":kept", key)
        later(redis, 660, self._written())
        later(redis, 60, [lucky.key, unlucky.key])
        return delivered

    def _again(self, user: str, when: str, option: str, default: str) -> None:
        self._event(user, "one more", SOON + timedelta(minutes=2))
        jobs = self._jobs(user)
        if len(jobs) > 1:
            raise NotYet(f"{when}, and a minute after that another event planned {len(jobs)} jobs.")
        if not jobs:
            said = f"{when}, and a minute after that another event came: no job is planned for it."
            if any(user in one and self._context.redis.exists(Job.key_for(one)) for one in self._made[user]):
                raise NotYet(
                    f"{said} The id is still taken, by default for {default}. The option {option} says how long, in seconds; "
                    "or give each digest an id of its own."
                )
            raise NotYet(f"{said} What keeps a second job out is still there when the first one is over.")
