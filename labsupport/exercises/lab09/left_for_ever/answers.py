"""Answers to left-for-ever."""

import time

from rq.job import Job

# %% solution
from rq.job import Job


def never_runs(job):
    parents = Job.fetch_many(job.dependency_ids, connection=job.connection, serializer=job.serializer)
    known = [parent for parent in parents if parent]
    ends = {"canceled", "stopped"} if job.allow_dependency_failures else {"canceled", "stopped", "failed"}
    for parent in known:
        status = parent.get_status()
        if status in ends or (status == "deferred" and never_runs(parent)):
            return True
    return not known


def stuck(queue):
    names = queue.deferred_job_registry.get_job_ids()
    jobs = Job.fetch_many(names, connection=queue.connection, serializer=queue.serializer)
    return [job.id for job in jobs if job and never_runs(job)]


answer = stuck

# %% right: round by round, with the jobs themselves
from rq.job import Job


def stuck(queue):
    fetch = lambda names: Job.fetch_many(names, connection=queue.connection, serializer=queue.serializer)  # noqa: E731
    jobs = [job for job in fetch(queue.deferred_job_registry.get_job_ids()) if job]
    found, more = {}, True
    while more:
        more = False
        for job in jobs:
            if job.id in found:
                continue
            parents = [parent for parent in fetch(job.dependency_ids) if parent is not None]
            bad = [
                parent
                for parent in parents
                if parent.id in found
                or parent.get_status() in ("canceled", "stopped")
                or (parent.get_status() == "failed" and not job.allow_dependency_failures)
            ]
            if bad or not parents:
                found[job.id] = job
                more = True
    return list(found.values())


answer = stuck

# %% right: by what Redis holds, as a set
from rq.job import Job


def stuck(queue):
    redis = queue.connection

    def status(name):
        return (redis.hget(Job.key_for(name), "status") or b"").decode()

    def dead(name):
        lenient = redis.hget(Job.key_for(name), "allow_dependency_failures") == b"1"
        states = {
            parent.decode(): status(parent.decode())
            for parent in redis.smembers(Job(name, connection=redis).dependencies_key)
        }
        states = {parent: state for parent, state in states.items() if state}
        bad = {"canceled", "stopped"} | (set() if lenient else {"failed"})
        return not states or any(
            state in bad or state == "deferred" and dead(parent) for parent, state in states.items()
        )

    return {name for name in queue.deferred_job_registry.get_job_ids() if dead(name)}


answer = stuck


# %% wrong: it depends on a job that still waits in the queue, and runs after it
def stuck(queue):
    return queue.deferred_job_registry.get_job_ids()


answer = stuck

# %% wrong: It does not find a job that no worker will run: it depends on a job that failed
import time


def stuck(queue):
    return [
        name.decode() for name in queue.connection.zrangebyscore(queue.deferred_job_registry.key, 0, time.time() - 600)
    ]


answer = stuck

# %% wrong: it depends on a deferred job that is stuck itself
from rq.job import Job


def stuck(queue):
    found = []
    for name in queue.deferred_job_registry.get_job_ids():
        job = Job.fetch(name, connection=queue.connection, serializer=queue.serializer)
        parents = Job.fetch_many(job.dependency_ids, connection=queue.connection, serializer=queue.serializer)
        if any(parent and parent.is_failed for parent in parents):
            found.append(job)
    return found


answer = stuck

# %% wrong: raised NoSuchJobError
from rq.job import Job


def stuck(queue):
    found = []
    for name in queue.deferred_job_registry.get_job_ids():
        job = Job.fetch(name, connection=queue.connection, serializer=queue.serializer)
        for parent in job.dependency_ids:
            if Job.fetch(parent, connection=queue.connection, serializer=queue.serializer).is_failed:
                found.append(job.id)
    return found


answer = stuck

# %% wrong: one of its two jobs failed, which it allows
from rq.job import Job


def never_runs(job):
    parents = Job.fetch_many(job.dependency_ids, connection=job.connection, serializer=job.serializer)
    known = [parent for parent in parents if parent]
    return not known or any(
        parent.get_status() in ("failed", "canceled", "stopped") or parent.is_deferred and never_runs(parent)
        for parent in known
    )


def stuck(queue):
    names = queue.deferred_job_registry.get_job_ids()
    return [job for job in Job.fetch_many(names, queue.connection, queue.serializer) if never_runs(job)]


answer = stuck

# %% wrong: allow_failure allows failures only
from rq.job import Job


def never_runs(job):
    if job.allow_dependency_failures:
        return False
    parents = Job.fetch_many(job.dependency_ids, connection=job.connection, serializer=job.serializer)
    known = [parent for parent in parents if parent]
    return not known or any(
        parent.get_status() in ("failed", "canceled", "stopped") or parent.is_deferred and never_runs(parent)
        for parent in known
    )


def stuck(queue):
    names = queue.deferred_job_registry.get_job_ids()
    return [job for job in Job.fetch_many(names, queue.connection, queue.serializer) if never_runs(job)]


answer = stuck

# %% wrong: as finished ones are after a while
from rq.job import Job


def never_runs(job):
    parents = Job.fetch_many(job.dependency_ids, connection=job.connection, serializer=job.serializer)
    bad = ("canceled", "stopped") if job.allow_dependency_failures else ("canceled", "stopped", "failed")
    return any(
        parent is None or parent.get_status() in bad or parent.is_deferred and never_runs(parent) for parent in parents
    )


def stuck(queue):
    names = queue.deferred_job_registry.get_job_ids()
    return [job for job in Job.fetch_many(names, queue.connection, queue.serializer) if never_runs(job)]


answer = stuck


# %% wrong: not in the deferred registry
def stuck(queue):
    return queue.failed_job_registry.get_job_ids()


answer = stuck


# %% wrong: it should return the jobs, or their ids
def stuck(queue):
    return len(queue.deferred_job_registry.get_job_ids())


answer = stuck

# %% wrong: the function stuck itself
answer = ["job"]
