"""Answers to survive-it."""

# %% solution
# %%writefile lab08_mine.py
from rq import get_current_job

ONCE = "if redis.call('SADD', KEYS[1], ARGV[1]) == 1 then redis.call('RPUSH', KEYS[2], ARGV[2]) end"


def deliver(message):
    job = get_current_job()
    job.connection.eval(ONCE, 2, "sent", "delivered", job.id, message)


# %% right: SET NX in a registered script
# %%writefile lab08_mine.py
from rq import get_current_job

ONCE = """
if redis.call('SET', KEYS[1], '1', 'NX') then
    redis.call('RPUSH', 'delivered', ARGV[1])
end
"""


def deliver(message):
    job = get_current_job()
    job.connection.register_script(ONCE)(keys=[f"sent:{job.id}"], args=[message])


# %% right: WATCH, and a transaction
# %%writefile lab08_mine.py
from redis import WatchError
from rq import get_current_job


def deliver(message):
    job = get_current_job()
    key = f"sent:{job.id}"
    with job.connection.pipeline() as pipe:
        while True:
            try:
                pipe.watch(key)
                if pipe.exists(key):
                    return
                pipe.multi()
                pipe.set(key, 1)
                pipe.rpush("delivered", message)
                pipe.execute()
                return
            except WatchError:
                continue


# %% right: looks into the list itself, in a script
# %%writefile lab08_mine.py
from rq import get_current_job


def deliver(message):
    job = get_current_job()

    job.connection.eval(
        "if not redis.call('LPOS', 'delivered', ARGV[1]) then redis.call('RPUSH', 'delivered', ARGV[1]) end", 0, message
    )


# %% wrong: worker 1: SET sent:job-1, ✗ before RPUSH delivered; worker 2: SET sent:job-1
# %%writefile lab08_mine.py
from rq import get_current_job


def deliver(message):
    job = get_current_job()
    if job.connection.set(f"sent:{job.id}", 1, nx=True):
        job.connection.rpush("delivered", message)


# %% wrong: The second attempt does not know that the message was delivered before
# %%writefile lab08_mine.py
from rq import get_current_job


def deliver(message):
    job = get_current_job()
    if not job.connection.exists(f"sent:{job.id}"):
        job.connection.rpush("delivered", message)
        job.connection.set(f"sent:{job.id}", 1)


# %% wrong: The second attempt does not know
# %%writefile lab08_mine.py
from rq import get_current_job


def deliver(message):
    get_current_job().connection.rpush("delivered", message)


# %% wrong: Two workers were at it
# %%writefile lab08_mine.py
from rq import get_current_job


def deliver(message):
    job = get_current_job()
    if job.connection.exists(f"sent:{job.id}"):
        return
    with job.connection.pipeline() as pipe:
        pipe.set(f"sent:{job.id}", 1)
        pipe.rpush("delivered", message)
        pipe.execute()


# %% wrong: does not know
# %%writefile lab08_mine.py
from rq import get_current_job


def deliver(message):
    job = get_current_job()
    if job.meta.get("sent"):
        return
    job.connection.rpush("delivered", message)
    job.meta["sent"] = True
    job.save_meta()


# %% wrong: never, finished
# %%writefile lab08_mine.py
from rq import get_current_job


def deliver(message):
    job = get_current_job()
    if job.meta.get("sent"):
        return
    job.meta["sent"] = True
    job.save_meta()
    job.connection.rpush("delivered", message)


# %% wrong: The second attempt does not know
# %%writefile lab08_mine.py
from rq import get_current_job

sent = set()


def deliver(message):
    job = get_current_job()
    if job.id not in sent:
        sent.add(job.id)
        job.connection.rpush("delivered", message)


# %% wrong: Two workers were at it
# %%writefile lab08_mine.py
from rq import get_current_job


def deliver(message):
    job = get_current_job()
    with job.connection.lock(f"lock:{job.id}", timeout=60):
        if not job.connection.exists(f"sent:{job.id}"):
            with job.connection.pipeline() as pipe:
                pipe.set(f"sent:{job.id}", 1)
                pipe.rpush("delivered", message)
                pipe.execute()


# %% wrong: With no crash at all, the list `delivered` holds something else than the message
# %%writefile lab08_mine.py
from rq import get_current_job


def deliver(message):
    job = get_current_job()
    job.connection.eval(
        "if redis.call('SADD', 'sent', ARGV[1]) == 1 then redis.call('RPUSH', 'delivered', ARGV[1]) end", 0, job.id
    )


# %% wrong: With no crash at all, deliver asks Redis for nothing
# %%writefile lab08_mine.py
from rq import get_current_job


def deliver(message):
    print(message)


# %% wrong: With no crash at all, the message is delivered never
# %%writefile lab08_mine.py
from rq import get_current_job


def deliver(message):
    job = get_current_job()
    job.connection.rpush("sent", message)


# %% wrong: delivered twice
# %%writefile lab08_mine.py
from rq import get_current_job


def deliver(message):
    job = get_current_job()
    for attempt in range(2):
        job.connection.rpush("delivered", message)


# %% wrong: NameError
# %%writefile lab08_mine.py
from rq import get_current_job


def deliver(message):
    job = get_current_job()
    job.connection.rpush("delivered", mesage)  # noqa: F821


# %% wrong: there is no function deliver(message)
# %%writefile lab08_mine.py
from rq import get_current_job


def send(message):
    get_current_job().connection.rpush("delivered", message)


# %% right: async
# %%writefile lab08_mine.py
from rq import get_current_job

ONCE = "if redis.call('SADD', KEYS[1], ARGV[1]) == 1 then redis.call('RPUSH', KEYS[2], ARGV[2]) end"


async def deliver(message):
    job = get_current_job()
    job.connection.eval(ONCE, 2, "sent", "delivered", job.id, message)
