"""three-workers: three workers share six jobs."""

from rq import Queue, Worker
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer

from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import expect

HINTS = (
    "The cell that compared one, two and four workers told lab.workers how many it wanted.",
    "lab.workers(queue, count=…) starts several at the same time, and the end of the `with` stops them.",
)


def judge(answer: object, context: Context) -> str:
    expect(list, answer, "the list of the six jobs")
    assert isinstance(answer, list)
    if len(answer) != 6 or not all(isinstance(job, Job) for job in answer):
        raise NotYet(f"The answer should be the list of the six jobs; this list has {len(answer)}.")
    if len({job.id for job in answer}) != 6:
        raise NotYet("The list has the same job more than once; there should be six jobs.")
    # What RQ knows of the jobs, and no record of the lab's: workers of any kind may have run them.
    jobs = [_fetched(job, context) for job in answer]
    waiting = [job for job in jobs if not job.ended_at]
    if waiting:
        raise NotYet(
            f"{6 - len(waiting)} of the six jobs have ended; the first other one is {waiting[0].get_status().value}. "
            "Wait for all of them before the workers stop: lab.wait(*jobs)."
        )
    if failed := [job for job in jobs if job.get_status() != "finished"]:
        raise NotYet(f"A job is {failed[0].get_status().value}: {_why(failed[0])}")
    runs = [(job.started_at, job.ended_at) for job in jobs]
    at_once = max(sum(begin <= moment < end for begin, end in runs) for moment, _ in runs)
    names = {job.worker_name for job in jobs}
    if at_once == 1:
        raise NotYet(
            "Never more than one of the jobs ran at a time. It takes several workers at the same time, "
            "not one after the other: lab.workers takes a count."
        )
    if len(names) != 3:
        raise NotYet(f"{len(names)} workers shared the jobs; three were asked for.")
    if at_once < 3:
        raise NotYet("Three workers had a part in it, and never more than two at the same time. Start them together.")
    queue = Queue(jobs[0].origin, connection=context.redis, serializer=JSONSerializer)
    if left := [worker.name for worker in Worker.all(queue=queue)]:
        raise NotYet(
            f"Three workers shared the jobs, and some are left on `{queue.name}`: {', '.join(sorted(left))}. "
            "They would take the jobs of the next section: stop what you start, or use a `with`."
        )
    return "Three workers shared the six jobs, three at a time, and none of them is left."


def _fetched(job: Job, context: Context) -> Job:
    try:
        return Job.fetch(job.id, connection=context.redis, serializer=JSONSerializer)
    except NoSuchJobError:
        raise NotYet(
            "Redis does not hold one of these jobs any more: results are kept for a while. Run the cell again."
        ) from None


def _why(job: Job) -> str:
    result = job.latest_result()
    return result.exc_string.strip().splitlines()[-1] if result and result.exc_string else "RQ noted no reason."
