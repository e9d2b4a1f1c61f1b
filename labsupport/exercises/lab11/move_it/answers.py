"""Answers to move-it."""

# %% solution
# %%writefile lab11_move.py
import json
from datetime import datetime, timezone

from rq import Retry
from rq.job import Job

from labsupport.notifications.processor import send_notification


def move(redis, bull, queue):
    for job_id in reversed(redis.lrange(f"{bull}wait", 0, -1)):
        with redis.pipeline() as pipe:
            queue.enqueue_call(send_notification, **call(redis, bull, job_id), pipeline=pipe)
            pipe.lrem(f"{bull}wait", 0, job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()
    for job_id, score in redis.zrange(f"{bull}delayed", 0, -1, withscores=True):
        due = datetime.fromtimestamp(score // 4096 / 1000, timezone.utc)
        with redis.pipeline() as pipe:
            queue.enqueue_at(due, send_notification, **call(redis, bull, job_id), pipeline=pipe)
            pipe.zrem(f"{bull}delayed", job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()
    for job_id in redis.zrange(f"{bull}failed", 0, -1):
        options = {"status": "failed", "origin": queue.name, "connection": redis, "serializer": queue.serializer}
        job = Job.create(send_notification, **call(redis, bull, job_id), **options)
        reason = redis.hget(bull.encode() + job_id, "failedReason").decode()
        with redis.pipeline() as pipe:
            queue.failed_job_registry.add(job, exc_string=reason, pipeline=pipe)
            pipe.zrem(f"{bull}failed", job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()


def call(redis, bull, job_id):
    data, opts, used = redis.hmget(bull.encode() + job_id, "data", "opts", "atm")
    retries = json.loads(opts)["attempts"] - int(used or 0) - 1
    return {"args": [json.loads(data)], "retry": Retry(max=retries) if retries > 0 else None}


# %% right: everything in one transaction
# %%writefile lab11_move.py
import json
from datetime import datetime

from rq import Retry

SEND = "labsupport.notifications.processor.send_notification"


def move(redis, bull, queue):
    with redis.pipeline() as pipe:
        pipe.multi()
        for job_id in redis.lrange(f"{bull}wait", 0, -1)[::-1]:
            data, retry = read(redis, bull, job_id)
            queue.enqueue(SEND, data, retry=retry, pipeline=pipe)
        for job_id, score in redis.zrange(f"{bull}delayed", 0, -1, withscores=True):
            data, retry = read(redis, bull, job_id)
            queue.enqueue_at(datetime.fromtimestamp((int(score) >> 12) / 1000), SEND, data, retry=retry, pipeline=pipe)
        for job_id in redis.zrange(f"{bull}failed", 0, -1):
            data, _ = read(redis, bull, job_id)
            job = queue.create_job(SEND, args=[data], status="failed")
            queue.failed_job_registry.add(job, pipeline=pipe)
        if keys := list(redis.scan_iter(f"{bull}*")):
            pipe.delete(*keys)
        pipe.execute()


def read(redis, bull, job_id):
    fields = redis.hgetall(bull + job_id.decode())
    left = json.loads(fields[b"opts"])["attempts"] - int(fields.get(b"atm", 0))
    return json.loads(fields[b"data"]), Retry(left - 1) if left > 1 else None


# %% right: ids of BullMQ's, kept for a week, and everything deleted at the end
# %%writefile lab11_move.py
import json
from contextlib import suppress
from datetime import datetime, timezone

from rq import Retry
from rq.exceptions import DuplicateJobError

from labsupport.notifications.processor import send_notification

WEEK = 7 * 24 * 3600


def move(redis, bull, queue):
    jobs = [(job_id, None) for job_id in redis.lrange(f"{bull}wait", 0, -1)][::-1]
    jobs += redis.zrange(f"{bull}delayed", 0, -1, withscores=True)
    for job_id, score in jobs:
        options = {"job_id": f"bull-{job_id.decode()}", "unique": True, "result_ttl": WEEK}
        data, options["retry"] = read(redis, bull, job_id)
        with suppress(DuplicateJobError):
            if score is None:
                queue.enqueue(send_notification, data, **options)
            else:
                due = datetime.fromtimestamp(score / 4096 / 1000, timezone.utc)
                queue.enqueue_at(due, send_notification, data, **options)
    for job_id in redis.zrange(f"{bull}failed", 0, -1):
        data, _ = read(redis, bull, job_id)
        job = queue.create_job(send_notification, args=[data], job_id=f"bull-{job_id.decode()}", status="failed")
        queue.failed_job_registry.add(job)  # once more under the same id: still one job
    for key in [f"{bull}wait", f"{bull}delayed", f"{bull}failed", *redis.scan_iter(f"{bull}*")]:
        redis.delete(key)


def read(redis, bull, job_id):
    fields = redis.hgetall(bull + job_id.decode())
    left = json.loads(fields[b"opts"])["attempts"] - int(fields.get(b"atm", 0))
    return json.loads(fields[b"data"]), Retry(max=left - 1) if left > 1 else None


# %% right: in odd forms
# %%writefile lab11_move.py
import json
import time
from datetime import timedelta

from rq import Retry
from rq.job import Job
from rq.job_lifecycle import record_job_failure

from labsupport.notifications.processor import send_notification


def move(redis, bull, queue):
    while job_id := redis.lindex(f"{bull}moving", 0) or take(redis, bull):
        with redis.pipeline() as pipe:
            pipe.multi()
            pipe.delete(f"{bull}moving", bull.encode() + job_id)
            queue.enqueue_job(queue.create_job(send_notification, **call(redis, bull, job_id)), pipeline=pipe)
            pipe.execute()
    for job_id, score in redis.zrange(f"{bull}delayed", 0, -1, withscores=True):
        rest = timedelta(seconds=score // 4096 / 1000 - time.time())
        with redis.pipeline() as pipe:
            queue.enqueue_in(rest, send_notification, **call(redis, bull, job_id), pipeline=pipe)
            pipe.zrem(f"{bull}delayed", job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()
    for job_id in redis.zrange(f"{bull}failed", 0, -1):
        options = {"status": "failed", "origin": queue.name, "connection": redis, "serializer": queue.serializer}
        job = Job.create(send_notification, **call(redis, bull, job_id), **options)
        reason = redis.hget(bull.encode() + job_id, "failedReason").decode()
        with redis.pipeline() as pipe:
            record_job_failure(job, reason, pipe)
            pipe.zrem(f"{bull}failed", job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()


def take(redis, bull):
    return redis.lmove(f"{bull}wait", f"{bull}moving", "RIGHT", "LEFT")


def call(redis, bull, job_id):
    data, opts, used = redis.hmget(bull.encode() + job_id, "data", "opts", "atm")
    retries = json.loads(opts)["attempts"] - int(used or 0) - 1
    return {"kwargs": {"data": json.loads(data)}, "retry": Retry(max=retries) if retries > 0 else None}


# %% wrong: delayed jobs, and RQ has none of them
# %%writefile lab11_move.py
import json

from labsupport.notifications.processor import send_notification


def move(redis, bull, queue):
    for job_id in redis.lrange(f"{bull}wait", 0, -1):
        data = redis.hget(bull.encode() + job_id, "data")
        queue.enqueue(send_notification, json.loads(data))
        redis.lrem(f"{bull}wait", 1, job_id)


# %% wrong: so this is the reverse
# %%writefile lab11_move.py
import json
from datetime import datetime, timezone

from rq import Retry
from rq.job import Job

from labsupport.notifications.processor import send_notification


def move(redis, bull, queue):
    for job_id in redis.lrange(f"{bull}wait", 0, -1):
        with redis.pipeline() as pipe:
            queue.enqueue_call(send_notification, **call(redis, bull, job_id), pipeline=pipe)
            pipe.lrem(f"{bull}wait", 0, job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()
    for job_id, score in redis.zrange(f"{bull}delayed", 0, -1, withscores=True):
        due = datetime.fromtimestamp(score // 4096 / 1000, timezone.utc)
        with redis.pipeline() as pipe:
            queue.enqueue_at(due, send_notification, **call(redis, bull, job_id), pipeline=pipe)
            pipe.zrem(f"{bull}delayed", job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()
    for job_id in redis.zrange(f"{bull}failed", 0, -1):
        options = {"status": "failed", "origin": queue.name, "connection": redis, "serializer": queue.serializer}
        job = Job.create(send_notification, **call(redis, bull, job_id), **options)
        reason = redis.hget(bull.encode() + job_id, "failedReason").decode()
        with redis.pipeline() as pipe:
            queue.failed_job_registry.add(job, exc_string=reason, pipeline=pipe)
            pipe.zrem(f"{bull}failed", job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()


def call(redis, bull, job_id):
    data, opts, used = redis.hmget(bull.encode() + job_id, "data", "opts", "atm")
    retries = json.loads(opts)["attempts"] - int(used or 0) - 1
    return {"args": [json.loads(data)], "retry": Retry(max=retries) if retries > 0 else None}


# %% wrong: A job that waited ran twice: RQ had two jobs for it
# %%writefile lab11_move.py
import json
from datetime import datetime, timezone

from rq import Retry
from rq.job import Job

from labsupport.notifications.processor import send_notification


def move(redis, bull, queue):
    for job_id in reversed(redis.lrange(f"{bull}wait", 0, -1)):
        queue.enqueue_call(send_notification, **call(redis, bull, job_id))
        with redis.pipeline() as pipe:
            pipe.lrem(f"{bull}wait", 0, job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()
    for job_id, score in redis.zrange(f"{bull}delayed", 0, -1, withscores=True):
        due = datetime.fromtimestamp(score // 4096 / 1000, timezone.utc)
        with redis.pipeline() as pipe:
            queue.enqueue_at(due, send_notification, **call(redis, bull, job_id), pipeline=pipe)
            pipe.zrem(f"{bull}delayed", job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()
    for job_id in redis.zrange(f"{bull}failed", 0, -1):
        options = {"status": "failed", "origin": queue.name, "connection": redis, "serializer": queue.serializer}
        job = Job.create(send_notification, **call(redis, bull, job_id), **options)
        reason = redis.hget(bull.encode() + job_id, "failedReason").decode()
        with redis.pipeline() as pipe:
            queue.failed_job_registry.add(job, exc_string=reason, pipeline=pipe)
            pipe.zrem(f"{bull}failed", job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()


def call(redis, bull, job_id):
    data, opts, used = redis.hmget(bull.encode() + job_id, "data", "opts", "atm")
    retries = json.loads(opts)["attempts"] - int(used or 0) - 1
    return {"args": [json.loads(data)], "retry": Retry(max=retries) if retries > 0 else None}


# %% wrong: RQ's workers ran the jobs in another order
# %%writefile lab11_move.py
import json
from datetime import datetime, timezone

from rq import Retry
from rq.job import Job

from labsupport.notifications.processor import send_notification


def move(redis, bull, queue):
    for job_id in redis.lrange(f"{bull}wait", 0, -1):
        with redis.pipeline() as pipe:
            queue.enqueue_call(send_notification, **call(redis, bull, job_id), at_front=True, pipeline=pipe)
            pipe.lrem(f"{bull}wait", 0, job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()
    for job_id, score in redis.zrange(f"{bull}delayed", 0, -1, withscores=True):
        due = datetime.fromtimestamp(score // 4096 / 1000, timezone.utc)
        with redis.pipeline() as pipe:
            queue.enqueue_at(due, send_notification, **call(redis, bull, job_id), pipeline=pipe)
            pipe.zrem(f"{bull}delayed", job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()
    for job_id in redis.zrange(f"{bull}failed", 0, -1):
        options = {"status": "failed", "origin": queue.name, "connection": redis, "serializer": queue.serializer}
        job = Job.create(send_notification, **call(redis, bull, job_id), **options)
        reason = redis.hget(bull.encode() + job_id, "failedReason").decode()
        with redis.pipeline() as pipe:
            queue.failed_job_registry.add(job, exc_string=reason, pipeline=pipe)
            pipe.zrem(f"{bull}failed", job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()


def call(redis, bull, job_id):
    data, opts, used = redis.hmget(bull.encode() + job_id, "data", "opts", "atm")
    retries = json.loads(opts)["attempts"] - int(used or 0) - 1
    return {"args": [json.loads(data)], "retry": Retry(max=retries) if retries > 0 else None}


# %% wrong: A job that waited is in neither queue: it is lost
# %%writefile lab11_move.py
import json
from datetime import datetime, timezone

from rq import Retry
from rq.job import Job

from labsupport.notifications.processor import send_notification


def move(redis, bull, queue):
    for job_id in reversed(redis.lrange(f"{bull}wait", 0, -1)):
        options = call(redis, bull, job_id)
        with redis.pipeline() as pipe:
            pipe.lrem(f"{bull}wait", 0, job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()
        queue.enqueue_call(send_notification, **options)
    for job_id, score in redis.zrange(f"{bull}delayed", 0, -1, withscores=True):
        due = datetime.fromtimestamp(score // 4096 / 1000, timezone.utc)
        with redis.pipeline() as pipe:
            queue.enqueue_at(due, send_notification, **call(redis, bull, job_id), pipeline=pipe)
            pipe.zrem(f"{bull}delayed", job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()
    for job_id in redis.zrange(f"{bull}failed", 0, -1):
        options = {"status": "failed", "origin": queue.name, "connection": redis, "serializer": queue.serializer}
        job = Job.create(send_notification, **call(redis, bull, job_id), **options)
        reason = redis.hget(bull.encode() + job_id, "failedReason").decode()
        with redis.pipeline() as pipe:
            queue.failed_job_registry.add(job, exc_string=reason, pipeline=pipe)
            pipe.zrem(f"{bull}failed", job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()


def call(redis, bull, job_id):
    data, opts, used = redis.hmget(bull.encode() + job_id, "data", "opts", "atm")
    retries = json.loads(opts)["attempts"] - int(used or 0) - 1
    return {"args": [json.loads(data)], "retry": Retry(max=retries) if retries > 0 else None}


# %% wrong: RQ forgets a finished one after result_ttl
# %%writefile lab11_move.py
import json
from contextlib import suppress
from datetime import datetime, timezone

from rq import Retry
from rq.exceptions import DuplicateJobError
from rq.job import Job

from labsupport.notifications.processor import send_notification


def move(redis, bull, queue):
    for job_id in reversed(redis.lrange(f"{bull}wait", 0, -1)):
        with suppress(DuplicateJobError):
            options = {"job_id": f"bull-{job_id.decode()}", "unique": True}
            queue.enqueue_call(send_notification, **call(redis, bull, job_id), **options)
        with redis.pipeline() as pipe:
            pipe.lrem(f"{bull}wait", 0, job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()
    for job_id, score in redis.zrange(f"{bull}delayed", 0, -1, withscores=True):
        due = datetime.fromtimestamp(score // 4096 / 1000, timezone.utc)
        with redis.pipeline() as pipe:
            queue.enqueue_at(due, send_notification, **call(redis, bull, job_id), pipeline=pipe)
            pipe.zrem(f"{bull}delayed", job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()
    for job_id in redis.zrange(f"{bull}failed", 0, -1):
        options = {"status": "failed", "origin": queue.name, "connection": redis, "serializer": queue.serializer}
        job = Job.create(send_notification, **call(redis, bull, job_id), **options)
        reason = redis.hget(bull.encode() + job_id, "failedReason").decode()
        with redis.pipeline() as pipe:
            queue.failed_job_registry.add(job, exc_string=reason, pipeline=pipe)
            pipe.zrem(f"{bull}failed", job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()


def call(redis, bull, job_id):
    data, opts, used = redis.hmget(bull.encode() + job_id, "data", "opts", "atm")
    retries = json.loads(opts)["attempts"] - int(used or 0) - 1
    return {"args": [json.loads(data)], "retry": Retry(max=retries) if retries > 0 else None}


# %% wrong: unique=True refuses an id only while RQ keeps its job
# %%writefile lab11_move.py
import json
from contextlib import suppress
from datetime import datetime, timezone

from rq import Retry
from rq.exceptions import DuplicateJobError
from rq.job import Job

from labsupport.notifications.processor import send_notification


def move(redis, bull, queue):
    for job_id in reversed(redis.lrange(f"{bull}wait", 0, -1)):
        with redis.pipeline() as pipe, suppress(DuplicateJobError):
            options = {"job_id": f"bull-{job_id.decode()}", "unique": True}
            queue.enqueue_call(send_notification, **call(redis, bull, job_id), **options, pipeline=pipe)
            pipe.lrem(f"{bull}wait", 0, job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()
    for job_id, score in redis.zrange(f"{bull}delayed", 0, -1, withscores=True):
        due = datetime.fromtimestamp(score // 4096 / 1000, timezone.utc)
        with redis.pipeline() as pipe:
            queue.enqueue_at(due, send_notification, **call(redis, bull, job_id), pipeline=pipe)
            pipe.zrem(f"{bull}delayed", job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()
    for job_id in redis.zrange(f"{bull}failed", 0, -1):
        options = {"status": "failed", "origin": queue.name, "connection": redis, "serializer": queue.serializer}
        job = Job.create(send_notification, **call(redis, bull, job_id), **options)
        reason = redis.hget(bull.encode() + job_id, "failedReason").decode()
        with redis.pipeline() as pipe:
            queue.failed_job_registry.add(job, exc_string=reason, pipeline=pipe)
            pipe.zrem(f"{bull}failed", job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()


def call(redis, bull, job_id):
    data, opts, used = redis.hmget(bull.encode() + job_id, "data", "opts", "atm")
    retries = json.loads(opts)["attempts"] - int(used or 0) - 1
    return {"args": [json.loads(data)], "retry": Retry(max=retries) if retries > 0 else None}


# %% wrong: is no transaction
# %%writefile lab11_move.py
import json
from datetime import datetime, timezone

from rq import Retry
from rq.job import Job

from labsupport.notifications.processor import send_notification


def move(redis, bull, queue):
    for job_id in reversed(redis.lrange(f"{bull}wait", 0, -1)):
        with redis.pipeline(transaction=False) as pipe:
            queue.enqueue_call(send_notification, **call(redis, bull, job_id), pipeline=pipe)
            pipe.lrem(f"{bull}wait", 0, job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()
    for job_id, score in redis.zrange(f"{bull}delayed", 0, -1, withscores=True):
        due = datetime.fromtimestamp(score // 4096 / 1000, timezone.utc)
        with redis.pipeline(transaction=False) as pipe:
            queue.enqueue_at(due, send_notification, **call(redis, bull, job_id), pipeline=pipe)
            pipe.zrem(f"{bull}delayed", job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()
    for job_id in redis.zrange(f"{bull}failed", 0, -1):
        options = {"status": "failed", "origin": queue.name, "connection": redis, "serializer": queue.serializer}
        job = Job.create(send_notification, **call(redis, bull, job_id), **options)
        reason = redis.hget(bull.encode() + job_id, "failedReason").decode()
        with redis.pipeline(transaction=False) as pipe:
            queue.failed_job_registry.add(job, exc_string=reason, pipeline=pipe)
            pipe.zrem(f"{bull}failed", job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()


def call(redis, bull, job_id):
    data, opts, used = redis.hmget(bull.encode() + job_id, "data", "opts", "atm")
    retries = json.loads(opts)["attempts"] - int(used or 0) - 1
    return {"args": [json.loads(data)], "retry": Retry(max=retries) if retries > 0 else None}


# %% wrong: milliseconds, and the scores of `delayed` are those times 4096
# %%writefile lab11_move.py
import json
from datetime import datetime, timezone

from rq import Retry
from rq.job import Job

from labsupport.notifications.processor import send_notification


def move(redis, bull, queue):
    for job_id in reversed(redis.lrange(f"{bull}wait", 0, -1)):
        with redis.pipeline() as pipe:
            queue.enqueue_call(send_notification, **call(redis, bull, job_id), pipeline=pipe)
            pipe.lrem(f"{bull}wait", 0, job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()
    for job_id, score in redis.zrange(f"{bull}delayed", 0, -1, withscores=True):
        due = datetime.fromtimestamp(score / 1000, timezone.utc)
        with redis.pipeline() as pipe:
            queue.enqueue_at(due, send_notification, **call(redis, bull, job_id), pipeline=pipe)
            pipe.zrem(f"{bull}delayed", job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()
    for job_id in redis.zrange(f"{bull}failed", 0, -1):
        options = {"status": "failed", "origin": queue.name, "connection": redis, "serializer": queue.serializer}
        job = Job.create(send_notification, **call(redis, bull, job_id), **options)
        reason = redis.hget(bull.encode() + job_id, "failedReason").decode()
        with redis.pipeline() as pipe:
            queue.failed_job_registry.add(job, exc_string=reason, pipeline=pipe)
            pipe.zrem(f"{bull}failed", job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()


def call(redis, bull, job_id):
    data, opts, used = redis.hmget(bull.encode() + job_id, "data", "opts", "atm")
    retries = json.loads(opts)["attempts"] - int(used or 0) - 1
    return {"args": [json.loads(data)], "retry": Retry(max=retries) if retries > 0 else None}


# %% wrong: Its `delay` is counted anew
# %%writefile lab11_move.py
import json
from datetime import timedelta

from rq import Retry
from rq.job import Job

from labsupport.notifications.processor import send_notification


def move(redis, bull, queue):
    for job_id in reversed(redis.lrange(f"{bull}wait", 0, -1)):
        with redis.pipeline() as pipe:
            queue.enqueue_call(send_notification, **call(redis, bull, job_id), pipeline=pipe)
            pipe.lrem(f"{bull}wait", 0, job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()
    for job_id in redis.zrange(f"{bull}delayed", 0, -1):
        delay = timedelta(milliseconds=int(redis.hget(bull.encode() + job_id, "delay")))
        with redis.pipeline() as pipe:
            queue.enqueue_in(delay, send_notification, **call(redis, bull, job_id), pipeline=pipe)
            pipe.zrem(f"{bull}delayed", job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()
    for job_id in redis.zrange(f"{bull}failed", 0, -1):
        options = {"status": "failed", "origin": queue.name, "connection": redis, "serializer": queue.serializer}
        job = Job.create(send_notification, **call(redis, bull, job_id), **options)
        reason = redis.hget(bull.encode() + job_id, "failedReason").decode()
        with redis.pipeline() as pipe:
            queue.failed_job_registry.add(job, exc_string=reason, pipeline=pipe)
            pipe.zrem(f"{bull}failed", job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()


def call(redis, bull, job_id):
    data, opts, used = redis.hmget(bull.encode() + job_id, "data", "opts", "atm")
    retries = json.loads(opts)["attempts"] - int(used or 0) - 1
    return {"args": [json.loads(data)], "retry": Retry(max=retries) if retries > 0 else None}


# %% wrong: It was tried and waits for its next attempt
# %%writefile lab11_move.py
import json
from datetime import datetime, timezone

from rq import Retry
from rq.job import Job

from labsupport.notifications.processor import send_notification


def move(redis, bull, queue):
    for job_id in reversed(redis.lrange(f"{bull}wait", 0, -1)):
        with redis.pipeline() as pipe:
            queue.enqueue_call(send_notification, **call(redis, bull, job_id), pipeline=pipe)
            pipe.lrem(f"{bull}wait", 0, job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()
    for job_id in redis.zrange(f"{bull}delayed", 0, -1):
        born, delay = map(int, redis.hmget(bull.encode() + job_id, "timestamp", "delay"))
        due = datetime.fromtimestamp((born + delay) / 1000, timezone.utc)
        with redis.pipeline() as pipe:
            queue.enqueue_at(due, send_notification, **call(redis, bull, job_id), pipeline=pipe)
            pipe.zrem(f"{bull}delayed", job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()
    for job_id in redis.zrange(f"{bull}failed", 0, -1):
        options = {"status": "failed", "origin": queue.name, "connection": redis, "serializer": queue.serializer}
        job = Job.create(send_notification, **call(redis, bull, job_id), **options)
        reason = redis.hget(bull.encode() + job_id, "failedReason").decode()
        with redis.pipeline() as pipe:
            queue.failed_job_registry.add(job, exc_string=reason, pipeline=pipe)
            pipe.zrem(f"{bull}failed", job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()


def call(redis, bull, job_id):
    data, opts, used = redis.hmget(bull.encode() + job_id, "data", "opts", "atm")
    retries = json.loads(opts)["attempts"] - int(used or 0) - 1
    return {"args": [json.loads(data)], "retry": Retry(max=retries) if retries > 0 else None}


# %% wrong: A datetime without a time zone is taken for local
# %%writefile lab11_move.py
import json
from datetime import datetime

from rq import Retry
from rq.job import Job

from labsupport.notifications.processor import send_notification


def move(redis, bull, queue):
    for job_id in reversed(redis.lrange(f"{bull}wait", 0, -1)):
        with redis.pipeline() as pipe:
            queue.enqueue_call(send_notification, **call(redis, bull, job_id), pipeline=pipe)
            pipe.lrem(f"{bull}wait", 0, job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()
    for job_id, score in redis.zrange(f"{bull}delayed", 0, -1, withscores=True):
        due = datetime.utcfromtimestamp(score // 4096 / 1000)
        with redis.pipeline() as pipe:
            queue.enqueue_at(due, send_notification, **call(redis, bull, job_id), pipeline=pipe)
            pipe.zrem(f"{bull}delayed", job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()
    for job_id in redis.zrange(f"{bull}failed", 0, -1):
        options = {"status": "failed", "origin": queue.name, "connection": redis, "serializer": queue.serializer}
        job = Job.create(send_notification, **call(redis, bull, job_id), **options)
        reason = redis.hget(bull.encode() + job_id, "failedReason").decode()
        with redis.pipeline() as pipe:
            queue.failed_job_registry.add(job, exc_string=reason, pipeline=pipe)
            pipe.zrem(f"{bull}failed", job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()


def call(redis, bull, job_id):
    data, opts, used = redis.hmget(bull.encode() + job_id, "data", "opts", "atm")
    retries = json.loads(opts)["attempts"] - int(used or 0) - 1
    return {"args": [json.loads(data)], "retry": Retry(max=retries) if retries > 0 else None}


# %% wrong: RQ counts retries: the run that comes first is none of them
# %%writefile lab11_move.py
import json
from datetime import datetime, timezone

from rq import Retry
from rq.job import Job

from labsupport.notifications.processor import send_notification


def move(redis, bull, queue):
    for job_id in reversed(redis.lrange(f"{bull}wait", 0, -1)):
        with redis.pipeline() as pipe:
            queue.enqueue_call(send_notification, **call(redis, bull, job_id), pipeline=pipe)
            pipe.lrem(f"{bull}wait", 0, job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()
    for job_id, score in redis.zrange(f"{bull}delayed", 0, -1, withscores=True):
        due = datetime.fromtimestamp(score // 4096 / 1000, timezone.utc)
        with redis.pipeline() as pipe:
            queue.enqueue_at(due, send_notification, **call(redis, bull, job_id), pipeline=pipe)
            pipe.zrem(f"{bull}delayed", job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()
    for job_id in redis.zrange(f"{bull}failed", 0, -1):
        options = {"status": "failed", "origin": queue.name, "connection": redis, "serializer": queue.serializer}
        job = Job.create(send_notification, **call(redis, bull, job_id), **options)
        reason = redis.hget(bull.encode() + job_id, "failedReason").decode()
        with redis.pipeline() as pipe:
            queue.failed_job_registry.add(job, exc_string=reason, pipeline=pipe)
            pipe.zrem(f"{bull}failed", job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()


def call(redis, bull, job_id):
    data, opts, used = redis.hmget(bull.encode() + job_id, "data", "opts", "atm")
    retries = json.loads(opts)["attempts"] - int(used or 0)
    return {"args": [json.loads(data)], "retry": Retry(max=retries) if retries > 0 else None}


# %% wrong: Those that it has had are in its field `atm`
# %%writefile lab11_move.py
import json
from datetime import datetime, timezone

from rq import Retry
from rq.job import Job

from labsupport.notifications.processor import send_notification


def move(redis, bull, queue):
    for job_id in reversed(redis.lrange(f"{bull}wait", 0, -1)):
        with redis.pipeline() as pipe:
            queue.enqueue_call(send_notification, **call(redis, bull, job_id), pipeline=pipe)
            pipe.lrem(f"{bull}wait", 0, job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()
    for job_id, score in redis.zrange(f"{bull}delayed", 0, -1, withscores=True):
        due = datetime.fromtimestamp(score // 4096 / 1000, timezone.utc)
        with redis.pipeline() as pipe:
            queue.enqueue_at(due, send_notification, **call(redis, bull, job_id), pipeline=pipe)
            pipe.zrem(f"{bull}delayed", job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()
    for job_id in redis.zrange(f"{bull}failed", 0, -1):
        options = {"status": "failed", "origin": queue.name, "connection": redis, "serializer": queue.serializer}
        job = Job.create(send_notification, **call(redis, bull, job_id), **options)
        reason = redis.hget(bull.encode() + job_id, "failedReason").decode()
        with redis.pipeline() as pipe:
            queue.failed_job_registry.add(job, exc_string=reason, pipeline=pipe)
            pipe.zrem(f"{bull}failed", job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()


def call(redis, bull, job_id):
    data, opts = redis.hmget(bull.encode() + job_id, "data", "opts")
    retries = json.loads(opts)["attempts"] - 1
    return {"args": [json.loads(data)], "retry": Retry(max=retries) if retries > 0 else None}


# %% wrong: A failed job is in RQ twice, or ran by itself
# %%writefile lab11_move.py
import json
from datetime import datetime, timezone

from rq import Retry

from labsupport.notifications.processor import send_notification


def move(redis, bull, queue):
    for job_id in reversed(redis.lrange(f"{bull}wait", 0, -1)):
        with redis.pipeline() as pipe:
            queue.enqueue_call(send_notification, **call(redis, bull, job_id), pipeline=pipe)
            pipe.lrem(f"{bull}wait", 0, job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()
    for job_id, score in redis.zrange(f"{bull}delayed", 0, -1, withscores=True):
        due = datetime.fromtimestamp(score // 4096 / 1000, timezone.utc)
        with redis.pipeline() as pipe:
            queue.enqueue_at(due, send_notification, **call(redis, bull, job_id), pipeline=pipe)
            pipe.zrem(f"{bull}delayed", job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()
    for job_id in redis.zrange(f"{bull}failed", 0, -1):
        job = queue.enqueue_call(send_notification, **call(redis, bull, job_id))
        queue.remove(job)
        job.set_status("failed")
        queue.failed_job_registry.add(job)
        with redis.pipeline() as pipe:
            pipe.zrem(f"{bull}failed", job_id)
            pipe.delete(bull.encode() + job_id)
            pipe.execute()


def call(redis, bull, job_id):
    data, opts, used = redis.hmget(bull.encode() + job_id, "data", "opts", "atm")
    retries = json.loads(opts)["attempts"] - int(used or 0) - 1
    return {"args": [json.loads(data)], "retry": Retry(max=retries) if retries > 0 else None}
