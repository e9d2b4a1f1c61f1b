"""three-attempts, of 04-retry."""

from rq.job import Job

from labsupport.exercises.exercise import Bench, NotYet
from labsupport.exercises.judging import expect

HINTS = (
    "Retry(max=3) ran four times. Which number makes three?",
    "max is the number of attempts after the first.",
)


def judge(answer: object, bench: Bench) -> str:
    expect(Job, answer, "the job that queue.enqueue returns")
    if list(answer.args) != [{"message": "Three"}]:
        raise NotYet(f'The data should be {{"message": "Three"}}; the job has {list(answer.args)}.')
    retries = bench.redis.hget(answer.key, "retries_left")
    if retries is None:
        raise NotYet("Redis holds no retries for this job: it would be attempted once, and fail.")
    attempts = 1 + int(retries)
    if attempts == 4:
        raise NotYet("Redis holds 3 retries: with the first attempt that is 4. max counts what comes after the first.")
    if attempts != 3:
        raise NotYet(f"Redis holds {int(retries)} retries: with the first attempt that is {attempts}, not 3.")
    return "Redis holds 2 retries, and the first attempt is the third one to count."
