"""who-was-first: one job waits for another, on two workers."""

import time
from collections.abc import Callable
from typing import Any

from rq import Queue
from rq.job import Job

from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import at_work, expect, jobs_of, own_queue
from labsupport.exercises.trial import call, run
from labsupport.waiting import comes_true

HINTS = (
    "Two workers start both jobs at once, in whatever order they are enqueued. The queue must know that one waits for the "
    "other.",
    "enqueue takes depends_on=, with the job that must be finished before.",
)

KEPT = 60
"""Seconds for which a job is kept at least when it has finished, so that the check can look at it."""

INVOICE, MAIL = 0.7, 0.1
"""Seconds for which the two jobs of the cell sleep: it is by them that a job is known."""


def judge(answer: object, context: Context) -> str:
    expect(Callable, answer, "the function bill itself, which is not called")
    queue = own_queue(context)
    with at_work(queue, context=context, count=2):
        trial = run(_keeping, answer, queue)
        returned = time.time()
        comes_true(lambda: all(job.ended_at for job in jobs_of(queue)), within=3, every=0.1)
    if trial.error:
        raise NotYet(f"bill {trial}.")
    jobs = jobs_of(queue)
    invoices, mails = ([job for job in jobs if _seconds(job) == seconds] for seconds in (INVOICE, MAIL))
    if len(invoices) != 1 or len(mails) != 1 or len(jobs) != 2:
        calls = ", ".join(job.get_call_string() for job in jobs) or "nothing"
        raise NotYet(
            f"bill should put two jobs into the queue that it is given, sleep({INVOICE}) and sleep({MAIL}); "
            f"there is {calls}."
        )
    invoice, mail = invoices[0], mails[0]
    for name, job in (("invoice", invoice), ("mail", mail)):
        if (status := job.get_status()) != "finished":
            guess = (
                "Its moment is a guess of how long the invoice takes. Tell the queue to wait for the invoice itself."
            )
            raise NotYet(
                f"Two workers were there, and the {name} was not done: it is {status.value}. {guess * (status == 'scheduled')}"
            )
    if mail.ended_at <= invoice.started_at:
        raise NotYet("The mail was sent before the invoice was begun. Which of the two has to wait?")
    if (early := (invoice.ended_at - mail.started_at).total_seconds()) > 0:
        raise NotYet(
            f"With two workers, the mail was begun {early:.1f} s before the invoice was done. A queue says in which order jobs "
            "start, and not in which they end."
        )
    if invoice.ended_at.timestamp() < returned and not mail.fetch_dependencies():
        raise NotYet(
            "The order is right, since bill itself waited for the invoice, and whoever calls it waits as well. "
            "Let the queue wait: enqueue both jobs, and say which one depends on the other."
        )
    return "Two workers were free, and the mail was begun when the invoice was done. bill did not wait for either."


def _keeping(bill: Callable, queue: Queue) -> object:
    """In the child, where what is changed ends with it: call bill, and let no job of it be gone when it has finished."""
    save = Job.save

    def kept(job: Job, *arguments: Any, **named: Any) -> object:
        if job.result_ttl is not None and 0 <= job.result_ttl < KEPT:
            job.result_ttl = KEPT
        return save(job, *arguments, **named)

    Job.save = kept  # type: ignore[method-assign]
    return call(bill, queue)


def _seconds(job: Job) -> object:
    """What the job's function is called with, if it is sleep with one argument."""
    given = [*job.args, *job.kwargs.values()]
    return given[0] if job.func_name == "time.sleep" and len(given) == 1 else None
