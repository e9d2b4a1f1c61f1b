"""dies-out, of 05-schedule."""

import os
import secrets
import signal
import time
from collections.abc import Callable
from datetime import timedelta

from redis import Redis
from rq import Queue
from rq.job import Job
from rq.utils import now

from labsupport.exercises import trial
from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import expect, own_queue, token
from labsupport.exercises.lab05.planned import elsewhere, if_naive, lasts, planned, tidied
from labsupport.exercises.trial import Trial
from labsupport.waiting import comes_true

HINTS = (
    "What is planned before ask() is planned, however ask() ends. finally does not run in a process that is killed.",
    "A retry then plans once more. How can RQ know that it is the same next run? A job can have an id of your choice.",
    'job_id=f"poll-{number + 1}" is the same in each attempt of a run. Planned twice, it is one entry in the sorted set.',
)

PATH = "lab05_jobs.poll"
SOONEST, LATEST = 35, 65
"""Seconds until the next run, which was asked for in 60: a busy machine looks some seconds later."""


def judge(answer: object, context: Context) -> str:
    expect(Callable, answer, "the function poll itself, which is not called")
    queue = own_queue(context)
    # Something else waits on the same queue, as on any real one.
    other = queue.enqueue_in(timedelta(hours=1), "operator.truth", 1)
    number = 100 * secrets.randbelow(10**5) + 100  # a check after this one finds nothing that was noted about it
    with tidied(context):
        runs = _Runs(elsewhere(answer), queue, other, context.redis)
        _first(runs, number)
        _failed(runs, number + 20)
        _killed(runs, number + 40)
    return (
        "After a success, an error and a kill there was one next run, after a retry, too; and the next run planned the one "
        "after it."
    )


class _Runs:
    """Runs of the answer, each in a process of its own, as a job of its own."""

    def __init__(self, answer: Callable, queue: Queue, other: Job, redis: Redis):
        self._answer, self._queue, self._other, self._redis = answer, queue, other, redis
        self._counter = f"{queue.key}:{token()}"
        self.asked = 0

    def run(self, number: int, ends: str, job: Job | None = None) -> Trial | None:
        """One run, whose `ask` returns, raises or is killed. None if the process was killed. Sets `asked`."""
        redis, counter = self._redis, self._counter
        redis.delete(counter)

        def ask() -> list[str]:
            redis.incr(counter)
            if ends == "raises":
                raise ConnectionResetError("the mailbox does not answer")
            if ends == "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            return []

        job = job or self.made()
        try:
            seen = trial.run(self._answer, self._queue, ask, number, job=job)
        except NotYet:
            if ends != "killed" or not redis.exists(counter):
                raise
            seen = None
        self.asked = int(redis.get(counter) or 0)
        return seen

    def made(self) -> Job:
        """A job that runs."""
        job = self._queue.create_job("operator.truth", (1,), status="started")
        job.save()
        return job

    def next_ones(self) -> dict[Job, float]:
        """The planned runs, and in how many seconds each is due."""
        moments = planned(self._queue)
        if moments.pop(self._other, None) is None:
            raise NotYet("Another job waited on the same queue, and poll took it away.")
        return {job: (due - now()).total_seconds() for job, due in moments.items()}

    def waiting(self) -> int:
        return self._queue.count

    def takes(self, job: Job) -> None:
        """Let the planned job run, as a scheduler and a worker do."""
        self._redis.zrem(self._queue.scheduled_job_registry.key, job.id)
        job.set_status("started")

    def forget(self) -> None:
        for job in self.next_ones():
            job.delete()


def _first(runs: _Runs, number: int) -> None:
    """A run, and the next one, which it planned."""
    seen = runs.run(number, "returns")
    if seen.error:
        raise NotYet(f"In a run in which ask raises nothing, poll {seen}.")
    if runs.asked != 1:
        raise NotYet(
            f"In one run, ask was called {runs.asked} times." if runs.asked else "In one run, ask was not called."
        )
    following = _one_next(runs, number + 1, "ask returned")
    runs.takes(following)
    seen = runs.run(number + 1, "returns", following)
    if seen.error:
        raise NotYet(
            f"The next run came, and poll {seen}."
            + " The id is the same for each run, and taken by the run in hand." * (seen.error == "DuplicateJobError")
        )
    if following.id in [job.id for job in runs.next_ones()]:
        raise NotYet(
            "The next run came, and planned another one with its own id. When it ends, RQ writes its end and its number over "
            "that. Make the id from the number."
        )
    if not runs.next_ones():
        raise NotYet(
            "The next run came, and did not plan another one. The id, or what you noted, is the same for each run, so the run "
            "in hand keeps its own successor out. Make it from the number."
        )
    _one_next(runs, number + 2, "the next run came")
    runs.forget()


def _failed(runs: _Runs, number: int) -> None:
    job = runs.made()
    seen = runs.run(number, "raises", job)
    if not runs.next_ones() and not runs.waiting():
        raise NotYet(
            "ask raised an error, and no next run is planned: the polling has died out. What comes after ask() in the "
            "function is not reached."
        )
    if not seen.error:
        raise NotYet(
            f"ask raised an error, and poll {seen}: for RQ the job is finished, and nobody hears of the error."
        )
    if "ConnectionResetError" not in seen.kinds and "the mailbox does not answer" not in seen.message:
        raise NotYet(f"ask raised ConnectionResetError, and poll {seen}.")
    _one_next(runs, number + 1, "ask raised an error")
    second = int(time.time())
    comes_true(lambda: int(time.time()) > second, within=2)  # the retry comes in another second of the clock
    seen = runs.run(number, "returns", job)
    if seen.error:
        raise NotYet(
            f"A run failed, was retried with the same number, and poll {seen}."
            + " That the next run is planned already is fine." * (seen.error == "DuplicateJobError")
        )
    if runs.asked != 1:
        raise NotYet("A run failed and was retried with the same number: the retry did not call ask.")
    _one_next(runs, number + 1, "a run failed and was retried")
    runs.forget()


def _killed(runs: _Runs, number: int) -> None:
    job = runs.made()
    runs.run(number, "killed", job)
    if not runs.next_ones():
        raise NotYet(
            "The work-horse was killed inside ask, and no next run is planned. Neither finally nor except runs in a process "
            "that is killed. What is planned before ask() is planned."
        )
    _one_next(runs, number + 1, "the work-horse was killed inside ask")
    runs.run(number, "returns", job)
    _one_next(runs, number + 1, "the work-horse was killed and the run was retried")
    runs.forget()


def _one_next(runs: _Runs, number: int, when: str) -> Job:
    """The next run. Raises NotYet unless it is one, with this number, in a minute."""
    if runs.waiting():
        raise NotYet(f"When {when}, the next run went into the queue: a worker runs it at once, and not in a minute.")
    following = runs.next_ones()
    if not following:
        raise NotYet(f"When {when}, no next run was planned.")
    if len(following) > 1:
        raise NotYet(
            f"When {when}, {len(following)} next runs are planned: from now on there are {len(following)} pollings, and each "
            "failure adds one. What tells RQ that it is the same next run?"
        )
    [(job, seconds)] = following.items()
    if job.repeats_left:
        raise NotYet(
            "The next run plans one more, and has a Repeat as well: from then on there are two pollings. One of the two will "
            "do, and Repeat stops at a failure."
        )
    if job.func_name != PATH:
        raise NotYet(f"The next run calls {job.func_name}; it should call {PATH}.")
    given = list(job.args) + list(job.kwargs.values())
    if given != [number]:
        stray = " jobId is no option of RQ's, and went along as data: RQ says job_id." * ("jobId" in job.kwargs)
        raise NotYet(f"When {when}, the next run gets {given}; its number should be {number}.{stray}")
    if not SOONEST < seconds < LATEST:
        naive = if_naive(timedelta(seconds=seconds - 60))
        raise NotYet(f"When {when}, the next run is due in {seconds:.0f} s; it should be a minute.{naive}")
    lasts(job, job.connection)
    return job
