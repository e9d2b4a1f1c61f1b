"""Exercises, as shipped: the stub is not attempted, every wrong answer gets its own message, the solution passes."""

import json
import re

import nbformat
import pytest

from labsupport import exercises
from labsupport.errors import LabError
from labsupport.exercises import COURSE, check, course, hint, reset, solution
from tools.refresh import NOTEBOOKS, sanitized

EVERY = [exercise for lab in COURSE for exercise in exercises.exercises(lab)]


def stored_code(lab) -> list:
    notebook = nbformat.read(NOTEBOOKS / f"{lab.notebook}.ipynb", as_version=4)
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def code_cells(lab) -> list[str]:
    return [cell.source for cell in stored_code(lab)]


def test_the_map_is_the_folder():
    assert [lab.notebook for lab in COURSE] == sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))


@pytest.mark.parametrize("lab", COURSE, ids=lambda lab: lab.notebook)
def test_notebook_and_exercises_match(lab):
    notebook = nbformat.read(NOTEBOOKS / f"{lab.notebook}.ipynb", as_version=4)
    cells = [cell.source for cell in notebook.cells if "check(" in cell.source and cell.cell_type == "code"]
    assert cells == [exercise.cell(exercise.stub) for exercise in exercises.exercises(lab)]
    title = notebook.cells[0].source.splitlines()[0]
    assert title == f"# {lab.title}"
    assert f"{lab.minutes} minutes" in notebook.cells[0].source


def test_names_are_unique_and_everything_is_there():
    assert len({exercise.name for exercise in EVERY}) == len(EVERY)
    for exercise in EVERY:
        assert 2 <= len(exercise.hints) <= 3
        assert len(exercise.wrong) >= 2
        assert len(set(exercise.wrong.values())) == len(exercise.wrong)


@pytest.mark.parametrize("lab", COURSE, ids=lambda lab: lab.notebook)
def test_inside_the_notebook(lab, kernel, tmp_path):
    """All three passes, in the notebook's own order, in another folder; then *Run All* again, which prints what is stored."""
    notebook = kernel(LAB_PROGRESS=str(tmp_path / "progress.json"))
    by_cell = {exercise.cell(exercise.stub): exercise for exercise in exercises.exercises(lab)}
    for source in code_cells(lab):
        shown = notebook.run(source, timeout=120)
        if "mine = ..." in source:
            assert shown.startswith("Not answered yet."), shown
            shown = notebook.run(source.replace("mine = ...", 'mine = "My own words."'))
            assert shown.startswith("Yours: My own words.\n\nA possible answer: "), shown
            assert re.search(r"\d", shown.partition("A possible answer")[2]), "figures of this run"
        if source not in by_cell:
            continue
        exercise = by_cell[source]
        assert shown.splitlines()[-1].startswith("Not attempted yet."), shown
        for wrong, message in exercise.wrong.items():
            shown = notebook.run(exercise.cell(wrong))
            assert shown.splitlines()[-2].startswith("Not yet. "), (wrong, shown)
            assert message in shown, (wrong, shown)
        for _ in range(2):  # right, and still right when the cell is run again
            shown = notebook.run(exercise.cell(exercise.solution))
            assert shown.splitlines()[-1].startswith("Right. "), (exercise.name, shown)
        assert notebook.run(source).splitlines()[-1].startswith("Not attempted yet.")
    solved = json.loads((tmp_path / "progress.json").read_text())["solved"]
    assert solved == [exercise.name for exercise in exercises.exercises(lab)]
    (tmp_path / "progress.json").unlink()  # as it was when the notebook was stored
    for cell in stored_code(lab):
        outputs = [output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.outputs]
        assert words(notebook.run(cell.source, timeout=120)) == words("".join(outputs)), cell.source


def words(shown: str) -> str:
    """What two runs have in common. A figure's place among the lines is not: a live one is drawn again and again."""
    return sanitized(re.sub(r"<Figure [^>]*>", "", shown)).strip()


@pytest.mark.parametrize("exercise", EVERY, ids=lambda exercise: exercise.name)
@pytest.mark.parametrize(
    "odd",
    [None, 42, "text", object(), [], lambda *a: None, lambda *a: 1 / 0],
    ids=["none", "number", "text", "object", "list", "does-nothing", "raises"],
)
def test_any_answer_gets_an_answer(lab, exercise, odd, capsys):
    """No traceback of ours, whatever is handed in."""
    check(exercise.name, odd)
    shown = capsys.readouterr().out
    assert shown.startswith("Not yet. ")
    assert len(shown.splitlines()) == 2


def test_hints_say_more_each_time_and_end(lab, capsys):
    for _ in range(4):
        hint("one-reminder")
    first, second, third, _, fourth, _ = capsys.readouterr().out.splitlines()
    assert [line[:11] for line in (first, second, third, fourth)] == [
        "Hint 1 of 3",
        "Hint 2 of 3",
        "Hint 3 of 3",
        "Hint 3 of 3",
    ]
    solution("one-reminder")
    assert "unique=True" in capsys.readouterr().out


def test_unknown_exercise_names_the_known():
    with pytest.raises(LabError, match=re.escape("There is no exercise 'no-such'. The exercises are: second-job, ")):
        check("no-such", 1)


def test_before_the_set_up_cell(monkeypatch):
    monkeypatch.setattr(exercises, "_bench", None)
    with pytest.raises(LabError, match="Run the set-up cell at the top first"):
        check("second-job", 1)


def test_progress_reset_and_course(lab, queue, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(exercises, "PROGRESS", tmp_path / "deep" / "progress.json")
    assert list(course()["solved"]) == [f"0 of {len(exercises.exercises(lab))}" for lab in COURSE]
    from labsupport.notifications.processor import send_notification

    check("second-job", queue.enqueue(send_notification, {"message": "Good morning"}))
    assert course()["solved"]["00-start-here"] == "1 of 1"
    capsys.readouterr()
    reset("second-job")
    assert capsys.readouterr().out.endswith(' at first:\n\nanswer = ...\n\ncheck("second-job", answer)\n')
    assert course()["solved"]["00-start-here"] == "0 of 1"


def test_unreadable_progress_is_put_aside(monkeypatch, tmp_path):
    monkeypatch.setattr(exercises, "PROGRESS", tmp_path / "progress.json")
    (tmp_path / "progress.json").write_text("{ half a file")
    assert course()["solved"]["00-start-here"] == "0 of 1"
    assert (tmp_path / "progress.unreadable").read_text() == "{ half a file"
