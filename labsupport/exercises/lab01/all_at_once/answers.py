"""Answers to all-at-once."""

from __main__ import Queue, all_at_once, send_notification


# %% solution
def prepared(user):
    data = {"message": "News", "user": user}
    return Queue.prepare_data(send_notification, args=(data,), job_id=f"news-{user}")


def enqueue_all(queue, users):
    queue.enqueue_many([prepared(user) for user in users])


answer = enqueue_all


# %% wrong: round trips to Redis
def enqueue_all(queue, users):
    for user in users:
        data = {"message": "News", "user": user}
        queue.enqueue(send_notification, data, job_id=f"news-{user}")


answer = enqueue_all


# %% wrong: args was not a tuple
def prepared(user):
    data = {"message": "News", "user": user}
    return Queue.prepare_data(send_notification, args=(data), job_id=f"news-{user}")


def enqueue_all(queue, users):
    queue.enqueue_many([prepared(user) for user in users])


answer = enqueue_all


# %% wrong: prepare_data takes a job_id too
def enqueue_all(queue, users):
    data = [{"message": "News", "user": user} for user in users]
    queue.enqueue_many([Queue.prepare_data(send_notification, args=(item,)) for item in data])


answer = enqueue_all


# %% wrong: in the order of the users
def enqueue_all(queue, users):
    all_at_once(queue, len(users))


answer = enqueue_all
