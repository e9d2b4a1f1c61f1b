"""Answers to ask-later."""

from __main__ import lab, queue

# %% solution
from statistics import mean

job = queue.enqueue(mean, [2, 4, 9])
lab.wait(job)
result = job.return_value()

answer = result

# %% wrong: the worker was not done
from statistics import mean

job = queue.enqueue(mean, [2, 4, 9])
result = job.return_value()

answer = result

# %% wrong: This is the job
from statistics import mean

job = queue.enqueue(mean, [2, 4, 9])
lab.wait(job)

answer = job

# %% wrong: The mean of 2, 4 and 9 is 5; this is 'queued'
from statistics import mean

job = queue.enqueue(mean, [2, 4, 9])
result = job.get_status().value

answer = result
