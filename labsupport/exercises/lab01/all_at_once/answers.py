"""Answers to all-at-once."""

from __main__ import JSONSerializer, Queue, all_at_once, lab, queue, send_notification


# %% solution
def prepared(user):
    data = {"message": "News", "user": user}
    return Queue.prepare_data(send_notification, args=(data,), job_id=f"news-{user}")


def enqueue_all(queue, users):
    queue.enqueue_many([prepared(user) for user in users])


answer = enqueue_all


# %% right: RQ's enqueue into one pipeline
def enqueue_all(queue, users):
    with queue.connection.pipeline() as pipe:
        for user in users:
            data = {"message": "News", "user": user}
            queue.enqueue(send_notification, data, job_id=f"news-{user}", pipeline=pipe)
        pipe.execute()


answer = enqueue_all


# %% right: in batches, the data by name
def enqueue_all(queue, users):
    for start in range(0, len(users), 50):
        queue.enqueue_many(
            Queue.prepare_data(
                send_notification, kwargs={"data": {"user": user, "message": "News"}}, job_id=f"news-{user}"
            )
            for user in users[start : start + 50]
        )


answer = enqueue_all


# %% right: async, args a list
async def enqueue_all(queue, users):
    path = "labsupport.notifications.processor.send_notification"
    each = [({"message": "News", "user": user}, f"news-{user}") for user in users]
    queue.enqueue_many([queue.prepare_data(path, args=[data], job_id=job_id) for data, job_id in each])


answer = enqueue_all


# %% right: a callable object
class Newsletter:
    def __call__(self, queue, users):
        each = [({"message": "News", "user": user}, f"news-{user}") for user in users]
        queue.enqueue_many([Queue.prepare_data(send_notification, (data,), job_id=job_id) for data, job_id in each])


answer = Newsletter()


# %% wrong: round trips to Redis
def enqueue_all(queue, users):
    for user in users:
        data = {"message": "News", "user": user}
        queue.enqueue(send_notification, data, job_id=f"news-{user}")


answer = enqueue_all


# %% wrong: but they took 100 round trips
def enqueue_all(queue, users):
    for user in users:
        data = {"message": "News", "user": user}
        queue.enqueue_many([Queue.prepare_data(send_notification, (data,), job_id=f"news-{user}")])


answer = enqueue_all


# %% wrong: but they took 200 round trips
def enqueue_all(queue, users):
    mine = Queue(queue.name, connection=lab.redis, serializer=JSONSerializer)
    with lab.redis.pipeline():
        for user in users:
            mine.enqueue(send_notification, {"message": "News", "user": user}, job_id=f"news-{user}")


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


# %% wrong: The ids should be news-
def enqueue_all(queue, users):
    all_at_once(queue, len(users))


answer = enqueue_all


# %% wrong: in the order of the users
def enqueue_all(queue, users):
    prepared = [
        Queue.prepare_data(
            send_notification, ({"message": "News", "user": user},), job_id=f"news-{user}", at_front=True
        )
        for user in users
    ]
    queue.enqueue_many(prepared)


answer = enqueue_all


# %% wrong: holds 0 jobs
def enqueue_all(queue, users):
    other = Queue("newsletter", connection=lab.redis, serializer=JSONSerializer)
    for user in users:
        other.enqueue(send_notification, {"message": "News", "user": user}, job_id=f"news-{user}")


answer = enqueue_all


# %% wrong: the queue that your function was given holds 0 jobs
notebooks = queue


def enqueue_all(queue, users):
    each = [({"message": "News", "user": user}, f"news-{user}") for user in users]
    notebooks.enqueue_many([Queue.prepare_data(send_notification, (data,), job_id=job_id) for data, job_id in each])


answer = enqueue_all


# %% wrong: The job should call labsupport.notifications.processor.send_notification; it calls builtins.print
def enqueue_all(queue, users):
    each = [({"message": "News", "user": user}, f"news-{user}") for user in users]
    queue.enqueue_many([Queue.prepare_data(print, (data,), job_id=job_id) for data, job_id in each])


answer = enqueue_all


# %% wrong: got an unexpected keyword argument 'timeout'
def enqueue_all(queue, users):
    each = [({"message": "News", "user": user}, f"news-{user}") for user in users]
    queue.enqueue_many(
        [Queue.prepare_data(send_notification, (data,), kwargs={"timeout": 5}, job_id=job_id) for data, job_id in each]
    )


answer = enqueue_all


# %% wrong: other arguments were asked for
def enqueue_all(queue, users):
    data = {"message": "News", "user": users[0]}
    queue.enqueue_many([Queue.prepare_data(send_notification, (data,), job_id=f"news-{user}") for user in users])


answer = enqueue_all


# %% wrong: missing a required argument: 'data'
def enqueue_all(queue, users):
    queue.enqueue_many(
        [
            Queue.prepare_data(send_notification, kwargs={"message": "News", "user": user}, job_id=f"news-{user}")
            for user in users
        ]
    )


answer = enqueue_all


# %% wrong: raised ValueError: Job ID 'news' appears more than once
def enqueue_all(queue, users):
    queue.enqueue_many(
        [Queue.prepare_data(send_notification, ({"message": "News", "user": user},), job_id="news") for user in users]
    )


answer = enqueue_all


# %% wrong: raised TypeError: enqueue_all() takes 1 positional argument
def enqueue_all(users):
    queue.enqueue_many(
        [
            Queue.prepare_data(send_notification, ({"message": "News", "user": user},), job_id=f"news-{user}")
            for user in users
        ]
    )


answer = enqueue_all


# %% wrong: The job is not written in JSON
def enqueue_all(queue, users):
    plain = Queue(queue.name, connection=lab.redis)
    each = [({"message": "News", "user": user}, f"news-{user}") for user in users]
    plain.enqueue_many([Queue.prepare_data(send_notification, (data,), job_id=job_id) for data, job_id in each])


answer = enqueue_all


# %% wrong: holds 0 jobs.
def enqueue_all(queue, users):
    data = [{"message": "News", "user": user} for user in users]
    return [Queue.prepare_data(send_notification, (item,), job_id=f"news-{item['user']}") for item in data]


answer = enqueue_all
