"""tell-the-user, of 03-fail."""

from collections.abc import Callable

from rq import Queue
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

from labsupport.exercises.exercise import Bench, NotYet
from labsupport.exercises.judging import expect

HINTS = (
    "The status is all that is needed. Which texts belong to finished, to failed, and to the rest?",
    "A dictionary from status to text, and .get with a text for everything else.",
)


def judge(answer: object, bench: Bench) -> str:
    expect(Callable, answer, "the function tell")
    queue = Queue("notification-queue", connection=bench.redis, serializer=JSONSerializer)
    failed, finished = queue.failed_job_registry.get_job_ids(), queue.finished_job_registry.get_job_ids()
    if not failed or not finished:
        raise NotYet("There is no failed and no finished job to tell of. Run the cells of the first section.")
    waiting, running = (queue.enqueue("operator.truth", 1) for _ in range(2))
    running.set_status(JobStatus.STARTED)
    try:
        texts = {}
        ended = Job.fetch_many([*failed, finished[0]], connection=bench.redis, serializer=JSONSerializer)
        for job in [*ended, waiting, running]:
            text = answer(job)
            if not isinstance(text, str) or not text.strip():
                raise NotYet(f"For a job that is {job.get_status().value}, tell returned {text!r}, which is no text.")
            if text.lower().removeprefix("jobstatus.") == job.get_status().value:
                raise NotYet(f"{text!r} is RQ's own word. What does it mean for the user?")
            texts[job.get_status().value] = text
            if job.get_status() == "failed":
                _gives_nothing_away(text, job)
        if texts["failed"] == texts["finished"]:
            raise NotYet(
                f"A user whose notification failed is told the same as one whose was sent: {texts['failed']!r}."
            )
        if texts["finished"] in (texts["queued"], texts["started"]):
            raise NotYet(f"A user whose notification is not sent yet is told that it was: {texts['finished']!r}.")
        if texts["failed"] in (texts["queued"], texts["started"]):
            raise NotYet(f"A user whose notification failed is told to wait for ever: {texts['failed']!r}.")
        return f"{len(failed)} failed jobs, and no text gave away why. A failed one reads: {texts['failed']}"
    finally:
        for job in (waiting, running):
            job.delete()


def _gives_nothing_away(text: str, job: Job) -> None:
    error = job.latest_result().exc_string.strip()
    last = error.splitlines()[-1]
    for secret in ("Traceback", 'File "', last, last.partition(":")[0], last.partition(": ")[2], job.func_name):
        if secret and secret in text:
            raise NotYet(f"The text for a failed job gives {secret.strip()!r} away. That is for you, not for the user.")
