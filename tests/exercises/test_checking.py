"""`check`, `hint`, `solution`, progress and the map; what each exercise says is in test_labNN.py."""

import re
import signal

import nbformat
import pytest
from rq import Queue

from labsupport import exercises
from labsupport.errors import LabError
from labsupport.exercises import check, course, hint, judging, reset, solution
from labsupport.exercises.course import COURSE, find
from labsupport.exercises.exercise import NotYet
from labsupport.namespace import root
from labsupport.notifications.processor import send_notification
from tests.kernels import SET_UP, family, soon
from tools.refresh import NOTEBOOKS

EVERY = [exercise for lab in COURSE for exercise in lab.exercises]


def test_the_map_is_the_folder():
    assert [lab.notebook for lab in COURSE] == sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))


@pytest.mark.parametrize("lab", COURSE, ids=lambda lab: lab.notebook)
def test_notebook_and_exercises_match(lab):
    notebook = nbformat.read(NOTEBOOKS / f"{lab.notebook}.ipynb", as_version=4)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    assert set(re.findall(r'check\("([\w-]+)", ', code)) == {exercise.name for exercise in lab.exercises}
    assert notebook.cells[0].source.splitlines()[0] == f"# {lab.title}"
    assert f"{lab.minutes} minutes" in notebook.cells[0].source


@pytest.mark.parametrize(
    ("lab", "after"), list(zip(COURSE, [*COURSE[1:], None], strict=True)), ids=lambda lab: str(lab)[:30]
)
def test_next_is_the_next_of_the_course(lab, after):
    notebook = nbformat.read(NOTEBOOKS / f"{lab.notebook}.ipynb", as_version=4)
    (line,) = re.findall(r"\*\*Next:?\*\*.*", "\n".join(cell.source for cell in notebook.cells))
    if after:
        assert f"[{after.notebook}]({after.notebook}.ipynb), *{after.title}*" in line
    else:
        assert "00-start-here" in line


def test_names_are_unique():
    assert len({exercise.name for exercise in EVERY}) == len(EVERY)


@pytest.mark.parametrize("exercise", EVERY, ids=lambda exercise: exercise.name)
def test_everything_is_there(exercise):
    assert 2 <= len(exercise.hints) <= 3
    kinds = [answer.kind for answer in exercise.answers]
    assert kinds.count("solution") == 1
    assert kinds.count("right") >= 2
    assert kinds.count("wrong") >= 2
    assert len({answer.code for answer in exercise.answers}) == len(kinds)
    assert re.fullmatch(r'check\("[\w-]+", \w+\)', exercise.cell.splitlines()[-1])


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


@pytest.mark.parametrize("name", ["notification-queue", "of-the-check"], ids=["a queue of the reader's", "a new queue"])
def test_a_job_that_a_killed_worker_had_taken_leaves_nothing(lab, queue, name):
    """Between the queue and the registries it is in the intermediate list, where job.delete() does not look."""
    queue.enqueue("operator.add", 1, 2)
    before = set(lab.redis.scan_iter(match=f"{root()}*"))
    with judging.untouched(lab.redis):
        taken = Queue(name, connection=lab.redis, serializer=queue.serializer)
        job = taken.enqueue("operator.add", 1, 2)
        lab.redis.lmove(taken.key, taken.intermediate_queue_key, "RIGHT", "LEFT")
        assert lab.redis.lrange(taken.intermediate_queue_key, 0, -1) == [job.id.encode()]
    assert set(lab.redis.scan_iter(match=f"{root()}*")) == before


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
    monkeypatch.setattr(exercises, "_context", None)
    with pytest.raises(LabError, match="Run the set-up cell at the top first"):
        check("second-job", 1)


def test_a_fault_of_the_judge_is_the_kits(lab, capsys, monkeypatch):
    """A reader is never told that they were wrong when the judge was."""
    monkeypatch.setattr("labsupport.exercises.lab00.second_job.judge", lambda answer, context: {}["missing"])
    check("second-job", 1)
    shown = capsys.readouterr().out
    assert shown.startswith(
        "The check of second-job has a fault of its own, and your answer was not judged: KeyError: "
    )
    assert "Please send this line and your cell" in shown


def test_what_the_readers_code_prints_is_shown(lab, capsys, monkeypatch):
    from labsupport.exercises import trial

    def judge(answer, context):
        trial.run(answer)
        raise NotYet("No.")

    monkeypatch.setattr("labsupport.exercises.lab00.second_job.judge", judge)
    check("second-job", lambda: print("seen from the child"))
    assert capsys.readouterr().out.startswith("your code printed: seen from the child\nNot yet. No.")


def test_progress_reset_and_course(lab, queue, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("LAB_PROGRESS", str(tmp_path / "deep" / "progress.json"))
    map_ = course()
    assert [map_["solved"][lab.notebook] for lab in COURSE] == [f"0 of {len(lab.exercises)}" for lab in COURSE]
    assert list(map_["minutes"]) == [lab.minutes for lab in COURSE]
    check("second-job", queue.enqueue(send_notification, {"message": "Good morning"}))
    assert course()["solved"]["00-start-here"] == "1 of 1"
    capsys.readouterr()
    reset("second-job")
    assert capsys.readouterr().out.endswith(f" at first:\n\n{find('second-job').cell}\n")
    assert course()["solved"]["00-start-here"] == "0 of 1"


ENDLESS = """
def result_of(job):
    open("begun", "w").close()
    while True:
        sleep(1)
"""


def test_an_interrupted_check_leaves_nothing(kernel, tmp_path):
    """Neither the process of the trial, nor the worker, nor a key."""
    notebook = kernel()
    notebook.run(f"{SET_UP}\nfrom time import sleep\n\nfrom labsupport.namespace import root\n{ENDLESS}")
    # A worker's lock for cleaning up expires by itself.
    keys = "print(sorted(key for key in lab.redis.scan_iter(match=root() + '*') if b':clean' not in key))"
    before, processes = notebook.run(keys), set(family(notebook.pid))
    notebook.start_cell('check("ask-later", result_of)')
    assert soon((tmp_path / "begun").exists, within=30)
    assert len(set(family(notebook.pid)) - processes) >= 3  # the fork server, its worker, and the trial
    notebook.signal(signal.SIGINT)
    assert notebook.run(keys) == before
    assert soon(lambda: len(set(family(notebook.pid)) - processes) == 1)  # the fork server stays with the notebook
