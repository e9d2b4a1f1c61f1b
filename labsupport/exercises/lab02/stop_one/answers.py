"""Answers to stop-one."""

from __main__ import Queue, lab, send_stop_job_command, worker


# %% solution
def end(job):
    if job.get_status() == "started":
        send_stop_job_command(lab.redis, job.id)
    else:
        job.cancel()


answer = end

# %% right: tries the one, and then the other
from rq.exceptions import InvalidJobOperation


def end(job):
    try:
        send_stop_job_command(job.connection, job.id)
    except InvalidJobOperation:
        job.delete()


answer = end

# %% right: the run of the job is stopped, by its execution
from rq.command import send_stop_execution_command


def end(job):
    for execution in job.get_executions():
        send_stop_execution_command(job.connection, job.id, execution.id)
        return
    job.cancel()


answer = end


# %% right: async def
async def end(job):
    job.cancel() if job.is_queued else send_stop_job_command(job.connection, job.id)


answer = end


# %% wrong: cancel() takes a job out of the line
def end(job):
    job.cancel()


answer = end


# %% wrong: Only a job that runs has a worker to be told
def end(job):
    send_stop_job_command(lab.redis, job.id)


answer = end


# %% wrong: the worker has its own copy
def end(job):
    job.delete()


answer = end


# %% wrong: since that was written into its hash
def end(job):
    job.set_status("stopped")


answer = end


# %% wrong: the worker has its own copy.
def end(job):
    if job.get_status() == "started":
        job.delete()
    else:
        job.cancel()


answer = end

# %% wrong: you killed its work-horse
from rq.command import send_kill_horse_command


def end(job):
    if job.get_status() == "started":
        send_kill_horse_command(job.connection, job.worker_name or job.get_executions()[0].worker_name)
    else:
        job.cancel()


answer = end

# %% wrong: it waits for the job, which runs on
from rq.command import send_shutdown_command


def end(job):
    if job.get_status() == "started":
        send_shutdown_command(job.connection, job.get_executions()[0].worker_name)
    else:
        job.cancel()


answer = end


# %% wrong: The running job is still `started`
def end(job):
    if job.get_status() != "started":
        job.cancel()


answer = end


# %% wrong: The one that still waited was not taken out of the queue
def end(job):
    if job.get_status() == "started":
        send_stop_job_command(lab.redis, job.id)


answer = end


# %% wrong: A job that the check needs is gone: your code deleted it, or the whole queue
def end(job):
    Queue(job.origin, connection=job.connection).empty()


answer = end


# %% wrong: A job that the check needs is gone
def end(job):
    for name in Queue(job.origin, connection=job.connection).job_ids:
        for key in job.connection.scan_iter(f"*{name}*", count=1000):
            job.connection.delete(key)


answer = end


# %% wrong: and its work-horse runs on: the worker has its own copy. A running job is ended by
def end(job):
    for key in job.connection.scan_iter(f"*{job.id}*", count=1000):
        job.connection.delete(key)


answer = end


# %% wrong: was killed
def end(job):
    while job.get_status() not in ("finished", "stopped"):
        try:
            job.cancel()
        except:
            pass


answer = end


# %% wrong: the function end itself, which is not called; this is None
def end(job):
    send_stop_job_command(lab.redis, job.id)


answer = None
