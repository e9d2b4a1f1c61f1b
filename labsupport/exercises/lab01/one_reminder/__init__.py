"""one-reminder: a double click leaves one job."""

import secrets
from collections import Counter
from collections.abc import Callable

from rq import Queue
from rq.defaults import RQ_KEY_PREFIX
from rq.job import Job
from rq.serializers import JSONSerializer

from labsupport.exercises import trial
from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import calls, expect, fetched
from labsupport.namespace import root

HINTS = (
    "A job can have an id of your choice: job_id=… . Which id is the same for two clicks, and another for another user "
    "and for another day?",
    "job_id alone does not keep a second job out. unique=True does, by raising DuplicateJobError.",
    "The error means that the job is there already. contextlib.suppress(DuplicateJobError) says so in one line.",
)

SECONDS = 3.0
"""What one click may take."""

ROUNDS = 6
"""How often several clicks come at the same moment. One round shows nearly every gap."""


def judge(answer: object, context: Context) -> str:
    expect(Callable, answer, "the function remind itself, which is not called")
    queue = Queue("reminders", connection=context.redis, serializer=JSONSerializer)
    users = [100_000_000 + secrets.randbelow(900_000_000) for _ in range(3 + ROUNDS)]
    try:
        return _judge(answer, queue, context, *users)
    finally:
        for user in users:  # what else the answer wrote down about them; `check` deletes the jobs
            for key in context.redis.scan_iter(match=f"{root()}*{user}*", count=1000):
                if not key.startswith(f"{RQ_KEY_PREFIX}:".encode()):
                    context.redis.unlink(key)


def _judge(remind: Callable, queue: Queue, context: Context, user: int, other: int, unlucky: int, *crowd: int) -> str:
    day, later = f"{2030 + secrets.randbelow(60)}-06-01", f"{2030 + secrets.randbelow(60)}-07-01"
    first = _click(remind, queue, (user, day))
    if len(first) != 1:
        raise NotYet(f"One click of user {user} put {len(first) or 'no'} jobs into the queue `reminders`.")
    job = fetched(Job(first[0], connection=context.redis, serializer=JSONSerializer), context, queue.name)
    data = {"message": "Time for a break", "user": user}
    calls(job, "labsupport.notifications.processor.send_notification", data)
    if second := _click(remind, queue, (user, day)):
        if second == first:
            raise NotYet(
                f"The list holds the id {job.id} twice: a job_id alone writes the same hash again and pushes the id "
                "again, and a worker would run it twice. One more option is needed."
            )
        raise NotYet(
            f"Two clicks of user {user} put two jobs into the queue. Each click ran in a process of its own, as on two web "
            "servers, so only Redis can know of the first one. Give the job an id that says whose it is, and of which day."
        )
    if len(_click(remind, queue, (other, day))) != 1:
        raise NotYet(
            f"User {other} gets no reminder: what keeps the second click of user {user} out keeps everybody out. "
            "The id must say whose reminder it is."
        )
    if len(_click(remind, queue, (user, later))) != 1:
        raise NotYet(
            f"User {user} had a reminder on {day}, and gets none on {later}. The id must say which day it is for. "
            "Otherwise one failed job would keep this user's reminders out for a year."
        )
    for one in crowd:
        if len(_click(remind, queue, *[(one, day)] * 4, together=True)) != 1:
            raise NotYet(
                f"When four clicks came at the same moment, user {one} did not get one job but several. Between looking "
                "and enqueueing another click finds room; leave the decision to Redis, in one step."
            )
    if not trial.run(trial.without_redis(remind), unlucky, day, deadline=SECONDS).error:
        raise NotYet(
            "For one click Redis was away, and your function raised nothing: the user believes that a reminder will come. "
            "Catch DuplicateJobError, and no other error."
        )
    job.delete()
    verdict = "A double click left one job, also at the same moment, and other users and other days got theirs."
    if not _click(remind, queue, (user, day)):
        return verdict
    kept = 500 if job.result_ttl is None else job.result_ttl
    return f"{verdict} RQ knows the job until {kept} s after it has succeeded, and then a click makes a new one."


def _click(remind: Callable, queue: Queue, *clicks: tuple[int, str], together: bool = False) -> list[str]:
    """The ids that these clicks put into the queue. Each runs in a process of its own. Raises NotYet if one fails."""
    before = Counter(queue.job_ids)
    for seen in trial.together(remind, clicks, deadline=SECONDS):
        if seen.error == "DuplicateJobError":
            raise NotYet(
                "The second click raised DuplicateJobError, so the user would see an error page. "
                "Catch it: that the job is there already is what was wanted."
            )
        if seen.error:
            user, day = clicks[0]
            raise NotYet(f"remind({user}, {day!r}) {seen}".replace("\n", " "))
    return list((Counter(queue.job_ids) - before).elements())
