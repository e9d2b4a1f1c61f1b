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
from labsupport.exercises.needed import needed
from tests.kernels import Kernel
from tools.refresh import NOTEBOOKS

PATIENCE = 180
"""Seconds that a cell may take: the processes that share the tests may share two slow cores, too."""

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
print("-- what it left")
_now = _state()
_now["keys"] |= _before["keys"]  # what has expired meanwhile is not the check's doing
_new = {what: now - _before[what] if isinstance(now, set) else (_before[what], now) for what, now in _now.items()}
print({what: new for what, new in _new.items() if _now[what] != _before[what]} or "nothing")
"""
"""What a check has changed."""


Shown = dict[tuple[str, str], str]


@cache
def _tried(notebook: str, whole: bool, all_cells: bool) -> Shown | Exception:
    """What was shown, or why the notebook could not be played: it is not played again for each test."""
    try:
        return _play(notebook, whole, all_cells)
    except Exception as error:
        return error


def played(notebook: str, whole: bool, all_cells: bool) -> Shown:
    """What was shown in the lab, see `_play`. Raises CellError if a cell failed."""
    if isinstance(shown := _tried(notebook, whole, all_cells), Exception):
        raise type(shown)(str(shown)) from None  # itself, it would have a longer traceback with each test
    return shown


def _play(notebook: str, whole: bool, all_cells: bool) -> Shown:
    """What was shown, by (exercise, what was given): each kept answer, the stub (`stub`), the solution
    given twice (`again`), and what a check has changed (`left by …`). whole: every answer. all_cells: those that no exercise
    needs, too."""
    lab = next(lab for lab in COURSE if lab.notebook == notebook)
    by_cell = {exercise.cell: exercise for exercise in lab.exercises}
    cells = sources(notebook)
    shown: Shown = {}
    with tempfile.TemporaryDirectory() as folder:
        progress = Path(folder) / "progress.json"
        # Nobody looks at the figures here: nbval has them drawn.
        kernel = Kernel(Path(folder), LAB_PROGRESS=str(progress), MPLBACKEND="agg")
        try:
            for source in cells if all_cells else _needed(cells, by_cell):
                out = kernel.run(source, timeout=PATIENCE)
                if "mine = ..." in source:
                    question = re.search(r'compare\("?(\w+)', source).group(1)
                    shown["question", f"{question}, empty"] = out
                    shown["question", question] = kernel.run(source.replace("mine = ...", 'mine = "My own words."'))
                if exercise := by_cell.get(source):
                    shown[exercise.name, "stub"] = out
                    for answer in given(exercise, whole):
                        out = "".join([kernel.run(cell, timeout=PATIENCE) for cell in answer.cells])
                        check = exercise.cell.splitlines()[-1]
                        out += kernel.run(f"{STATE}\n{check}\n{LEFT}", timeout=PATIENCE)
                        verdict, _, left = out.partition("-- what it left\n")
                        shown[exercise.name, label(exercise, answer)] = verdict
                        shown[exercise.name, f"left by {label(exercise, answer)}"] = left
                    again = [kernel.run(cell, timeout=PATIENCE) for cell in exercise.filled_in(exercise.solved)]
                    shown[exercise.name, "again"] = again[-1]
                    kernel.run(source)
            shown["progress", ""] = progress.read_text() if progress.exists() else ""
        finally:
            kernel.kill()
    return shown


def given(exercise: Exercise, whole: bool) -> tuple[Answer, ...]:
    """The kept answers that are given. Not whole: the solution, and two wrong ones."""
    if whole:
        return exercise.answers
    return exercise.solved, *[answer for answer in exercise.answers if answer.kind == "wrong"][:2]


def _needed(cells: list[str], by_cell: dict[str, Exercise]) -> list[str]:
    """Those to set up the lab, the exercises, the questions, and what they use."""
    at_their_place = {index: [] for index, source in enumerate(cells) if index == 0 or "mine = ..." in source}
    for index, source in enumerate(cells):
        if exercise := by_cell.get(source):
            at_their_place[index] = [cell for answer in exercise.answers for cell in answer.cells]
    return needed(cells, at_their_place)


def label(exercise: Exercise, answer: Answer) -> str:
    """Two answers may get the same message: the number tells them apart."""
    return f"{exercise.answers.index(answer)} {answer.kind}: {answer.note}".removesuffix(": ")


def sources(notebook: str) -> list[str]:
    stored = nbformat.read(NOTEBOOKS / f"{notebook}.ipynb", as_version=4)
    return [cell.source for cell in stored.cells if cell.cell_type == "code"]


def lab_tests(notebook: str, all_cells: bool = False) -> type:
    """The tests of one lab. all_cells: its exercises rest on nearly all of them."""
    lab = next(lab for lab in COURSE if lab.notebook == notebook)

    class TestLab:
        def pytest_generate_tests(self, metafunc):
            if "answer" in metafunc.fixturenames:
                whole = metafunc.config.getoption("whole")
                each = [(exercise, answer) for exercise in lab.exercises for answer in given(exercise, whole)]
                names = [f"{exercise.name}: {label(exercise, answer)}" for exercise, answer in each]
                metafunc.parametrize(("exercise", "answer"), each, ids=names)
            elif "exercise" in metafunc.fixturenames:
                metafunc.parametrize("exercise", lab.exercises, ids=lambda exercise: exercise.name)

        @pytest.fixture
        def shown(self, request) -> Shown:
            whole = request.config.getoption("whole")
            return played(notebook, whole, whole or all_cells)

        def test_stub_is_not_attempted(self, shown: Shown, exercise: Exercise):
            assert shown[exercise.name, "stub"].splitlines()[-1].startswith("Not attempted yet.")

        def test_verdict(self, shown: Shown, exercise: Exercise, answer: Answer):
            lines = shown[exercise.name, label(exercise, answer)].splitlines()
            if answer.kind == "wrong":
                assert lines[-2].startswith("Not yet. "), lines
                assert answer.note in lines[-2]
            else:
                assert lines[-1].startswith("Right. "), lines

        def test_check_leaves_the_lab_as_it_found_it(self, shown: Shown, exercise: Exercise, answer: Answer):
            left = shown[exercise.name, f"left by {label(exercise, answer)}"].strip()
            assert left == "nothing", left

        def test_right_again_when_the_cell_is_run_again(self, shown: Shown, exercise: Exercise):
            assert shown[exercise.name, "again"].splitlines()[-1].startswith("Right. ")

        def test_progress_has_them_all(self, shown: Shown):
            names = {exercise.name for exercise in lab.exercises}
            assert set(json.loads(shown["progress", ""])["solved"]) == names

        def test_questions_are_answered_with_figures_of_this_run(self, shown: Shown):
            asked = {what: text for (kind, what), text in shown.items() if kind == "question"}
            for what, text in asked.items():
                if what.endswith(", empty"):
                    assert text.startswith("Not answered yet.")
                else:
                    assert text.startswith("Yours: My own words.\n\nA possible answer: ")
                    assert re.search(r"\d", text.partition("A possible answer")[2])

    return TestLab
