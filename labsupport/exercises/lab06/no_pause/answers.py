"""Answers to no-pause."""

# %% solution
# %%writefile lab06/test_sleepy.py
from labsupport.notifications.provider import Provider
from reminders import enqueue_reminder, reminder_queue
from workers import work


def test_a_worker_sends_it(redis):
    queue = reminder_queue(redis)
    enqueue_reminder(queue, 1, "ada", "Tea")
    work(queue)
    assert Provider(redis).delivered()[0].startswith("ada: Tea")


# %% right: asks again and again
# %%writefile lab06/test_sleepy.py
import subprocess
import sys
import time

from labsupport.notifications.provider import Provider
from reminders import enqueue_reminder, reminder_queue


def test_a_worker_sends_it(redis, url):
    job = enqueue_reminder(reminder_queue(redis), 1, "ada", "Tea")
    command = [sys.executable, "-m", "rq.cli", "worker", "reminders", "--serializer", "json", "--url", url]
    worker = subprocess.Popen(command)
    try:
        end = time.monotonic() + 15
        while job.get_status() not in ("finished", "failed", "scheduled") and time.monotonic() < end:
            time.sleep(0.05)
    finally:
        worker.kill()  # a SIGTERM that comes right before it waits for a job is lost: measured once in 1,400 runs
        worker.wait()
    assert Provider(redis).delivered()[0].startswith("ada: Tea")


# %% right: RQ's own SimpleWorker, and the time is fixed
# %%writefile lab06/test_sleepy.py
from labsupport.notifications.provider import Provider
from reminders import enqueue_reminder, reminder_queue
from rq import SimpleWorker
from rq.serializers import JSONSerializer


def test_a_worker_sends_it(redis):
    queue = reminder_queue(redis)
    job = enqueue_reminder(queue, 1, "ada", "Tea")
    SimpleWorker(["reminders"], connection=redis, serializer=JSONSerializer).work(burst=True)
    assert job.is_finished
    assert "ada: Tea" in Provider(redis).delivered()[0]


# %% wrong: and spend 3.0 s in pauses. On a slow machine that is too short
# %%writefile lab06/test_sleepy.py
import subprocess
import sys
import time

from labsupport.notifications.provider import Provider
from reminders import enqueue_reminder, reminder_queue
from workers import work


def test_a_worker_sends_it(redis, url):
    queue = reminder_queue(redis)
    enqueue_reminder(queue, 1, "ada", "Tea")
    work(queue)
    time.sleep(3)
    assert Provider(redis).delivered()[0].startswith("ada: Tea")


# %% wrong: and spend 0.5 s in pauses
# %%writefile lab06/test_sleepy.py
from time import sleep

from labsupport.notifications.provider import Provider
from reminders import enqueue_reminder, reminder_queue
from workers import work


def test_a_worker_sends_it(redis):
    queue = reminder_queue(redis)
    job = enqueue_reminder(queue, 1, "ada", "Tea")
    while not job.is_finished:
        sleep(0.5)
        work(queue)
    assert Provider(redis).delivered()[0].startswith("ada: Tea")


# %% wrong: On the right code, your tests fail: test_a_worker_sends_it: IndexError: list index out of range
# %%writefile lab06/test_sleepy.py
import subprocess
import sys

from labsupport.notifications.provider import Provider
from reminders import enqueue_reminder, reminder_queue


def test_a_worker_sends_it(redis, url):
    enqueue_reminder(reminder_queue(redis), 1, "ada", "Tea")
    command = [sys.executable, "-m", "rq.cli", "worker", "reminders", "--serializer", "json", "--url", url]
    worker = subprocess.Popen(command)
    worker.kill()
    worker.wait()
    assert Provider(redis).delivered()[0].startswith("ada: Tea")


# %% wrong: They also pass on the broken version *pickle queue*: The queue has no serializer
# %%writefile lab06/test_sleepy.py
from labsupport.notifications.provider import Provider
from reminders import enqueue_reminder, reminder_queue


def test_a_worker_sends_it(redis):
    enqueue_reminder(reminder_queue(redis, is_async=False), 1, "ada", "Tea")
    assert Provider(redis).delivered()[0].startswith("ada: Tea")


# %% wrong: pass on the broken version *pickle queue*
# %%writefile lab06/test_sleepy.py
from labsupport.notifications.provider import Provider
from reminders import enqueue_reminder, reminder_queue
from rq import SimpleWorker


def test_a_worker_sends_it(redis):
    queue = reminder_queue(redis)
    enqueue_reminder(queue, 1, "ada", "Tea")
    SimpleWorker([queue], connection=redis, serializer=queue.serializer).work(burst=True)
    assert Provider(redis).delivered()[0].startswith("ada: Tea")


# %% wrong: broken version *user for text*: User and text change places
# %%writefile lab06/test_sleepy.py
from labsupport.notifications.provider import Provider
from reminders import enqueue_reminder, reminder_queue
from workers import work


def test_a_worker_sends_it(redis):
    queue = reminder_queue(redis)
    enqueue_reminder(queue, 1, "ada", "Tea")
    work(queue)
    assert Provider(redis).delivered()


# %% wrong: pass on the broken version *pickle queue*: The queue has no serializer, so its jobs are pickled
# %%writefile lab06/test_sleepy.py
from reminders import enqueue_reminder, reminder_queue


def test_a_worker_sends_it(redis):
    job = enqueue_reminder(reminder_queue(redis), 1, "ada", "Tea")
    assert job.is_queued


# %% wrong: On the right code, your tests fail: test_a_worker_sends_it: AssertionError: assert False
# %%writefile lab06/test_sleepy.py
from reminders import enqueue_reminder, reminder_queue
from rq import SimpleWorker


def test_a_worker_sends_it(redis):
    queue = reminder_queue(redis)
    job = enqueue_reminder(queue, 1, "ada", "Tea")
    SimpleWorker([queue], connection=redis).work(burst=True)
    assert job.is_finished


# %% wrong: something that they started still runs
# %%writefile lab06/test_sleepy.py
import subprocess
import sys
from labsupport.notifications.provider import Provider
from reminders import enqueue_reminder, reminder_queue
from workers import work


def test_a_worker_sends_it(redis, url):
    subprocess.Popen(["sleep", "600"], start_new_session=True)
    queue = reminder_queue(redis)
    enqueue_reminder(queue, 1, "ada", "Tea")
    work(queue)
    assert Provider(redis).delivered()[0].startswith("ada: Tea")


# %% wrong: still running after 20 s on the right code
# %%writefile lab06/test_sleepy.py
import time

from labsupport.notifications.provider import Provider
from reminders import enqueue_reminder, reminder_queue


def test_a_worker_sends_it(redis):
    enqueue_reminder(reminder_queue(redis), 1, "ada", "Tea")
    while not Provider(redis).delivered():
        time.sleep(0.1)


# %% wrong: fixture 'queue' not found
# %%writefile lab06/test_sleepy.py
from labsupport.notifications.provider import Provider
from reminders import enqueue_reminder
from workers import work


def test_a_worker_sends_it(redis, queue):
    enqueue_reminder(queue, 1, "ada", "Tea")
    work(queue)
    assert Provider(redis).delivered()[0].startswith("ada: Tea")


# %% wrong: on a machine where the job takes 1.5 s: test_a_worker_sends_it: IndexError: list index out of range. Do not wait
# %%writefile lab06/test_sleepy.py
import multiprocessing

from labsupport.notifications.provider import Provider
from reminders import enqueue_reminder, reminder_queue
from workers import work


def test_a_worker_sends_it(redis):
    queue = reminder_queue(redis)
    enqueue_reminder(queue, 1, "ada", "Tea")
    worker = multiprocessing.get_context("fork").Process(target=work, args=(queue,))
    worker.start()
    worker.join(1)
    worker.kill()
    worker.join()
    assert Provider(redis).delivered()[0].startswith("ada: Tea")


# %% wrong: and spend 2.0 s in pauses. On a slow machine
# %%writefile lab06/test_sleepy.py
import multiprocessing
import threading

from labsupport.notifications.provider import Provider
from reminders import enqueue_reminder, reminder_queue
from workers import work


def test_a_worker_sends_it(redis):
    queue = reminder_queue(redis)
    enqueue_reminder(queue, 1, "ada", "Tea")
    worker = multiprocessing.get_context("fork").Process(target=work, args=(queue,))
    worker.start()
    threading.Event().wait(2)
    worker.kill()
    worker.join()
    assert Provider(redis).delivered()[0].startswith("ada: Tea")
