"""own-jitter, of 04-retry."""

from collections.abc import Callable

from rq import Queue, Retry
from rq.job import Job
from rq.serializers import JSONSerializer

from labsupport.exercises.exercise import Bench, NotYet
from labsupport.exercises.judging import expect

HINTS = (
    "How often does the line with random.randint run, if policy is called for a hundred jobs?",
    "Draw inside the function; and draw each of the three pauses, with its own upper end.",
)


def judge(answer: object, bench: Bench) -> str:
    expect(Callable, answer, "the function policy")
    queue = Queue("jitter", connection=bench.redis, serializer=JSONSerializer)
    queue.empty()
    try:
        pauses = []
        for _ in range(100):
            policy = answer()
            expect(Retry, policy, "a function that returns a Retry")
            job = queue.enqueue("operator.truth", 1, retry=policy)
            fetched = Job.fetch(job.id, connection=bench.redis, serializer=JSONSerializer)
            if fetched.retries_left != 3 or len(fetched.retry_intervals or []) != 3:
                raise NotYet(
                    f"Redis holds {fetched.retries_left} retries and the pauses {fetched.retry_intervals}; there should "
                    "be three of each."
                )
            pauses.append(tuple(fetched.retry_intervals))
        if len(set(pauses)) == 1:
            raise NotYet(
                f"100 jobs, and all have the pauses {list(pauses[0])}: they are not drawn for each job. "
                "A herd with one random pause is still a herd."
            )
        for number, longest in enumerate((2, 4, 8)):
            drawn = {pause[number] for pause in pauses}
            if min(drawn) < 1 or max(drawn) > longest:
                raise NotYet(
                    f"Pause {number + 1} should be from 1 to {longest} s; the jobs have from {min(drawn)} to {max(drawn)}."
                )
        if len({pause[2] for pause in pauses}) < 5:
            raise NotYet(
                f"Before the third retry the jobs wait for {sorted({pause[2] for pause in pauses})} s: they come back in few "
                "groups. Draw every pause for itself, the third from 1 to 8 s."
            )
        if all(second == 2 * first for first, second, _ in pauses):
            raise NotYet(
                "Jobs that met once will meet again: each pause is twice the one before. Draw every pause for itself."
            )
        return f"100 jobs drew {len(set(pauses))} different sets of pauses, up to 2, 4 and 8 s."
    finally:
        queue.empty()
