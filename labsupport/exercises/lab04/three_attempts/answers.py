"""Answers to three-attempts."""

from __main__ import Retry, queue, send_notification

# %% solution
answer = queue.enqueue(send_notification, {"message": "Three"}, retry=Retry(max=2))

# %% wrong: that is 4. max counts
answer = queue.enqueue(send_notification, {"message": "Three"}, retry=Retry(max=3))

# %% wrong: no retries for this job
answer = queue.enqueue(send_notification, {"message": "Three"})

# %% wrong: that is 2, not 3
answer = queue.enqueue(send_notification, {"message": "Three"}, retry=Retry(max=1))

# %% wrong: The data should be
answer = queue.enqueue(send_notification, {"message": "Three", "attempts": 3})
