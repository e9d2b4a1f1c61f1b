"""A reader's function runs as RQ would run it, and always comes to an end."""

import os
import random
import signal
import threading
import time

import psutil
import pytest
from rq import Retry, get_current_job

from labsupport.exercises import trial
from labsupport.exercises.exercise import NotYet
from tests.kernels import soon

memory = []


def remember():
    memory.append(1)
    return len(memory)


async def later():
    return "awaited"


def swallow():
    while True:
        try:
            time.sleep(60)
        except BaseException:
            continue


def deaf():
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    swallow()


def test_each_child_draws_numbers_of_its_own():
    """As work-horses do: RQ seeds `random` in each."""
    assert len({one.returned for one in trial.together(random.random, [()] * 3)}) == 3


def test_what_a_trial_says_is_one_short_line():
    assert str(trial.Trial(error="ValueError", message="first\n  second")) == "raised ValueError: first second"
    assert str(trial.Trial(error="KeyboardInterrupt")) == "raised KeyboardInterrupt"
    assert len(str(trial.Trial("long" * 100))) == 120


def test_what_it_returns_comes_back():
    assert trial.run(lambda a, b: {"sum": a + b}, 1, 2).returned == {"sum": 3}
    assert trial.run(lambda: Retry(max=3)).returned.max == 3


def test_what_cannot_leave_the_child_is_described():
    assert "lock" in trial.run(threading.Lock).returned


def test_an_error_comes_back_with_its_kinds():
    seen = trial.run(lambda: {}["missing"])
    assert (seen.error, seen.message) == ("KeyError", "'missing'")
    assert "LookupError" in seen.kinds


def test_system_exit_is_an_error_as_for_rq():
    assert trial.run(lambda: exit(3)).error == "SystemExit"


def test_memory_does_not_survive_into_the_next_attempt():
    assert [trial.run(remember).returned for _ in range(2)] == [1, 1]
    assert memory == []


def test_async_functions_are_awaited():
    assert trial.run(later).returned == "awaited"


@pytest.mark.parametrize("endless", [swallow, deaf])
def test_nothing_outlives_its_deadline(endless):
    start = time.monotonic()
    with pytest.raises(NotYet, match="still running after 1 s"):
        trial.run(endless, deadline=1)
    assert time.monotonic() - start < 8


def test_one_that_ends_its_process_gets_a_verdict():
    with pytest.raises(NotYet, match="ended its own process"):
        trial.run(lambda: os._exit(0))


def test_rqs_own_time_limit_is_raised_inside(queue):
    job = queue.enqueue("operator.truth", 1)
    assert trial.run(lambda: time.sleep(30), job=job, limit=1).error == "JobTimeoutException"


def test_the_current_job_is_there_and_fetched_anew(queue):
    job = queue.enqueue("operator.truth", 1)

    def note():
        current = get_current_job()
        current.meta["unsaved"] = current.meta.get("unsaved", 0) + 1
        return current.id, current.meta["unsaved"]

    assert [trial.run(note, job=job).returned for _ in range(2)] == [(job.id, 1)] * 2


def test_calls_together_begin_at_the_same_moment():
    starts = [one.returned for one in trial.together(time.monotonic, [()] * 4)]
    assert max(starts) - min(starts) < 2


def test_what_is_printed_is_kept_and_no_process_is_left():
    with trial.listening() as said:
        trial.run(lambda: (print("hello"), os.system("echo from a shell; sleep 600 &")))
    assert said == ["hello\nfrom a shell"]
    assert soon(lambda: not [one for one in psutil.process_iter() if _sleeps(one)])


def _sleeps(process: psutil.Process) -> bool:
    try:
        return process.cmdline() == ["sleep", "600"] and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
