"""The model answers to the four questions of 10-ship. Each cites what this run measured."""

import pandas as pd
from rq import Queue
from rq.job import Job

from labsupport.measure import load


def _why(in_request: pd.DataFrame, queued: pd.DataFrame) -> str:
    slow, fast = load.summary(in_request), load.summary(queued)
    return (
        f"The user should not wait for work that the answer does not need. Under the same load, half of the users waited "
        f"{slow.p50:.2f} s or more with the work in the request, and {fast.p50:.3f} s or more with a queue. The work did not get "
        f"faster. It waits where no user waits in line for it, and where it is counted, limited and retried. The price: a 202 "
        f"is a promise and not a result, and someone must watch the queue."
    )


def _redis(requests: pd.DataFrame, queue: Queue) -> str:
    accepted = list(requests.loc[requests["status"] == 202, "job"])
    jobs = Job.fetch_many(accepted, connection=queue.connection, serializer=queue.serializer)
    kept = sum(job is not None for job in jobs)
    return (
        f"It is the one place that API and workers share: a list of the ids that wait, a hash for each job, and sorted sets "
        f"for what runs, is scheduled, has failed or is finished. Enqueueing is one transaction, so no job is half enqueued. A "
        f"worker moves an id from the queue to another list, so no job is half taken. Persistence decides what survives the "
        f"death of Redis: with an append-only file, {kept} × kept and {len(jobs) - kept} × lost after a SIGKILL."
    )


def _failure(attempts: pd.DataFrame) -> str:
    again = attempts["outcome"] == "retried"
    ended = attempts["outcome"].value_counts()
    return (
        f"An attempt that raises is over. The job is tried again if it has a retry left: {again.sum()} × retried in this lab, "
        f"after a pause that a scheduler ends. {ended.get('failed', 0)} × failed for good: such a job stays in the failed list "
        f"with its traceback, and can be requeued. A worker that dies takes its job down with it. Another worker finds that job "
        f"a minute or more later, at its next maintenance, and tries it again if it has a retry left. So a job may run twice, "
        f"and must be harmless then: ours sends its id along as a key."
    )


def _uses(attempts: pd.DataFrame) -> str:
    sent = attempts.loc[attempts["function"].str.endswith("send_notification"), "job"].nunique()
    return (
        f"For work that is slow, that can fail, or that comes in bursts. Here: {sent} × a notification, which waits for a "
        f"provider. The service queues two more kinds: events for the analytics, which are collected and written in batches, "
        f"and updates of users, which are harmless when repeated. Not for what the user must see in the answer, and not for "
        f"what takes a millisecond."
    )


def compare(
    mine: object,
    in_request: pd.DataFrame,
    queued: pd.DataFrame,
    requests: pd.DataFrame,
    attempts: pd.DataFrame,
    queue: Queue,
) -> None:
    """Show a model answer to each of the four questions, below the reader's own, with figures of this run.

    mine: the reader's own words. in_request, queued: one load each, by the two ways. requests: those under which things
    broke. attempts: all of the lab.
    """
    if mine is ...:
        print("Not answered yet. Put a sentence or two of your own in place of the ... and run the cell again.")
        return
    models = [_why(in_request, queued), _redis(requests, queue), _failure(attempts), _uses(attempts)]
    answers = "\n\n".join(f"{number}. {model}" for number, model in enumerate(models, 1))
    print(f"Yours: {mine}\n\nA possible answer: to each question in turn.\n\n{answers}")
