"""ask-later: wait for a job's result."""

import random
from collections.abc import Callable
from statistics import mean

from rq.exceptions import InvalidJobOperation
from rq.job import Job, JobStatus

from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import at_work, expect, own_queue
from labsupport.exercises.trial import run

HINTS = (
    "Print job.get_status() in the function. What does it say at the moment when return_value() is asked?",
    "Somebody has to wait until the job is finished. `watch`, further up, does so by asking again and again.",
    "lab.wait(job) returns when the job has ended. RQ has a way of its own, too: job.latest_result(timeout=10).",
)

BEFORE = 1.5
"""Seconds for which another job keeps the worker busy: longer than a pause of one second."""


def judge(answer: object, context: Context) -> str:
    expect(Callable, answer, "the function result_of itself, which is not called")
    numbers = [random.randint(1, 1000) * 3 for _ in range(3)]
    queue = own_queue(context)
    busy = queue.enqueue("time.sleep", BEFORE)
    job = queue.enqueue("statistics.mean", numbers)
    with at_work(queue, context=context):
        trial = run(answer, job)
        status = _status(job, busy)
    if trial.error:
        raise NotYet(f"For a job that returns the mean of {numbers}, result_of {trial}.")
    if trial.returned is None and status == JobStatus.FINISHED:
        raise NotYet(
            "The worker has finished the job, and your function returned None. Return what return_value() says."
        )
    if trial.returned is None:
        raise NotYet(
            "None. The job had to wait, since its worker was busy with another one, and your function asked before it was "
            "finished. No pause of a fixed length is long enough: ask until the job is finished."
        )
    if status != JobStatus.FINISHED:
        raise NotYet(
            f"Your function {trial} while the job was still {status.value}: no worker had run it. "
            "Wait for the worker, and return what the job returned."
        )
    if not isinstance(trial.returned, int | float) or trial.returned != mean(numbers):
        raise NotYet(
            f"The worker computed {mean(numbers)}, and result_of {trial}. "
            "What the job's function returned is what return_value() says once the job is finished."
        )
    return f"The job waited behind another one, a worker finished it, and your function returned its result, {trial.returned}."


def _status(job: Job, busy: Job) -> JobStatus:
    """The job's status. One that is gone was finished, and the answer deleted it when it had its result.

    busy: the job before it. Raises NotYet if the worker was at that one when the answer returned.
    """
    try:
        return job.get_status()
    except InvalidJobOperation:
        if busy.get_status() == JobStatus.FINISHED:
            return JobStatus.FINISHED
    raise NotYet("Your function deleted the job, and no worker had run it yet. Wait for the worker first.")
