"""Answers to own-connection."""

# %% solution
# %%writefile lab09_client.py
import os
from functools import cache

from redis import Redis


@cache
def client_of(process):
    return Redis.from_url(os.environ["REDIS_URL"], single_connection_client=True, socket_timeout=1)


def others_answers(user):
    client = client_of(os.getpid())
    return sum(client.echo(f"user {user}") != f"user {user}".encode() for _ in range(200))


# %% right: opened in the function
# %%writefile lab09_client.py
import os

from redis import Redis


def others_answers(user):
    with Redis.from_url(os.environ["REDIS_URL"], single_connection_client=True, socket_timeout=5) as client:
        return sum(client.echo(f"user {user}") != f"user {user}".encode() for _ in range(200))


# %% right: the usual client, whose pool knows its process
# %%writefile lab09_client.py
import os

from redis import Redis

client = Redis.from_url(os.environ["REDIS_URL"], socket_timeout=5)
client.ping()


def others_answers(user):
    return sum(client.echo(f"user {user}") != f"user {user}".encode() for _ in range(200))


# %% right: opened again after each fork
# %%writefile lab09_client.py
import os

from redis import Redis

client = None


def connect():
    global client
    client = Redis.from_url(os.environ["REDIS_URL"], single_connection_client=True, socket_timeout=5)


connect()
os.register_at_fork(after_in_child=connect)


def others_answers(user):
    return sum(client.echo(f"user {user}") != f"user {user}".encode() for _ in range(200))


# %% right: shared, and one at a time
# %%writefile lab09_client.py
import fcntl
import os

from redis import Redis

client = Redis.from_url(os.environ["REDIS_URL"], single_connection_client=True, socket_timeout=5)
client.ping()


def others_answers(user):
    with open(__file__) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        return sum(client.echo(f"user {user}") != f"user {user}".encode() for _ in range(200))


# %% wrong: They still share
# %%writefile lab09_client.py
import os

from redis import Redis

client = Redis.from_url(os.environ["REDIS_URL"], single_connection_client=True, socket_timeout=5)
client.ping()


def others_answers(user):
    return sum(client.echo(f"user {user}") != f"user {user}".encode() for _ in range(200))


# %% wrong: They still share
# %%writefile lab09_client.py
import os
from functools import cache

from redis import Redis


@cache
def client():
    return Redis.from_url(os.environ["REDIS_URL"], single_connection_client=True, socket_timeout=2)


client().ping()


def others_answers(user):
    return sum(client().echo(f"user {user}") != f"user {user}".encode() for _ in range(200))


# %% wrong: They still share
# %%writefile lab09_client.py
import os
from threading import Lock

from redis import Redis

client = Redis.from_url(os.environ["REDIS_URL"], single_connection_client=True, socket_timeout=2)
client.ping()
lock = Lock()


def others_answers(user):
    wrong = 0
    for _ in range(200):
        with lock:
            wrong += client.echo(f"user {user}") != f"user {user}".encode()
    return wrong


# %% wrong: one per process will do
# %%writefile lab09_client.py
import os

from redis import Redis


def others_answers(user):
    wrong = 0
    for _ in range(200):
        with Redis.from_url(os.environ["REDIS_URL"], socket_timeout=5) as client:
            wrong += client.echo(f"user {user}") != f"user {user}".encode()
    return wrong


# %% wrong: should still ask Redis 200 times
# %%writefile lab09_client.py
def others_answers(user):
    return 0


# %% wrong: it raised KeyError
# %%writefile lab09_client.py
import os

from redis import Redis

client = Redis.from_url(os.environ["LAB09_NO_SUCH_URL"])


def others_answers(user):
    return 0


# %% wrong: There is no file
answer = "lab09_clients.py"

# %% wrong: the name of the file
answer = 0
