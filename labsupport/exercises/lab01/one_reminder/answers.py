"""Answers to one-reminder."""

from __main__ import JSONSerializer, Queue, lab, send_notification

# %% solution
from contextlib import suppress

from rq.exceptions import DuplicateJobError

reminders = Queue("reminders", connection=lab.redis, serializer=JSONSerializer)


def remind(user):
    data = {"message": "Time for a break", "user": user}
    with suppress(DuplicateJobError):
        reminders.enqueue(send_notification, data, job_id=f"reminder-{user}", unique=True)


answer = remind

# %% wrong: put 2 jobs into the queue
reminders = Queue("reminders", connection=lab.redis, serializer=JSONSerializer)


def remind(user):
    reminders.enqueue(send_notification, {"message": "Time for a break", "user": user})


answer = remind

# %% wrong: holds the id reminder-7 twice
reminders = Queue("reminders", connection=lab.redis, serializer=JSONSerializer)


def remind(user):
    data = {"message": "Time for a break", "user": user}
    reminders.enqueue(send_notification, data, job_id=f"reminder-{user}")


answer = remind

# %% wrong: raised DuplicateJobError
reminders = Queue("reminders", connection=lab.redis, serializer=JSONSerializer)


def remind(user):
    data = {"message": "Time for a break", "user": user}
    reminders.enqueue(send_notification, data, job_id=f"reminder-{user}", unique=True)


answer = remind

# %% wrong: User 8 gets no reminder
from contextlib import suppress

from rq.exceptions import DuplicateJobError

reminders = Queue("reminders", connection=lab.redis, serializer=JSONSerializer)


def remind(user):
    data = {"message": "Time for a break", "user": user}
    with suppress(DuplicateJobError):
        reminders.enqueue(send_notification, data, job_id="reminder", unique=True)


answer = remind

# %% wrong: a second web server would not know
reminders = Queue("reminders", connection=lab.redis, serializer=JSONSerializer)
seen = set()


def remind(user):
    if user not in seen:
        seen.add(user)
        reminders.enqueue(send_notification, {"message": "Time for a break", "user": user})


answer = remind

# %% wrong: leave the decision to Redis
reminders = Queue("reminders", connection=lab.redis, serializer=JSONSerializer)


def remind(user):
    data = {"message": "Time for a break", "user": user}
    if f"reminder-{user}" not in reminders.job_ids:
        reminders.enqueue(send_notification, data, job_id=f"reminder-{user}")


answer = remind
