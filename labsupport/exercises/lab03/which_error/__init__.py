"""which-error: requeue the jobs that failed with one kind of error, and no others."""

from collections.abc import Callable

from rq import Queue, Worker
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.utils import now

from labsupport.exercises.exercise import Bench, NotYet
from labsupport.exercises.judging import expect, own_queue, provider, token, worked_off
from labsupport.exercises.trial import run

HINTS = (
    "Fetch each failed job, and look at the last line of job.latest_result().exc_string: what stands before the colon?",
    "The name may come with its module before it: labsupport.notifications.provider.ProviderDown. `endswith` helps.",
    "Job.fetch_many takes the ids, and connection=queue.connection, serializer=queue.serializer. "
    "Requeue a job only if its error fits: queue.failed_job_registry.requeue(job).",
)

ERROR = "ProviderDown"
QUICK = "rq.worker.SimpleWorker"
SEND = "labsupport.notifications.processor.send_notification"


def judge(answer: object, bench: Bench) -> str:
    expect(Callable, answer, "the function again itself, which is not called")
    queue = own_queue(bench)
    texts = sorted(token() for _ in range(3))
    with provider(bench, down=True) as one:
        down = [queue.enqueue(SEND, {"message": text}) for text in texts]
        others = {
            "json.loads failed with JSONDecodeError, and it": queue.enqueue("json.loads", "{"),
            f"int({ERROR!r}) failed with ValueError, where only the message has the word {ERROR}, and it": queue.enqueue(
                "builtins.int", ERROR
            ),
            "A job failed since its work-horse was killed, and it": queue.enqueue("operator.truth", 1),
        }
        _killed(list(others.values())[-1], queue)
        worked_off(down[0], bench, worker_class=QUICK)
        before = {name: _now(job).ended_at for name, job in others.items()}
        one.behave()  # the provider is back
        trial = run(answer, queue, ERROR)
        if trial.error:
            raise NotYet(f"again(queue, {ERROR!r}) {trial}.")
        queued = len(queue)
        worked_off(down[0], bench, worker_class=QUICK)
        delivered = sorted(one.delivered())
    for name, job in others.items():
        if _now(job).ended_at != before[name]:
            raise NotYet(f"{name} was run again. Only jobs whose exception is a {ERROR} should be.")
    if not queued:
        raise NotYet(
            f"again(queue, {ERROR!r}) {trial}. Three jobs had failed with {ERROR}, and none of them is queued again."
        )
    if delivered != texts:
        raise NotYet(
            f"Of the messages {texts}, which had failed with {ERROR}, the provider has now delivered {delivered}."
        )
    still = [job for job in down if job in _failed(queue)]
    if still or any(_now(job).get_status() != "finished" for job in down):
        raise NotYet(
            "The messages were delivered, and the old jobs still count as failed: you enqueued new ones. Whoever looks at the "
            "registry next would send them once more. Requeue the jobs themselves."
        )
    return "A worker ran the three jobs again, and finished them. The others are failed as before, for somebody to look at."


def _killed(job: Job, queue: Queue) -> None:
    """Fail a job as RQ does when its work-horse was killed (rq 3.0: worker_classes.py, `monitor_work_horse`)."""
    queue.remove(job)
    job.ended_at = now()
    reason = "Work-horse terminated unexpectedly; waitpid returned 9 (signal 9); "
    Worker([queue], connection=queue.connection, serializer=JSONSerializer).handle_job_failure(
        job, queue, exc_string=reason
    )


def _failed(queue: Queue) -> list[Job]:
    ids = queue.failed_job_registry.get_job_ids()
    return [job for job in Job.fetch_many(ids, connection=queue.connection, serializer=JSONSerializer) if job]


def _now(job: Job) -> Job:
    """The job as Redis has it; as it was, if it was deleted."""
    return next(iter(Job.fetch_many([job.id], connection=job.connection, serializer=JSONSerializer)), None) or job
