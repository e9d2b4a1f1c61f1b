"""Answers to second-job."""

from __main__ import JSONSerializer, Queue, lab, queue, send_notification

# %% solution
answer = queue.enqueue(send_notification, {"message": "Good morning"})

# %% right: the argument by name
answer = queue.enqueue(send_notification, data={"message": "Good morning"})

# %% right: the path of the function
answer = queue.enqueue("labsupport.notifications.processor.send_notification", {"message": "Good morning"})

# %% right: enqueue_call, with the arguments apart
answer = queue.enqueue_call(send_notification, ({"message": "Good morning"},))

# %% right: at the front, with an id and a limit
answer = queue.enqueue(
    send_notification, args=[{"message": "Good morning"}], job_id="mine", at_front=True, job_timeout="1m"
)

# %% right: a worker has done it already
answer = queue.enqueue(send_notification, {"message": "Good morning"})
lab.workers(queue, burst=True).wait()

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

# %% wrong: The answer should be the job that queue.enqueue returns; this is None
queue.enqueue(send_notification, {"message": "Good morning"})
answer = None

# %% wrong: The answer should be the job that queue.enqueue returns; this is str
answer = queue.enqueue(send_notification, {"message": "Good morning"}).id

# %% wrong: this is function
answer = send_notification

# %% wrong: would call send_notification('Good morning'); other arguments
answer = queue.enqueue(send_notification, "Good morning")

# %% wrong: it calls send_notification.
answer = queue.enqueue("send_notification", {"message": "Good morning"})

# %% wrong: The job is on the queue `mornings`
answer = Queue("mornings", connection=lab.redis, serializer=JSONSerializer).enqueue(
    send_notification, {"message": "Good morning"}
)

# %% wrong: The job is not written in JSON
answer = Queue("notification-queue", connection=lab.redis).enqueue(send_notification, {"message": "Good morning"})

# %% wrong: The job ran here, in the notebook (is_async=False)
here = Queue("notification-queue", is_async=False, connection=lab.redis, serializer=JSONSerializer)
answer = here.enqueue(send_notification, {"message": "Good morning"})

# %% wrong: The job is canceled
answer = queue.enqueue(send_notification, {"message": "Good morning"})
done = answer.cancel()

# %% wrong: The job waits for its time
from datetime import timedelta

answer = queue.enqueue_in(timedelta(hours=8), send_notification, {"message": "Good morning"})

# %% wrong: The job waits for another job
first = queue.enqueue(send_notification, {"message": "Good night"})
answer = queue.enqueue(send_notification, {"message": "Good morning"}, depends_on=first)

# %% wrong: Redis does not hold this job
answer = queue.create_job(send_notification, ({"message": "Good morning"},))

# %% wrong: its id is not in the queue
answer = queue.create_job(send_notification, ({"message": "Good morning"},))
answer.save()
