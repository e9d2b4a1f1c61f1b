"""Answers to once-a-night."""

from __main__ import DuplicateJobError, JSONSerializer, Queue, lab, nightly, queue, reports, suppress, time, timedelta


# %% solution
def start_report(day):
    with suppress(DuplicateJobError):
        reports.enqueue("lab05_jobs.report", day, job_id=f"report-{day}", unique=True, result_ttl=86400)


answer = start_report


# %% right: kept for ever, by the name of the argument, with retries
from rq import Retry


def start_report(day):
    try:
        reports.enqueue(
            "lab05_jobs.report", day=day, job_id=f"report_{day}", unique=True, result_ttl=-1, retry=Retry(max=3)
        )
    except DuplicateJobError:
        print("planned already")


answer = start_report


# %% right: SET NX EX
def start_report(day):
    if lab.redis.set(f"{reports.key}:{day}", 1, nx=True, ex=86400):
        reports.enqueue("lab05_jobs.report", day)


answer = start_report


# %% right: the function itself, a week
from lab05_jobs import report


async def start_report(day):
    with suppress(DuplicateJobError):
        return reports.enqueue(report, args=(day,), job_id=f"report-{day}", unique=True, result_ttl=7 * 86400)


answer = start_report


# %% right: a set of the days that are planned
def start_report(day):
    if lab.redis.sadd(f"{reports.key}:days-{day[:4]}-{day}", day):
        reports.enqueue("lab05_jobs.report", day)


answer = start_report


# %% right: a field for each day
def start_report(day):
    if lab.redis.hsetnx(f"{reports.key}:days", day, 1):
        reports.enqueue("lab05_jobs.report", day)


answer = start_report


# %% right: a lock in Redis around looking and enqueueing
def start_report(day):
    with lab.redis.lock(f"{reports.key}:lock", timeout=10):
        if not reports.fetch_job(f"report-{day}"):
            reports.enqueue("lab05_jobs.report", day, job_id=f"report-{day}", result_ttl=86400)


answer = start_report


# %% wrong: put two jobs on the queue
def start_report(day):
    reports.enqueue("lab05_jobs.report", day)


answer = start_report


# %% wrong: the same id on the queue twice
def start_report(day):
    reports.enqueue("lab05_jobs.report", day, job_id=f"report-{day}", result_ttl=86400)


answer = start_report


# %% wrong: The second call raised DuplicateJobError
def start_report(day):
    reports.enqueue("lab05_jobs.report", day, job_id=f"report-{day}", unique=True, result_ttl=86400)


answer = start_report


# %% wrong: RQ knows a finished job for 500 s
def start_report(day):
    with suppress(DuplicateJobError):
        reports.enqueue("lab05_jobs.report", day, job_id=f"report-{day}", unique=True)


answer = start_report


# %% wrong: RQ knows a finished job for 3600 s
def start_report(day):
    with suppress(DuplicateJobError):
        reports.enqueue("lab05_jobs.report", day, job_id=f"report-{day}", unique=True, result_ttl=3600)


answer = start_report


# %% wrong: The option result_ttl, in seconds, makes it longer
def start_report(day):
    with suppress(DuplicateJobError):
        reports.enqueue("lab05_jobs.report", day, job_id=f"report-{day}", unique=True, failure_ttl=86400)


answer = start_report


# %% wrong: what you noted about the day is gone by then
def start_report(day):
    if lab.redis.set(f"{reports.key}:{day}", 1, nx=True, ex=60):
        reports.enqueue("lab05_jobs.report", day)


answer = start_report


# %% wrong: what keeps one out must name the day
def start_report(day):
    with suppress(DuplicateJobError):
        reports.enqueue("lab05_jobs.report", day, job_id="report", unique=True, result_ttl=86400)


answer = start_report


# %% wrong: start_report raised nothing
def start_report(day):
    with suppress(Exception):
        reports.enqueue("lab05_jobs.report", day, job_id=f"report-{day}", unique=True, result_ttl=86400)


answer = start_report


# %% wrong: let Redis decide, in one step
def start_report(day):
    time.sleep(0.01)
    if reports.fetch_job(f"report-{day}") is None:
        time.sleep(0.05)
        reports.enqueue("lab05_jobs.report", day, job_id=f"report-{day}", result_ttl=86400)


answer = start_report

# %% wrong: only Redis knows of both
planned = set()


def start_report(day):
    if day not in planned:
        planned.add(day)
        reports.enqueue("lab05_jobs.report", day)


answer = start_report


# %% wrong: put no jobs on the queue `reports`
def start_report(day):
    with suppress(DuplicateJobError):
        queue.enqueue("lab05_jobs.report", day, job_id=f"report-{day}", unique=True, result_ttl=86400)


answer = start_report


# %% wrong: not written in JSON
def start_report(day):
    with suppress(DuplicateJobError):
        Queue("reports", connection=lab.redis).enqueue(
            "lab05_jobs.report", day, job_id=f"report-{day}", unique=True, result_ttl=86400
        )


answer = start_report


# %% wrong: other arguments were asked for
def start_report(day):
    with suppress(DuplicateJobError):
        reports.enqueue("lab05_jobs.report", "today", job_id=f"report-{day}", unique=True, result_ttl=86400)


answer = start_report


# %% wrong: it calls lab05_jobs.each_hour
def start_report(day):
    with suppress(DuplicateJobError):
        reports.enqueue("lab05_jobs.each_hour", day, job_id=f"report-{day}", unique=True, result_ttl=86400)


answer = start_report


# %% wrong: unique=True requires an explicit job_id
def start_report(day):
    with suppress(DuplicateJobError):
        reports.enqueue("lab05_jobs.report", day, unique=True, result_ttl=86400)


answer = start_report


# %% wrong: only Redis knows of both. What is the same
def start_report(day):
    with suppress(DuplicateJobError):
        reports.enqueue("lab05_jobs.report", day, job_id=f"report-{day}-{time.time_ns()}", unique=True)


answer = start_report


# %% wrong: which is not called
answer = None


# %% wrong: RQ knows a finished job for 0 s
def start_report(day):
    with suppress(DuplicateJobError):
        reports.enqueue("lab05_jobs.report", day, job_id=f"report-{day}", unique=True, result_ttl=0)


answer = start_report


# %% wrong: ttl says how long a job may wait
def start_report(day):
    with suppress(DuplicateJobError):
        reports.enqueue("lab05_jobs.report", day, job_id=f"report-{day}", unique=True, ttl=60, result_ttl=86400)


answer = start_report


# %% wrong: The job waits for its time
def start_report(day):
    with suppress(DuplicateJobError):
        reports.enqueue_in(
            timedelta(minutes=1), "lab05_jobs.report", day, job_id=f"report-{day}", unique=True, result_ttl=86400
        )


answer = start_report


# %% wrong: For the second call, start_report raised RuntimeError
def start_report(day):
    try:
        reports.enqueue("lab05_jobs.report", day, job_id=f"report-{day}", unique=True, result_ttl=86400)
    except DuplicateJobError as error:
        raise RuntimeError("it is there already") from error


answer = start_report


# %% wrong: put no jobs on the queue `reports`
def start_report(day):
    from lab05_jobs import report

    report(day)


answer = start_report


# %% right: watched, and all in one transaction
from redis import WatchError


def start_report(day):
    with suppress(WatchError), lab.redis.pipeline() as pipe:
        pipe.watch(f"{reports.key}:{day}")
        if not pipe.exists(f"{reports.key}:{day}"):
            pipe.multi()
            pipe.set(f"{reports.key}:{day}", 1, ex=86400)
            reports.enqueue("lab05_jobs.report", day, pipeline=pipe)
            pipe.execute()


answer = start_report

# %% right: tried before the check
import hashlib


def start_report(day):
    name = hashlib.sha256(day.encode()).hexdigest()
    job = reports.create_job("lab05_jobs.report", kwargs={"day": day}, job_id=name, result_ttl="1d")
    with suppress(DuplicateJobError):
        return reports.enqueue_job(job, unique=True)


tried = start_report("2027-03-15")
answer = start_report

# %% wrong: on a machine of its own, and only Redis knows of both
assert tried.get_status() == "queued"  # the check let it wait
tried.delete()
from pathlib import Path


def start_report(day):
    try:
        Path(f"report-{day}.lock").touch(exist_ok=False)
    except FileExistsError:
        return
    reports.enqueue("lab05_jobs.report", day)


answer = start_report


# %% wrong: let Redis decide, in one step
import fcntl


def start_report(day):
    with open("reports.lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if reports.fetch_job(f"report-{day}") is None:
            time.sleep(0.05)
            reports.enqueue("lab05_jobs.report", day, job_id=f"report-{day}", result_ttl=86400)


answer = start_report


# %% wrong: an unexpected keyword argument 'jobId'
def start_report(day):
    reports.enqueue("lab05_jobs.report", day, jobId=f"report-{day}")


answer = start_report


# %% wrong: gone by then
def start_report(day):
    if lab.redis.set(f"{reports.key}:{hash(day)}", 1, nx=True, ex=600):
        reports.enqueue("lab05_jobs.report", day)


answer = start_report
