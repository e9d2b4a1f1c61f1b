"""Answers to how-old."""

from __main__ import Job, datetime, np, timezone


# %% solution
def age(queue):
    moments = [job.enqueued_at for job in queue.get_jobs()]
    return (datetime.now(timezone.utc) - min(moments)).total_seconds() if moments else 0


answer = age


# %% right: by timestamps, over ids
from time import time


def age(queue):
    jobs = Job.fetch_many(queue.get_job_ids(), connection=queue.connection, serializer=queue.serializer)
    return max([time() - job.enqueued_at.timestamp() for job in jobs if job], default=0)


answer = age


# %% right: what the job's hash says, and RQ's own helpers
from rq.utils import now, utcparse


def age(queue):
    found = 0
    for name in queue.job_ids:
        moment = queue.connection.hget(Job.key_for(name), "enqueued_at")
        if moment:
            found = max(found, (now() - utcparse(moment.decode())).total_seconds())
    return found


answer = age

# %% right: a lambda, in whole seconds
answer = lambda queue: max((int(time() - j.enqueued_at.timestamp()) for j in queue.jobs), default=0)  # noqa: E731


# %% right: with numpy, in whole seconds
def age(queue):
    moments = np.array([job.enqueued_at.timestamp() for job in queue.get_jobs()])
    return (datetime.now(timezone.utc).timestamp() - moments).astype(int).max(initial=0)


answer = age


# %% right: async, naive on both sides, both UTC
from time import time


async def age(queue):
    utc = datetime.now(timezone.utc).replace(tzinfo=None)
    jobs = sorted(queue.get_jobs(), key=lambda job: job.enqueued_at)
    return (utc - jobs[0].enqueued_at.replace(tzinfo=None)).total_seconds() if jobs else 0.0


answer = age


# %% wrong: and datetime.now() has none
def age(queue):
    jobs = queue.get_jobs()
    return (datetime.now() - jobs[0].enqueued_at).total_seconds() if jobs else 0


answer = age


# %% wrong: the clock shows Indian time
def age(queue):
    jobs = queue.get_jobs()
    moments = [job.enqueued_at.replace(tzinfo=None) for job in jobs]
    return (datetime.now() - min(moments)).total_seconds() if jobs else 0


answer = age


# %% wrong: it returned 25200: on this check's machine the clock shows Indian time
def age(queue):
    moments = [job.created_at.replace(tzinfo=None) for job in queue.get_jobs()]
    return (datetime.now() - min(moments)).total_seconds() if moments else 0


answer = age


# %% wrong: your function took it from the queue
def age(queue):
    first = queue.pop_job_id()
    job = queue.fetch_job(first)
    return (datetime.now(timezone.utc) - job.enqueued_at).total_seconds()


answer = age


# %% wrong: that is since the job was created
def age(queue):
    moments = [job.created_at for job in queue.get_jobs()]
    return (datetime.now(timezone.utc) - min(moments)).total_seconds() if moments else 0


answer = age


# %% wrong: here it is the youngest
def age(queue):
    jobs = queue.get_jobs(0, 1)
    return (datetime.now(timezone.utc) - jobs[0].enqueued_at).total_seconds() if jobs else 0


answer = age


# %% wrong: The last in the queue came last
def age(queue):
    jobs = queue.get_jobs()
    return (datetime.now(timezone.utc) - jobs[-1].enqueued_at).total_seconds() if jobs else 0


answer = age


# %% wrong: `.seconds` leaves the days out
def age(queue):
    moments = [job.enqueued_at for job in queue.get_jobs()]
    return (datetime.now(timezone.utc) - min(moments)).seconds if moments else 0


answer = age


# %% wrong: An alarm needs seconds
def age(queue):
    moments = [job.enqueued_at for job in queue.get_jobs()]
    return datetime.now(timezone.utc) - min(moments) if moments else 0


answer = age


# %% wrong: behind it is the id of one that expired (ttl) before a worker took it; it raised NoSuchJobError
def age(queue):
    jobs = [Job.fetch(name, connection=queue.connection, serializer=queue.serializer) for name in queue.get_job_ids()]
    return max([(datetime.now(timezone.utc) - job.enqueued_at).total_seconds() for job in jobs], default=0)


answer = age


# %% wrong: it raised AttributeError: 'NoneType' object has no attribute 'enqueued_at'
def age(queue):
    jobs = Job.fetch_many(queue.get_job_ids(), connection=queue.connection, serializer=queue.serializer)
    return max([(datetime.now(timezone.utc) - job.enqueued_at).total_seconds() for job in jobs], default=0)


answer = age


# %% wrong: Nothing waits; it raised ValueError
def age(queue):
    return max((datetime.now(timezone.utc) - job.enqueued_at).total_seconds() for job in queue.get_jobs())


answer = age


# %% wrong: Nothing waits, and it returned None
def age(queue):
    moments = [job.enqueued_at for job in queue.get_jobs()]
    if moments:
        return (datetime.now(timezone.utc) - min(moments)).total_seconds()


answer = age


# %% wrong: One job waits, for 400 s; it returned -
def age(queue):
    moments = [job.enqueued_at for job in queue.get_jobs()]
    return (min(moments) - datetime.now(timezone.utc)).total_seconds() if moments else 0


answer = age


# %% wrong: One job waits, for 400 s; it returned 1
def age(queue):
    return len(queue)


answer = age


# %% wrong: others for 200 and 100 s, and one was put at the front 5 s ago; it returned 7
def age(queue):
    return sum((datetime.now(timezone.utc) - job.enqueued_at).total_seconds() for job in queue.get_jobs())


answer = age


# %% wrong: it returned 7. These are minutes
def age(queue):
    minutes = [(datetime.now(timezone.utc) - job.enqueued_at).total_seconds() / 60 for job in queue.get_jobs()]
    return max(minutes, default=0)


answer = age


# %% wrong: It should return a number of seconds
def age(queue):
    return min([job.enqueued_at for job in queue.get_jobs()], default=0)


answer = age

# %% wrong: the function age itself, which is not called
answer = 12.5
