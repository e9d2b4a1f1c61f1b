"""Answers to digest."""

from __main__ import (
    DuplicateJobError,
    JSONSerializer,
    Queue,
    datetime,
    digests,
    lab,
    suppress,
    time,
    timedelta,
    timezone,
)


# %% solution
def note(user, event, now):
    key = f"{digests.key}:events:{user}"
    lab.redis.rpush(key, event)
    with suppress(DuplicateJobError):
        when = now + timedelta(minutes=10)
        digests.enqueue_at(
            when, "lab05_digest.send", key, job_id=f"digest-{user}", unique=True, result_ttl=0, failure_ttl=60
        )


answer = note


# %% right: an id for each ten minutes
def note(user, event, now):
    key = f"{digests.key}:events:{user}"
    lab.redis.rpush(key, event)
    window = int(now.timestamp()) // 600
    end = datetime.fromtimestamp((window + 1) * 600, timezone.utc)
    with suppress(DuplicateJobError):
        digests.enqueue_at(end, "lab05_digest.send", key, job_id=f"digest-{user}-{window}", unique=True)


answer = note


# %% right: a mark of its own, for each ten minutes
def note(user, event, now):
    key = f"{digests.key}:events:{user}"
    lab.redis.rpush(key, event)
    if lab.redis.set(f"{key}:planned:{int(now.timestamp()) // 600}", 1, nx=True, ex=1200):
        digests.enqueue_at(now + timedelta(minutes=10), "lab05_digest.send", key)


answer = note


# %% right: with a retry, both kept for half a minute
from rq import Retry


async def note(user, event, now):
    key = f"{digests.key}:events:{user}"
    lab.redis.rpush(key, event)
    try:
        digests.enqueue_at(
            now + timedelta(seconds=600),
            "lab05_digest.send",
            key=key,
            job_id=f"digest-{user}",
            unique=True,
            result_ttl=30,
            failure_ttl=30,
            retry=Retry(max=2),
        )
    except DuplicateJobError:
        pass


answer = note


# %% right: takes the old job away when it is over
def note(user, event, now):
    key = f"{digests.key}:events:{user}"
    lab.redis.rpush(key, event)
    job = digests.fetch_job(f"digest-{user}")
    if job and job.get_status() in ("finished", "failed"):
        job.delete()
    with suppress(DuplicateJobError):
        digests.enqueue_at(now + timedelta(minutes=10), "lab05_digest.send", key, job_id=f"digest-{user}", unique=True)


answer = note


# %% wrong: The digest was sent, and a minute after that
def note(user, event, now):
    key = f"{digests.key}:events:{user}"
    lab.redis.rpush(key, event)
    with suppress(DuplicateJobError):
        when = now + timedelta(minutes=10)
        digests.enqueue_at(when, "lab05_digest.send", key, job_id=f"digest-{user}", unique=True)


answer = note


# %% wrong: The digest failed for good
def note(user, event, now):
    key = f"{digests.key}:events:{user}"
    lab.redis.rpush(key, event)
    with suppress(DuplicateJobError):
        when = now + timedelta(minutes=10)
        digests.enqueue_at(when, "lab05_digest.send", key, job_id=f"digest-{user}", unique=True, result_ttl=0)


answer = note


# %% wrong: The option result_ttl
def note(user, event, now):
    key = f"{digests.key}:events:{user}"
    lab.redis.rpush(key, event)
    with suppress(DuplicateJobError):
        when = now + timedelta(minutes=10)
        digests.enqueue_at(when, "lab05_digest.send", key, job_id=f"digest-{user}", unique=True, failure_ttl=60)


answer = note


# %% wrong: by default for a year
def note(user, event, now):
    key = f"{digests.key}:events:{user}"
    lab.redis.rpush(key, event)
    with suppress(DuplicateJobError):
        when = now + timedelta(minutes=10)
        digests.enqueue_at(
            when, "lab05_digest.send", key, job_id=f"digest-{user}", unique=True, result_ttl=0, failure_ttl=3600
        )


answer = note


# %% wrong: s, before it is due: ttl says how long a job may wait
def note(user, event, now):
    key = f"{digests.key}:events:{user}"
    lab.redis.rpush(key, event)
    with suppress(DuplicateJobError):
        when = now + timedelta(minutes=10)
        digests.enqueue_at(when, "lab05_digest.send", key, job_id=f"digest-{user}", unique=True, ttl=60, result_ttl=0)


answer = note


# %% right: by the clock of this machine, and gone at once
def note(user, event, now):
    key = f"{digests.key}:events:{user}"
    lab.redis.rpush(key, event)
    with suppress(DuplicateJobError):
        digests.enqueue_in(
            timedelta(minutes=10),
            "lab05_digest.send",
            key,
            job_id=f"digest-{user}",
            unique=True,
            result_ttl=0,
            failure_ttl=0,
        )


answer = note


# %% wrong: planned 3 jobs: no mail has all three
def note(user, event, now):
    key = f"{digests.key}:events:{user}"
    lab.redis.rpush(key, event)
    digests.enqueue_at(now + timedelta(minutes=10), "lab05_digest.send", key)


answer = note


# %% wrong: That a digest is planned already is fine
def note(user, event, now):
    key = f"{digests.key}:events:{user}"
    lab.redis.rpush(key, event)
    when = now + timedelta(minutes=10)
    digests.enqueue_at(
        when, "lab05_digest.send", key, job_id=f"digest-{user}", unique=True, result_ttl=0, failure_ttl=60
    )


answer = note


# %% wrong: the id must say whose digest it is
def note(user, event, now):
    key = f"{digests.key}:events:{user}"
    lab.redis.rpush(key, event)
    with suppress(DuplicateJobError):
        when = now + timedelta(minutes=10)
        digests.enqueue_at(when, "lab05_digest.send", key, job_id="digest", unique=True, result_ttl=0, failure_ttl=60)


answer = note


# %% wrong: and the provider delivered
def note(user, event, now):
    key = f"{digests.key}:events:{user}"
    with suppress(DuplicateJobError):
        when = now + timedelta(minutes=10)
        digests.enqueue_at(
            when, "lab05_digest.send", key, job_id=f"digest-{user}", unique=True, result_ttl=0, failure_ttl=60
        )
        lab.redis.rpush(key, event)


answer = note


# %% wrong: planned 3 jobs
def note(user, event, now):
    key = f"{digests.key}:events:{user}"
    lab.redis.rpush(key, event)
    when = now + timedelta(minutes=10)
    digests.enqueue_at(when, "lab05_digest.send", key, job_id=f"digest-{user}-{now.timestamp():.0f}", unique=True)


answer = note


# %% wrong: the first event makes a mail of its own
def note(user, event, now):
    key = f"{digests.key}:events:{user}"
    lab.redis.rpush(key, event)
    with suppress(DuplicateJobError):
        digests.enqueue("lab05_digest.send", key, job_id=f"digest-{user}", unique=True, result_ttl=0, failure_ttl=60)


answer = note


# %% wrong: and should be due ten minutes after it
def note(user, event, now):
    key = f"{digests.key}:events:{user}"
    lab.redis.rpush(key, event)
    with suppress(DuplicateJobError):
        when = now + timedelta(hours=1)
        digests.enqueue_at(
            when, "lab05_digest.send", key, job_id=f"digest-{user}", unique=True, result_ttl=0, failure_ttl=60
        )


answer = note


# %% wrong: Four events came at the same moment
def note(user, event, now):
    key = f"{digests.key}:events:{user}"
    lab.redis.rpush(key, event)
    job = digests.fetch_job(f"digest-{user}-1") or digests.fetch_job(f"digest-{user}-2")
    time.sleep(0.05)
    if job is None:
        name = f"digest-{user}-{time.time_ns()}"
        if not any(user in one for one in digests.scheduled_job_registry.get_job_ids()):
            time.sleep(0.05)
            digests.enqueue_at(now + timedelta(minutes=10), "lab05_digest.send", key, job_id=name)


answer = note

# %% wrong: no job is planned on the queue `digests`
others = Queue("others", connection=lab.redis, serializer=JSONSerializer)


def note(user, event, now):
    key = f"{digests.key}:events:{user}"
    lab.redis.rpush(key, event)
    with suppress(DuplicateJobError):
        when = now + timedelta(minutes=10)
        others.enqueue_at(when, "lab05_digest.send", key, job_id=f"digest-{user}", unique=True, result_ttl=0)


answer = note


# %% wrong: Each event moves the job
def note(user, event, now):
    key = f"{digests.key}:events:{user}"
    lab.redis.rpush(key, event)
    digests.enqueue_at(now + timedelta(minutes=10), "lab05_digest.send", key, job_id=f"digest-{user}")


answer = note


# %% wrong: What keeps a second job out is still there
def note(user, event, now):
    key = f"{digests.key}:events:{user}"
    if lab.redis.rpush(key, event) == 1:
        digests.enqueue_at(
            now + timedelta(minutes=10), "lab05_digest.send", key, job_id=f"digest-{user}-{now:%H%M%S}", failure_ttl=60
        )


answer = note


# %% right: a mark that ends when the digest is due
def note(user, event, now):
    key = f"{digests.key}:events:{user}"
    lab.redis.rpush(key, event)
    if lab.redis.set(f"{key}:planned", 1, nx=True, ex=600):
        digests.enqueue_at(now + timedelta(minutes=10), "lab05_digest.send", key)


answer = note


# %% wrong: and the provider delivered
def note(user, event, now):
    with suppress(DuplicateJobError):
        when = now + timedelta(minutes=10)
        digests.enqueue_at(
            when, "lab05_digest.send", event, job_id=f"digest-{user}", unique=True, result_ttl=0, failure_ttl=60
        )


answer = note


# %% wrong: and the provider delivered
def note(user, event, now):
    key = f"{digests.key}:events:{user}"
    lab.redis.lpush(key, event)
    with suppress(DuplicateJobError):
        when = now + timedelta(minutes=10)
        digests.enqueue_at(
            when, "lab05_digest.send", key, job_id=f"digest-{user}", unique=True, result_ttl=0, failure_ttl=60
        )


answer = note


# %% wrong: which is not called
answer = ...
answer = None


# %% right: planned only if it is not planned, and tried before
import functools


def note(wait, user, event, now):
    key = f"{digests.key}:events:{user}"
    lab.redis.rpush(key, event)
    if f"digest-{user}" not in digests.scheduled_job_registry:
        digests.enqueue_at(now + timedelta(minutes=wait), "lab05_digest.send", key, job_id=f"digest-{user}")


note(-5, "gus", "Hal wrote", datetime.now(timezone.utc))
answer = functools.partial(note, 10)


# %% wrong: A naive time is the machine's
digests.fetch_job("digest-gus").delete()
lab.redis.delete(f"{digests.key}:events:gus")


def note(user, event, now):
    key = f"{digests.key}:events:{user}"
    lab.redis.rpush(key, event)
    with suppress(DuplicateJobError):
        when = now.replace(tzinfo=None) + timedelta(minutes=10)
        digests.enqueue_at(
            when, "lab05_digest.send", key, job_id=f"digest-{user}", unique=True, result_ttl=0, failure_ttl=60
        )


answer = note


# %% wrong: The id is still taken
def note(user, event, now):
    key = f"{digests.key}:events:{user}"
    lab.redis.rpush(key, event)
    with suppress(DuplicateJobError):
        when = now + timedelta(minutes=10)
        digests.enqueue_at(when, "lab05_digest.send", key, job_id=f"digest-{user}-{now:%Y-%m-%d-%H}", unique=True)


answer = note


# %% wrong: due 0 minutes after its first event
def note(user, event, now):
    key = f"{digests.key}:events:{user}"
    lab.redis.rpush(key, event)
    with suppress(DuplicateJobError):
        when = now + timedelta(seconds=10)
        digests.enqueue_at(
            when, "lab05_digest.send", key, job_id=f"digest-{user}", unique=True, result_ttl=0, failure_ttl=60
        )


answer = note


# %% wrong: got an unexpected keyword argument 'removeOnComplete'
def note(user, event, now):
    key = f"{digests.key}:events:{user}"
    lab.redis.rpush(key, event)
    with suppress(DuplicateJobError):
        when = now + timedelta(minutes=10)
        digests.enqueue_at(when, "lab05_digest.send", key, job_id=f"digest-{user}", unique=True, removeOnComplete=True)


answer = note


# %% wrong: The digest failed for good
from rq import Retry


def note(user, event, now):
    key = f"{digests.key}:events:{user}"
    lab.redis.rpush(key, event)
    with suppress(DuplicateJobError):
        when, retry = now + timedelta(minutes=10), Retry(max=1, interval=600)
        digests.enqueue_at(
            when, "lab05_digest.send", key, job_id=f"digest-{user}", unique=True, result_ttl=0, retry=retry
        )


answer = note


# %% wrong: The digest failed for good, and a minute after that
def note(user, event, now):
    key = f"{digests.key}:events:{user}"
    lab.redis.rpush(key, event)
    job = digests.fetch_job(f"digest-{user}")
    if job is None or job.is_finished:
        digests.enqueue_at(now + timedelta(minutes=10), "lab05_digest.send", key, job_id=f"digest-{user}")


answer = note
