"""Answers to cannot-fail."""

# %% solution
# %%writefile lab06/test_outage.py
from datetime import datetime

import pytest
from fakes import FakeProvider
from labsupport.notifications.provider import ProviderDown
from reminders import remind


def test_an_outage_comes_out():
    with pytest.raises(ProviderDown):
        remind(1, "ada", "Tea", FakeProvider(down=True), datetime(2030, 1, 7, 12))


# %% right: fails by hand when nothing is raised
# %%writefile lab06/test_outage.py
from datetime import datetime

import pytest
from fakes import FakeProvider
from labsupport.notifications.provider import ProviderDown
from reminders import remind


def test_an_outage_comes_out():
    try:
        remind(1, "ada", "Tea", FakeProvider(down=True), datetime(2030, 1, 7, 12))
    except ProviderDown:
        return
    pytest.fail("nothing was raised")


# %% right: a flag, in a class
# %%writefile lab06/test_outage.py
from fakes import FakeProvider
from labsupport.notifications.provider import ProviderError
from reminders import remind


class TestOutage:
    def test_it_comes_out(self):
        raised = False
        try:
            remind(1, "ada", "Tea", FakeProvider(down=True))
        except ProviderError:
            raised = True
        assert raised


# %% right: unittest
# %%writefile lab06/test_outage.py
import unittest

from fakes import FakeProvider
from labsupport.notifications.provider import ProviderDown
from reminders import remind


class Outage(unittest.TestCase):
    def test_it_comes_out(self):
        with self.assertRaises(ProviderDown):
            remind(1, "ada", "Tea", FakeProvider(down=True))


# %% right: a worker sees it
# %%writefile lab06/test_outage.py
from labsupport.notifications.provider import Provider
from redis import Redis
from reminders import enqueue_reminder, reminder_queue
from rq import SimpleWorker
from rq.serializers import JSONSerializer
import os
import pytest


def test_the_job_is_not_finished():
    with Redis.from_url(os.environ["TEST_REDIS_URL"]) as redis:
        Provider(redis).behave(down=True)
        queue = reminder_queue(redis)
        job = enqueue_reminder(queue, 1, "ada", "Tea")
        SimpleWorker([queue], connection=redis, serializer=JSONSerializer).work(burst=True)
        assert not job.is_finished


# %% right: a provider of its own, which is a mock
# %%writefile lab06/test_outage.py
from unittest.mock import Mock

import pytest
from reminders import remind


def test_an_outage_comes_out():
    with pytest.raises(OSError, match="away"):
        remind(1, "ada", "Tea", Mock(**{"send.side_effect": OSError("away")}))


# %% right: expected to fail
# %%writefile lab06/test_outage.py
import pytest
from fakes import FakeProvider
from labsupport.notifications.provider import ProviderDown
from reminders import remind


@pytest.mark.xfail(raises=ProviderDown, strict=True)
def test_an_outage_comes_out():
    remind(1, "ada", "Tea", FakeProvider(down=True))


# %% wrong: They also pass on the broken version *swallowed error*: What the provider raises is caught
# %%writefile lab06/test_outage.py
from datetime import datetime

import pytest
from fakes import FakeProvider
from labsupport.notifications.provider import ProviderDown
from reminders import remind


def test_an_outage_comes_out():
    try:
        remind(1, "ada", "Tea", FakeProvider(down=True), datetime(2030, 1, 7, 12))
    except ProviderDown as error:
        assert isinstance(error, ProviderDown)


# %% wrong: pass on the broken version *returned error*: What the provider raises is returned
# %%writefile lab06/test_outage.py
from fakes import FakeProvider
from labsupport.notifications.provider import ProviderDown
from reminders import remind


def test_an_outage_comes_out():
    try:
        assert remind(1, "ada", "Tea", FakeProvider(down=True)) is not None
    except ProviderDown:
        pass


# %% wrong: pass on the broken version *swallowed error*: What
# %%writefile lab06/test_outage.py
from fakes import FakeProvider
from reminders import remind
import pytest


def test_an_outage_comes_out():
    with pytest.raises(Exception):
        assert remind(1, "ada", "Tea", FakeProvider(down=True)), "nothing was raised"


# %% wrong: On the right code, your tests fail: test_an_outage_comes_out: labsupport.notifications.provider.ProviderDown
# %%writefile lab06/test_outage.py
from fakes import FakeProvider
from reminders import remind


def test_an_outage_comes_out():
    remind(1, "ada", "Tea", FakeProvider(down=True))


# %% wrong: On the right code, your tests fail: test_an_outage_comes_out: Failed: DID NOT RAISE
# %%writefile lab06/test_outage.py
import pytest
from fakes import FakeProvider
from labsupport.notifications.provider import ProviderDown
from reminders import remind


def test_an_outage_comes_out():
    with pytest.raises(ProviderDown):
        remind(1, "ada", "Tea", FakeProvider())


# %% wrong: pytest found no test in this file
# %%writefile lab06/test_outage.py
import pytest
from fakes import FakeProvider
from labsupport.notifications.provider import ProviderDown
from reminders import remind


def an_outage_comes_out():
    with pytest.raises(ProviderDown):
        remind(1, "ada", "Tea", FakeProvider(down=True))


# %% wrong: All your tests are skipped
# %%writefile lab06/test_outage.py
import pytest


@pytest.mark.skip(reason="does not work")
def test_an_outage_comes_out():
    assert False


# %% wrong: ModuleNotFoundError: No module named 'fake'
# %%writefile lab06/test_outage.py
from fake import FakeProvider


def test_an_outage_comes_out():
    FakeProvider(down=True)


# %% wrong: There is no file 'lab06/test_outages.py'
answer = "lab06/test_outages.py"


# %% wrong: Give the path of your tests, such as 'lab06/test_outage.py'
answer = "lab06/pytest.ini"


# %% wrong: The answer should be the path of your file, such as "lab06/test_outage.py"; this is function
def test_an_outage_comes_out():
    pass


answer = test_an_outage_comes_out


# %% wrong: ended the process that runs them
# %%writefile lab06/test_outage.py
import os


def test_an_outage_comes_out():
    os._exit(0)


# %% wrong: Your tests stopped pytest before it was done
# %%writefile lab06/test_outage.py
import sys

sys.exit()


# %% wrong: pass on the broken version *swallowed error*: What the provider
# %%writefile lab06/test_outage.py
import pytest
from fakes import FakeProvider
from labsupport.notifications.provider import ProviderDown
from reminders import remind


def test_an_outage_comes_out():
    with pytest.raises(ProviderDown):
        provider = FakeProvider(down=True)
        provider.send("ada: Tea", "reminder-1")
        remind(1, "ada", "Tea", provider)


# %% right: what the module imports is replaced
# %%writefile lab06/outage.py
from unittest import mock

import pytest
from labsupport.notifications.provider import ProviderDown
from reminders import remind


@mock.patch("reminders.get_current_job")
@mock.patch("reminders.Provider")
def test_an_outage_comes_out(provider, job):
    provider.return_value.send.side_effect = ProviderDown
    with pytest.raises(ProviderDown):
        remind(1, "ada", "Tea")


# %% wrong: Test what the code does, and not how it is written
# %%writefile lab06/test_outage.py
import inspect

import reminders


def test_nothing_is_caught():
    assert "except" not in inspect.getsource(reminders)


# %% wrong: pass on the broken version *swallowed error*
# %%writefile lab06/test_outage.py
import reminders


def test_nothing_is_wrong():
    assert "is caught" not in (reminders.__doc__ or "")


# %% wrong: the name of the class begins with Test, and the class has no __init__
# %%writefile lab06/test_outage.py
import pytest
from fakes import FakeProvider
from labsupport.notifications.provider import ProviderDown
from reminders import remind


class Outage:
    def test_it_comes_out(self):
        with pytest.raises(ProviderDown):
            remind(1, "ada", "Tea", FakeProvider(down=True))


# %% wrong: Your tests stopped pytest before it was done
# %%writefile lab06/test_outage.py
import pytest


def test_an_outage_comes_out():
    pytest.exit("nothing to do", returncode=0)


# %% wrong: ended the process that runs them
# %%writefile lab06/test_outage.py
import os
import signal


def test_an_outage_comes_out():
    os.kill(os.getppid(), signal.SIGKILL)


# %% wrong: This is a text of several lines. Give the path
answer = """
def test_an_outage_comes_out():
    with pytest.raises(ProviderDown):
        remind(1, "ada", "Tea", FakeProvider(down=True))
"""


# %% wrong: There is no file 'def test_an_outage_comes_out():
answer = "def test_an_outage_comes_out(): " + "pass; " * 100
