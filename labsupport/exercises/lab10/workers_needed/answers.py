"""Answers to workers-needed."""

# %% solution
from math import ceil

from labsupport.measure.attempts import runs


def workers_needed(attempts, rate):
    work = runs(attempts).sum() / attempts["job"].nunique()
    return ceil(rate * work)


answer = workers_needed

# %% right: with numpy, as a lambda
import numpy as np

answer = lambda attempts, rate: np.ceil(rate * (attempts.ended - attempts.started).sum() / attempts.job.nunique())  # noqa: E731

# %% right: work per job and function first, which needs all columns
from math import ceil

from labsupport.measure.attempts import runs


def workers_needed(attempts, rate):
    work = attempts.assign(run=runs(attempts)).groupby(["queue", "function", "job"])["run"].sum()
    return ceil(work.mean() * rate)


answer = workers_needed

# %% right: by the share of first attempts
from labsupport.measure.attempts import runs


def workers_needed(attempts, rate):
    jobs = (attempts["attempt"] == 1).sum()
    return int(-(-rate * runs(attempts).sum() // jobs))


answer = workers_needed

# %% right: by the hour
from math import ceil

from labsupport.measure.attempts import runs


def workers_needed(attempts, rate, hour=3600):
    seconds = {}
    for job, run in zip(attempts["job"], runs(attempts)):
        seconds[job] = seconds.get(job, 0) + run
    return ceil(hour * rate * sum(seconds.values()) / len(seconds) / hour)


answer = workers_needed


# %% wrong: each would be idle half its time
def workers_needed(attempts, rate):
    return rate


answer = workers_needed


# %% wrong: the number of workers of that day
def workers_needed(attempts, rate):
    return attempts["worker"].nunique()


answer = workers_needed

# %% wrong: leave the reserve out here
from math import ceil

from labsupport.measure.attempts import runs


def workers_needed(attempts, rate):
    return ceil(rate * runs(attempts).sum() / attempts["job"].nunique() / 0.8)


answer = workers_needed

# %% wrong: int(x) + 1 adds a worker where nothing is to be rounded
from labsupport.measure.attempts import runs


def workers_needed(attempts, rate):
    return int(rate * runs(attempts).sum() / attempts["job"].nunique()) + 1


answer = workers_needed

# %% wrong: You count the waits, too
from math import ceil


def workers_needed(attempts, rate):
    return ceil(rate * (attempts["ended"] - attempts["enqueued"]).mean())


answer = workers_needed

# %% wrong: round up
from labsupport.measure.attempts import runs


def workers_needed(attempts, rate):
    return int(rate * runs(attempts).sum() / attempts["job"].nunique())


answer = workers_needed

# %% wrong: and it returned 1.25
from labsupport.measure.attempts import runs


def workers_needed(attempts, rate):
    return rate * runs(attempts).sum() / attempts["job"].nunique()


answer = workers_needed

# %% wrong: the work of all jobs of the day
from math import ceil

from labsupport.measure.attempts import runs


def workers_needed(attempts, rate):
    return ceil(rate * runs(attempts).sum())


answer = workers_needed

# %% wrong: The mean counts
from math import ceil

from labsupport.measure.attempts import runs


def workers_needed(attempts, rate):
    return ceil(rate * runs(attempts).median())


answer = workers_needed

# %% wrong: it returned 13. The mean counts
from math import ceil

from labsupport.measure.attempts import runs


def workers_needed(attempts, rate):
    return ceil(rate * runs(attempts).max())


answer = workers_needed

# %% wrong: costs more than one run
from math import ceil

from labsupport.measure.attempts import runs


def workers_needed(attempts, rate):
    return ceil(rate * runs(attempts).mean())


answer = workers_needed

# %% wrong: it returned 10. A job that is attempted again
from math import ceil

from labsupport.measure.attempts import runs


def workers_needed(attempts, rate):
    finished = attempts[attempts["outcome"] == "finished"]
    return ceil(rate * runs(finished).sum() / finished["job"].nunique())


answer = workers_needed

# %% wrong: it should return a number
from labsupport.measure.attempts import runs


def workers_needed(attempts, rate):
    return rate * runs(attempts)


answer = workers_needed


# %% wrong: it returned None; it should return a number
def workers_needed(attempts, rate):
    print(rate * (attempts["ended"] - attempts["started"]).sum() / attempts["job"].nunique())


answer = workers_needed


# %% wrong: it raised TypeError
def workers_needed(attempts):
    return 15


answer = workers_needed


# %% wrong: still running after 5 s
import time


def workers_needed(attempts, rate):
    while True:
        try:
            time.sleep(0.1)
            attempts["job"].nunique()
        except:
            pass


answer = workers_needed

# %% wrong: this is int 15
answer = 15
