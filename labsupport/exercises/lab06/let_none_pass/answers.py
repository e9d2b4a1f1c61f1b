"""Answers to let-none-pass."""

# %% solution
# %%writefile lab06/test_mine.py
from fakes import FakeProvider
from labsupport.notifications.provider import Provider
from reminders import enqueue_reminder, remind, reminder_queue
from test_at_once import *
from test_burst import *
from test_function import *
from test_worker import *
from workers import work


def test_two_reminders_to_one_user():
    provider = FakeProvider()
    for number in (1, 2):
        remind(number, "ada", "Tea", provider, NOON)
    assert len(provider.delivered) == 2


def test_ten_seconds(redis):
    assert enqueue_reminder(reminder_queue(redis), 1, "ada", "Tea").timeout == 10


def test_jobs_of_the_release_before(redis):
    queue = reminder_queue(redis)
    job = queue.enqueue("reminders.send_reminder", "ada", "Tea")
    work(queue)
    assert job.is_finished
    assert len(Provider(redis).delivered()) == 1


# %% right: all of it by hand
# %%writefile lab06/test_mine.py
import os
import subprocess
import sys
from datetime import datetime, timezone

import pytest
from labsupport.notifications.provider import Provider, ProviderError
from redis import Redis
from reminders import enqueue_reminder, remind, reminder_queue
from rq import Queue, SimpleWorker, get_current_job
from rq.job import Job
from rq.serializers import JSONSerializer


@pytest.fixture
def server():
    with Redis.from_url(os.environ["TEST_REDIS_URL"]) as connection:
        yield connection
        connection.flushdb()


def burst(server):
    SimpleWorker(["reminders"], connection=server, serializer=JSONSerializer).work(burst=True)


def worker():
    subprocess.check_output(
        [sys.executable, "-m", "rq.cli", "worker", "reminders", "--serializer", "json", "--burst"]
        + ["--url", os.environ["TEST_REDIS_URL"]],
        stderr=subprocess.STDOUT,
    )


def at(hour):
    return datetime(2031, 5, 5, hour, 59, tzinfo=timezone.utc)


@pytest.mark.parametrize("hour", range(24))
def test_sound(server, hour):
    remind(hour, "bob", "Lunch", Provider(server), at(hour))
    silent = hour < 7 or hour > 21
    assert Provider(server).delivered() == ["bob: Lunch (silent)" if silent else "bob: Lunch"]


def test_errors(server):
    provider = Provider(server)
    provider.behave(failure_rate=1)
    with pytest.raises(ProviderError):
        remind(1, "bob", "Lunch", provider)


def test_two_reminders(server):
    for number in (1, 2):
        remind(number, "bob", "Lunch", Provider(server), at(12))
    assert Provider(server).delivered() == ["bob: Lunch"] * 2


def test_limits(server):
    job = enqueue_reminder(reminder_queue(server), 1, "bob", "Lunch")
    stored = Job.fetch(job.id, connection=server, serializer=JSONSerializer)
    assert (stored.timeout, stored.retries_left) == (10, 2)
    assert stored.args == ["1", "bob", "Lunch"] or stored.args[1:] in (["bob", "Lunch"], ("bob", "Lunch"))


def test_production(server):
    queue = reminder_queue(server)
    Provider(server).behave(lost_reply=True)
    job = enqueue_reminder(queue, 7, "bob", "Lunch")
    burst(server)
    assert job.get_status() == "scheduled"
    Provider(server).behave()
    queue.scheduled_job_registry.remove(job, delete_job=False)
    queue.enqueue_job(job)
    old = Queue("reminders", connection=server, serializer=JSONSerializer).enqueue(
        "reminders.send_reminder", "bob", "x"
    )
    worker()
    assert job.is_finished
    assert old.is_finished
    assert len(Provider(server).delivered()) == 2


# %% right: a class, and more from the lab's files
# %%writefile lab06/test_mine.py
import test_function
import test_worker
from reminders import enqueue_reminder, remind, reminder_queue
from test_at_once import test_the_call_fits_the_function
from test_burst import test_three_attempts, test_three_attempts_deliver_one_message
from test_function import (
    test_an_outage_comes_out,
    test_it_is_sent,
    test_silent_by_night,
    test_two_attempts_send_one_message,
)
from unittest import mock


class TestMore:
    def test_outside(self, redis, url):
        test_worker.test_another_process_makes_the_second_attempt(redis, url)

    def test_key(self):
        one, other = mock.Mock(), mock.Mock()
        remind(1, "ada", "Tea", one, test_function.NOON)
        remind(2, "ada", "Tea", other, test_function.NOON)
        assert one.send.call_args != other.send.call_args

    def test_timeout_of_the_enqueued_job(self, redis):
        queue = reminder_queue(redis)
        enqueue_reminder(queue, 1, "ada", "Tea")
        assert queue.jobs[0].timeout == 10

    def test_old_name(self, redis):
        job = reminder_queue(redis, is_async=False).enqueue("reminders.send_reminder", "ada", "Tea")
        assert job.is_finished


# %% wrong: They also pass on the broken version *key in memory*: The key is kept in memory, and the next attempt
# %%writefile lab06/test_mine.py
from test_at_once import *
from test_burst import *
from test_function import *

# %% wrong: broken version *ten minutes*: A job may run for ten minutes, and not for ten seconds.
# %%writefile lab06/test_mine.py
from test_at_once import *
from test_burst import *
from test_function import *
from test_worker import *


def test_two_reminders_to_one_user():
    provider = FakeProvider()
    for number in (1, 2):
        remind(number, "ada", "Tea", provider, NOON)
    assert len(provider.delivered) == 2


def test_jobs_of_the_release_before(redis):
    queue = reminder_queue(redis)
    job = queue.enqueue("reminders.send_reminder", "ada", "Tea")
    work(queue)
    assert job.is_finished


def test_ten_seconds(redis):
    assert enqueue_reminder(reminder_queue(redis), 1, "ada", "Tea").timeout


# %% wrong: broken version *key in memory*: The key is kept in memory
# %%writefile lab06/test_mine.py
from reminders import send_reminder
from test_at_once import *
from test_burst import *
from test_function import *


def test_rest(redis):
    queue = reminder_queue(redis)
    job = enqueue_reminder(queue, 1, "ada", "Tea")
    assert job.timeout == 10
    assert job.origin == "reminders"


def test_two_reminders():
    provider = FakeProvider()
    remind(1, "ada", "Tea", provider, NOON)
    remind(2, "ada", "Tea", provider, NOON)
    assert len(provider.delivered) == 2


# %% wrong: Test what the code does, and not how it is written
# %%writefile lab06/test_mine.py
from pathlib import Path


def test_nobody_has_changed_it():
    assert "Retry(max=2, interval=[60, 600])" in Path("reminders.py").read_text()


# %% wrong: On the right code, your tests fail: test_four_attempts: assert 3 == 4
# %%writefile lab06/test_mine.py
from test_burst import Provider, attempts


def test_four_attempts(redis):
    attempts(redis, down=True)
    assert Provider(redis).calls == 4


# %% wrong: On the right code, your tests fail: test_waits_for_the_retry: assert 1 == 3
# %%writefile lab06/test_mine.py
from labsupport.notifications.provider import Provider
from reminders import enqueue_reminder, reminder_queue
from workers import work


def test_waits_for_the_retry(redis):
    Provider(redis).behave(down=True)
    queue = reminder_queue(redis)
    enqueue_reminder(queue, 1, "ada", "Tea")
    for attempt in range(3):
        work(queue)
    assert Provider(redis).calls == 3


# %% wrong: pass at 12:00 UTC and fail at 3:00 UTC
# %%writefile lab06/test_mine.py
from test_burst import *
from test_function import *


def test_exact_message(redis):
    queue = reminder_queue(redis)
    enqueue_reminder(queue, 1, "ada", "Tea")
    work(queue)
    assert Provider(redis).delivered() == ["ada: Tea"]


# %% wrong: ModuleNotFoundError: No module named 'test_functions'
# %%writefile lab06/test_mine.py
from test_burst import *
from test_functions import *


# %% wrong: ModuleNotFoundError: No module named 'lab06'
# %%writefile lab06/test_mine.py
from lab06.test_burst import *
from lab06.test_function import *
