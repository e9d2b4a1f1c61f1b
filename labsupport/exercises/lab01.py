"""The exercises of 01-enqueue."""

from collections.abc import Callable

import redis
from redis import Redis
from rq import Queue
from rq.exceptions import DuplicateJobError
from rq.job import Job
from rq.serializers import JSONSerializer

from labsupport.exercises import Bench, Exercise, NotYet, expect


def _any_function(answer: object, bench: Bench) -> str:
    if answer == 5:
        raise NotYet(
            "5 is the result: mean was called here, in the notebook, before any queue heard of it. "
            "Give queue.enqueue the function and its arguments, apart."
        )
    expect(Job, answer, "the job that queue.enqueue returns")
    if answer.func_name != "statistics.mean":
        raise NotYet(f"The job should call statistics.mean; it calls {answer.func_name}.")
    if list(answer.args) == [2, 4, 9]:
        raise NotYet(
            "The worker would call mean(2, 4, 9), with three arguments, and fail: mean takes one list. "
            "What stands after the function is passed on as it stands."
        )
    if list(answer.args) != [[2, 4, 9]]:
        raise NotYet(f"The worker should call mean([2, 4, 9]); the job's arguments are {answer.args}.")
    return "The job is a path and a list of arguments: statistics.mean, [[2, 4, 9]]. No code of yours was needed."


def _own_time(answer: object, bench: Bench) -> str:
    expect(Job, answer, "the job that queue.enqueue returns")
    for trap in ("timeout", "job_timeout"):
        if trap in answer.kwargs or (answer.args and isinstance(answer.args[0], dict) and trap in answer.args[0]):
            raise NotYet(
                f"{trap} went to the function as data: Redis holds args {list(answer.args)} and kwargs {answer.kwargs}, "
                f"and the job's own limit is still {answer.timeout} s. The option of enqueue has another name."
            )
    limit = Job.fetch(answer.id, connection=bench.redis, serializer=JSONSerializer).timeout
    if limit != 5:
        raise NotYet(f"Redis holds a limit of {limit} s for this job; 5 were asked for.")
    return "Redis holds a limit of 5 s for this job, and the function gets its data alone."


def _one_reminder(answer: object, bench: Bench) -> str:
    expect(Callable, answer, "the function remind")
    queue = Queue("reminders", connection=bench.redis, serializer=JSONSerializer)
    queue.empty()
    try:
        try:
            answer(7)
            answer(7)
        except DuplicateJobError:
            raise NotYet(
                "The second click raised DuplicateJobError, so the user would see an error page. "
                "Catch it: that the job is there already is what was wanted."
            ) from None
        ids = queue.job_ids
        if not ids:
            raise NotYet("Two clicks of user 7 put nothing into the queue `reminders`.")
        if len(ids) == 2 and len(set(ids)) == 1:
            raise NotYet(
                f"The list holds the id {ids[0]} twice: a job_id alone writes the same hash again and pushes the id "
                "again, and a worker would run it twice. One more option is needed."
            )
        if len(ids) != 1:
            raise NotYet(f"Two clicks of user 7 put {len(ids)} jobs into the queue. Give the job an id that says whose it is.")
        try:
            answer(8)
        except DuplicateJobError:
            pass
        if queue.count != 2:
            raise NotYet("User 8 gets no reminder: the id is the same for everybody. Put the user into it.")
        return "Two clicks of user 7 left one job, and user 8 still got one."
    finally:
        queue.empty()


class _Counting(redis.Connection):
    """A connection that counts how often it sends something."""

    sent = 0

    def send_packed_command(self, command, check_health=True):
        _Counting.sent += 1
        super().send_packed_command(command, check_health)


def _all_at_once(answer: object, bench: Bench) -> str:
    expect(Callable, answer, "the function enqueue_all")
    options = bench.redis.connection_pool.connection_kwargs
    counting = Redis(connection_pool=redis.ConnectionPool(connection_class=_Counting, **options))
    queue = Queue("newsletter", connection=counting, serializer=JSONSerializer)
    queue.empty()
    queue.get_redis_server_version()  # RQ asks once
    users = list(range(100))
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
            raise NotYet(f"The first job should be for {wanted[0]}, in the order of the users; it is for {jobs[0].args[0]}.")
        if trips > 10:
            raise NotYet(f"The jobs are right, but they took {trips} round trips to Redis. enqueue_many takes all in one.")
        return f"100 jobs, in order, in {trips} round trip{'s' * (trips != 1)}."
    finally:
        queue.empty()
        counting.close()


EXERCISES = (
    Exercise(
        name="any-function",
        stub="""
from statistics import mean

answer = ...
""",
        hints=(
            "queue.enqueue takes a function and what to call it with. It must not be called here.",
            "mean takes one argument, a list. So exactly one argument stands after the function.",
        ),
        solution="""
from statistics import mean

answer = queue.enqueue(mean, [2, 4, 9])
""",
        wrong={
            "from statistics import mean\n\nanswer = mean([2, 4, 9])": "5 is the result",
            "from statistics import mean\n\nanswer = queue.enqueue(mean, 2, 4, 9)": "with three arguments",
            "answer = queue.enqueue(sum, [2, 4, 9])": "should call statistics.mean",
        },
        judge=_any_function,
    ),
    Exercise(
        name="one-reminder",
        stub="""
reminders = Queue("reminders", connection=lab.redis, serializer=JSONSerializer)


def remind(user):
    reminders.enqueue(send_notification, {"message": "Time for a break", "user": user})


answer = ...  # when you have fixed it: answer = remind
""",
        hints=(
            "A job can have an id of your choice: job_id=… . Which id is the same for two clicks, and differs between users?",
            "job_id alone does not keep a second job out. unique=True does, by raising DuplicateJobError.",
            "The error means that the job is there already. contextlib.suppress(DuplicateJobError) says so in one line.",
        ),
        solution="""
from contextlib import suppress

from rq.exceptions import DuplicateJobError

reminders = Queue("reminders", connection=lab.redis, serializer=JSONSerializer)


def remind(user):
    data = {"message": "Time for a break", "user": user}
    with suppress(DuplicateJobError):
        reminders.enqueue(send_notification, data, job_id=f"reminder-{user}", unique=True)


answer = remind
""",
        wrong={
            """
reminders = Queue("reminders", connection=lab.redis, serializer=JSONSerializer)


def remind(user):
    reminders.enqueue(send_notification, {"message": "Time for a break", "user": user})


answer = remind
""": "put 2 jobs into the queue",
            """
reminders = Queue("reminders", connection=lab.redis, serializer=JSONSerializer)


def remind(user):
    data = {"message": "Time for a break", "user": user}
    reminders.enqueue(send_notification, data, job_id=f"reminder-{user}")


answer = remind
""": "holds the id reminder-7 twice",
            """
reminders = Queue("reminders", connection=lab.redis, serializer=JSONSerializer)


def remind(user):
    data = {"message": "Time for a break", "user": user}
    reminders.enqueue(send_notification, data, job_id=f"reminder-{user}", unique=True)


answer = remind
""": "raised DuplicateJobError",
            """
from contextlib import suppress

from rq.exceptions import DuplicateJobError

reminders = Queue("reminders", connection=lab.redis, serializer=JSONSerializer)


def remind(user):
    data = {"message": "Time for a break", "user": user}
    with suppress(DuplicateJobError):
        reminders.enqueue(send_notification, data, job_id="reminder", unique=True)


answer = remind
""": "the id is the same for everybody",
        },
        judge=_one_reminder,
    ),
    Exercise(
        name="own-time",
        stub="""
answer = ...
""",
        hints=(
            "enqueue takes its own options out of what you pass, by name, and hands all the rest to the function.",
            "Look at the two cells above: which spelling did Redis keep as the job's limit?",
        ),
        solution="""
answer = queue.enqueue(send_notification, {"message": "In time"}, job_timeout=5)
""",
        wrong={
            'answer = queue.enqueue(send_notification, {"message": "In time"}, timeout=5)': "went to the function",
            'answer = queue.enqueue(send_notification, {"message": "In time", "job_timeout": 5})': "went to the function",
            'answer = queue.enqueue(send_notification, {"message": "In time"})': "a limit of 180 s",
        },
        judge=_own_time,
    ),
    Exercise(
        name="all-at-once",
        stub="""
def enqueue_all(queue, users):
    for user in users:
        queue.enqueue(send_notification, {"message": "News", "user": user})


answer = ...  # when you have made it faster: answer = enqueue_all
""",
        hints=(
            "Queue.prepare_data makes what enqueue_many takes a list of.",
            "prepare_data wants the arguments as a tuple: args=(data,), with its comma.",
        ),
        solution="""
def enqueue_all(queue, users):
    queue.enqueue_many(
        [Queue.prepare_data(send_notification, args=({"message": "News", "user": user},)) for user in users]
    )


answer = enqueue_all
""",
        wrong={
            """
def enqueue_all(queue, users):
    for user in users:
        queue.enqueue(send_notification, {"message": "News", "user": user})


answer = enqueue_all
""": "round trips to Redis",
            """
def enqueue_all(queue, users):
    queue.enqueue_many(
        [Queue.prepare_data(send_notification, args=({"message": "News", "user": user})) for user in users]
    )


answer = enqueue_all
""": "args was not a tuple",
            """
def enqueue_all(queue, users):
    queue.enqueue_many(
        [Queue.prepare_data(send_notification, args=({"message": "News", "user": user},)) for user in users[:1]]
    )


answer = enqueue_all
""": "the queue holds 1 jobs",
        },
        judge=_all_at_once,
    ),
)
