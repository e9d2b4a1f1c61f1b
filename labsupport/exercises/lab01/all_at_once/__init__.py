"""all-at-once: a hundred jobs in one round trip."""

from collections.abc import Callable

import redis
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from labsupport.exercises import trial
from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import calls, expect, fetched, token

HINTS = (
    "Queue.prepare_data makes what enqueue_many takes a list of.",
    "prepare_data wants the arguments as a tuple, args=(data,) with its comma, and takes job_id like enqueue.",
)

PATH = "labsupport.notifications.processor.send_notification"


def judge(answer: object, context: Context) -> str:
    expect(Callable, answer, "the function enqueue_all itself, which is not called")
    queue = Queue(f"newsletter-{token()}", connection=context.redis, serializer=JSONSerializer)
    queue.get_redis_server_version()  # RQ asks once
    users = [f"user-{token()}" for _ in range(100)]
    seen = trial.run(_round_trips, answer, queue, users)
    if seen.error:
        raise NotYet(f"For 100 users, your function {seen}".replace("\n", " "))
    ids, wanted = queue.job_ids, [f"news-{user}" for user in users]
    if len(ids) != len(users):
        raise NotYet(f"For 100 users, the queue that your function was given holds {len(ids)} jobs.")
    for job_id, user in zip(ids, users, strict=True):
        job = fetched(Job(job_id, connection=context.redis, serializer=JSONSerializer), context, queue.name)
        if job.func_name == PATH and list(job.args) == ["message", "user"]:
            raise NotYet(
                f"The first job's arguments are {list(job.args)}: args was not a tuple, so it was taken apart. "
                "A tuple of one needs a comma: (data,)."
            )
        if sorted(ids) != sorted(wanted):
            raise NotYet(
                f"The ids should be {wanted[0]} and so on; the first is {job_id}. prepare_data takes a job_id too."
            )
        if ids != wanted:
            raise NotYet("The jobs should be in the order of the users, so that the first user is served first.")
        calls(job, PATH, {"message": "News", "user": user})
    trips = seen.returned
    if not isinstance(trips, int) or trips < 1:
        raise NotYet("The jobs are there, but your function did not ask Redis itself: another process did.")
    if trips > 10:
        raise NotYet(f"The jobs are right, but they took {trips} round trips to Redis. enqueue_many takes all in one.")
    return f"100 jobs, in order, in {trips} round trip{'s' * (trips != 1)}."


def _round_trips(enqueue_all: Callable, queue: Queue, users: list[str]) -> int:
    """How often this process sends something to Redis meanwhile. (In a child: what is changed here ends with it.)"""
    sent = 0
    send = redis.connection.AbstractConnection.send_packed_command

    def counted(connection, *command, **options):
        nonlocal sent
        sent += 1
        return send(connection, *command, **options)

    queue.connection.ping()  # so that connecting does not count
    redis.connection.AbstractConnection.send_packed_command = counted
    trial.call(enqueue_all, queue, users)
    return sent
