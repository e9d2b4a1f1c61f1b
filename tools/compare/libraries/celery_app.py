"""Celery: acknowledges a job when it takes it, unless three settings say otherwise."""

import os

from celery import Celery
from kombu.transport.redis import Channel

from tools.compare import jobs
from tools.compare.row import Row, program

app = Celery("compare", broker=os.environ["REDIS_URL"])
app.conf.broker_connection_retry_on_startup = True
if os.environ.get("ACKNOWLEDGE") == "late":
    app.conf.update(task_acks_late=True, task_reject_on_worker_lost=True, worker_prefetch_multiplier=1)
if soon := os.environ.get("REDELIVER_AFTER"):
    app.conf.broker_transport_options = {
        "visibility_timeout": int(soon), "unacked_restore_interval": 1, "unacked_restore_throttle": 1,
    }  # fmt: skip


@app.task
def small():
    jobs.small()


@app.task
def waiting():
    jobs.waiting()


@app.task
def killed():
    jobs.killed()


def enqueue(job: str, number: int) -> None:
    for _ in range(number):
        globals()[job].delay()


WORKER = (program("celery"), "-A", __name__, "worker", "--loglevel", "WARNING")
LATE = {
    "late": True,
    "setting": "task_acks_late, task_reject_on_worker_lost, worker_prefetch_multiplier=1",
    "wait": ("visibility_timeout", Channel.visibility_timeout),
    "environment": {"ACKNOWLEDGE": "late"},
}
SHARED = {"library": "celery", "module": "celery_app"}
PREFORK = {"commands": ((*WORKER, "--concurrency", "2"),), "at_once": 2, "how": "2 processes"}
THREADS = (*WORKER, "--pool", "threads", "--concurrency", "8")

ROWS = (
    Row(name="Celery, prefork", late=False, setting="the default", taken="unacked", **PREFORK, **SHARED),
    Row(name="Celery, prefork, late", **PREFORK, **LATE, **SHARED),
    Row(
        name="Celery, threads, late",
        commands=((*THREADS, "-n", "one@%h"), (*THREADS, "-n", "two@%h")),
        at_once=16,
        how="2 workers of 8 threads",
        **LATE,
        **SHARED,
    ),
)
