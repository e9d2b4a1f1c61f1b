"""The progress file: nothing in it is lost, whoever wrote it; and what its events say."""

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone

import pytest

from labsupport.exercises import check, course, hint, history, progress, solution
from labsupport.exercises.course import COURSE
from labsupport.exercises.overview import lab_of_each
from labsupport.lab import open_lab
from labsupport.notifications.processor import send_notification
from labsupport.paths import CHECKOUT

NINE = datetime(2026, 1, 5, 9, tzinfo=timezone.utc)


@pytest.fixture(autouse=True)
def kept(monkeypatch, tmp_path):
    file = tmp_path / "progress.json"
    monkeypatch.setenv("LAB_PROGRESS", str(file))
    monkeypatch.setattr(progress, "_said", set())
    return file


def at(minutes: float, what: str, of: str) -> progress.Event:
    return progress.Event(NINE + timedelta(minutes=minutes), what, of)


def what_happened() -> list[tuple[str, str]]:
    return [(event.what, event.of) for event in progress.events()]


def test_what_a_reader_does_is_kept_with_its_time(lab, queue, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/anna/kit/my-labs/notebooks/00-start-here.new-2.ipynb")
    before = datetime.now(timezone.utc).replace(microsecond=0)
    open_lab()
    check("second-job", ...)
    check("second-job", 42)
    hint("second-job")
    solution("second-job")
    check("second-job", queue.enqueue(send_notification, {"message": "Good morning"}))
    events = progress.events()
    assert [(event.what, event.of) for event in events] == [
        ("opened", "00-start-here"),
        *((what, "second-job") for what in ("wrong", "hint", "solution", "right")),
    ]
    assert before <= events[0].at <= events[-1].at <= datetime.now(timezone.utc)
    assert history.tries("second-job", events) == (2, 1, True, events[-1].at)
    assert history.opened("00-start-here", events) == events[0].at


def test_the_file_names_no_folder(kept, lab, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/anna/kit/my-labs/notebooks/01-enqueue.ipynb")
    open_lab()
    assert "anna" not in kept.read_text()


def test_a_notebook_of_ones_own_is_no_lab(kept, lab, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/anna/Untitled.ipynb")
    open_lab()
    assert not kept.exists()


def test_a_file_without_events_goes_on(kept):
    """As the kit wrote it before there were events, with a key of somebody else's."""
    kept.write_text('{"solved": ["second-job", "own-time"], "theirs": 1}')
    assert (progress.solved(), progress.events(), progress.edited()) == (["second-job", "own-time"], [], False)
    assert course()["solved"]["01-enqueue"] == "1 of 4"
    progress.note("right", "outlast")
    assert progress.solved() == ["second-job", "own-time", "outlast"]
    assert what_happened() == [("right", "outlast")]
    assert json.loads(kept.read_text())["theirs"] == 1
    assert not progress.edited()


@pytest.mark.parametrize(
    "edit",
    [
        lambda kept: kept["solved"].append("outlast"),
        lambda kept: kept["events"].pop(),
        lambda kept: kept.pop("sum"),
    ],
    ids=["solved", "an event less", "no sum"],
)
def test_an_edit_is_seen_and_stays_seen(kept, edit):
    for name in ("second-job", "own-time"):
        progress.note("right", name)
    assert not progress.edited()
    content = json.loads(kept.read_text())
    edit(content)
    kept.write_text(json.dumps(content))
    assert progress.edited()
    progress.note("hint", "digest")
    assert progress.edited()
    assert set(progress.solved()) == set(content["solved"])


def test_entries_that_are_none_are_passed_over_and_kept(kept):
    odd = [3, "text", [], ["yesterday", "right", "digest"], ["0001-01-01T00:00:00+14:00", "hint", "digest"], {}]
    kept.write_text(json.dumps({"solved": [1, {}, "digest"], "events": odd}))
    assert (progress.solved(), progress.events()) == (["digest"], [])
    progress.note("hint", "digest")
    assert json.loads(kept.read_text())["events"][: len(odd)] == odd
    assert course()["solved"]["05-schedule"] == "1 of 5"


@pytest.mark.parametrize("content", ["{ half a file", "null", "[1, 2]", '{"solved": 3}', '{"events": 3}', "\x00"])
def test_a_file_that_is_none_is_put_aside_and_never_lost(content, kept, capsys):
    for number in (1, 2):  # twice: the first one put aside is not written over
        kept.write_text(f"{content}{' ' * number}")
        assert course()["solved"]["00-start-here"] == "0 of 1"
        assert kept.with_name(f"progress.unreadable-{number}").read_text() == f"{content}{' ' * number}"
        (line,) = capsys.readouterr().out.splitlines()
        assert f"It is kept as progress.unreadable-{number}" in line


def test_a_file_that_cannot_be_read_is_not_replaced(kept, capsys):
    kept.mkdir()
    progress.note("right", "digest")
    assert course()["solved"]["05-schedule"] == "0 of 5"
    assert kept.is_dir()
    (line,) = capsys.readouterr().out.splitlines()  # said once
    assert line.startswith("Your progress could not be read: ")


def test_a_file_that_cannot_be_saved_is_said(lab, queue, monkeypatch, tmp_path, capsys):
    (tmp_path / "file").write_text("in the way of a folder")
    monkeypatch.setenv("LAB_PROGRESS", str(tmp_path / "file" / "progress.json"))
    check("second-job", queue.enqueue(send_notification, {"message": "Good morning"}))
    assert "Your progress could not be" in capsys.readouterr().out


def test_what_cannot_be_saved_leaves_the_file_as_it_was(kept, monkeypatch, capsys):
    progress.note("right", "digest")
    before = kept.read_bytes()

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    progress.note("right", "outlast")
    assert "Your progress could not be saved" in capsys.readouterr().out
    assert kept.read_bytes() == before
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]


WRITER = """
import sys
from labsupport.exercises import progress
for n in range(100):
    progress.note("right", f"{sys.argv[1]}-{n}")
"""


def test_two_kernels_that_write_at_once(kept):
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, name], cwd=CHECKOUT) for name in ("one", "two")]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
    assert len(progress.solved()) == len(progress.events()) == 200
    assert not progress.edited()
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]


# What the events say.


def test_minutes_are_between_events_of_one_lab_without_pauses():
    events = [
        at(0, "opened", "01-enqueue"),
        at(10, "wrong", "own-time"),
        at(15, "right", "own-time"),
        at(15 + 31, "opened", "01-enqueue"),  # after a pause
        at(50, "hint", "all-at-once"),
        at(60, "opened", "02-process"),  # nobody knows whose the minutes before it are
        at(65, "wrong", "stop-one"),
        at(75, "right", "all-at-once"),
    ]
    assert history.minutes(events, lab_of_each()) == {"01-enqueue": 15 + 4, "02-process": 5}


def test_minutes_begin_with_an_attempt_where_nobody_knows_when_a_lab_was_opened():
    events = [at(0, "hint", "digest"), at(5, "wrong", "digest"), at(7, "right", "digest"), at(9, "right", "gone")]
    assert history.minutes(events, lab_of_each()) == {"05-schedule": 2}


def test_solved_is_the_first_right_after_a_reset():
    events = [at(n, what, "digest") for n, what in enumerate(["right", "wrong", "reset", "wrong", "right", "right"])]
    assert history.tries("digest", events) == (5, 0, False, events[4].at)
    assert history.tries("digest", events[:4]).solved is None


def test_course_says_minutes_and_what_is_next(kept):
    assert list(course()["taken"]) == [""] * len(COURSE)
    assert course()["next"]["00-start-here"] == "second-job"
    events = [at(0, "opened", "02-process"), at(12.5, "right", "ask-later")]
    kept.write_text(json.dumps({"solved": ["ask-later"], "events": [[e.at.isoformat(), *e[1:]] for e in events]}))
    map_ = course()
    assert (map_["taken"]["02-process"], map_["next"]["02-process"]) == ("12", "three-workers")
    assert [name for name in map_["next"] if name] == ["three-workers"]


def test_next_is_elsewhere_when_the_lab_is_done_and_nowhere_when_all_are(kept):
    progress.note("right", "second-job")
    assert course()["next"]["01-enqueue"] == COURSE[1].in_order()[0].name
    kept.write_text(json.dumps({"solved": list(lab_of_each())}))
    assert set(course()["next"]) == {""}


def test_the_map_has_the_same_columns_for_everyone():
    before = course()
    progress.note("right", "second-job")
    assert list(course().columns) == list(before.columns)
