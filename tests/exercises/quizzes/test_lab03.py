"""What is right in the quiz of 03-fail is what RQ does."""

import os
import signal
import time
from pathlib import Path

import pytest
from rq import Callback, Queue, Retry, SimpleWorker
from rq.job import Job

from labsupport.errors import LabError
from labsupport.exercises.lab03 import quiz
from labsupport.exercises.quizzes.question import evaluated
from labsupport.processes.workers import work_off

PATIENCE = 60
"""Seconds that a condition may take on a busy machine."""

# Jobs, and a callback, which RQ imports by their path.


def raises() -> None:
    {}["host"]


def too_slow() -> None:
    time.sleep(PATIENCE)


def no_json() -> set[int]:
    return {1, 2, 3}


def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def caught() -> bool:
    try:
        raises()
    except KeyError:
        return False
    return True


def note(job: Job, connection: object, *error: object) -> None:
    job.connection.rpush(f"{Queue(job.origin, connection=job.connection).key}:noted", job.id)


def work(queue: Queue) -> None:
    """In this process, which is quick."""
    SimpleWorker([queue], connection=queue.connection, serializer=queue.serializer).work(burst=True)


def path(name: str) -> str:
    return f"{__name__}.{name}"


def test_failed(queue, tmp_path):
    for name in quiz.WAYS:
        queue.enqueue(path(name), job_id=name, job_timeout=1 if name == "too_slow" else PATIENCE)
    work_off([queue], folder=tmp_path, timeout=PATIENCE)
    ends = {name: queue.fetch_job(name).get_status().value for name in quiz.WAYS}
    assert {*ends.values()} == {"failed", "finished"}
    for first in range(len(quiz.WAYS)):
        asked = quiz.failed(first=first, step=1)
        listed = [line for line in asked.text.splitlines() if line[:3] in ("`a`", "`b`", "`c`", "`d`")]
        ways = {name for name, (what, _) in quiz.WAYS.items() if any(what in line for line in listed)}
        assert len(ways) == len(listed) == 4
        right = {line[1] for line in listed for name in ways if quiz.WAYS[name][0] in line and ends[name] == "failed"}
        assert evaluated(asked.right) == right


@pytest.mark.parametrize("name", ["raises", "killed"])
def test_told(queue, tmp_path, name):
    job = queue.enqueue(path(name), retry=Retry(max=2), on_failure=Callback(note))
    work_off([queue], folder=tmp_path, timeout=PATIENCE)
    assert job.get_status() == "failed"
    asked = quiz.told(more=2, killed=name == "killed")
    assert evaluated(asked.right) == queue.connection.llen(f"{queue.key}:noted")


@pytest.mark.parametrize("simple", [False, True])
def test_poisoned(queue, tmp_path, simple):
    for number in range(1, 8):
        queue.enqueue(*([path("killed")] if number == 3 else ["operator.truth", 1]))
    try:
        work_off(
            [queue],
            folder=tmp_path,
            timeout=PATIENCE,
            worker_class="rq.SimpleWorker" if simple else "rq.worker.Worker",
        )
    except LabError as error:
        assert simple, error  # noqa: PT017
    done, waiting = queue.finished_job_registry.count, len(queue)
    assert [done, waiting] == evaluated(quiz.poisoned(jobs=7, poison=3, simple=simple).right)


MODULES = {
    "renamed module": None,
    "import": "import no_such_package\n\n\ndef send():\n    pass\n",
    "renamed function": "def deliver():\n    pass\n",
    "argument": "def send(address):\n    pass\n",
    "key": 'def send():\n    return {}["host"]\n',
}
"""What is in the module of each case."""


@pytest.mark.parametrize("case", quiz.CASES)
def test_error(queue, tmp_path, monkeypatch, case):
    monkeypatch.syspath_prepend(str(tmp_path))
    module = f"quiz_mail_{case.replace(' ', '_')}"
    if MODULES[case]:
        Path(tmp_path, f"{module}.py").write_text(MODULES[case])
    job = queue.enqueue(f"{module}.send", *(["ada@example.org", "Hello"] if case == "argument" else []))
    work(queue)
    assert error_of(job) == evaluated(quiz.error(case).right)


def error_of(job: Job) -> str:
    return job.latest_result().exc_string.strip().splitlines()[-1].partition(":")[0]


def test_not_everything_that_goes_wrong_at_an_import_is_hidden(queue, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    Path(tmp_path, "quiz_mail_broken.py").write_text("def send(:\n")
    job = queue.enqueue("quiz_mail_broken.send")
    work(queue)
    assert error_of(job) == "SyntaxError"
