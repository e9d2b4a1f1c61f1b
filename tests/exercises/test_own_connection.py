"""What the judge of own-connection (09-scale) reads."""

import os

import pytest

from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.lab09.own_connection import judge

RIGHT = """
from os import environ
from redis import Redis

client = Redis.from_url(environ["REDIS_URL"], single_connection_client=False, socket_timeout=5)
client.ping()


def others_answers(user):
    return sum(client.echo(f"user {user}") != f"user {user}".encode() for _ in range(200))
"""

SHARED = RIGHT.replace("client=False", "client=True ").replace("timeout=5", "timeout=1")


def test_a_file_that_was_changed_within_a_second_and_has_the_same_size(lab, tmp_path):
    file, context = tmp_path / "client.py", Context(lab.redis, lab.attempts, tmp_path)
    file.write_text(RIGHT)
    written = file.stat().st_mtime
    assert judge(str(file), context)
    file.write_text(SHARED)
    os.utime(file, (written, written))
    with pytest.raises(NotYet, match="They still share"):
        judge(str(file), context)
