"""one-reminder, of 01-enqueue."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from rq import Queue
from rq.exceptions import DuplicateJobError
from rq.serializers import JSONSerializer

from labsupport.exercises.exercise import Bench, NotYet
from labsupport.exercises.judging import expect

HINTS = (
    "A job can have an id of your choice: job_id=… . Which id is the same for two clicks, and differs between users?",
    "job_id alone does not keep a second job out. unique=True does, by raising DuplicateJobError.",
    "The error means that the job is there already. contextlib.suppress(DuplicateJobError) says so in one line.",
)


def judge(answer: object, bench: Bench) -> str:
    expect(Callable, answer, "the function remind")
    queue = Queue("reminders", connection=bench.redis, serializer=JSONSerializer)

    def click(user: int) -> None:
        try:
            answer(user)
        except DuplicateJobError:
            raise NotYet(
                "The second click raised DuplicateJobError, so the user would see an error page. "
                "Catch it: that the job is there already is what was wanted."
            ) from None

    queue.empty()
    try:
        click(7)
        click(7)
        ids = queue.job_ids
        if not ids:
            raise NotYet("Two clicks of user 7 put nothing into the queue `reminders`.")
        if len(ids) == 2 and len(set(ids)) == 1:
            raise NotYet(
                f"The list holds the id {ids[0]} twice: a job_id alone writes the same hash again and pushes the id "
                "again, and a worker would run it twice. One more option is needed."
            )
        if len(ids) != 1:
            raise NotYet(
                f"Two clicks of user 7 put {len(ids)} jobs into the queue. Give the job an id that says whose it is."
            )
        click(8)
        if queue.count != 2:
            raise NotYet(
                "User 8 gets no reminder: what keeps the second click of user 7 out keeps everybody out. "
                "The id must say whose reminder it is."
            )
        queue.empty()
        click(7)
        if queue.count != 1:
            raise NotYet(
                "When the first reminder is gone from Redis, user 7 cannot get another: your function remembers, in this "
                "process, and a second web server would not know. Let Redis remember."
            )
        if crowded := _users_with_two(answer, queue):
            raise NotYet(
                f"When four clicks came at the same moment, user {crowded[0]} got more than one job. Between looking "
                "and enqueueing another click finds room; leave the decision to Redis, in one step."
            )
        return "Two clicks of user 7 left one job, also at the same moment, and user 8 still got one."
    finally:
        queue.empty()


def _users_with_two(remind: Callable[[int], object], queue: Queue) -> list[int]:
    """Users for whom four clicks at the same moment made more than one job; stops at the first."""
    for user in range(100, 110):
        before = queue.count
        together = threading.Barrier(4)

        def click(user=user, together=together) -> None:
            together.wait()
            remind(user)

        with ThreadPoolExecutor(4) as clicks:
            for _ in range(4):
                clicks.submit(click)
        if queue.count > before + 1:
            return [user]
    return []
