"""Answers to in-twenty-minutes."""

from __main__ import Queue, datetime, lab, queue, send_notification, timedelta, timezone

# %% solution
answer = queue.enqueue_in(timedelta(minutes=20), send_notification, {"message": "Stretch"})

# %% right: at a moment, and the data by its name
moment = datetime.now(timezone.utc) + timedelta(seconds=1200)
answer = queue.enqueue_at(moment, send_notification, data={"message": "Stretch"})

# %% right: a naive time of this machine
answer = queue.enqueue_at(datetime.now() + timedelta(minutes=20), send_notification, {"message": "Stretch"})

# %% right: by its path, with args=
answer = queue.enqueue_in(
    timedelta(hours=1 / 3), "labsupport.notifications.processor.send_notification", args=({"message": "Stretch"},)
)

# %% wrong: two other methods have
answer = queue.enqueue(send_notification, {"message": "Stretch"})

# %% wrong: `delay` is no option
answer = queue.enqueue(send_notification, {"message": "Stretch", "delay": 1200000})

# %% wrong: `delay` is no option of RQ's enqueue
answer = queue.enqueue(send_notification, {"message": "Stretch"}, delay=timedelta(minutes=20).total_seconds())

# %% wrong: timedelta(20) is twenty days
answer = queue.enqueue_in(timedelta(20), send_notification, {"message": "Stretch"})

# %% wrong: less than half a minute
answer = queue.enqueue_in(timedelta(seconds=20), send_notification, {"message": "Stretch"})

# %% wrong: due 10 minutes after it was enqueued
answer = queue.enqueue_in(timedelta(minutes=10), send_notification, {"message": "Stretch"})

# %% wrong: other arguments were asked for
answer = queue.enqueue_in(timedelta(minutes=20), send_notification, {"message": "Tea"})

# %% wrong: missing a required argument: 'data'
answer = queue.enqueue_in(timedelta(minutes=20), send_notification, message="Stretch")

# %% wrong: this is function
answer = send_notification

# %% wrong: not written in JSON
pickled = Queue("notification-queue", connection=lab.redis)
answer = pickled.enqueue_in(timedelta(minutes=20), send_notification, {"message": "Stretch"})

# %% wrong: it should be on `notification-queue`
from rq.serializers import JSONSerializer

other = Queue("reminders", connection=lab.redis, serializer=JSONSerializer)
answer = other.enqueue_in(timedelta(minutes=20), send_notification, {"message": "Stretch"})

# %% wrong: A naive time is this machine's
moment = (
    (datetime.now().astimezone() + timedelta(minutes=20)).astimezone(timezone(timedelta(hours=9))).replace(tzinfo=None)
)
if moment.astimezone() - datetime.now().astimezone() < timedelta(minutes=30):  # this machine is in Tokyo
    moment += timedelta(hours=9)
answer = queue.enqueue_at(moment, send_notification, {"message": "Stretch"})

# %% wrong: it was deleted
answer = queue.enqueue_in(timedelta(minutes=20), send_notification, {"message": "Stretch"})
answer.delete()

# %% wrong: The job is canceled
answer = queue.enqueue_in(timedelta(minutes=20), send_notification, {"message": "Stretch"})
_ = answer.cancel()

# %% wrong: no worker will ever find it
answer = queue.create_job(send_notification, ({"message": "Stretch"},))
answer.save()

# %% wrong: minutes before it was enqueued
answer = queue.enqueue_at(datetime.now(timezone.utc) - timedelta(minutes=20), send_notification, {"message": "Stretch"})


# %% right: planned once more under the same id
queue.enqueue_in(timedelta(minutes=10), send_notification, {"message": "Stretch"}, job_id="stretch").cancel()
answer = queue.enqueue_in(timedelta(minutes=20), send_notification, {"message": "Stretch"}, job_id="stretch")

# %% right: made, and then planned in another zone's time
job = queue.create_job(send_notification, kwargs={"data": {"message": "Stretch"}})
answer = queue.schedule_job(job, datetime.now(timezone(timedelta(hours=9))) + timedelta(minutes=20))

# %% wrong: counts seconds, and not milliseconds
answer = queue.enqueue_in(timedelta(seconds=1200000), send_notification, {"message": "Stretch"})

# %% wrong: it was not enqueued
pipe = lab.redis.pipeline()
answer = queue.enqueue_in(timedelta(minutes=20), send_notification, {"message": "Stretch"}, pipeline=pipe)

# %% wrong: The job is queued, and not planned for later
answer = queue.enqueue_in(timedelta(minutes=20), send_notification, {"message": "Stretch"})
_ = queue.enqueue_job(answer)
