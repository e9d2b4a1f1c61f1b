"""stop-one, of 02-process."""

from collections.abc import Callable
from contextlib import suppress

from rq import Queue, Worker
from rq.exceptions import InvalidJobOperation
from rq.job import Job
from rq.serializers import JSONSerializer

from labsupport.errors import LabError
from labsupport.exercises.exercise import Bench, NotYet
from labsupport.exercises.judging import expect
from labsupport.waiting import wait_until

HINTS = (
    "Which process runs the job's code, and who can end that process?",
    "send_stop_job_command takes the connection and the job's id.",
)


def judge(answer: object, bench: Bench) -> str:
    expect(Job, answer, "the job `wild`")
    queue = Queue(answer.origin, connection=bench.redis, serializer=JSONSerializer)
    status = _status(answer)
    if status == "started":  # a command takes a moment to arrive
        _patiently(lambda: _status(answer) != "started")
        status = _status(answer)
    if Worker.count(queue=queue) == 0:
        raise NotYet("The worker is gone too. Start one, worker = lab.workers(queue), and end the job alone.")
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
    if status != "stopped":
        raise NotYet(f"The job is `{status}`. The cell above ends a job with a command to its worker.")
    return "The job is stopped, and the worker is free and still listening."


def _status(job: Job) -> str | None:
    try:
        return job.get_status().value
    except InvalidJobOperation:
        return None


def _patiently(condition: Callable[[], bool]) -> None:
    """Wait for a condition, three seconds at most."""
    with suppress(LabError):
        wait_until(condition, lambda: "looking at the job", timeout=3)
