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


# %% right: the module is loaded again, as another process would, and the job is looked at
# %%writefile lab06/test_mine.py
import importlib
from datetime import datetime

import pytest
import reminders
from fakes import FakeProvider
from labsupport.notifications.provider import ProviderDown
from rq.serializers import JSONSerializer


class TestFunction:
    @pytest.mark.parametrize("hour", [6, 7, 21, 22])
    def test_sound(self, hour):
        provider = FakeProvider()
        reminders.remind(1, "ada", "Tea", provider, datetime(2030, 1, 7, hour))
        assert [*provider.delivered.values()] == ["ada: Tea" if hour in (7, 21) else "ada: Tea (silent)"]

    def test_keys(self):
        provider = FakeProvider()
        for number in (1, 1, 2):
            importlib.reload(reminders).remind(number, "ada", "Tea", provider)
        assert len(provider.delivered) == 2

    def test_outage(self):
        with pytest.raises(ProviderDown):
            reminders.remind(1, "ada", "Tea", FakeProvider(down=True))


class TestQueue:
    def test_job(self, redis):
        queue = reminders.reminder_queue(redis)
        job = reminders.enqueue_reminder(queue, 1, "ada", "Tea")
        assert (queue.name, queue.serializer) == ("reminders", JSONSerializer)
        assert (job.func_name, [*job.args], job.kwargs) == ("reminders.remind", [1, "ada", "Tea"], {})
        assert (job.timeout, job.retries_left) == (10, 2)

    def test_old_name(self, redis):
        job = reminders.reminder_queue(redis, is_async=False).enqueue("reminders.send_reminder", "ada", "Tea")
        assert job.is_finished


# %% wrong: They also pass on the broken version *key in memory*: The key is kept in memory, and the next attempt
# %%writefile lab06/test_mine.py
from test_at_once import *
from test_burst import *
from test_function import *


# %% wrong: broken version *ten minutes*: A job may run for ten minutes, and not for ten seconds.
# %%writefile lab06/test_mine.py
import importlib

import reminders
from test_burst import *
from test_function import *


def test_keys():
    provider = FakeProvider()
    for number in (1, 1, 2):
        importlib.reload(reminders).remind(number, "ada", "Tea", provider, NOON)
    assert len(provider.delivered) == 2


def test_job(redis):
    assert reminder_queue(redis).name == "reminders"
    assert enqueue_reminder(reminder_queue(redis), 1, "ada", "Tea").timeout


def test_old_name():
    assert reminders.send_reminder


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


# %% wrong: broken version *four attempts*: A job gets four attempts, and not three. 15 more of 16 pass as well
# %%writefile lab06/test_mine.py
import test_burst
import test_function
import test_worker


def test_them():
    assert test_burst, test_function
