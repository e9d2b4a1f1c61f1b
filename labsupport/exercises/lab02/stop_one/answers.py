"""Answers to stop-one."""

from __main__ import lab, queue, send_stop_job_command, sleep, until_started, worker

# %% solution
worker.kill()
worker = lab.workers(queue)
wild = queue.enqueue(sleep, 600)
until_started(wild)
send_stop_job_command(lab.redis, wild.id)

answer = wild

# %% wrong: cancel() takes a job out of the line
worker.kill()
worker = lab.workers(queue)
wild = queue.enqueue(sleep, 600)
until_started(wild)
wild.cancel()

answer = wild

# %% wrong: the worker has its own copy
worker.kill()
worker = lab.workers(queue)
wild = queue.enqueue(sleep, 600)
until_started(wild)
wild.delete()

answer = wild

# %% wrong: The job is `started`
worker.kill()
worker = lab.workers(queue)
wild = queue.enqueue(sleep, 600)
until_started(wild)

answer = wild
