"""Answers to own-jitter."""

from __main__ import Retry, random


# %% solution
def policy():
    return Retry(max=3, interval=[random.randint(1, longest) for longest in (2, 4, 8)])


answer = policy

# %% wrong: not drawn for each job
delay = random.randint(1, 2)


def policy():
    return Retry(max=3, interval=[delay, delay * 2, delay * 4])


answer = policy


# %% wrong: they come back in few groups
def policy():
    delay = random.randint(1, 2)
    return Retry(max=3, interval=[delay, delay * 2, delay * 4])


answer = policy


# %% wrong: there should be three of each
def policy():
    return Retry(max=3, interval=random.randint(1, 2))


answer = policy


# %% wrong: Pause 1 should be from 1 to 2 s
def policy():
    return Retry(max=3, interval=[random.randint(1, 8) for _ in range(3)])


answer = policy
