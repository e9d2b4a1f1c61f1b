"""Answers to which-retry."""

from __main__ import Retry

# %% solution
answer = Retry(max=1)


# %% right: more attempts
answer = Retry(max=3)


# %% right: the interval is 0
answer = Retry(max=1, interval=0)


# %% right: no pause before the first of several
answer = Retry(max=2, interval=[0, 60])


# %% wrong: That is no retry
answer = None


# %% wrong: waits until a scheduler
answer = Retry(max=1, interval=10)


# %% wrong: waits until a scheduler
answer = Retry(max=3, interval=[10, 30, 60])


# %% wrong: The answer should be an rq.Retry, such as Retry(max=…, interval=…); this is int 1
answer = 1


# %% wrong: this is type
answer = Retry


# %% wrong: this is str
answer = "Retry(max=1)"


# %% wrong: this is dict
answer = {"max": 1}


# %% wrong: this is bool True
answer = True


# %% wrong: waits until a scheduler
answer = Retry(max=1, interval=1)


# %% right: at the front
answer = Retry(max=1, enqueue_at_front=True)
