"""What is right in the quiz of 06-test is what RQ and pytest do."""

import re
from pathlib import Path

import pytest
from rq import Queue, Retry, SimpleWorker
from rq.job import Job
from rq.serializers import JSONSerializer

from labsupport.exercises.lab06 import quiz
from labsupport.exercises.quizzes.question import evaluated
from labsupport.processes.workers import work_off


def at_once(queue: Queue) -> Queue:
    return Queue("at-once", connection=queue.connection, serializer=JSONSerializer, is_async=False)


def burst(queue: Queue) -> None:
    SimpleWorker([queue], connection=queue.connection, serializer=JSONSerializer).work(burst=True)


@pytest.mark.parametrize("is_at_once", [True, False])
def test_statuses(queue, is_at_once):
    asked = quiz.statuses(order=("slow", "broken", "numbers"), seconds=1.2, at_once=is_at_once)
    calls = re.search(r"`(queue\.enqueue[^`]+)`", asked.text)[1].splitlines()
    assert len(calls) == 3
    queue = at_once(queue) if is_at_once else queue
    jobs = [eval(call, {"queue": queue, "Retry": Retry}) for call in calls]
    if not is_at_once:
        burst(queue)
    assert evaluated(asked.right) == [job.get_status().value for job in jobs]


@pytest.mark.parametrize("how", ["a pause", "no pause", "at once"])
def test_runs_in_a_test(queue, monkeypatch, how):
    ran = []
    monkeypatch.setattr(Job, "perform", lambda job: ran.append(job.id) or fail())
    retry = Retry(max=3, interval=60) if how == "a pause" else Retry(max=3)
    (at_once(queue) if how == "at once" else queue).enqueue(fail, retry=retry)
    if how != "at once":
        burst(queue)
    assert evaluated(quiz.runs_in_a_test(more=3, how=how).right) == len(ran)


def fail() -> None:
    raise OSError("the provider is down")


def name_of(user: dict) -> str:
    return user["name"]


def of_two(user: str, text: str) -> str:
    return user + text


def of_key_one(names: dict) -> str:
    return names[1]


KEPT: dict = {}


def keeps() -> str:
    if "value" not in KEPT:
        from rq import get_current_job

        job = get_current_job()
        if job is None or job.retries_left:
            KEPT["value"] = "kept"
            raise OSError("the first attempt")
    return KEPT["value"]


CASES = {  # function, what it is called with, what it is enqueued with, the bug's error
    "function": (name_of, [{}], [{}], "KeyError"),
    "at once": (of_two, ["ada", "Tea"], ["ada", "Tea", "late"], "TypeError"),
    "burst": (of_key_one, [{1: "one"}], [{1: "one"}], "KeyError"),
    "worker": (keeps, [], [], "KeyError"),
}


def finding(queue: Queue, bug: str, folder: Path) -> str:
    """The first kind of test that meets the bug's error."""
    function, called, enqueued, error = CASES[bug]
    met = ""
    for _ in range(2):
        try:
            function(*called)
        except Exception as caught:
            met = type(caught).__name__
    if met == error:
        return "function"

    def meets(job: Job) -> bool:
        result = job.latest_result()
        return result is not None and error in str(result.exc_string)

    def ended(on: Queue) -> Job:
        KEPT.clear()
        return on.enqueue(function, *enqueued, retry=Retry(max=1))

    if meets(ended(at_once(queue))):
        return "at once"
    job = ended(queue)
    burst(queue)
    if meets(job):
        return "burst"
    job = ended(queue)
    work_off([queue], folder=folder)
    return "worker" if meets(job) else "none"


@pytest.mark.parametrize("bug", CASES)
def test_quickest(queue, tmp_path, bug):
    KEPT.clear()
    assert evaluated(quiz.quickest(kind=bug).right) == finding(queue, bug, tmp_path)


def test_cannot_fail():
    asked = quiz.cannot_fail(order=("compares", "raises", "else"), error="OSError")
    tests = re.findall(r"`(def test_[^`]+)`", asked.text)
    assert len(tests) == 3
    failed = {True: set(), False: set()}
    for is_broken in failed:
        here = {"pytest": pytest, "send": (lambda: None) if is_broken else fail}
        for text in tests:
            exec(text, here)
            name = text[len("def test_")]
            try:
                here[f"test_{name}"]()
            except (AssertionError, pytest.fail.Exception):
                failed[is_broken].add(name)
    assert failed[False] == set(), "on the right code, all pass"
    assert failed[True] == evaluated(asked.right)
