"""What RQ finds minutes after a worker has died, found at once."""

from rq import Retry, Worker

from labsupport.experiments.maintenance import minutes_later


def begun(queue, **options):
    """A job that a worker has begun, and that died with it."""
    job = queue.enqueue("operator.add", 1, 2, job_timeout=10, **options)
    worker = Worker([queue], connection=queue.connection, serializer=queue.serializer)
    taken, _ = queue.dequeue_any([queue], None, connection=queue.connection, serializer=queue.serializer)
    worker.prepare_execution(taken)
    worker.prepare_job_execution(taken)
    return job


def test_a_job_that_was_begun_is_retried(lab, queue):
    job = begun(queue, retry=Retry(max=1))
    assert job.get_status() == "started"
    minutes_later(queue)
    assert (job.get_status(), queue.job_ids) == ("queued", [job.id])
    assert list(lab.attempts()["error"]) == ["AbandonedJobError"]


def test_without_a_retry_it_fails(lab, queue):
    job = begun(queue)
    minutes_later(queue)
    assert job.get_status() == "failed"


def test_a_job_that_was_taken_and_not_begun_is_tried_again(lab, queue):
    job = queue.enqueue("operator.add", 1, 2, retry=Retry(max=1))
    queue.connection.lmove(queue.key, queue.intermediate_queue_key, "LEFT", "RIGHT")
    assert queue.job_ids == []
    minutes_later(queue)
    assert (queue.job_ids, queue.intermediate_queue.get_job_ids()) == ([job.id], [])


def test_a_lock_of_a_worker_that_died_is_no_hindrance(lab, queue):
    job = begun(queue, retry=Retry(max=1))
    assert queue.acquire_maintenance_lock()
    minutes_later(queue)
    assert job.get_status() == "queued"
