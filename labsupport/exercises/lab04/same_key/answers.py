"""Answers to same-key."""

from __main__ import lab, provider, uuid4


# %% solution
def deliver(job, message):
    provider.send(message, key=job.id)


answer = deliver

# %% right: made from the job's id
from uuid import NAMESPACE_URL, uuid5


def deliver(job, message):
    provider.send(message, key=str(uuid5(NAMESPACE_URL, job.id)))


answer = deliver


# %% right: drawn once, and saved before the first sending
def deliver(job, message):
    if "key" not in job.meta:
        job.meta["key"] = str(uuid4())
        job.save_meta()
    provider.send(message, key=job.meta["key"])


answer = deliver

# %% right: the current job, async def
from rq import get_current_job


async def deliver(job, message):
    provider.send(message, key=f"notification:{get_current_job().id}")


answer = deliver

# %% right: a lambda, with the text
answer = lambda job, message: provider.send(message, f"{job.id}:{message}")  # noqa: E731


# %% right: kept in Redis before the first sending
def deliver(job, message):
    lab.redis.set(f"{job.key}:key", str(uuid4()), nx=True, ex=3600)
    provider.send(message, key=lab.redis.get(f"{job.key}:key").decode())


answer = deliver

# %% right: a Retry that is returned
from labsupport.notifications.provider import ProviderError
from rq import Retry


def deliver(job, message):
    try:
        provider.send(message, key=job.id)
    except ProviderError:
        return Retry(max=5)


answer = deliver


# %% wrong: was delivered 3 times: its attempts did not send the same key
def deliver(job, message):
    provider.send(message, key=str(uuid4()))


answer = deliver

# %% wrong: key is the same for both
key = str(uuid4())


def deliver(job, message):
    global key
    provider.send(message, key=key)
    key = str(uuid4())


answer = deliver


# %% wrong: was delivered 2 times
def deliver(job, message):
    if not job.meta.get("sent"):
        provider.send(message)
        job.meta["sent"] = True
        job.save_meta()


answer = deliver

# %% wrong: each runs in a process of its own
KEYS = {}


def deliver(job, message):
    provider.send(message, key=KEYS.setdefault(job.id, str(uuid4())))


answer = deliver

# %% wrong: What is the same in each attempt
SENT = set()


def deliver(job, message):
    if job.id not in SENT:
        SENT.add(job.id)
        provider.send(message)


answer = deliver


# %% wrong: A job that ran four times was delivered 3 times
def deliver(job, message):
    provider.send(message, key=job.meta.setdefault("key", str(uuid4())))


answer = deliver


# %% wrong: was delivered 2 times: its
def deliver(job, message):
    provider.send(message, key=job.meta.setdefault("key", str(uuid4())))
    job.save_meta()


answer = deliver


# %% wrong: A job that ran four times was
def deliver(job, message):
    provider.send(message, key=str(id(job)))


answer = deliver


# %% wrong: A job that ran four times
def deliver(job, message):
    provider.send(message, key=str(hash(job.id)))


answer = deliver


# %% wrong: job that ran four times
def deliver(job, message):
    provider.send(message, key=str(job.enqueued_at))


answer = deliver


# %% wrong: job that ran four
def deliver(job, message):
    provider.send(message, key=f"{job.created_at} {job.last_heartbeat}")


answer = deliver


# %% wrong: that ran four times
def deliver(job, message):
    provider.send(message, key=f"{job.id}-{job.retries_left}")


answer = deliver

# %% wrong: did not send the same key. An attempt can die
import random


def deliver(job, message):
    provider.send(message, key=str(random.random()))


answer = deliver


# %% wrong: ran four times
def deliver(job, message):
    provider.send(message)


answer = deliver


# %% wrong: Whoever notes `sent` before sending loses the message
def deliver(job, message):
    if lab.redis.set(f"{job.key}:sent", 1, nx=True, ex=3600):
        provider.send(message)


answer = deliver


# %% wrong: At the second one it was up: nothing was sent
def deliver(job, message):
    if not job.meta.get("sent"):
        job.meta["sent"] = True
        job.save_meta()
        provider.send(message)


answer = deliver


# %% wrong: The provider was down, and deliver returned None: for RQ the job is finished
def deliver(job, message):
    try:
        provider.send(message, key=job.id)
    except Exception:
        pass


answer = deliver


# %% wrong: The message went out, the provider's answer was lost, and deliver returned None
def deliver(job, message):
    try:
        provider.send(message, key=job.id)
    except ProviderError as error:
        if "answer" not in str(error):
            raise


answer = deliver


# %% wrong: A job that the check needs is gone: your code deleted it
def deliver(job, message):
    provider.send(message, key=job.id)
    job.delete()


answer = deliver


# %% wrong: Another job with the same text was not delivered
def deliver(job, message):
    provider.send(message, key=message)


answer = deliver


# %% wrong: What differs between two jobs?
def deliver(job, message):
    provider.send(message, key=str(job.created_at))


answer = deliver


# %% wrong: Two users may get the same text
def deliver(job, message):
    if message not in provider.delivered():
        provider.send(message)


answer = deliver


# %% wrong: the key is the same for both
def deliver(job, message):
    provider.send(message, key="fixed")


answer = deliver


# %% wrong: The provider was down, and deliver returned None
def deliver(job, message):
    return None


answer = deliver


# %% wrong: and the provider delivered '
def deliver(job, message):
    provider.send(job.id, key=job.id)


answer = deliver


# %% wrong: ended its own process
def deliver(job, message):
    import os

    os._exit(1)


answer = deliver
