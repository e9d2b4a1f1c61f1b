"""Answers to one-reminder."""

from __main__ import JSONSerializer, Queue, lab, reminders, send_notification

# %% solution
from contextlib import suppress

from rq.exceptions import DuplicateJobError

reminders = Queue("reminders", connection=lab.redis, serializer=JSONSerializer)


def remind(user, day):
    data = {"message": "Time for a break", "user": user}
    with suppress(DuplicateJobError):
        reminders.enqueue(send_notification, data, job_id=f"reminder-{user}-{day}", unique=True)


answer = remind


# %% right: SET NX EX
def remind(user, day):
    data = {"message": "Time for a break", "user": user}
    if lab.redis.set(f"reminded:{user}:{day}", 1, nx=True, ex=86400):
        reminders.enqueue(send_notification, data)


answer = remind


# %% right: a lock in Redis around looking and enqueueing
def remind(user, day):
    with lab.redis.lock("reminding", timeout=5):
        if f"reminder-{user}-{day}" not in reminders.job_ids:
            data = {"message": "Time for a break", "user": user}
            reminders.enqueue(send_notification, data, job_id=f"reminder-{user}-{day}")


answer = remind

# %% right: async, and the result kept for a day
from rq.exceptions import DuplicateJobError


async def remind(user, day):
    data = {"message": "Time for a break", "user": user}
    try:
        reminders.enqueue(send_notification, data=data, job_id=f"{day}_{user}", unique=True, result_ttl=86400)
    except DuplicateJobError:
        pass


answer = remind

# %% right: a method
import uuid

from rq.exceptions import DuplicateJobError


class Reminders:
    def __init__(self, queue):
        self.queue = queue

    def remind(self, user, day):
        data = {"message": "Time for a break", "user": user}
        try:
            job_id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{user} {day}"))
            return self.queue.enqueue(send_notification, data, job_id=job_id, unique=True)
        except DuplicateJobError:
            return None


answer = Reminders(Queue("reminders", connection=lab.redis, serializer=JSONSerializer)).remind


# %% wrong: put two jobs into the queue
def remind(user, day):
    reminders.enqueue(send_notification, {"message": "Time for a break", "user": user})


answer = remind


# %% wrong: holds the id reminder-
def remind(user, day):
    data = {"message": "Time for a break", "user": user}
    reminders.enqueue(send_notification, data, job_id=f"reminder-{user}-{day}")


answer = remind


# %% wrong: raised DuplicateJobError
def remind(user, day):
    data = {"message": "Time for a break", "user": user}
    reminders.enqueue(send_notification, data, job_id=f"reminder-{user}-{day}", unique=True)


answer = remind


# %% wrong: raised DuplicateJobError, so the user would see an error page
def remind(user, day):
    data = {"message": "Time for a break", "user": user}
    if reminders.fetch_job(f"reminder-{user}-{day}") is None:
        reminders.enqueue(send_notification, data, job_id=f"reminder-{user}-{day}", unique=True)


answer = remind

# %% wrong: raised KeyError
from contextlib import suppress

from rq.exceptions import DuplicateJobError

BREAKS = {7: "Time for a break", 17: "Time for a break"}


def remind(user, day):
    data = {"message": BREAKS[user], "user": user}
    with suppress(DuplicateJobError):
        reminders.enqueue(send_notification, data, job_id=f"reminder-{user}-{day}", unique=True)


answer = remind


# %% wrong: gets no reminder: what keeps
from contextlib import suppress

from rq.exceptions import DuplicateJobError


def remind(user, day):
    data = {"message": "Time for a break", "user": user}
    with suppress(DuplicateJobError):
        reminders.enqueue(send_notification, data, job_id=f"reminder-{day}", unique=True)


answer = remind

# %% wrong: The id must say which day
from contextlib import suppress

from rq.exceptions import DuplicateJobError


def remind(user, day):
    data = {"message": "Time for a break", "user": user}
    with suppress(DuplicateJobError):
        reminders.enqueue(send_notification, data, job_id=f"reminder-{user}", unique=True, failure_ttl=86400)


answer = remind


# %% wrong: and gets none on
def remind(user, day):
    data = {"message": "Time for a break", "user": user}
    if lab.redis.set(f"reminded:{user}", 1, nx=True, ex=86400):
        reminders.enqueue(send_notification, data)


answer = remind

# %% wrong: so only Redis can know of the first one
seen = set()


def remind(user, day):
    if (user, day) not in seen:
        seen.add((user, day))
        reminders.enqueue(send_notification, {"message": "Time for a break", "user": user})


answer = remind


# %% wrong: leave the decision to Redis
def remind(user, day):
    data = {"message": "Time for a break", "user": user}
    if f"reminder-{user}-{day}" not in reminders.job_ids:
        reminders.enqueue(send_notification, data, job_id=f"reminder-{user}-{day}")


answer = remind

# %% wrong: did not get one job but several
import threading

one_at_a_time = threading.Lock()


def remind(user, day):
    with one_at_a_time:
        if reminders.fetch_job(f"reminder-{user}-{day}") is None:
            data = {"message": "Time for a break", "user": user}
            reminders.enqueue(send_notification, data, job_id=f"reminder-{user}-{day}")


answer = remind


# %% wrong: your function raised nothing
def remind(user, day):
    data = {"message": "Time for a break", "user": user}
    try:
        reminders.enqueue(send_notification, data, job_id=f"reminder-{user}-{day}", unique=True)
    except Exception:
        pass


answer = remind

# %% wrong: and it would fail: missing a required argument: 'data'
from contextlib import suppress

from rq.exceptions import DuplicateJobError


def remind(user, day):
    with suppress(DuplicateJobError):
        reminders.enqueue(send_notification, job_id=f"reminder-{user}-{day}", unique=True)


answer = remind

# %% wrong: {'message': 'Time for a break', 'user': 7}); other arguments were asked for
from contextlib import suppress

from rq.exceptions import DuplicateJobError


def remind(user, day):
    data = {"message": "Time for a break", "user": 7}
    with suppress(DuplicateJobError):
        reminders.enqueue(send_notification, data, job_id=f"reminder-{user}-{day}", unique=True)


answer = remind

# %% wrong: it calls send_notification.
from contextlib import suppress

from rq.exceptions import DuplicateJobError


def remind(user, day):
    data = {"message": "Time for a break", "user": user}
    with suppress(DuplicateJobError):
        reminders.enqueue("send_notification", data, job_id=f"reminder-{user}-{day}", unique=True)


answer = remind

# %% wrong: put no jobs into the queue `reminders`
from contextlib import suppress

from rq.exceptions import DuplicateJobError

others = Queue("notification-queue", connection=lab.redis, serializer=JSONSerializer)


def remind(user, day):
    data = {"message": "Time for a break", "user": user}
    with suppress(DuplicateJobError):
        others.enqueue(send_notification, data, job_id=f"reminder-{user}-{day}", unique=True)


answer = remind


# %% wrong: raised TypeError: remind() takes 1 positional argument but 2 were given
def remind(user):
    reminders.enqueue(send_notification, {"message": "Time for a break", "user": user}, job_id=f"reminder-{user}")


answer = remind


# %% wrong: raised ValueError: Job ID must only contain
def remind(user, day):
    data = {"message": "Time for a break", "user": user}
    reminders.enqueue(send_notification, data, job_id=f"reminder:{user}:{day}", unique=True)


answer = remind


# %% wrong: raised ValueError: unique=True requires an explicit job_id
def remind(user, day):
    reminders.enqueue(send_notification, {"message": "Time for a break", "user": user}, unique=True)


answer = remind


# %% wrong: The answer should be the function remind itself, which is not called; this is None
def remind(user, day):
    reminders.enqueue(send_notification, {"message": "Time for a break", "user": user})


answer = remind(7, "2030-06-01")


# %% wrong: still running after 3 s
import time


def remind(user, day):
    while True:
        try:
            time.sleep(0.1)
            lab.redis.ping()
        except BaseException:
            pass


answer = remind


# %% wrong: raised SystemExit
def remind(user, day):
    raise SystemExit


answer = remind
