"""Answers to any-function."""

from __main__ import queue

# %% solution
from statistics import mean

answer = queue.enqueue(mean, [2, 4, 9])

# %% wrong: 5 is the result
from statistics import mean

answer = mean([2, 4, 9])

# %% wrong: with three arguments
from statistics import mean

answer = queue.enqueue(mean, 2, 4, 9)

# %% wrong: a path names the module too
answer = queue.enqueue("mean", [2, 4, 9])

# %% wrong: should call statistics.mean
answer = queue.enqueue(sum, [2, 4, 9])
