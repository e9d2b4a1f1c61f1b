"""left-for-ever: find the deferred jobs that no worker will ever run. Read from rq 3.0: job.py, `dependencies_are_met`."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from rq import Queue
from rq.job import Dependency, Job

from labsupport.exercises import trial
from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import expect, killed_here, own_queue, plain

HINTS = (
    "A deferred job waits for others: job.dependency_ids names them. Which of their states will never change by itself?",
    "Job.fetch_many(ids, connection=queue.connection, serializer=queue.serializer) has None for a job that is gone. A gone one "
    "does not count, unless all are gone: then nobody is left to start the child.",
    "failed (unless job.allow_dependency_failures), canceled, stopped: stuck. One that waits for a stuck one is stuck, too.",
)


class Case(NamedTuple):
    """One deferred job, whether it is stuck, and why."""

    job: Job
    stuck: bool
    why: str


def cases(queue: Queue) -> list[Case]:
    """Deferred jobs on the queue, in all the ways in which one waits for another."""

    def job(*parents: Job, lenient: bool = False) -> Job:
        return queue.enqueue("operator.truth", 1, depends_on=Dependency(jobs=list(parents), allow_failure=lenient))

    def parent() -> Job:
        return queue.enqueue("operator.truth", 1)

    def ended(state: str) -> Job:
        one = parent()
        queue.remove(one)
        one.set_status(state)
        return one

    waiting, later = parent(), queue.enqueue_at(datetime.now(timezone.utc) + timedelta(hours=1), "operator.truth", 1)
    failed = killed_here(queue, "operator.truth", 1)
    child_of_failed, child_of_waiting = job(failed), job(waiting)
    canceled, gone, gone_too = parent(), parent(), parent()
    found = [
        Case(child_of_failed, True, "it depends on a job that failed, and takes no failure"),
        Case(child_of_waiting, False, "it depends on a job that still waits in the queue, and runs after it"),
        Case(job(later), False, "it depends on a job that is scheduled, and runs after it"),
        Case(job(ended("started")), False, "it depends on a job that is being run"),
        Case(job(child_of_failed), True, "it depends on a deferred job that is stuck itself"),
        Case(job(child_of_waiting), False, "it depends on a deferred job that will run"),
        Case(job(failed, waiting), True, "it depends on two jobs, of which one failed"),
        Case(
            job(failed, waiting, lenient=True),
            False,
            "one of its two jobs failed, which it allows, and the other still waits",
        ),
        Case(job(canceled), True, "it depends on a job that was canceled"),
        Case(job(canceled, lenient=True), True, "it depends on a canceled job: allow_failure allows failures only"),
        Case(job(ended("stopped")), True, "it depends on a job that was stopped"),
        Case(job(gone), True, "the only job it depends on is gone from Redis, so that nobody will start it"),
        Case(
            job(gone_too, waiting),
            False,
            "one of its two jobs is gone, as finished ones are after a while; the other waits",
        ),
    ]
    canceled.cancel()
    gone.delete()
    gone_too.delete()
    return found


def judge(answer: object, context: Context) -> str:
    expect(Callable, answer, "the function stuck itself")
    assert callable(answer)
    queue = own_queue(context)
    kept = cases(queue)

    def ids(queue: Queue) -> object:
        returned = plain(trial.call(answer, queue))
        if isinstance(returned, (list, set, frozenset, dict)) or hasattr(returned, "__next__"):
            return [one.decode() if isinstance(one, bytes) else getattr(one, "id", one) for one in returned]
        return returned

    seen = trial.run(ids, queue)
    if seen.error or not isinstance(seen.returned, list):
        raise NotYet(f"stuck(queue) {seen}; it should return the jobs, or their ids.")
    found = set(map(str, seen.returned))
    if strange := found - {case.job.id for case in kept}:
        raise NotYet(f"{len(strange)} of what it returned is not in the deferred registry of the queue it was given.")
    for case in kept:
        if case.stuck and case.job.id not in found:
            raise NotYet(f"It does not find a job that no worker will run: {case.why}.")
        if not case.stuck and case.job.id in found:
            raise NotYet(f"It returns a job that will run: {case.why}.")
    stuck = sum(case.stuck for case in kept)
    return f"Of {len(kept)} deferred jobs it finds the {stuck} that nobody will run, and leaves the others alone."
