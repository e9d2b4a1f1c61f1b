"""Answers to own-time."""

from __main__ import JSONSerializer, Queue, lab, queue, send_notification

# %% solution
answer = queue.enqueue(send_notification, {"message": "In time"}, job_timeout=2)

# %% right: the data by name, the limit as a text
answer = queue.enqueue(send_notification, data={"message": "In time"}, job_timeout="2s")

# %% right: enqueue_call, whose option is timeout
answer = queue.enqueue_call(send_notification, ({"message": "In time"},), timeout=2)

# %% right: the queue's own default
quick = Queue("notification-queue", connection=lab.redis, serializer=JSONSerializer, default_timeout=2)
answer = quick.enqueue(send_notification, {"message": "In time"})

# %% right: changed, and saved
answer = queue.enqueue(send_notification, {"message": "In time"})
answer.timeout = 2
answer.save()

# %% wrong: went to the function
answer = queue.enqueue(send_notification, {"message": "In time"}, timeout=2)

# %% wrong: holds kwargs {'timeout': 2}, and the job's own limit is still 2 s
answer = queue.enqueue(send_notification, {"message": "In time"}, timeout=2, job_timeout=2)

# %% wrong: stands inside the data
answer = queue.enqueue(send_notification, {"message": "In time", "job_timeout": 2})

# %% wrong: stands inside the data, {'message': 'In time', 'timeout': 2}
answer = queue.enqueue(send_notification, data={"message": "In time", "timeout": 2})

# %% wrong: would call send_notification('In time'); other arguments
answer = queue.enqueue(send_notification, "In time", job_timeout=2)

# %% wrong: missing a required argument: 'data'
answer = queue.enqueue(send_notification, message="In time", job_timeout=2)

# %% wrong: a limit of 180 s
answer = queue.enqueue(send_notification, {"message": "In time"})

# %% wrong: a limit of -1 s
answer = queue.enqueue(send_notification, {"message": "In time"}, job_timeout=-1)

# %% wrong: not in milliseconds
answer = queue.enqueue(send_notification, {"message": "In time"}, job_timeout=2000)

# %% wrong: result_ttl is how long a result is kept
answer = queue.enqueue(send_notification, {"message": "In time"}, result_ttl=2)

# %% wrong: ttl is how long a job may wait in the queue
answer = queue.enqueue(send_notification, {"message": "In time"}, ttl=2)

# %% wrong: failure_ttl is how long a failed job is kept
answer = queue.enqueue(send_notification, {"message": "In time"}, failure_ttl=2)

# %% wrong: say when a job may start
from datetime import timedelta

answer = queue.enqueue_in(timedelta(seconds=2), send_notification, {"message": "In time"})

# %% wrong: Your object has a limit of 2 s
answer = queue.enqueue(send_notification, {"message": "In time"})
answer.timeout = 2

# %% wrong: it should be on `notification-queue`
quick = Queue("quick", connection=lab.redis, serializer=JSONSerializer, default_timeout=2)
answer = quick.enqueue(send_notification, {"message": "In time"})

# %% wrong: The job should call labsupport.notifications.processor.send_notification; it calls builtins.print
answer = queue.enqueue(print, {"message": "In time"}, job_timeout=2)

# %% wrong: it calls send_notification.
answer = queue.enqueue("send_notification", {"message": "In time"}, job_timeout=2)

# %% wrong: The job is not written in JSON
answer = Queue("notification-queue", connection=lab.redis).enqueue(
    send_notification, {"message": "In time"}, job_timeout=2
)

# %% wrong: its id is not in the queue
answer = queue.create_job(send_notification, args=({"message": "In time"},), timeout=2)
answer.save()

# %% wrong: The job is canceled
answer = queue.enqueue(send_notification, {"message": "In time"}, job_timeout=2)
done = answer.cancel()

# %% wrong: it was deleted
answer = queue.enqueue(send_notification, {"message": "In time"}, job_timeout=2)
answer.delete()
