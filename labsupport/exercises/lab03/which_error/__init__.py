"""which-error: requeue the jobs that failed with one kind of error, and no others."""

from collections.abc import Callable

from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import expect, killed_here, own_queue, provider, ran_here, token, worked_off
from labsupport.exercises.trial import run

HINTS = (
    "job = queue.fetch_job(job_id). Then look at the last line of job.latest_result().exc_string: what stands before the colon?",
    "The name may come with its module before it: labsupport.notifications.provider.ProviderDown. `endswith` helps.",
    "Job.fetch_many takes the ids, and connection=queue.connection, serializer=queue.serializer. "
    "Requeue a job only if its error fits: queue.failed_job_registry.requeue(job).",
)

ERROR = "ProviderDown"
SEND = "labsupport.notifications.processor.send_notification"


def judge(answer: object, context: Context) -> str:
    expect(Callable, answer, "the function again itself, which is not called")
    queue = own_queue(context)
    texts = sorted(token() for _ in range(3))
    with provider(context, down=True) as one:
        down = [ran_here(queue, SEND, {"message": text}) for text in texts]
        others = {
            "json.loads failed with JSONDecodeError, and it": ran_here(queue, "json.loads", "{"),
            f"int({ERROR!r}) failed with ValueError, where only the message has the word {ERROR}, and it": ran_here(
                queue, "builtins.int", ERROR
            ),
            "A job failed since its work-horse was killed, and it": killed_here(queue, "operator.truth", 1),
        }
        before = {name: _now(job).ended_at for name, job in others.items()}
        one.behave()  # the provider is back
        trial = run(answer, queue, ERROR)
        if trial.error:
            raise NotYet(f"again(queue, {ERROR!r}) {trial}.")
        if not all(Job.exists(job.id, connection=queue.connection) for job in down):
            raise NotYet(
                f"A job that had failed with {ERROR} is deleted. With it went its id, and whoever asks for it hears nothing of "
                "the new one. Requeue the jobs themselves."
            )
        queued = len(queue)
        worked_off(down[0], context)
        delivered = sorted(one.delivered())
    for name, job in others.items():
        if not Job.exists(job.id, connection=queue.connection):
            raise NotYet(f"{name} was deleted. Only jobs whose exception is a {ERROR} were asked for.")
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


def _failed(queue: Queue) -> list[Job]:
    ids = queue.failed_job_registry.get_job_ids()
    return [job for job in Job.fetch_many(ids, connection=queue.connection, serializer=JSONSerializer) if job]


def _now(job: Job) -> Job:
    """The job as Redis has it; as it was, if it was deleted."""
    return next(iter(Job.fetch_many([job.id], connection=job.connection, serializer=JSONSerializer)), None) or job
