"""Answers to second-job."""

from __main__ import queue, send_notification

# %% solution
answer = queue.enqueue(send_notification, {"message": "Good morning"})

# %% right: the argument by name
answer = queue.enqueue(send_notification, data={"message": "Good morning"})

# %% right: the path of the function
answer = queue.enqueue("labsupport.notifications.processor.send_notification", {"message": "Good morning"})

# %% wrong: you called it here
answer = send_notification({"message": "Good morning"})

# %% wrong: other arguments were asked for
answer = queue.enqueue(send_notification, {"message": "Hello"})

# %% wrong: missing a required argument: 'data'
answer = queue.enqueue(send_notification, message="Good morning")

# %% wrong: The job should call labsupport.notifications.processor.send_notification; it calls builtins.print
answer = queue.enqueue(print, {"message": "Good morning"})

# %% wrong: it was deleted
answer = queue.enqueue(send_notification, {"message": "Good morning"})
answer.delete()
