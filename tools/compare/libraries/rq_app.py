"""RQ: a job is a function, and a worker forks for each. Retry(max=1) runs a job again whose worker died."""

import os

from redis import Redis
from rq import Queue, Retry, Worker
from rq.defaults import DEFAULT_MAINTENANCE_TASK_INTERVAL

from tools.compare import jobs
from tools.compare.row import Row, program

queue = Queue(connection=Redis.from_url(os.environ["REDIS_URL"]))


def enqueue(job: str, number: int) -> None:
    for _ in range(number):
        queue.enqueue(getattr(jobs, job), job_timeout=10, retry=Retry(max=1))


class OftenMaintained(Worker):
    """`rq worker-pool` has no option for these two."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs, worker_ttl=20, maintenance_interval=5)


SHARED = {
    "library": "rq",
    "module": "rq_app",
    "late": True,
    "setting": "Retry(max=1)",
    "wait": ("maintenance_interval", DEFAULT_MAINTENANCE_TASK_INTERVAL),
    "at_once": 2,
}
WORKER = (program("rq"), "worker", "--quiet")
SIMPLE = (*WORKER, "--worker-class", "rq.SimpleWorker")
POOL = (program("rq"), "worker-pool", "default", "--num-workers", "2", "--quiet")
OFTEN = ("--worker-ttl", "20", "--maintenance-interval", "5")

ROWS = (
    Row(
        name="RQ, fork",
        commands=(WORKER, WORKER),
        when_killed=((*WORKER, *OFTEN), (*WORKER, *OFTEN)),
        how="2 workers, each forks for each job",
        forks=True,
        **SHARED,
    ),
    Row(
        name="RQ, simple",
        commands=(SIMPLE, SIMPLE),
        when_killed=((*SIMPLE, *OFTEN), (*SIMPLE, *OFTEN)),
        how="2 workers, which do not fork",
        **SHARED,
    ),
    Row(
        name="RQ, pool",
        commands=(POOL,),
        when_killed=((*POOL, "--worker-class", f"{__name__}.OftenMaintained"),),
        how="a pool of 2 workers, each forks for each job",
        forks=True,
        **SHARED,
    ),
)
