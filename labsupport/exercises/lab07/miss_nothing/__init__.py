"""miss-nothing: a reader of the attempt stream that is started now and then, and misses no failure."""

from collections.abc import Callable

from redis import Redis

from labsupport.exercises import trial
from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import expect, token
from labsupport.measure.attempt import Attempt
from labsupport.namespace import root

HINTS = (
    "Redis has to remember how far you are: create a group on the stream, once, and read with xreadgroup.",
    'A group made with id="0" begins with the first event. redis.xack says that an event is done: after tell, not before.',
    'xreadgroup with ">" gives what is new; with "0" it gives what this consumer was given before and has not acked. First "0".',
)


def judge(answer: object, context: Context) -> str:
    expect(Callable, answer, "the function failures itself, which is not called")
    assert callable(answer)
    stream, other = (f"{root()}check:{token()}" for _ in range(2))
    own = f"{root()}check:{token()}"
    told, broken = f"{own}:told", f"{own}:broken"

    def tell(job: object) -> None:
        name = job.decode() if isinstance(job, bytes) else str(job)
        if context.redis.sismember(broken, name):
            raise OSError("the chat does not answer")
        context.redis.rpush(told, name)

    def call(stream: str = stream) -> trial.Trial:
        return trial.run(answer, context.redis, stream, tell, deadline=4)

    def heard() -> list[str]:
        return [name.decode() for name in context.redis.lrange(told, 0, -1)]

    a, b, c, d, e, f, g = (f"job-{token()}" for _ in range(7))
    try:
        _write(context.redis, other, "failed", g)
        others = [_write(context.redis, stream, outcome) for outcome in ("finished", "retried", "stopped")]
        _write(context.redis, stream, "failed", a)
        first = call()
        _only_failures(heard(), others)
        if a not in heard() and first.error:
            raise NotYet(f"One job had failed before the first call. failures(redis, stream, tell) {first}.")
        if a not in heard():
            raise NotYet(
                f"One job had failed before the first call, and tell was not called for it: failures(…) {first}. An event that "
                'was there before you came counts, too: "$" means from now on, and "0" from the first one. This one was the '
                "last of four."
            )
        second = call()
        if heard().count(a) > 1:
            raise NotYet("Nothing new had happened at the second call, and tell was called for the same job again.")
        if second.error:
            exists = " The group exists already: BUSYGROUP is no trouble." if "BUSYGROUP" in second.message else ""
            raise NotYet(f"Nothing new had happened at the second call, and it {second}.{exists}")

        for name in (b, c):
            _write(context.redis, stream, "finished")
            _write(context.redis, stream, "failed", name)
        third = call()
        if not {b, c} <= set(heard()):
            raise NotYet(
                f"Two jobs failed while nobody read, and after the next call, which {third}, tell knew "
                f"{len({b, c} & set(heard()))} of them."
            )

        context.redis.sadd(broken, d)
        for name in (f, d, e):
            _write(context.redis, stream, "failed", name)
        call()  # tell fails for d
        context.redis.delete(broken)
        call()
        if d not in heard():
            raise NotYet(
                "tell failed once, since the chat did not answer, and that job was never told again. Ack an event, or note how "
                "far you are, after tell; and read at the next call what was read and not acked."
            )
        if e not in heard():
            raise NotYet("tell failed for one job, and the failure after it was never told.")
        call()
        _only_failures(heard(), others)
        for name in (a, b, c, d, f):
            if heard().count(name) > 1:
                raise NotYet(
                    "A job was told twice, although tell had taken it the first time. Ack each event after its tell."
                )
        if context.redis.xlen(stream) != 11:
            raise NotYet(
                "Events are gone from the stream. Others read it, too: ack an event in your group, and delete none."
            )
        call(other)
        if g not in heard():
            raise NotYet(
                "A job had failed in another stream, and tell was not called for it. How far you are is noted for each stream: "
                "in a group, or in a key that begins with the stream's name."
            )
    finally:
        for name in (stream, other, own):
            for key in context.redis.scan_iter(match=f"{name}*", count=1000):
                context.redis.unlink(key)
    return "It missed nothing while it was away, and told again what could not be told. Redis remembers how far it is."


def _only_failures(heard: list[str], others: list[str]) -> None:
    if set(heard) & set(others):
        raise NotYet(
            "tell was called for a job that has not failed for good. outcome says how an attempt ended: finished, retried, "
            "stopped or failed, in bytes."
        )
    for name in heard:
        if not name.startswith("job-"):
            raise NotYet(f"tell was called with {name[:60]!r}; it takes the job's id, event[b'job'].")


def _write(redis: Redis, stream: str, outcome: str, job: str = "") -> str:
    job = job or f"job-{token()}"
    attempt = Attempt(job, "notification-queue", "send", "worker-1", 1.0, 2.0, 3.0, outcome)
    redis.xadd(stream, {**attempt._asdict()})
    return job
