"""own-time, of 01-enqueue."""

from rq.job import Job
from rq.serializers import JSONSerializer

from labsupport.exercises.exercise import Bench, NotYet
from labsupport.exercises.judging import expect

HINTS = (
    "enqueue takes its own options out of what you pass, by name, and hands all the rest to the function.",
    "In the figure above, one of the two jobs did get a limit of its own. Which spelling was that?",
)


def judge(answer: object, bench: Bench) -> str:
    expect(Job, answer, "the job that queue.enqueue returns")
    job = Job.fetch(answer.id, connection=bench.redis, serializer=JSONSerializer)
    if "timeout" in job.kwargs:
        raise NotYet(
            f"timeout went to the function as an argument: Redis holds kwargs {job.kwargs}, and the job's own limit is "
            f"still {job.timeout} s. The option of enqueue has another name."
        )
    if any(isinstance(data, dict) and {"timeout", "job_timeout"} & data.keys() for data in job.args):
        raise NotYet(
            f"The limit stands inside the data, {job.args[0]}, where only send_notification would see it; the job's "
            f"own limit is still {job.timeout} s. It is an option of enqueue, beside the data."
        )
    if list(job.args) != [{"message": "In time"}] or job.kwargs:
        raise NotYet(f'The data should be {{"message": "In time"}}; the job has {list(job.args)} and {job.kwargs}.')
    if job.timeout != 5:
        raise NotYet(f"Redis holds a limit of {job.timeout} s for this job; 5 were asked for.")
    return "Redis holds a limit of 5 s for this job, and the function gets its data alone."
