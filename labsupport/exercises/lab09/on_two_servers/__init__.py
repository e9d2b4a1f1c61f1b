"""on-two-servers, of 09-scale."""

from collections.abc import Callable

from redis import Redis
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from labsupport.exercises import trial
from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import calls, expect, fetched, jobs_of, token
from labsupport.measure import peek
from labsupport.processes.sentinels import SentinelGroup

HINTS = (
    "The primary answers before the replica has the job. Which command waits for the replica?",
    "queue.connection.wait(1, 500) waits for one replica, for 500 ms at most, and returns how many have it. It never raises.",
    "Enqueue first. Then: if queue.connection.wait(1, 500) < 1, raise an error of your own.",
)

SEND = "labsupport.notifications.processor.send_notification"

PATIENCE = 3.0
"""Seconds within which a caller wants a yes or a no."""


def judge(answer: object, context: Context) -> str:
    expect(Callable, answer, "the function accept itself, which is not called")
    group = SentinelGroup(cable=True)
    try:
        return _judge(answer, context, group)
    finally:
        group.close()


def _judge(accept: Callable, context: Context, group: SentinelGroup) -> str:
    primary, replica = Redis.from_url(group.primary.url), Redis.from_url(group.replica.url)
    queue = Queue("accepted", connection=primary, serializer=JSONSerializer)
    first, second = token(), token()
    seen = _ask(accept, queue, first)
    if seen.error:
        raise NotYet(
            f"Primary and replica were well, and accept {seen}. There is one replica: an answer that needs more is always no."
        )
    if seen.returned != "a job":
        raise NotYet(f"accept should return the job; it {seen}.")
    job = _of(queue, first)
    calls(fetched(job, Context(primary, context.attempts, context.folder), queue.name), SEND, {"message": first})
    group.cut_off()
    with peek.monitor(primary) as given:
        seen = _ask(accept, queue, second)
    if not seen.error:
        if seen.returned != "a job":
            raise NotYet(
                f"The primary was cut off from its replica, and accept {seen}. It should raise an error: a caller that does "
                "not look takes anything else for a yes."
            )
        assert not Job.exists(_of(queue, second).id, connection=replica)
        raise NotYet(
            "The primary was cut off from its replica. accept returned a job that the primary alone had, so that one crash "
            f"loses it. {_why(primary, given)}"
        )
    group.kill_primary()
    group.wait_for_failover()
    if not Job.exists(job.id, connection=replica):
        raise NotYet("The primary was killed, and the new one does not know the job that accept had returned.")
    return (
        "With a replica, accept said yes, the primary was killed, and the new one has the job. Cut off from its replica, it "
        "said no."
    )


def _ask(accept: Callable, queue: Queue, text: str) -> trial.Trial:
    def asked() -> str:
        returned = trial.call(accept, queue, text)
        return "a job" if isinstance(returned, Job) else returned

    try:
        return trial.run(asked, deadline=PATIENCE)
    except NotYet as error:
        if "still running" not in str(error):
            raise
        raise NotYet(
            f"The primary was cut off, and accept had not answered after {PATIENCE:.0f} s. A caller wants a no sooner. With a "
            "timeout of 0, WAIT waits for ever."
        ) from None


def _of(queue: Queue, text: str) -> Job:
    """The job with this text."""
    for job in jobs_of(queue):
        if text in str((job.args, job.kwargs)):
            return job
    raise NotYet("accept returned a job that is not on the queue: no job with that message is in Redis.")


def _why(primary: Redis, given: list[str]) -> str:
    """What misled an answer, by the commands that the primary was given."""
    words = [command.partition(" ")[0] for command in given]
    if primary.config_get("min-replicas-to-write") != {"min-replicas-to-write": "0"}:
        return (
            "min-replicas-to-write looks at when the replica was last heard of. Within min-replicas-max-lag seconds the "
            "primary takes jobs that the replica has not got."
        )
    if "WAIT" in words:
        before = words[: words.index("WAIT")]
        if before.count("MULTI") > before.count("EXEC"):
            return (
                "Inside MULTI, which is how RQ enqueues into a pipeline, WAIT does not wait: it answers at once. It comes "
                "after the EXEC."
            )
        return (
            "WAIT does not raise: it returns how many replicas have what its own connection wrote before. So it comes after "
            "the enqueueing, on the same connection, and its number decides."
        )
    return (
        "That a replica is connected, as INFO says, is not that it has this job, and nobody hears of a cut at once. Which "
        "command waits until the replica has what you wrote?"
    )
