"""three-workers, of 02-process."""

from rq.job import Job

from labsupport.exercises.exercise import Bench, NotYet
from labsupport.exercises.judging import expect

HINTS = (
    "The cell that compared one, two and four workers told lab.workers how many it wanted.",
    "lab.workers(queue, count=…) starts several at the same time.",
)


def judge(answer: object, bench: Bench) -> str:
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
