"""stop-one: end a job, whether it waits or runs."""

from collections.abc import Callable

from rq import Queue, Worker
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer

from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import at_work, expect, own_queue
from labsupport.exercises.trial import run
from labsupport.waiting import comes_true

HINTS = (
    "A job that waits is only an id in a list. A job that runs has a process, and who can end that process?",
    "job.get_status() tells them apart. cancel() is for the one that waits, the command to its worker for the one that runs.",
    "send_stop_job_command takes a connection, such as job.connection, and the job's id.",
)


def judge(answer: object, context: Context) -> str:
    expect(Callable, answer, "the function end itself, which is not called")
    queue = own_queue(context)
    wild = queue.enqueue("time.sleep", 600)
    waiting, after = (queue.enqueue("time.sleep", 0.01) for _ in range(2))
    with at_work(queue, context=context):
        comes_true(lambda: wild.get_status() == "started", within=4)
        trial = run(answer, waiting, deadline=2)
        if trial.error:
            raise NotYet(f"For a job that still waits, end {trial}. Only a job that runs has a worker to be told.")
        trial = run(answer, wild, deadline=2)
        comes_true(lambda: after.get_status() == "finished", within=2)
        if trial.error:
            raise NotYet(f"For a job that runs, end {trial}.")
        _free(queue, wild, after)
    if _now(waiting) is not None and Job.fetch(waiting.id, connection=context.redis).ended_at:
        raise NotYet(
            "The job that runs was ended. The one that still waited was not taken out of the queue, and the worker ran it."
        )
    return "The running job is stopped, the waiting one never ran, and the worker took the next job."


def _free(queue: Queue, wild: Job, after: Job) -> None:
    """Raise NotYet unless the running job was stopped, and its worker went on."""
    status, done = _now(wild), after.get_status() == "finished"
    if status == "failed":
        raise NotYet(
            "The job is failed: you killed its work-horse, and for RQ that is a crash; a job with retries would run again. "
            "A job that its worker is told to stop ends as stopped."
        )
    if status == "stopped" and done:
        return
    if status == "canceled":
        raise NotYet(
            "The job says `canceled`, and its work-horse runs on: cancel() takes a job out of the line, "
            "and this one was not in it any more. A running job is ended by its worker, on command."
        )
    if status is None:
        raise NotYet(
            "The job's hash is deleted, and its work-horse runs on: the worker has its own copy. "
            "A running job is ended by its worker, on command."
        )
    if status == "started":
        if any(worker.shutdown_requested_date for worker in Worker.all(queue=queue)):
            raise NotYet(
                "The worker was told to stop, and it waits for the job, which runs on. The command to stop a job is another."
            )
        raise NotYet("The running job is still `started`. It is ended by its worker, on command.")
    raise NotYet(
        f"The job says `{status}`, since that was written into its hash, and its work-horse runs on: the worker did not take "
        "the next job. A running job is ended by its worker, on command."
    )


def _now(job: Job) -> str | None:
    """Its status, or None if it was deleted."""
    try:
        fetched = Job.fetch(job.id, connection=job.connection, serializer=JSONSerializer)
    except NoSuchJobError:
        return None
    return fetched.get_status(refresh=False).value
