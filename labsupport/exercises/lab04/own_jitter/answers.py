"""Answers to own-jitter."""

from __main__ import Retry, random


# %% solution
def policy():
    return Retry(max=3, interval=[random.randint(1, longest) for longest in (2, 4, 8)])


answer = policy

# %% right: a lambda, each pause written out
answer = lambda: Retry(max=3, interval=(random.randint(1, 2), random.randint(1, 4), random.randint(1, 8)))  # noqa: E731

# %% right: functools.partial, another generator
from functools import partial


def drawn(generator, *ends):
    return Retry(3, [generator.randrange(end) + 1 for end in ends])


answer = partial(drawn, random.SystemRandom(), 2, 4, 8)


# %% right: a method, numpy
import numpy as np


class Policies:
    def one(self):
        return Retry(max=3, interval=np.random.default_rng().integers(1, [2, 4, 8], endpoint=True).tolist())


answer = Policies().one


# %% right: fractions of seconds
def policy():
    return Retry(max=3, interval=[random.uniform(1, longest) for longest in (2, 4, 8)])


answer = policy


# %% wrong: Object of type int64 is not JSON serializable
def policy():
    return Retry(max=3, interval=np.random.default_rng().integers(1, [2, 4, 8], endpoint=True))


answer = policy

# %% wrong: not drawn for each job
delay = random.randint(1, 2)


def policy():
    return Retry(max=3, interval=[delay, delay * 2, delay * 4])


answer = policy


# %% wrong: depend on each other
def policy():
    delay = random.randint(1, 2)
    return Retry(max=3, interval=[delay, delay * 2, delay * 4])


answer = policy


# %% wrong: jobs that met once will meet again
def policy():
    factor = random.random()
    return Retry(max=3, interval=[round(1 + factor * (longest - 1)) for longest in (2, 4, 8)])


answer = policy


# %% wrong: again. Draw every pause for itself
def policy():
    first = random.randint(1, 2)
    second = first + random.randint(0, 2)
    return Retry(max=3, interval=[first, second, second + random.randint(0, 4)])


answer = policy


# %% wrong: Draw every pause for itself
def policy():
    factor = random.random()
    return Retry(max=3, interval=[1 + factor * (longest - 1) for longest in (2, 4, 8)])


answer = policy


# %% wrong: Pause 2 of 400 jobs is from 2 to 4 s; it should be drawn from 1 to 4 s
def policy():
    return Retry(max=3, interval=[random.randint(1, 2), random.randint(2, 4), random.randint(4, 8)])


answer = policy


# %% wrong: both ends included
def policy():
    return Retry(max=3, interval=[random.choice([1, 2]), random.randrange(1, 4), random.randrange(1, 8)])


answer = policy


# %% wrong: they come back in few groups
def policy():
    return Retry(max=3, interval=[random.choice([1, longest]) for longest in (2, 4, 8)])


answer = policy


# %% wrong: There should be three pauses; interval=[
def policy():
    return Retry(max=3, interval=random.randint(1, 2))


answer = policy


# %% wrong: Pause 1 should be from 1 to 2 s
def policy():
    return Retry(max=3, interval=[random.randint(1, 8) for _ in range(3)])


answer = policy


# %% wrong: this policy has max=4
def policy():
    return Retry(max=4, interval=[random.randint(1, longest) for longest in (2, 4, 8)])


answer = policy

# %% wrong: Give the function itself, without brackets
answer = Retry(max=3, interval=[random.randint(1, longest) for longest in (2, 4, 8)])


# %% wrong: policy should return a Retry; it returned [
def policy():
    return [random.randint(1, longest) for longest in (2, 4, 8)]


answer = policy


# %% wrong: policy should return a Retry; it returned None
def policy():
    Retry(max=3, interval=[random.randint(1, longest) for longest in (2, 4, 8)])


answer = policy


# %% wrong: policy() raised TypeError: policy() missing 1 required positional argument: 'job'
def policy(job):
    return Retry(max=3, interval=[random.randint(1, longest) for longest in (2, 4, 8)])


answer = policy


# %% wrong: policy() raised SystemExit
def policy():
    raise SystemExit("enough")


answer = policy
