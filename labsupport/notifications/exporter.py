"""The queues in numbers, for Prometheus: `python -m notifications.exporter`, then GET http://127.0.0.1:9726/metrics.

A process of its own, so that it tells of workers that are dead and of an API that is busy. It keeps nothing: what it
says is what Redis holds at that moment. One answer costs three round trips, however many jobs wait. It needs
prometheus_client, and which keys it reads was taken from rq 3.0 (queue.py, registry.py, worker_registration.py).

    rq_redis_up                   1, or 0 if Redis does not answer; then nothing else is said
    rq_jobs                       jobs by queue and status
    rq_oldest_job_age_seconds     for how long the oldest waiting job has waited; 0 if none waits
    rq_overdue_jobs               delayed jobs that are past their time, because no scheduler moves them
    rq_workers                    workers that listen; one that was killed counts for some minutes more
"""

import argparse
import time
from collections.abc import Iterable, Iterator
from typing import Any

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from redis import ConnectionError, Redis, ResponseError, TimeoutError
from rq import Queue
from rq.job import Job
from rq.utils import utcparse
from rq.worker_registration import WORKERS_BY_QUEUE_KEY

from . import settings

PORT = 9726

LATE = 5
"""Seconds past its time after which a delayed job counts as overdue: a scheduler looks once a second."""

HEAD = 10
"""How many jobs at the head of a queue are asked for their age. Jobs that were put at the front are younger than those
behind them, and a job that was deleted may have left its id."""

STATUSES = ("queued", "started", "scheduled", "deferred", "failed", "finished")


class Queues(Collector):
    """Answers each scrape with the state of all queues."""

    def __init__(self, redis: Redis):
        self._redis = redis

    def collect(self) -> Iterable[GaugeMetricFamily]:
        up = GaugeMetricFamily("rq_redis_up", "Whether Redis answers.")
        jobs = GaugeMetricFamily("rq_jobs", "Jobs, by their status.", labels=["queue", "status"])
        age = GaugeMetricFamily("rq_oldest_job_age_seconds", "How long the oldest job has waited.", labels=["queue"])
        overdue = GaugeMetricFamily("rq_overdue_jobs", "Delayed jobs that are past their time.", labels=["queue"])
        workers = GaugeMetricFamily("rq_workers", "Workers that listen.", labels=["queue"])
        try:
            for name, counts, oldest, late, listening in self._look():
                for status, number in zip(STATUSES, counts, strict=True):
                    jobs.add_metric([name, status], number)
                age.add_metric([name], oldest)
                overdue.add_metric([name], late)
                workers.add_metric([name], listening)
        except (ConnectionError, TimeoutError, ResponseError):  # away, silent, or still loading its data
            up.add_metric([], 0)
            return [up]
        up.add_metric([], 1)
        return [up, jobs, age, overdue, workers]

    def _look(self) -> Iterator[tuple[str, list[int], float, int, int]]:
        """Per queue: its name, the jobs of each status, the age of the oldest, how many are overdue, and workers."""
        now = time.time()
        queues = sorted(Queue.all(connection=self._redis), key=lambda queue: queue.name)
        with self._redis.pipeline(transaction=False) as pipe:
            for queue in queues:
                _ask(pipe, queue, now)
            answers = pipe.execute()
            width = len(answers) // max(1, len(queues))
            states = [answers[n * width : (n + 1) * width] for n in range(len(queues))]
            for *_, head, names in states:
                for job in head:
                    pipe.hget(Job.key_for(job.decode()), "enqueued_at")
                for worker in names:
                    pipe.exists(worker)
            details = iter(pipe.execute())
        for queue, (*counts, late, head, names) in zip(queues, states, strict=True):
            moments = [utcparse(moment.decode()).timestamp() for _ in head if (moment := next(details))]
            oldest = max(0.0, now - min(moments, default=now))
            yield queue.name, counts, oldest, late, sum(next(details) for _ in names)


def _ask(pipe: Any, queue: Queue, now: float) -> None:
    pipe.llen(queue.key)
    pipe.zcard(queue.started_job_registry.key)
    pipe.zcard(queue.scheduled_job_registry.key)
    pipe.zcard(queue.deferred_job_registry.key)
    # Results that have expired stay in these two until somebody cleans up.
    pipe.zcount(queue.failed_job_registry.key, now, "+inf")
    pipe.zcount(queue.finished_job_registry.key, now, "+inf")
    pipe.zcount(queue.scheduled_job_registry.key, 0, now - LATE)
    pipe.lrange(queue.key, 0, HEAD - 1)
    pipe.smembers(WORKERS_BY_QUEUE_KEY % queue.name)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="exporter", description="Say how RQ's queues are, in Prometheus' words.")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen at (default: this machine alone)")
    parser.add_argument("--port", type=int, default=PORT, help=f"(default: {PORT})")
    chosen = parser.parse_args(arguments)
    registry = CollectorRegistry()
    registry.register(Queues(settings.connect_briefly()))
    _, thread = start_http_server(chosen.port, chosen.host, registry)
    thread.join()


if __name__ == "__main__":
    main()
