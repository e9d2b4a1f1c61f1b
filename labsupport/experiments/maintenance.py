"""Runs RQ's maintenance as it would run minutes later, so that a lab need not wait. Read from rq 3.0."""

import time

from rq import Queue

from labsupport.measure.recorder import RecordingWorker


def minutes_later(queue: Queue, seconds: float = 120) -> None:
    """Let RQ find the jobs whose worker died, as it would `seconds` after their last sign of life.

    Both kinds: those that a worker had begun, and those that it had taken from the queue and not begun. Call it while no
    worker has a job in hand, since that one would be taken for abandoned, too. RQ's workers do the same by themselves,
    once per `--maintenance-interval`.
    """
    redis, started, taken = queue.connection, queue.started_job_registry, queue.intermediate_queue
    for job in taken.get_job_ids():
        if job not in started:  # RQ may leave one in that list that was begun
            redis.set(taken.get_first_seen_key(job), time.time() - seconds, ex=3600)
    for execution in redis.zrange(started.key, 0, -1):
        redis.zincrby(started.key, -seconds, execution)
    redis.delete(queue.registry_cleaning_key)  # the lock of a worker that died in the middle of its maintenance
    RecordingWorker([queue], connection=redis, serializer=queue.serializer).clean_registries()
