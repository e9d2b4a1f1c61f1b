"""Answers to who-was-first."""

from __main__ import two

# %% solution
answer = two["job"].tolist()

# %% wrong: That is the order of enqueueing
answer = ["slow", "quick-1", "quick-2", "quick-3"]

# %% wrong: in another order than
answer = two.sort_values("worker")["job"].tolist()[::-1]

# %% wrong: should be a list of ids
answer = "slow"
