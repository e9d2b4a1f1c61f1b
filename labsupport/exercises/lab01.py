"""The exercises of 01-enqueue."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

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
    if answer.func_name == "mean":
        raise NotYet(
            "The worker would look for a module named `mean` and find none: a path names the module too. "
            "Hand over the function itself, and RQ writes the path."
        )
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
    job = Job.fetch(answer.id, connection=bench.redis, serializer=JSONSerializer)
    if "timeout" in job.kwargs:
        raise NotYet(
            f"timeout went to the function as an argument: Redis holds kwargs {job.kwargs}, and the job's own limit is "
            f"still {job.timeout} s. The option of enqueue has another name."
        )
    if any(isinstance(data, dict) and {"timeout", "job_timeout"} & data.keys() for data in job.args):
        raise NotYet(
            f"The limit stands inside the data, {job.args[0]}, where only send_notification would see it; the job's "
            f"own limit is still {job.timeout} s. It is an option of enqueue, beside the data."
        )
    if list(job.args) != [{"message": "In time"}] or job.kwargs:
        raise NotYet(f'The data should be {{"message": "In time"}}; the job has {list(job.args)} and {job.kwargs}.')
    if job.timeout != 5:
        raise NotYet(f"Redis holds a limit of {job.timeout} s for this job; 5 were asked for.")
    return "Redis holds a limit of 5 s for this job, and the function gets its data alone."


def _one_reminder(answer: object, bench: Bench) -> str:
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
            'answer = queue.enqueue("mean", [2, 4, 9])': "a path names the module too",
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
""": "User 8 gets no reminder",
            """
reminders = Queue("reminders", connection=lab.redis, serializer=JSONSerializer)
seen = set()


def remind(user):
    if user not in seen:
        seen.add(user)
        reminders.enqueue(send_notification, {"message": "Time for a break", "user": user})


answer = remind
""": "a second web server would not know",
            """
reminders = Queue("reminders", connection=lab.redis, serializer=JSONSerializer)


def remind(user):
    data = {"message": "Time for a break", "user": user}
    if f"reminder-{user}" not in reminders.job_ids:
        reminders.enqueue(send_notification, data, job_id=f"reminder-{user}")


answer = remind
""": "leave the decision to Redis",
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
            "In the figure above, one of the two jobs did get a limit of its own. Which spelling was that?",
        ),
        solution="""
answer = queue.enqueue(send_notification, {"message": "In time"}, job_timeout=5)
""",
        wrong={
            'answer = queue.enqueue(send_notification, {"message": "In time"}, timeout=5)': "went to the function",
            'answer = queue.enqueue(send_notification, {"message": "In time", "job_timeout": 5})': "stands inside the data",
            'answer = queue.enqueue(send_notification, "In time", job_timeout=5)': "The data should be",
            'answer = queue.enqueue(send_notification, {"message": "In time"})': "a limit of 180 s",
        },
        judge=_own_time,
    ),
    Exercise(
        name="all-at-once",
        stub="""
def enqueue_all(queue, users):
    for user in users:
        data = {"message": "News", "user": user}
        queue.enqueue(send_notification, data, job_id=f"news-{user}")


answer = ...  # when you have made it faster: answer = enqueue_all
""",
        hints=(
            "Queue.prepare_data makes what enqueue_many takes a list of.",
            "prepare_data wants the arguments as a tuple, args=(data,) with its comma, and takes job_id like enqueue.",
        ),
        solution="""
def prepared(user):
    data = {"message": "News", "user": user}
    return Queue.prepare_data(send_notification, args=(data,), job_id=f"news-{user}")


def enqueue_all(queue, users):
    queue.enqueue_many([prepared(user) for user in users])


answer = enqueue_all
""",
        wrong={
            """
def enqueue_all(queue, users):
    for user in users:
        data = {"message": "News", "user": user}
        queue.enqueue(send_notification, data, job_id=f"news-{user}")


answer = enqueue_all
""": "round trips to Redis",
            """
def prepared(user):
    data = {"message": "News", "user": user}
    return Queue.prepare_data(send_notification, args=(data), job_id=f"news-{user}")


def enqueue_all(queue, users):
    queue.enqueue_many([prepared(user) for user in users])


answer = enqueue_all
""": "args was not a tuple",
            """
def enqueue_all(queue, users):
    data = [{"message": "News", "user": user} for user in users]
    queue.enqueue_many([Queue.prepare_data(send_notification, args=(item,)) for item in data])


answer = enqueue_all
""": "prepare_data takes a job_id too",
            """
def enqueue_all(queue, users):
    all_at_once(queue, len(users))


answer = enqueue_all
""": "in the order of the users",
        },
        judge=_all_at_once,
    ),
)
