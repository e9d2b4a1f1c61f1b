"""Answers to own-time."""

from __main__ import queue, send_notification

# %% solution
answer = queue.enqueue(send_notification, {"message": "In time"}, job_timeout=5)

# %% wrong: went to the function
answer = queue.enqueue(send_notification, {"message": "In time"}, timeout=5)

# %% wrong: stands inside the data
answer = queue.enqueue(send_notification, {"message": "In time", "job_timeout": 5})

# %% wrong: The data should be
answer = queue.enqueue(send_notification, "In time", job_timeout=5)

# %% wrong: a limit of 180 s
answer = queue.enqueue(send_notification, {"message": "In time"})
