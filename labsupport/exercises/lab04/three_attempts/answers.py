"""Answers to three-attempts."""

from __main__ import Queue, Retry, lab, queue, send_notification

# %% solution
answer = queue.enqueue(send_notification, {"message": "Three"}, retry=Retry(max=2))

# %% right: with pauses
answer = queue.enqueue(send_notification, {"message": "Three"}, retry=Retry(max=2, interval=[1, 1]))

# %% right: the path, and the data by name
answer = queue.enqueue(
    "labsupport.notifications.processor.send_notification", data={"message": "Three"}, retry=Retry(2)
)

# %% right: a worker has already attempted it
answer = queue.enqueue(send_notification, {"message": "Three"}, retry=Retry(max=2))
with lab.workers(queue):
    lab.wait(answer)

# %% right: a worker is between two attempts
answer = queue.enqueue(send_notification, {"message": "Three"}, retry=Retry(max=2, interval=3600))
with lab.workers(queue):
    while not queue.scheduled_job_registry.count:
        pass

# %% right: enqueue_call
answer = queue.enqueue_call(send_notification, args=({"message": "Three"},), retry=Retry(max=2))

# %% wrong: it was attempted 4 times, not three times. max counts what comes after
answer = queue.enqueue(send_notification, {"message": "Three"}, retry=Retry(max=3))

# %% wrong: it was attempted once
answer = queue.enqueue(send_notification, {"message": "Three"})

# %% wrong: it was attempted 2 times
answer = queue.enqueue(send_notification, {"message": "Three"}, retry=Retry(max=1))

# %% wrong: other arguments were asked for
answer = queue.enqueue(send_notification, {"message": "Tree"}, retry=Retry(max=2))

# %% wrong: `attempts` is no option of RQ's enqueue
answer = queue.enqueue(send_notification, {"message": "Three", "attempts": 3})

# %% wrong: it went along as data for send_notification
answer = queue.enqueue(send_notification, {"message": "Three"}, attempts=3)

# %% wrong: `attempts` is no option
answer = queue.enqueue(send_notification, {"message": "Three"}, retry=Retry(max=2), attempts=3)

# %% wrong: `max` is no option
answer = queue.enqueue(send_notification, {"message": "Three"}, max=2)

# %% wrong: the job that queue.enqueue returns; this is list
answer = [queue.enqueue(send_notification, {"message": "Three"}) for _ in range(3)]

# %% wrong: this is bool True
answer = "three jobs" != queue.enqueue(send_notification, {"message": "Three"}, retry=Retry(max=2))

# %% wrong: A worker could not read this job from Redis
answer = queue.enqueue(send_notification, {"message": "Three"}, retry=Retry(max=6 / 3))

# %% wrong: it calls operator.truth
answer = queue.enqueue("operator.truth", {"message": "Three"}, retry=Retry(max=2))

# %% wrong: it was deleted
answer = queue.enqueue(send_notification, {"message": "Three"}, retry=Retry(max=2))
answer.delete()

# %% wrong: The job is canceled
answer = queue.enqueue(send_notification, {"message": "Three"}, retry=Retry(max=2))
done = answer.cancel()

# %% wrong: not written in JSON
answer = Queue("notification-queue", connection=lab.redis).enqueue(
    send_notification, {"message": "Three"}, retry=Retry(max=2)
)

# %% wrong: its id is not in the queue
answer = queue.create_job(send_notification, args=({"message": "Three"},), retry=Retry(max=2))
answer.save()

# %% wrong: The job is on the queue `retry`
answer = Queue("retry", connection=lab.redis, serializer=queue.serializer).enqueue(
    send_notification, {"message": "Three"}, retry=Retry(max=2)
)

# %% wrong: with the first attempt that is 1001
answer = queue.enqueue(send_notification, {"message": "Three"}, retry=Retry(max=1000))

# %% wrong: it calls send_notification.
answer = queue.enqueue("send_notification", {"message": "Three"}, retry=Retry(max=2))

# %% wrong: The job ran here, in the notebook (is_async=False)
here = Queue("notification-queue", is_async=False, connection=lab.redis, serializer=queue.serializer)
answer = here.enqueue(send_notification, {"message": "Three"}, retry=Retry(max=2))
