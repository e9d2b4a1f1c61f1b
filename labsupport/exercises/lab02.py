"""The exercises of 02-process."""

from collections.abc import Callable
from contextlib import suppress

from rq import Queue, Worker
from rq.exceptions import InvalidJobOperation
from rq.job import Job
from rq.serializers import JSONSerializer

from labsupport.errors import LabError
from labsupport.exercises import Bench, Exercise, NotYet, expect
from labsupport.waiting import wait_until


def _ask_later(answer: object, bench: Bench) -> str:
    if answer is None:
        raise NotYet(
            "None: when you asked, the worker was not done. enqueue returns at once, and so does return_value; "
            "neither waits. lab.wait does."
        )
    if isinstance(answer, Job):
        raise NotYet("This is the job. Its result is what return_value() says, once the job is finished.")
    if answer != 5:
        raise NotYet(f"The mean of 2, 4 and 9 is 5; this is {answer!r}.")
    finished = bench.attempts().query("function == 'statistics.mean' and outcome == 'finished'")
    if finished.empty:
        raise NotYet("5 is right, and no worker has computed it. Let the job do it.")
    return f"The result was there when the job was finished, by {finished['worker'].iloc[-1]}, and not before."


def _three_workers(answer: object, bench: Bench) -> str:
    expect(list, answer, "the list of the six jobs")
    if len(answer) != 6 or not all(isinstance(job, Job) for job in answer):
        raise NotYet(f"The answer should be the list of the six jobs; this list has {len(answer)}.")
    attempts = bench.attempts()
    mine = attempts[attempts["job"].isin([job.id for job in answer])]
    if len(mine) != 6:
        raise NotYet(f"{len(mine)} of the six jobs have ended. Wait for them before the workers stop.")
    at_once = max((mine["started"].le(moment) & mine["ended"].gt(moment)).sum() for moment in mine["started"])
    workers = mine["worker"].nunique()
    if at_once == 1:
        raise NotYet(
            "Never more than one of the jobs ran at a time. It takes several workers at the same time, "
            "not one after the other: lab.workers takes a count."
        )
    if workers != 3:
        raise NotYet(f"{workers} workers shared the jobs; three were asked for.")
    return "Three workers shared the six jobs, three at a time."


ORDER = ["quick-1", "quick-2", "quick-3", "slow"]


def _who_was_first(answer: object, bench: Bench) -> str:
    if not isinstance(answer, list):
        raise NotYet('The answer should be a list of ids, such as ["slow", …]; the attempts are in `two`.')
    attempts = bench.attempts()
    two = attempts[attempts["job"].isin(ORDER)].tail(4)
    ended = two.sort_values("ended")["job"].tolist()
    if answer == ended:
        return f"{ended[-1]} was first in line, and last to end."
    if answer == two.sort_values("enqueued")["job"].tolist():
        raise NotYet("That is the order of enqueueing, and with one worker they ended like that too. Look at `two`.")
    raise NotYet(f"They ended in another order than {answer}. `two` has a row per attempt, in the order of their ends.")


def _stop_one(answer: object, bench: Bench) -> str:
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


EXERCISES = (
    Exercise(
        name="ask-later",
        stub="""
from statistics import mean

job = queue.enqueue(mean, [2, 4, 9])
result = job.return_value()

answer = ...  # when result is the mean: answer = result
""",
        hints=(
            "Print job.get_status() after the first line. What does it say?",
            "Between enqueueing and asking, somebody has to wait until the job is done. Further up, a helper did.",
        ),
        solution="""
from statistics import mean

job = queue.enqueue(mean, [2, 4, 9])
lab.wait(job)
result = job.return_value()

answer = result
""",
        wrong={
            """
from statistics import mean

job = queue.enqueue(mean, [2, 4, 9])
result = job.return_value()

answer = result
""": "the worker was not done",
            """
from statistics import mean

job = queue.enqueue(mean, [2, 4, 9])
lab.wait(job)

answer = job
""": "This is the job",
            """
from statistics import mean

job = queue.enqueue(mean, [2, 4, 9])
result = job.get_status().value

answer = result
""": "The mean of 2, 4 and 9 is 5; this is 'queued'",
        },
        judge=_ask_later,
    ),
    Exercise(
        name="three-workers",
        stub="""
with lab.workers(queue):
    jobs = [queue.enqueue(sleep, 0.2) for _ in range(6)]
    lab.wait(*jobs)

answer = ...  # when three workers share the work: answer = jobs
""",
        hints=(
            "The cell that compared one, two and four workers told lab.workers how many it wanted.",
            "lab.workers(queue, count=…) starts several at the same time.",
        ),
        solution="""
with lab.workers(queue, count=3):
    jobs = [queue.enqueue(sleep, 0.2) for _ in range(6)]
    lab.wait(*jobs)

answer = jobs
""",
        wrong={
            """
jobs = []
for _ in range(3):
    with lab.workers(queue):
        two_more = [queue.enqueue(sleep, 0.2) for _ in range(2)]
        lab.wait(*two_more)
        jobs += two_more

answer = jobs
""": "Never more than one of the jobs ran at a time",
            """
with lab.workers(queue, count=2):
    jobs = [queue.enqueue(sleep, 0.2) for _ in range(6)]
    lab.wait(*jobs)

answer = jobs
""": "2 workers shared the jobs",
            """
with lab.workers(queue, count=3):
    jobs = [queue.enqueue(sleep, 0.2) for _ in range(3)]
    lab.wait(*jobs)

answer = jobs
""": "this list has 3",
        },
        judge=_three_workers,
    ),
    Exercise(
        name="who-was-first",
        stub="""
answer = ...
""",
        hints=(
            "Look at the figure: which bar is the last to end?",
            "`two` has the attempts with two workers, in the order of their ends. What was done with `one` to get its ids?",
        ),
        solution="""
answer = two["job"].tolist()
""",
        wrong={
            'answer = ["slow", "quick-1", "quick-2", "quick-3"]': "That is the order of enqueueing",
            'answer = two.sort_values("worker")["job"].tolist()[::-1]': "in another order than",
            'answer = "slow"': "should be a list of ids",
        },
        judge=_who_was_first,
    ),
    Exercise(
        name="stop-one",
        stub="""
worker.kill()
worker = lab.workers(queue)
wild = queue.enqueue(sleep, 600)
until_started(wild)

answer = ...  # when it has ended: answer = wild
""",
        hints=(
            "Which process runs the job's code, and who can end that process?",
            "send_stop_job_command takes the connection and the job's id.",
        ),
        solution="""
worker.kill()
worker = lab.workers(queue)
wild = queue.enqueue(sleep, 600)
until_started(wild)
send_stop_job_command(lab.redis, wild.id)

answer = wild
""",
        wrong={
            """
worker.kill()
worker = lab.workers(queue)
wild = queue.enqueue(sleep, 600)
until_started(wild)
wild.cancel()

answer = wild
""": "cancel() takes a job out of the line",
            """
worker.kill()
worker = lab.workers(queue)
wild = queue.enqueue(sleep, 600)
until_started(wild)
wild.delete()

answer = wild
""": "the worker has its own copy",
            """
worker.kill()
worker = lab.workers(queue)
wild = queue.enqueue(sleep, 600)
until_started(wild)

answer = wild
""": "The job is `started`",
        },
        judge=_stop_one,
    ),
)
