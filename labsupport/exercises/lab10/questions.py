"""The model answers to the four questions of 10-ship."""

from collections.abc import Callable

import pandas as pd
from rq import Queue
from rq.job import Job

from labsupport.measure import load

# The four questions. Each model answer cites what this run measured.


def _why(in_request: pd.DataFrame, queued: pd.DataFrame) -> str:
    slow, fast = load.summary(in_request), load.summary(queued)
    return (
        f"Because the user should not wait for what the user need not wait for. Under the same load, half of the users "
        f"waited for {slow.p50:.2f} s with the work in the request and for {fast.p50:.3f} s with a queue. The work did not "
        f"get faster: it was moved to where nobody waits in line for it, and where it can be counted, limited and retried. "
        f"The price is that a 202 is a promise and not a result, and that someone must watch the queue."
    )


def _redis(requests: pd.DataFrame, queue: Queue) -> str:
    accepted = list(requests.loc[requests["status"] == 202, "job"])
    jobs = Job.fetch_many(accepted, connection=queue.connection, serializer=queue.serializer)
    kept = sum(job is not None for job in jobs)
    return (
        f"It is the one place that API and workers share: a list of the ids that wait, a hash for each job, and sorted sets "
        f"for what runs, is scheduled, has failed or is finished. Changes that belong together are one transaction, and a "
        f"worker moves an id from one list to another, so that no crash leaves a job half enqueued. Whether it survives "
        f"Redis itself depends on persistence: with an append-only file, {kept} × kept and {len(jobs) - kept} × lost "
        f"after a SIGKILL. Its commands to workers (pub/sub) are not kept."
    )


def _failure(attempts: pd.DataFrame) -> str:
    again = attempts["outcome"] == "retried"
    ended = attempts["outcome"].value_counts()
    return (
        f"An attempt that raises is over, and the job is tried again if it has retries left: {again.sum()} × retried in this "
        f"lab, by the scheduler after a pause, while {ended.get('failed', 0)} × failed for good and stayed in the failed "
        f"registry with the traceback, where it can be requeued on demand. A worker that dies takes its job down with it; "
        f"another one finds it a minute and a half later. So a job may run twice, and must be harmless when it does: ours "
        f"sends its id along as a key."
    )


def _uses(attempts: pd.DataFrame) -> str:
    kinds = attempts.drop_duplicates("job")["function"].str.rpartition(".")[2].value_counts()
    return (
        f"For work that is slow, that can fail for reasons of its own, or that comes in bursts. Here: notifications "
        f"({kinds.get('send_notification', 0)} × enqueued), which wait for a provider; analytics "
        f"({kinds.get('sync_analytics', 0)} × enqueued), collected and written in batches; and user data "
        f"({kinds.get('update_user', 0)} × enqueued), where each update is harmless when repeated, and the last one wins. "
        f"Not for what the user must see in the answer, and not for what takes a millisecond."
    )


MODELS: dict[str, Callable[..., str]] = {"why": _why, "redis": _redis, "failure": _failure, "uses": _uses}


def compare(question: str, mine: object, *figures: object) -> None:
    """Show a model answer to one of the four questions, beside the reader's own, with figures of this run.

    question: why, redis, failure or uses. mine: the reader's own answer. figures: what the lab measured for it.
    """
    if mine is ...:
        print("Not answered yet. Put a sentence or two of your own in place of the ... and run the cell again.")
        return
    print(f"Yours: {mine}\n\nA possible answer: {MODELS[question](*figures)}")
