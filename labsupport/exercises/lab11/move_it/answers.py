"""Answers to move-it."""

# %% solution
# %%writefile lab11_move.py
import json
from datetime import UTC, datetime

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
        due = datetime.fromtimestamp(score // 4096 / 1000, UTC)
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
