"""all-at-once, of 01-enqueue."""

from collections.abc import Callable

import redis
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from labsupport.exercises.exercise import Bench, NotYet
from labsupport.exercises.judging import expect

HINTS = (
    "Queue.prepare_data makes what enqueue_many takes a list of.",
    "prepare_data wants the arguments as a tuple, args=(data,) with its comma, and takes job_id like enqueue.",
)


class _Counting(redis.Connection):
    """A connection that counts how often it sends something."""

    sent = 0

    def send_packed_command(self, command, check_health=True):
        _Counting.sent += 1
        super().send_packed_command(command, check_health)


def judge(answer: object, bench: Bench) -> str:
    expect(Callable, answer, "the function enqueue_all")
    options = bench.redis.connection_pool.connection_kwargs
    counting = Redis(connection_pool=redis.ConnectionPool(connection_class=_Counting, **options))
    queue = Queue("newsletter", connection=counting, serializer=JSONSerializer)
    queue.empty()
    queue.get_redis_server_version()  # RQ asks once
    users = [f"user-{n}" for n in range(100, 200)]
    try:
        before = _Counting.sent
        answer(queue, users)
        trips = _Counting.sent - before
        jobs = queue.jobs
        if len(jobs) != len(users):
            raise NotYet(f"For 100 users the queue holds {len(jobs)} jobs.")
        wanted = [{"message": "News", "user": user} for user in users]
        if any(len(job.args) != 1 for job in jobs):
            raise NotYet(
                f"The first job's arguments are {list(jobs[0].args)}: args was not a tuple, so it was taken apart. "
                "A tuple of one needs a comma: (data,)."
            )
        if [job.args[0] for job in jobs] != wanted:
            raise NotYet(
                f"The first job should be for {wanted[0]}, in the order of the users; it is for {jobs[0].args[0]}."
            )
        if [job.id for job in jobs] != [f"news-{user}" for user in users]:
            raise NotYet(
                f"The ids should be news-{users[0]} and so on; the first is {jobs[0].id}. prepare_data takes a job_id too."
            )
        if trips > 10:
            raise NotYet(
                f"The jobs are right, but they took {trips} round trips to Redis. enqueue_many takes all in one."
            )
        return f"100 jobs, in order, in {trips} round trip{'s' * (trips != 1)}."
    finally:
        queue.empty()
        counting.close()
