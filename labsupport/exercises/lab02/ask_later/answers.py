"""Answers to ask-later."""

from __main__ import lab, sleep


# %% solution
def result_of(job):
    lab.wait(job)
    return job.return_value()


answer = result_of


# %% right: asks again and again
def result_of(job):
    while job.get_status() != "finished":
        sleep(0.01)
    return job.return_value()


answer = result_of


# %% right: lets Redis wait
def result_of(job):
    return job.latest_result(timeout=10).return_value


answer = result_of


# %% right: async def
import asyncio


async def result_of(job):
    while (result := job.return_value()) is None:
        await asyncio.sleep(0.05)
    return result


answer = result_of

# %% right: a method of an object, given its queue before
from functools import partial


class Asker:
    def result_of(self, job, pause):
        while not job.return_value():
            sleep(pause)
        return job.return_value()


answer = partial(Asker().result_of, pause=0.02)


# %% right: deletes the job when it has the result
def result_of(job):
    lab.wait(job)
    result = job.return_value()
    job.delete()
    return result


answer = result_of


# %% wrong: your function asked before it was finished
def result_of(job):
    return job.return_value()


answer = result_of


# %% wrong: No pause of a fixed length is long enough
def result_of(job):
    sleep(1)
    return job.return_value()


answer = result_of


# %% wrong: and your function returned None
def result_of(job):
    lab.wait(job)
    job.return_value()


answer = result_of


# %% wrong: while the job was still queued: no worker had run it
def result_of(job):
    return job.perform()


answer = result_of


# %% wrong: while the job was still queued
def result_of(job):
    return job.get_status()


answer = result_of


# %% wrong: Your function deleted the job, and no worker had run it yet
def result_of(job):
    result = job.perform()
    job.delete()
    return result


answer = result_of


# %% wrong: What the job's function returned is what return_value() says
def result_of(job):
    lab.wait(job)
    return job


answer = result_of


# %% wrong: was killed
def result_of(job):
    while True:
        try:
            sleep(1)
        except:
            pass


answer = result_of


# %% wrong: has no attribute 'return_values'
def result_of(job):
    lab.wait(job)
    return job.return_values()


answer = result_of

# %% wrong: which is not called; this is int 5
answer = 5

# %% wrong: which is not called; this is None
answer = None


# %% wrong: raised SystemExit
def result_of(job):
    raise SystemExit(1)


answer = result_of
