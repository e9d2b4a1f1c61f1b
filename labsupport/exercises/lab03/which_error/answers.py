"""Answers to which-error."""

from __main__ import Job


# %% solution
def again(queue, error):
    ids = queue.failed_job_registry.get_job_ids()
    for job in Job.fetch_many(ids, connection=queue.connection, serializer=queue.serializer):
        last_line = job.latest_result().exc_string.strip().splitlines()[-1]
        if last_line.split(":")[0].endswith(error):
            queue.failed_job_registry.requeue(job)


answer = again

# %% right: one by one, with requeue_job
from rq import requeue_job


def again(queue, error):
    done = []
    for name in queue.failed_job_registry.get_job_ids():
        reason = queue.fetch_job(name).latest_result().exc_string
        if reason.strip().splitlines()[-1].partition(":")[0].rpartition(".")[2] == error:
            requeue_job(name, queue.connection, serializer=queue.serializer)
            done.append(name)
    return done


answer = again

# %% right: a pattern, and the job's own method
import re


async def again(queue, error):
    jobs = map(queue.fetch_job, queue.failed_job_registry.get_job_ids())
    return [job.requeue() for job in jobs if re.search(rf"^[\w.]*\b{error}(:|$)", job.latest_result().exc_string, re.M)]


answer = again

# %% right: by exc_info, at the front, with a partial
from functools import partial


def again_with(front, queue, error):
    for name in queue.failed_job_registry.get_job_ids():
        if f".{error}:" in queue.fetch_job(name).exc_info:
            queue.failed_job_registry.requeue(name, at_front=front)


answer = partial(again_with, True)


# %% wrong: json.loads failed with JSONDecodeError, and it was run again
def again(queue, error):
    for name in queue.failed_job_registry.get_job_ids():
        queue.failed_job_registry.requeue(name)


answer = again


# %% wrong: where only the message has the word ProviderDown, and it was run again
def again(queue, error):
    for name in queue.failed_job_registry.get_job_ids():
        if error in queue.fetch_job(name).latest_result().exc_string:
            queue.failed_job_registry.requeue(name)


answer = again


# %% wrong: and none of them is queued again
def again(queue, error):
    for name in queue.failed_job_registry.get_job_ids():
        if queue.fetch_job(name).latest_result().exc_string.splitlines()[-1].split(":")[0] == error:
            queue.failed_job_registry.requeue(name)


answer = again


# %% wrong: A job failed since its work-horse was killed, and it was run again
def again(queue, error):
    for name in queue.failed_job_registry.get_job_ids():
        if not queue.fetch_job(name).latest_result().exc_string.strip().splitlines()[-1].count("Error:"):
            queue.failed_job_registry.requeue(name)


answer = again


# %% wrong: the old jobs still count as failed: you enqueued new ones
def again(queue, error):
    for name in queue.failed_job_registry.get_job_ids():
        job = queue.fetch_job(name)
        if job.latest_result().exc_string.strip().splitlines()[-1].split(":")[0].endswith(error):
            queue.enqueue(job.func_name, *job.args, **job.kwargs)


answer = again


# %% wrong: A job that had failed with ProviderDown is deleted
def again(queue, error):
    for name in queue.failed_job_registry.get_job_ids():
        job = queue.fetch_job(name)
        if job.latest_result().exc_string.strip().splitlines()[-1].split(":")[0].endswith(error):
            queue.enqueue(job.func_name, *job.args, **job.kwargs)
            job.delete()


answer = again


# %% wrong: json.loads failed with JSONDecodeError, and it was deleted
def again(queue, error):
    for name in queue.failed_job_registry.get_job_ids():
        job = queue.fetch_job(name)
        if job.latest_result().exc_string.strip().splitlines()[-1].split(":")[0].endswith(error):
            job.requeue()
        else:
            job.delete()


answer = again


# %% wrong: the provider has now delivered
def again(queue, error):
    for name in queue.failed_job_registry.get_job_ids():
        job = queue.fetch_job(name)
        if job.latest_result().exc_string.strip().splitlines()[-1].split(":")[0].endswith(error):
            job.requeue()
            return


answer = again


# %% wrong: again(queue, 'ProviderDown') returned ['
def again(queue, error):
    return queue.failed_job_registry.get_job_ids()


answer = again


# %% wrong: raised AttributeError: 'str' object has no attribute 'latest_result'
def again(queue, error):
    for job in queue.failed_job_registry.get_job_ids():
        if job.latest_result().exc_string.endswith(error):
            job.requeue()


answer = again

# %% wrong: the function again itself, which is not called; this is str 'JSONDecodeError'
answer = "JSONDecodeError"
