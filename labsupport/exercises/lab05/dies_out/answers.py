"""Answers to dies-out."""

from __main__ import DuplicateJobError, Repeat, datetime, suppress, time, timedelta, timezone


# %% solution
def poll(queue, ask, number):
    queue.enqueue_in(timedelta(minutes=1), "lab05_jobs.poll", number + 1, job_id=f"poll-{number + 1}")
    ask()


answer = poll


# %% right: refuses the second one
def poll(queue, ask, number):
    following = number + 1
    with suppress(DuplicateJobError):
        queue.enqueue_in(
            timedelta(seconds=60), "lab05_jobs.poll", number=following, job_id=f"next-{following}", unique=True
        )
    return ask()


answer = poll


# %% right: at a moment, and only if it is not there
def poll(queue, ask, number):
    following = f"{queue.name}-{number + 1}"
    if following not in queue.scheduled_job_registry:
        moment = datetime.now(timezone.utc) + timedelta(minutes=1)
        queue.enqueue_at(moment, "lab05_jobs.poll", args=(number + 1,), job_id=following)
    ask()


answer = poll


# %% right: planned before, and the error logged on its way out
async def poll(queue, ask, number):
    queue.enqueue_in(timedelta(minutes=1), "lab05_jobs.poll", number + 1, job_id=f"p{number + 1}")
    try:
        ask()
    except Exception as error:
        print("failed:", error)
        raise


answer = poll


# %% right: takes back the one that an earlier attempt planned
def poll(queue, ask, number):
    for job_id in queue.scheduled_job_registry.get_job_ids():
        job = queue.fetch_job(job_id)
        if job.func_name == "lab05_jobs.poll" and job.args == [number + 1]:
            job.delete()
    queue.enqueue_in(timedelta(minutes=1), "lab05_jobs.poll", number + 1)
    ask()


answer = poll


# %% right: a mark in Redis for each number
def poll(queue, ask, number):
    if queue.connection.set(f"{queue.key}:planned-after:{number}", 1, nx=True, ex=3600):
        queue.enqueue_in(timedelta(minutes=1), "lab05_jobs.poll", number + 1)
    ask()


answer = poll


# %% wrong: the polling has died out
def poll(queue, ask, number):
    ask()
    queue.enqueue_in(timedelta(minutes=1), "lab05_jobs.poll", number + 1)


answer = poll


# %% wrong: The work-horse was killed inside ask
def poll(queue, ask, number):
    try:
        ask()
    finally:
        queue.enqueue_in(timedelta(minutes=1), "lab05_jobs.poll", number + 1, job_id=f"poll-{number + 1}")


answer = poll


# %% wrong: no next run is planned. Neither finally nor except
def poll(queue, ask, number):
    def plan():
        queue.enqueue_in(timedelta(minutes=1), "lab05_jobs.poll", number + 1, job_id=f"poll-{number + 1}")

    try:
        ask()
    except Exception:
        plan()
        raise
    plan()


answer = poll


# %% wrong: 2 next runs are planned
def poll(queue, ask, number):
    queue.enqueue_in(timedelta(minutes=1), "lab05_jobs.poll", number + 1)
    ask()


answer = poll


# %% wrong: 2 next runs are planned: from now on there are 2 pollings
def poll(queue, ask, number):
    try:
        ask()
    finally:
        queue.enqueue_in(timedelta(minutes=1), "lab05_jobs.poll", number + 1)


answer = poll


# %% wrong: for RQ the job is finished, and nobody hears
def poll(queue, ask, number):
    try:
        ask()
    except Exception:
        pass
    queue.enqueue_in(timedelta(minutes=1), "lab05_jobs.poll", number + 1, job_id=f"poll-{number + 1}")


answer = poll


# %% wrong: nobody hears of the error
def poll(queue, ask, number):
    queue.enqueue_in(timedelta(minutes=1), "lab05_jobs.poll", number + 1, job_id=f"poll-{number + 1}")
    try:
        return ask()
    except Exception as error:
        return f"failed: {error}"


answer = poll


# %% wrong: so the run in hand keeps its own successor out
def poll(queue, ask, number):
    with suppress(DuplicateJobError):
        queue.enqueue_in(timedelta(minutes=1), "lab05_jobs.poll", number + 1, job_id="poll", unique=True)
    ask()


answer = poll


# %% wrong: That the next run is planned already is fine
def poll(queue, ask, number):
    queue.enqueue_in(timedelta(minutes=1), "lab05_jobs.poll", number + 1, job_id=f"poll-{number + 1}", unique=True)
    ask()


answer = poll


# %% wrong: In one run, ask was not called
def poll(queue, ask, number):
    queue.enqueue_in(timedelta(minutes=1), "lab05_jobs.poll", number + 1, job_id=f"poll-{number + 1}")


answer = poll


# %% wrong: the retry did not call ask
def poll(queue, ask, number):
    try:
        queue.enqueue_in(timedelta(minutes=1), "lab05_jobs.poll", number + 1, job_id=f"poll-{number + 1}", unique=True)
        ask()
    except DuplicateJobError:
        pass


answer = poll


# %% wrong: a worker runs it at once
def poll(queue, ask, number):
    queue.enqueue("lab05_jobs.poll", number + 1, job_id=f"poll-{number + 1}")
    ask()


answer = poll


# %% wrong: s; it should be a minute
def poll(queue, ask, number):
    queue.enqueue_in(timedelta(hours=1), "lab05_jobs.poll", number + 1, job_id=f"poll-{number + 1}")
    ask()


answer = poll


# %% wrong: its number should be
def poll(queue, ask, number):
    queue.enqueue_in(timedelta(minutes=1), "lab05_jobs.poll", number, job_id=f"poll-{number}")
    ask()


answer = poll


# %% wrong: it should call lab05_jobs.poll
def poll(queue, ask, number):
    queue.enqueue_in(timedelta(minutes=1), "poll", number + 1, job_id=f"poll-{number + 1}")
    ask()


answer = poll


# %% wrong: no next run was planned
def poll(queue, ask, number):
    if queue.scheduled_job_registry.count == 0:
        queue.enqueue_in(timedelta(minutes=1), "lab05_jobs.poll", number + 1)
    ask()


answer = poll


# %% wrong: still running after 5 s
def poll(queue, ask, number):
    while True:
        ask()
        time.sleep(60)


answer = poll


# %% wrong: raised ValueError
def poll(queue, ask, number):
    queue.enqueue_in(timedelta(minutes=1), poll, queue, ask, number + 1)
    ask()


answer = poll


# %% wrong: In one run, ask was called 2 times
def poll(queue, ask, number):
    queue.enqueue_in(timedelta(minutes=1), "lab05_jobs.poll", number + 1, job_id=f"poll-{number + 1}")
    ask()
    ask()


answer = poll


# %% wrong: the function poll itself, which is not called
answer = "poll"


# %% wrong: planned another one with its own id
def poll(queue, ask, number):
    queue.enqueue_in(timedelta(minutes=1), "lab05_jobs.poll", number + 1, job_id="poll")
    ask()


answer = poll


# %% wrong: has a Repeat as well
def poll(queue, ask, number):
    queue.enqueue_in(
        timedelta(minutes=1),
        "lab05_jobs.poll",
        number + 1,
        job_id=f"poll-{number + 1}",
        repeat=Repeat(times=100, interval=60),
    )
    ask()


answer = poll


# %% wrong: 2 next runs are planned
def poll(queue, ask, number):
    queue.enqueue_in(timedelta(minutes=1), "lab05_jobs.poll", number + 1, job_id=f"poll-{number}-{int(time.time())}")
    ask()


answer = poll


# %% wrong: before it is due: ttl says how long
def poll(queue, ask, number):
    queue.enqueue_in(timedelta(minutes=1), "lab05_jobs.poll", number + 1, job_id=f"poll-{number + 1}", ttl=30)
    ask()


answer = poll


# %% wrong: poll raised RuntimeError: poll failed
def poll(queue, ask, number):
    queue.enqueue_in(timedelta(minutes=1), "lab05_jobs.poll", number + 1, job_id=f"poll-{number + 1}")
    try:
        ask()
    except Exception:
        raise RuntimeError("poll failed") from None


answer = poll


# %% wrong: 2 next runs are planned
planned = set()


def poll(queue, ask, number):
    if number not in planned:
        planned.add(number)
        queue.enqueue_in(timedelta(minutes=1), "lab05_jobs.poll", number + 1)
    ask()


answer = poll


# %% right: an id made from that of the run in hand
from rq import get_current_job


def poll(queue, ask, number):
    queue.enqueue_in(timedelta(minutes=1), "lab05_jobs.poll", number + 1, job_id=f"{get_current_job().id}-next")
    ask()


answer = poll


# %% right: noted in the job itself
from rq import get_current_job


class Poll:
    def __call__(self, queue, ask, number):
        job = get_current_job()
        if "planned" not in job.meta:
            queue.enqueue_in(timedelta(minutes=1), "lab05_jobs.poll", number + 1)
            job.meta["planned"] = True
            job.save_meta()
        ask()


answer = Poll()


# %% right: noted in a hash of its own
def poll(queue, ask, number):
    if queue.connection.hsetnx(f"{queue.key}:polls", number, 1):
        queue.enqueue_in(timedelta(minutes=1), "lab05_jobs.poll", number + 1)
    ask()


answer = poll


# %% wrong: A naive time is the machine's, which is in another zone
def poll(queue, ask, number):
    moment = datetime.now(timezone.utc).replace(tzinfo=None) + timedelta(minutes=1)  # as utcnow() has it
    queue.enqueue_at(moment, "lab05_jobs.poll", number + 1, job_id=f"poll-{number + 1}")
    ask()


answer = poll


# %% wrong: The id, or what you noted, is the same for each run
def poll(queue, ask, number):
    if queue.connection.set(f"{queue.key}:lock", 1, nx=True):
        queue.enqueue_in(timedelta(minutes=1), "lab05_jobs.poll", number + 1)
    ask()


answer = poll


# %% wrong: RQ says job_id
def poll(queue, ask, number):
    queue.enqueue_in(timedelta(minutes=1), "lab05_jobs.poll", number + 1, jobId=f"poll-{number + 1}")
    ask()


answer = poll


# %% wrong: Another job waited on the same queue
def poll(queue, ask, number):
    for job_id in queue.scheduled_job_registry.get_job_ids():
        queue.scheduled_job_registry.remove(job_id, delete_job=True)
    queue.enqueue_in(timedelta(minutes=1), "lab05_jobs.poll", number + 1)
    ask()


answer = poll


# %% wrong: Your function ended its own process
import os


def poll(queue, ask, number):
    queue.enqueue_in(timedelta(minutes=1), "lab05_jobs.poll", number + 1, job_id=f"poll-{number + 1}")
    try:
        ask()
    finally:
        os._exit(0)


answer = poll
