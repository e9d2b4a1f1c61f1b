"""own-time: enqueue a notification with a time limit of its own."""

from rq.job import Job

from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import calls, copied, fetched, provider, worked_off

HINTS = (
    "enqueue takes its own options out of what you pass, by name, and hands all the rest to the function.",
    "In the figure above, one of the two jobs did get a limit of its own. Which spelling was that?",
)

OTHER = {
    "ttl": "how long a job may wait in the queue",
    "result_ttl": "how long a result is kept",
    "failure_ttl": "how long a failed job is kept",
}


def judge(answer: object, context: Context) -> str:
    job = fetched(answer, context)
    if "timeout" in job.kwargs:
        raise NotYet(
            f"timeout went to the function as an argument: Redis holds kwargs {job.kwargs}, and the job's own limit is "
            f"still {job.timeout} s. The option of enqueue has another name."
        )
    for data in [*job.args, *job.kwargs.values()]:
        if isinstance(data, dict) and {"timeout", "job_timeout"} & data.keys():
            raise NotYet(
                f"The limit stands inside the data, {data}, where only send_notification would see it; the job's "
                f"own limit is still {job.timeout} s. It is an option of enqueue, beside the data."
            )
    calls(job, "labsupport.notifications.processor.send_notification", {"message": "In time"})
    if job.timeout != 2:
        _explain(job, answer)
    with provider(context, latency=30):
        done = worked_off(copied(job, context), context, timeout=30)
    result = done.latest_result()
    if not (result and "JobTimeoutException" in (result.exc_string or "")):
        raise NotYet(f"A worker ran a copy of your job, and no limit stopped it: it is {done.get_status().value}.")
    return "The provider needed 30 s, and a worker stopped a copy of your job after 2 s, with JobTimeoutException."


def _explain(job: Job, answer: object) -> None:
    for option, meaning in OTHER.items():
        if getattr(job, option) is not None:
            raise NotYet(
                f"{option} is {meaning}, and not how long it may run: the job's own limit is still {job.timeout} s."
            )
    if job.timeout == 2000:
        raise NotYet("Redis holds a limit of 2000 s for this job: RQ counts in seconds, and not in milliseconds.")
    if getattr(answer, "timeout", None) == 2:
        raise NotYet(
            f"Your object has a limit of 2 s, and Redis still {job.timeout} s: a worker reads Redis. "
            "Give the limit to enqueue, so that the job is written down with it."
        )
    raise NotYet(f"Redis holds a limit of {job.timeout} s for this job; 2 were asked for.")
