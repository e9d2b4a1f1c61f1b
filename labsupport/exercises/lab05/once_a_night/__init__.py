"""once-a-night, of 05-schedule."""

import importlib
from collections.abc import Callable

from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from labsupport.exercises import trial
from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import calls, expect, fetched, jobs_of, token
from labsupport.exercises.lab05.planned import later, on_its_own_machine, run_here, tidied

HINTS = (
    "An id made from the day is the same for both calls. job_id alone does not keep a second job out; unique=True does.",
    "unique=True holds as long as RQ knows the first job. After a success that is 500 seconds. Which option makes it longer?",
    "suppress(DuplicateJobError) says in one line that a second job is not needed.",
)

PATH, HOUR = "lab05_jobs.report", 3600


def judge(answer: object, context: Context) -> str:
    expect(Callable, answer, "the function start_report itself, which is not called")
    try:
        importlib.import_module("lab05_jobs").report  # noqa: B018
    except (ImportError, AttributeError):
        raise NotYet(
            "There is no lab05_jobs.report: run the cell that writes lab05_jobs.py, and this one again."
        ) from None
    # Days that nobody uses; a day may become a part of a job's id.
    days = [f"2{token()[:3]}-{number:02}-{token()[:2]}" for number in range(1, 7)]
    with tidied(context) as written:
        return _judge(on_its_own_machine(answer), context, written, *days)


def _judge(
    start: Callable,
    context: Context,
    written: Callable[[], set[str]],
    day: str,
    other: str,
    unlucky: str,
    *crowds: str,
) -> str:
    queue = Queue("reports", connection=context.redis, serializer=JSONSerializer)
    job = _first(start, queue, day, context)
    seen, more = _call(start, queue, day)
    if seen.error == "DuplicateJobError":
        raise NotYet(
            "The second call raised DuplicateJobError: a job of rq cron would fail every night, and hide the failures that "
            "matter. That the report is on its way already is fine."
        )
    if seen.error:
        raise NotYet(f"For the second call, start_report {seen}.")
    if more:
        raise NotYet(
            "Two calls for one day put two jobs on the queue. Each call runs in a process of its own, on a machine of its "
            "own, and only Redis knows of both. What is the same for both?"
        )
    if _runs(queue, day) > 1:
        raise NotYet(
            "Two calls for one day put the same id on the queue twice, and a worker would run it twice. A job_id alone does "
            "not keep a second job out: one more option is needed."
        )
    if _call(start, queue, other)[0].error or not _of(queue, other):
        raise NotYet(
            f"After the report of {day}, that of {other} is not planned: what keeps one out must name the day."
        )
    for one in crowds:
        trial.together(start, [(one,)] * 4)
        if _runs(queue, one) != 1:
            raise NotYet(
                f"Four calls came at the same moment, and a worker would make the report {_runs(queue, one)} times. Between "
                "looking and enqueueing another call finds room; let Redis decide, in one step."
            )
    if not trial.run(trial.without_redis(start), unlucky).error:
        raise NotYet(
            "Redis was away, and start_report raised nothing: the report is not planned, and nobody hears of it. Catch "
            "DuplicateJobError, and no other error."
        )
    run_here(queue, job)
    if Job.exists(job.id, connection=context.redis) and job.get_status() != "finished":
        raise NotYet(f"A worker was given the job, and it is {job.get_status().value}.")
    later(context.redis, HOUR, [*written(), job.key])
    if _call(start, queue, day)[1]:
        kept = 500 if job.result_ttl is None else job.result_ttl
        raise NotYet(
            "A worker made the report. The second call came an hour later, and planned it again: "
            + (
                f"RQ knows a finished job for {kept} s, and then its id is free. The option result_ttl, in seconds, makes it "
                "longer."
                if day in job.id
                else "what you noted about the day is gone by then."
            )
        )
    return "Two calls, four at the same moment, and one an hour after the report was done: one job for each day."


def _first(start: Callable, queue: Queue, day: str, context: Context) -> Job:
    seen, new = _call(start, queue, day)
    if seen.error:
        raise NotYet(f"start_report({day!r}) {seen}.")
    if len(new) != 1:
        raise NotYet(f"One call of start_report put {len(new) or 'no'} jobs on the queue `reports`.")
    job = fetched(new[0], context, queue.name)
    calls(job, PATH, day)
    if 0 <= (left := context.redis.ttl(job.key)) < HOUR:
        raise NotYet(
            f"If no worker takes the job within {left} s, Redis forgets it: ttl says how long a job may wait. How long the "
            "finished job is kept is another option."
        )
    return job


def _call(start: Callable, queue: Queue, day: str) -> tuple[trial.Trial, list[Job]]:
    """One call, in a process of its own, and the jobs that it made."""
    before = {job.id for job in jobs_of(queue)}
    seen = trial.run(start, day)
    return seen, [job for job in jobs_of(queue) if job.id not in before]


def _runs(queue: Queue, day: str) -> int:
    """How often a worker would make the report of this day."""
    return sum(queue.job_ids.count(job.id) for job in _of(queue, day))


def _of(queue: Queue, day: str) -> list[Job]:
    return [job for job in jobs_of(queue) if day in (*job.args, *job.kwargs.values())]
