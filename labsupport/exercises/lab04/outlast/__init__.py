"""outlast, of 04-retry."""

from rq import Queue, Retry
from rq.job import Job
from rq.serializers import JSONSerializer

from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import calls, copied, fetched, provider, worked_off
from labsupport.exercises.lab04.retries import PATIENCE, granted, pauses, stray

HINTS = (
    "Four attempts have three pauses between them. Write the three numbers down, and add them up.",
    "Retry(max=3, interval=[first, second, third]), in seconds.",
)

AT_LEAST, AT_MOST = 60, 120
"""Seconds from the first attempt to the last one."""


def judge(answer: object, context: Context) -> str:
    job = fetched(answer, context)
    stray(job)
    calls(job, "labsupport.notifications.processor.send_notification", {"message": "Patient"})
    retries, intervals = granted(job, context), job.retry_intervals or [0]
    if retries != 3:
        raise NotYet(
            f"Redis holds {retries} retries: with the first attempt that makes {retries + 1}, and four were asked for."
        )
    policy = Retry(max=3, interval=intervals)
    waits = pauses(policy, job)
    seen = f"RQ would wait for {waits[0]:g}, {waits[1]:g} and {waits[2]:g} s"
    if not any(waits):
        raise NotYet(
            "There is no pause: all four attempts would be over in a moment. The option of Retry is interval=[…]."
        )
    if len(intervals) < 3 and len(set(intervals)) > 1:
        raise NotYet(f"{seen}: the list is too short, and RQ repeats its first pause.")
    if any(after < 2 * before for before, after in zip(waits, waits[1:], strict=False)) or not waits[0]:
        raise NotYet(f"{seen}. Each pause should be at least twice as long as the one before.")
    if not AT_LEAST < sum(waits) < AT_MOST:
        raise NotYet(
            f"{seen}: the last attempt comes {sum(waits):g} s after the first, and should come {AT_LEAST} to {AT_MOST} s "
            f"after it.{' The numbers are seconds.' * (sum(waits) > 3600)}"
        )
    return _by_a_worker(job, policy, context)


def _by_a_worker(job: Job, policy: Retry, context: Context) -> str:
    """Let a worker fail once, and look where its scheduler will find the job; then make its time come."""
    with provider(context, down=True) as one:
        copy = worked_off(copied(job, context, retry=policy), context, PATIENCE)
        registry = Queue(copy.origin, connection=context.redis, serializer=JSONSerializer).scheduled_job_registry
        due = context.redis.zscore(registry.key, copy.id)
        if due is None or copy.ended_at is None:
            raise NotYet(f"After its first attempt, a copy of your job should be scheduled; it is {copy.get_status()}.")
        pause = due - copy.ended_at.timestamp()
        context.redis.zadd(registry.key, {copy.id: 1})  # overdue, as after that pause
        one.behave()
        worked_off(copy, context, PATIENCE, scheduler=True)
        if one.delivered() != ["Patient"]:
            raise NotYet(
                f"The second attempt of a copy of your job was due, and the provider delivered {one.delivered()}."
            )
    return (
        f"The provider was down: a worker attempted a copy of your job, and Redis held it as scheduled, due about {pause:.0f} s "
        f"later. When it was due and the provider up, a worker with a scheduler delivered it. The last of four attempts "
        f"would have come after {sum(pauses(policy, job)):g} s."
    )
