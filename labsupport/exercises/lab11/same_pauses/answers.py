"""Answers to same-pauses."""

from __main__ import Retry

# %% solution
answer = Retry(max=4, interval=[1, 2, 4, 8])

# %% right: a tuple, arguments by place
answer = Retry(4, (1, 2, 4, 8))

# %% right: computed
answer = Retry(max=5 - 1, interval=[2**n for n in range(4)])

# %% right: a longer list, of which RQ takes the last four
answer = Retry(max=4, interval=[0.5, 1, 2, 4, 8])

# %% right: retried at the front of the queue
answer = Retry(max=4, interval=(delay / 1000 for delay in (1000, 2000, 4000, 8000)), enqueue_at_front=True)

# %% wrong: RQ made 6 attempts, with pauses of 0, 0, 0, 0, 0 s. RQ's `max` counts the retries
answer = Retry(max=5)

# %% wrong: RQ made 6 attempts, with pauses of 1, 1, 2, 4, 8 s. RQ's `max` counts the retries
answer = Retry(max=5, interval=[1, 2, 4, 8])

# %% wrong: RQ made 5 attempts, with pauses of 1000, 2000, 4000, 8000 s. RQ's interval is in seconds
answer = Retry(max=4, interval=[1000, 2000, 4000, 8000])

# %% wrong: pauses of 1, 1, 2, 4 s. The list is too short: RQ then repeats its first pause
answer = Retry(max=4, interval=[1, 2, 4])

# %% wrong: pauses of 1, 1, 1, 1 s. A single interval is every pause
answer = Retry(max=4, interval=1)

# %% wrong: RQ makes no pause
answer = Retry(max=4)

# %% wrong: pauses of 8, 4, 2, 1 s. RQ takes the list in the order
answer = Retry(max=4, interval=[8, 4, 2, 1])

# %% wrong: pauses of 2, 4, 8, 16 s. Of a list that is too long, RQ takes the last ones
answer = Retry(max=4, interval=[1, 2, 4, 8, 16])

# %% wrong: RQ made 4 attempts, with pauses of 1, 2, 4 s
answer = Retry(max=3, interval=[1, 2, 4])

# %% wrong: pauses of 1, 2, 3, 4 s
answer = Retry(max=4, interval=[1, 2, 3, 4])

# %% wrong: pauses of 2, 4, 8, 16 s
answer = Retry(max=4, interval=[2**n for n in range(1, 5)])

# %% wrong: The answer should be a Retry
answer = {"attempts": 5, "backoff": {"type": "exponential", "delay": 1000}}

# %% wrong: this is type <class 'rq.job.Retry'>
answer = Retry
