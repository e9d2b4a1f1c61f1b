"""Jobs and programs that the tests of the sweep kill."""

import os
import time
from pathlib import Path

from rq import get_current_job


def deliver(message):
    get_current_job().connection.rpush("delivered", message)


def with_key(message):
    job = get_current_job()
    if job.connection.set(f"sent:{job.id}", 1, nx=True):
        job.connection.rpush("delivered", message)


def delivered(redis):
    return redis.llen("delivered")


def fails(message):
    raise ValueError("no such user")


def hangs(file):
    Path(file).write_text(str(os.getpid()))
    time.sleep(300)


def two_tables(redis, database):
    database.execute("CREATE TABLE IF NOT EXISTS notes (text TEXT)")
    database.execute("INSERT INTO notes VALUES ('a')")
    database.commit()
    redis.rpush("notes", "a")


def in_sqlite(redis, database):
    tables = database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    return database.execute("SELECT count(*) FROM notes").fetchone()[0] if tables else 0


def in_redis(redis, database):
    return redis.llen("notes")


def nothing(redis, database):
    pass


def broken(redis, database):
    redis.hget("notes")


def endless(redis, database):
    while True:
        time.sleep(0.01)
