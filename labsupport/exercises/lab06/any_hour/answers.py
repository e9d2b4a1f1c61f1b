"""Answers to any-hour."""

# %% solution
# %%writefile lab06/test_sound.py
from datetime import datetime

import pytest
from fakes import FakeProvider
from reminders import remind


@pytest.mark.parametrize(
    ("hour", "message"), [(6, "ada: Tea (silent)"), (7, "ada: Tea"), (21, "ada: Tea"), (22, "ada: Tea (silent)")]
)
def test_sound(hour, message):
    provider = FakeProvider()
    remind(1, "ada", "Tea", provider, datetime(2030, 1, 7, hour, 30))
    assert provider.delivered.popitem()[1] == message


# %% right: all hours in one test
# %%writefile lab06/test_sound.py
from datetime import datetime

from fakes import FakeProvider
from reminders import remind


def is_silent(hour):
    provider = FakeProvider()
    remind(1, "ada", "Tea", provider, now=datetime(2030, 1, 7, hour))
    return list(provider.delivered.values())[0].endswith(" (silent)")


def test_sound():
    assert [hour for hour in range(24) if not is_silent(hour)] == list(range(7, 22))


# %% right: the clock is set
# %%writefile lab06/test_sound.py
from datetime import datetime, timezone

import time_machine
from fakes import FakeProvider
from reminders import remind


def message(hour):
    provider = FakeProvider()
    with time_machine.travel(datetime(2030, 1, 7, hour, tzinfo=timezone.utc)):
        remind(1, "ada", "Tea", provider)
    return provider.delivered["reminder-1"]


def test_day():
    assert message(7) == message(21) == "ada: Tea"


def test_night():
    assert message(6) == message(22) == "ada: Tea (silent)"


# %% right: datetime is replaced in the module
# %%writefile lab06/test_sound.py
from datetime import datetime

import pytest
import reminders
from fakes import FakeProvider


@pytest.mark.parametrize("hour, silent", [(0, True), (6, True), (7, False), (21, False), (22, True), (23, True)])
def test_sound(monkeypatch, hour, silent):
    class Clock:
        @staticmethod
        def now(tz=None):
            return datetime(2030, 1, 7, hour, tzinfo=tz)

    monkeypatch.setattr(reminders, "datetime", Clock)
    provider = FakeProvider()
    reminders.remind(1, "ada", "Tea", provider)
    assert ("silent" in str(provider.delivered)) == silent


# %% right: unittest, with subtests
# %%writefile lab06/test_sound.py
import unittest
from datetime import datetime
from unittest.mock import Mock

from reminders import remind


class Sound(unittest.TestCase):
    def test_borders(self):
        for hour, silent in {6: True, 7: False, 21: False, 22: True}.items():
            with self.subTest(hour=hour):
                provider = Mock()
                remind(1, "ada", "Tea", provider, datetime(2030, 1, 7, hour))
                self.assertEqual("(silent)" in provider.send.call_args[0][0], silent)


# %% right: made by a loop, with a time of day and a provider that is no class
# %%writefile lab06/test_sound.py
from datetime import time
from types import SimpleNamespace

from reminders import remind


def at(hour, end):
    def test():
        sent = []
        remind(1, "ada", "Tea", SimpleNamespace(send=lambda message, key: sent.append(message)), time(hour))
        assert sent == [f"ada: Tea{end}"]

    return test


for hour in range(24):
    globals()[f"test_{hour}"] = at(hour, "" if hour in range(7, 22) else " (silent)")


# %% wrong: They also pass on the broken version *never silent*: A reminder makes a sound at night, too. 2 more of 3 pass
# %%writefile lab06/test_sound.py
from datetime import datetime

import pytest
from fakes import FakeProvider
from reminders import remind


def test_sound():
    provider = FakeProvider()
    remind(1, "ada", "Tea", provider)
    assert provider.delivered


# %% wrong: pass at 12:00 UTC and fail at 3:00 UTC: test_sound: AssertionError
# %%writefile lab06/test_sound.py
from fakes import FakeProvider
from reminders import remind


def test_sound():
    provider = FakeProvider()
    remind(1, "ada", "Tea", provider)
    assert provider.delivered["reminder-1"] == "ada: Tea"


# %% wrong: pass at 3:00 UTC and fail at 12:00 UTC: test_silent_by_night: AssertionError
# %%writefile lab06/test_sound.py
from fakes import FakeProvider
from reminders import remind


def test_silent_by_night():
    provider = FakeProvider()
    remind(1, "ada", "Tea", provider)
    assert provider.delivered["reminder-1"].endswith("(silent)")


# %% wrong: at seven in the morning, a reminder is still silent. 1 more of 3 pass as well
# %%writefile lab06/test_sound.py
from datetime import datetime

import pytest
from fakes import FakeProvider
from reminders import remind


@pytest.mark.parametrize(("hour", "end"), [(12, "Tea"), (3, "(silent)")])
def test_sound(hour, end):
    provider = FakeProvider()
    remind(1, "ada", "Tea", provider, datetime(2030, 1, 7, hour))
    assert provider.delivered["reminder-1"].endswith(end)


# %% wrong: broken version *silent at seven*: It is off by one: at seven in the morning, a reminder is still silent.
# %%writefile lab06/test_sound.py
from datetime import datetime

import pytest
from fakes import FakeProvider
from reminders import remind


@pytest.mark.parametrize(("hour", "end"), [(6, "(silent)"), (8, "Tea"), (21, "Tea"), (22, "(silent)")])
def test_sound(hour, end):
    provider = FakeProvider()
    remind(1, "ada", "Tea", provider, datetime(2030, 1, 7, hour))
    assert provider.delivered["reminder-1"].endswith(end)


# %% wrong: your tests fail: test_sound[7-(silent)]: AssertionError
# %%writefile lab06/test_sound.py
from datetime import datetime

import pytest
from fakes import FakeProvider
from reminders import remind


@pytest.mark.parametrize(("hour", "end"), [(7, "(silent)"), (8, "Tea"), (22, "Tea"), (23, "(silent)")])
def test_sound(hour, end):
    provider = FakeProvider()
    remind(1, "ada", "Tea", provider, datetime(2030, 1, 7, hour))
    assert provider.delivered["reminder-1"].endswith(end)


# %% wrong: Test what the code does, and not how it is written
# %%writefile lab06/test_sound.py
import inspect

import reminders


def test_sound():
    assert "7 <= now.hour < 22" in inspect.getsource(reminders.remind)


# %% wrong: 2 more of 3 pass as well
# %%writefile lab06/test_sound.py
from datetime import datetime, timezone

from fakes import FakeProvider
from reminders import remind


def test_sound():
    provider = FakeProvider()
    remind(1, "ada", "Tea", provider)
    hour = datetime.now(timezone.utc).hour
    silent = hour < 7 or hour >= 22
    assert provider.delivered["reminder-1"].endswith("(silent)") == silent


# %% wrong: On the right code, your tests fail: test_sound: TypeError: remind() got an unexpected keyword argument 'hour'
# %%writefile lab06/test_sound.py
from fakes import FakeProvider
from reminders import remind


def test_sound():
    provider = FakeProvider()
    remind(1, "ada", "Tea", provider, hour=22)
    assert provider.delivered


# %% wrong: pass in one run and fail in another
# %%writefile lab06/test_sound.py
from datetime import datetime

from fakes import FakeProvider
from reminders import remind

silent = []


def test_all_hours():
    for hour in range(24):
        provider = FakeProvider()
        remind(1, "ada", "Tea", provider, datetime(2030, 1, 7, hour))
        if "silent" in provider.delivered["reminder-1"]:
            silent.append(hour)


def test_nights():
    sum(range(1_000_000))
    assert silent == [0, 1, 2, 3, 4, 5, 6, 22, 23]


# %% wrong: silent at seven*: It is off by one: at seven in the morning, a reminder is still silent. 1 more of 3
# %%writefile lab06/test_sound.py
from datetime import datetime

from fakes import FakeProvider
from reminders import remind


def test_sound():
    for hour, silent in [(6, True), (7, False), (21, False), (22, True)]:
        provider = FakeProvider()
        remind(1, "ada", "Tea", provider, datetime(2030, 1, 7, hour))
        assert ("silent" in provider.delivered["reminder-1"]) == silent
        return
