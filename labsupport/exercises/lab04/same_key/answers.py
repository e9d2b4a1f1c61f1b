"""Answers to same-key."""

from __main__ import provider


# %% solution
def deliver(job, message):
    provider.send(message, key=job.id)


answer = deliver

# %% wrong: was delivered 3 times
from uuid import uuid4


def deliver(job, message):
    provider.send(message, key=str(uuid4()))


answer = deliver


# %% wrong: was delivered 2 times
def deliver(job, message):
    if not job.meta.get("sent"):
        provider.send(message)
        job.meta["sent"] = True
        job.save_meta()


answer = deliver


# %% wrong: the key is the same for both
def deliver(job, message):
    provider.send(message, key=message)


answer = deliver


# %% wrong: Nothing was delivered
def deliver(job, message):
    return None


answer = deliver
