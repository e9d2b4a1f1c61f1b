"""Answers to keep-the-promise."""

import heapq

import numpy as np

from labsupport.experiments.twin import waits

days: list = []


# %% solution
def cheapest(days):
    workers = 1
    while any(np.mean(waits(arrivals, runs, workers) > 2) > 0.05 for arrivals, runs in days):
        workers += 1
    return workers


answer = cheapest


# %% right: by the quantile, day by day
def cheapest(days):
    def of(arrivals, runs):
        return next(n for n in range(1, 1000) if np.quantile(waits(arrivals, runs, n), 0.95) <= 2)

    return max(of(*day) for day in days)


answer = cheapest


# %% right: by halves
def cheapest(days):
    def kept(workers):
        return all((waits(*day, workers) <= 2).mean() >= 0.95 for day in days)

    low, high = 1, 64
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if kept(middle) else (middle + 1, high)
    return np.int64(low)


answer = cheapest

# %% right: with a model of its own
from heapq import heapify, heapreplace


def cheapest(days):
    for workers in range(1, 200):
        broken = False
        for arrivals, runs in days:
            free = [0.0] * workers
            heapify(free)
            late = 0
            for arrival, run in zip(arrivals, runs):
                start = max(arrival, free[0])
                heapreplace(free, start + run)
                late += start - arrival > 2
            broken |= late > 0.05 * len(runs)
        if not broken:
            return workers


answer = cheapest


# %% wrong: What may have hidden it
def cheapest(days):
    return int(np.ceil(sum(runs.sum() / arrivals[-1] for arrivals, runs in days) / len(days) / 0.8))


answer = cheapest


# %% wrong: What may have hidden it
def cheapest(days):
    return max(int(np.ceil(runs.sum() / arrivals[-1])) for arrivals, runs in days)


answer = cheapest


# %% wrong: wait for longer than 2 s
def cheapest(days):
    workers = 1
    while np.mean(np.concatenate([waits(*day, workers) for day in days]) > 2) > 0.05:
        workers += 1
    return workers


answer = cheapest


# %% wrong: wait for longer than 2 s
def cheapest(days):
    workers = 1
    while max(waits(*day, workers).mean() for day in days) > 2:
        workers += 1
    return workers


answer = cheapest


# %% wrong: wait for longer than 2 s
def cheapest(days):
    return max(len(str(len(runs))) for arrivals, runs in days)


answer = cheapest


# %% wrong: a small burst may
def cheapest(days):
    workers = 1
    while max(waits(*day, workers).max() for day in days) > 2:
        workers += 1
    return workers


answer = cheapest


# %% wrong: One fewer keeps the promise
def cheapest(days):
    workers = 1
    while any(np.mean(waits(*day, workers) > 2) > 0.05 for day in days):
        workers += 1
    return workers + 1


answer = cheapest


# %% wrong: wait for longer than 2 s
def cheapest(days):
    workers = 1
    while any(np.median(waits(*day, workers)) > 2 for day in days):
        workers += 1
    return workers


answer = cheapest


# %% wrong: it should return a number of workers
def cheapest(days):
    print(len(days))


answer = cheapest


# %% wrong: Nobody can start so many workers
def cheapest(days):
    return sum(runs.sum() / arrivals[-1] for arrivals, runs in days) / len(days)


answer = cheapest

# %% wrong: the function cheapest itself
answer = 10
