"""Answers to workers-needed."""

# %% solution
from math import ceil

from labsupport.measure.attempts import runs


def workers_needed(attempts, rate):
    work = runs(attempts).sum() / attempts["job"].nunique()
    return ceil(rate * work)


answer = workers_needed


# %% wrong: one worker for each would be idle
def workers_needed(attempts, rate):
    return rate


answer = workers_needed

# %% wrong: leave the reserve out here
from math import ceil

from labsupport.measure.attempts import runs


def workers_needed(attempts, rate):
    return ceil(rate * runs(attempts).sum() / attempts["job"].nunique() / 0.8)


answer = workers_needed

# %% wrong: You count the waits, too
from math import ceil


def workers_needed(attempts, rate):
    return ceil(rate * (attempts["ended"] - attempts["enqueued"]).mean())


answer = workers_needed

# %% wrong: Round up
from labsupport.measure.attempts import runs


def workers_needed(attempts, rate):
    return int(rate * runs(attempts).sum() / attempts["job"].nunique())


answer = workers_needed

# %% wrong: it is the mean that counts
from math import ceil

from labsupport.measure.attempts import runs


def workers_needed(attempts, rate):
    return ceil(rate * runs(attempts).median())


answer = workers_needed

# %% wrong: a job costs more than one run
from math import ceil

from labsupport.measure.attempts import runs


def workers_needed(attempts, rate):
    return ceil(rate * runs(attempts).mean())


answer = workers_needed
