"""Plays a lab's notebook in a kernel, and gives every kept answer in its place. Each tests/exercises/test_labNN.py has
the tests of one lab, so that each lab is one file for the processes that share the tests."""

import json
import re
import tempfile
from functools import cache
from pathlib import Path

import nbformat
import pytest

from labsupport.exercises.course import COURSE
from labsupport.exercises.exercise import Answer, Exercise
from tests.kernels import Kernel
from tools.refresh import NOTEBOOKS

STATE = """
def _state():
    import threading

    import psutil
    from rq import Queue, Worker

    from labsupport.namespace import root
    from labsupport.notifications.provider import Provider

    keys = {key.decode() for key in lab.redis.scan_iter(match=f"{root()}*", count=1000)}
    return {
        # A worker of the reader's that is still at work renews its own keys and locks.
        "keys": {key for key in keys if not any(part in key for part in (":worker:", ":clean", ":execution", "-lock"))},
        "workers": {
            name for name in map(bytes.decode, lab.redis.smembers(Worker.redis_workers_keys))
            if name.rpartition(":")[2].startswith(("check-", "burst-"))
        },
        "queues": lab.redis.smembers(Queue.redis_queues_keys),
        "delivered": len(Provider(lab.redis).delivered()),
        "threads": {thread.name for thread in threading.enumerate() if "ThreadPool" in thread.name},
        "zombies": [p.pid for p in psutil.Process().children() if p.status() == psutil.STATUS_ZOMBIE],
    }


_before = _state()
"""
LEFT = """
_now = _state()
_now["keys"] |= _before["keys"]  # what has expired meanwhile is not the check's doing
print({what: (_before[what], now) for what, now in _now.items() if now != _before[what]} or "nothing")
"""
"""What a check has changed."""


Shown = dict[tuple[str, str], str]


@cache
def _tried(notebook: str, without: tuple[str, ...]) -> Shown | Exception:
    """What was shown, or why the notebook could not be played: it is not played again for each test."""
    try:
        return _play(notebook, without)
    except Exception as error:
        return error


def played(notebook: str, without: tuple[str, ...] = ()) -> Shown:
    """What was shown in the lab, see `_play`. Raises CellError if a cell failed."""
    if isinstance(shown := _tried(notebook, without), Exception):
        raise shown
    return shown


def _play(notebook: str, without: tuple[str, ...]) -> Shown:
    """What was shown, by (exercise, what was given): each kept answer, the stub (`stub`), the solution
    given twice (`again`), and what a check has changed (`left by …`). Cells with one of the words `without` are left out."""
    lab = next(lab for lab in COURSE if lab.notebook == notebook)
    by_cell = {exercise.cell: exercise for exercise in lab.exercises}
    shown: Shown = {}
    with tempfile.TemporaryDirectory() as folder:
        progress = Path(folder) / "progress.json"
        # Nobody looks at the figures here: nbval has them drawn.
        kernel = Kernel(Path(folder), LAB_PROGRESS=str(progress), MPLBACKEND="agg")
        try:
            for source in sources(notebook):
                if any(word in source for word in without):
                    continue
                out = kernel.run(source, timeout=120)
                if "mine = ..." in source:
                    question = re.search(r'compare\("?(\w+)', source).group(1)
                    shown["question", f"{question}, empty"] = out
                    shown["question", question] = kernel.run(source.replace("mine = ...", 'mine = "My own words."'))
                if exercise := by_cell.get(source):
                    shown[exercise.name, "stub"] = out
                    for answer in exercise.answers:
                        out = "".join([kernel.run(cell, timeout=60) for cell in answer.cells])
                        kernel.run(STATE)
                        out += kernel.run(exercise.cell.splitlines()[-1], timeout=60)
                        shown[exercise.name, label(exercise, answer)] = out
                        shown[exercise.name, f"left by {label(exercise, answer)}"] = kernel.run(LEFT)
                    again = [kernel.run(cell, timeout=60) for cell in exercise.filled_in(exercise.solved)]
                    shown[exercise.name, "again"] = again[-1]
                    kernel.run(source)
            shown["progress", ""] = progress.read_text() if progress.exists() else ""
        finally:
            kernel.kill()
    return shown


def label(exercise: Exercise, answer: Answer) -> str:
    """Two answers may get the same message: the number tells them apart."""
    return f"{exercise.answers.index(answer)} {answer.kind}: {answer.note}".removesuffix(": ")


def sources(notebook: str) -> list[str]:
    stored = nbformat.read(NOTEBOOKS / f"{notebook}.ipynb", as_version=4)
    return [cell.source for cell in stored.cells if cell.cell_type == "code"]


def lab_tests(notebook: str, without: tuple[str, ...] = ()) -> type:
    """The tests of one lab. without: words of cells that take long, and that no exercise needs."""
    lab = next(lab for lab in COURSE if lab.notebook == notebook)
    each = pytest.mark.parametrize("exercise", lab.exercises, ids=lambda exercise: exercise.name)
    kept = [(exercise, answer) for exercise in lab.exercises for answer in exercise.answers]
    given = pytest.mark.parametrize(
        ("exercise", "answer"), kept, ids=[f"{exercise.name}: {label(exercise, answer)}" for exercise, answer in kept]
    )

    def shown() -> Shown:
        return played(notebook, without)

    class TestLab:
        @each
        def test_stub_is_not_attempted(self, exercise: Exercise):
            assert shown()[exercise.name, "stub"].splitlines()[-1].startswith("Not attempted yet.")

        @given
        def test_verdict(self, exercise: Exercise, answer: Answer):
            lines = shown()[exercise.name, label(exercise, answer)].splitlines()
            if answer.kind == "wrong":
                assert lines[-2].startswith("Not yet. ")
                assert answer.note in lines[-2]
            else:
                assert lines[-1].startswith("Right. "), lines

        @given
        def test_check_leaves_the_lab_as_it_found_it(self, exercise: Exercise, answer: Answer):
            left = shown()[exercise.name, f"left by {label(exercise, answer)}"].strip()
            assert left == "nothing", left

        @each
        def test_right_again_when_the_cell_is_run_again(self, exercise: Exercise):
            assert shown()[exercise.name, "again"].splitlines()[-1].startswith("Right. ")

        def test_progress_has_them_all(self):
            names = {exercise.name for exercise in lab.exercises}
            assert set(json.loads(shown()["progress", ""])["solved"]) == names

        def test_questions_are_answered_with_figures_of_this_run(self):
            asked = {what: text for (kind, what), text in shown().items() if kind == "question"}
            for what, text in asked.items():
                if what.endswith(", empty"):
                    assert text.startswith("Not answered yet.")
                else:
                    assert text.startswith("Yours: My own words.\n\nA possible answer: ")
                    assert re.search(r"\d", text.partition("A possible answer")[2])

    return TestLab
