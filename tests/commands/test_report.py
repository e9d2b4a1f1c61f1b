"""`make report`: the reader's solved exercises, once more, and what of them is written."""

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest

from labsupport.commands import report
from labsupport.commands.reporting import mine, private, rerun
from labsupport.commands.reporting.rerun import GONE
from labsupport.errors import LabError
from labsupport.exercises import outcome, progress
from labsupport.exercises.course import find
from labsupport.paths import CHECKOUT, NOTEBOOKS

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


class Reader:
    """A `my-labs` with copies of some labs."""

    def __init__(self, folder: Path):
        self.folder = folder / "my-labs"
        self.notebooks = self.folder / "notebooks"
        self.notebooks.mkdir(parents=True)

    def edit(self, lab: str, edit, copy: str = "") -> None:
        notebook = nbformat.read(NOTEBOOKS / f"{lab}.ipynb", as_version=4)
        edit(notebook.cells)
        nbformat.write(notebook, self.notebooks / f"{lab}{copy}.ipynb")

    def solve(self, exercise: str, code: str = "", copy: str = "") -> None:
        """Put an answer, or other code, into the exercise's cell, and note it as solved."""
        one = find(exercise)
        cells = [code] if code else one.filled_in(one.solved)

        def fill_in(all_cells):
            index = next(index for index, cell in enumerate(all_cells) if cell.source == one.cell)
            all_cells[index : index + 1] = [nbformat.v4.new_code_cell(source) for source in cells]

        self.edit(one.notebook, fill_in, copy)
        progress.note("right", exercise)

    def report(self, name: str = "") -> tuple[str, dict]:
        """The page and the JSON."""
        html, data = report.write(self.folder, name)
        return html.read_text(encoding="utf8"), json.loads(data.read_bytes())


@pytest.fixture
def reader(tmp_path):
    return Reader(tmp_path)


def of(data: dict, name: str) -> dict:
    return next(one for lab in data["labs"] for one in lab["exercises"] if one["name"] == name)


class Outline(HTMLParser):
    """What a screen reader would find, and what a page would load."""

    def __init__(self, html: str):
        super().__init__()
        self.levels, self.images, self.loaded, self.bare = [], [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))
        if tag == "img":
            self.images.append(given.get("alt"))
        if tag == "th" and "scope" not in given:
            self.bare.append(tag)
        self.loaded += [given[key] for key in ("src", "href") if key in given and not given[key].startswith("data:")]


def test_two_solved_and_the_code_of_one_deleted(reader, capsys):
    reader.edit("02-process", lambda cells: None)
    progress.note("wrong", "stop-one")
    progress.note("right", "stop-one")
    reader.solve("second-job")
    html, data = reader.report("Anna B.")
    said = capsys.readouterr().out
    assert said.index("Nothing is sent.") < said.index("00-start-here: 1 of 1 verified")
    assert "02-process: 0 of 1 verified" in said
    assert (of(data, "second-job")["verified"], of(data, "second-job")["attempts"]) == (True, 1)
    assert (of(data, "stop-one")["verified"], of(data, "stop-one")["why"]) == (False, GONE)
    assert of(data, "stop-one")["attempts"] == 2
    total = report.totals(data)
    assert [total[key] for key in ("solved", "verified", "taken", "guesses", "asked")] == [2, 1, 0, 0, 0]
    assert "<p>Nothing was predicted.</p>" in html
    assert f"<li>stop-one: {GONE}</li>" in html
    assert "a report of Anna B." in html
    assert sorted(path.name for path in reader.folder.iterdir()) == [
        "notebooks", "report-anna-b.html", "report-anna-b.json",
    ]  # fmt: skip
    assert progress.solved() == ["stop-one", "second-job"]  # the run has noted nothing


def test_what_is_not_right_today(reader, monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://:hunter22@127.0.0.1:1/0")  # the reader's server is left alone
    reader.solve("second-job", f'answer = open("{Path.home()}/hunter22")\n\ncheck("second-job", answer)')
    reader.solve("own-time", 'answer = 42\n\ncheck("own-time", answer)')
    html, data = reader.report()
    assert of(data, "second-job")["why"].startswith("its cell fails today: FileNotFoundError: ")
    assert of(data, "own-time")["why"].startswith("its check says today: Not yet. ")
    for text in (html, json.dumps(data)):
        assert str(Path.home()) not in text
        assert "hunter22" not in text


def test_an_answer_that_rests_on_the_readers_own_cells_and_files(reader):
    """In a copy that was started over, with a module beside it."""
    (reader.notebooks / "my_texts.py").write_text('TEXT = "Good morning"')
    reader.edit("00-start-here", lambda cells: None)
    code = 'from my_texts import TEXT\n\nanswer = queue.enqueue(send_notification, {"message": TEXT})\n\n'
    reader.solve("second-job", f'{code}check("second-job", answer)', copy=".2026-01-02-030405")
    before = {path: path.read_bytes() for path in reader.notebooks.iterdir()}
    found = rerun.verdicts("00-start-here", ["second-job"], reader.notebooks)
    assert found == {"second-job": (True, "")}
    assert {path: path.read_bytes() for path in reader.notebooks.iterdir()} == before


def test_a_kernel_that_dies(reader):
    reader.solve("second-job", 'import os\nos._exit(1)\nanswer = 1\n\ncheck("second-job", answer)')
    (verdict,) = rerun.verdicts("00-start-here", ["second-job"], reader.notebooks).values()
    assert verdict == (False, "the kernel died in it, or before it")


@pytest.mark.parametrize(
    "content", ["{ half", "[]", '{"cells": [{"cell_type": "code"}], "nbformat": 4, "nbformat_minor": 5}']
)
def test_what_is_no_notebook_is_passed_over(reader, content):
    reader.edit("00-start-here", lambda cells: None)
    (reader.notebooks / "00-start-here.new.ipynb").write_text(content)
    (reader.notebooks / "00-start-here.new-2.ipynb").symlink_to("nowhere")
    assert [copy.path.name for copy in mine.copies("00-start-here", reader.notebooks)] == ["00-start-here.ipynb"]


@pytest.mark.parametrize(
    ("code", "is_there"),
    [
        ('answer = ...\n\ncheck("digest", answer)', False),
        ('answer = ...  # when it is right: answer = note\n\ncheck("digest", answer)', False),
        ('check("digest", ...)', False),
        ('# check("digest", answer)', False),
        ('answer = ...\nanswer = note\ncheck( "digest", answer)', True),
        ("check('digest', note)", True),
        ('answer = (\n\ncheck("digest", answer)', True),
        ('check("digest-2", answer)', False),
    ],
)
def test_where_an_answer_is(code, is_there):
    copy = mine.Copy(Path("05-schedule.ipynb"), [nbformat.v4.new_code_cell(code)])
    assert (rerun._place("digest", copy) is not None) == is_there


def test_words_and_figures_of_the_reader_and_not_those_of_the_kit(reader, monkeypatch):
    monkeypatch.setattr(report, "verdicts", lambda lab, names, folder: {name: rerun.Verdict(True) for name in names})

    def write(cells):
        for cell in cells:
            if "mine = ..." in cell.source:
                cell.source = cell.source.replace("mine = ...", 'mine = "A queue <b>decides</b> who waits."')
        cells[0].source += "\nMy note, from redis://:hunter22@example.org:6379/0 and /home/anna/notes."
        figure = nbformat.v4.new_output("display_data", {"image/png": PNG})
        printed = nbformat.v4.new_output("stream", text="12 jobs waiting at the peak\n")
        cells.append(nbformat.v4.new_code_cell("plots.depth()", outputs=[printed, figure]))

    progress.note("right", "first-202")
    reader.edit("10-ship", write)
    reader.edit("03-fail", lambda cells: None)
    html, data = reader.report()
    labs = {lab["lab"]: lab for lab in data["labs"]}
    assert labs["10-ship"]["answers"] == ["A queue <b>decides</b> who waits."]
    assert labs["10-ship"]["notes"] == ["My note, from redis://…@example.org:6379/0 and ~/notes."]
    assert (labs["03-fail"]["answers"], labs["03-fail"]["notes"]) == ([], [])
    assert "A queue &lt;b&gt;decides&lt;/b&gt; who waits." in html
    outline = Outline(html)
    assert outline.images == ["A figure of 10-ship: 12 jobs waiting at the peak"]
    assert outline.levels[0] == 1
    assert all(after - before <= 1 for before, after in zip(outline.levels, outline.levels[1:], strict=False))
    assert (outline.bare, outline.loaded) == ([], [])


def test_predictions_and_quizzes(reader, monkeypatch):
    """They are worth a report of their own, before anything is solved."""
    monkeypatch.setattr(report, "verdicts", lambda lab, names, folder: {})
    outcome("runs-of-three-retries", (3, 80), 4)
    outcome("status-after-enqueue", "queued", "queued")
    progress.note("answered", "04-before", right=1, questions=["a", "b", "c", "d"])
    progress.note("answered", "04-after", right=4, questions=["a", "b", "c", "d"])
    html, data = reader.report()
    total = report.totals(data)
    assert [total[key] for key in ("guesses", "guessed", "before", "after", "asked")] == [2, 1, 1, 4, 4]
    (one,) = data["labs"][4]["predictions"]
    assert (one["guess"], one["happened"], one["sure"], one["right"]) == (3, 4, 80, False)
    assert data["labs"][4]["quiz"] == {"before": [1, 4], "after": [4, 4]}
    assert '<td class="number">1 of 4</td>' in html
    outline = Outline(html)
    says = "1 of 2 guesses right. Where you said how sure (1): 80 % sure, 0 % right"
    assert outline.images == [f"How sure the reader was, against how many guesses were right: {says}"]
    assert (outline.bare, outline.loaded) == ([], [])


def test_an_edited_progress_file_is_said(reader, monkeypatch):
    monkeypatch.setattr(report, "verdicts", lambda lab, names, folder: {name: rerun.Verdict(True) for name in names})
    progress.note("right", "second-job")
    kept = json.loads(progress.file().read_text())
    kept["solved"] += ["outlast", "no-such"]
    progress.file().write_text(json.dumps(kept))
    html, data = reader.report()
    assert report.doubts(data) == [
        report.EDITED,
        "no-such is marked as solved, and the course has no such exercise.",
    ]
    assert "yes; no time is known" in html  # of outlast


def test_an_old_progress_file_is_no_doubt(reader, monkeypatch):
    monkeypatch.setattr(report, "verdicts", lambda lab, names, folder: {name: rerun.Verdict(True) for name in names})
    progress.file().parent.mkdir()
    progress.file().write_text('{"solved": ["second-job"]}')
    _, data = reader.report()
    assert report.doubts(data) == []
    assert of(data, "second-job")["solved_at"] is None


def test_secrets_of_the_environment(monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://anna:s3cr%40et@example.org:6379/0")
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_123456")
    text = f"s3cr@et s3cr%40et ghp_123456 {CHECKOUT}/notebooks redis://a:b@c@host/0 /Users/anna/x https://example.org/a"
    assert private.cleaned({"a": [text, 3, None]}) == {
        "a": ["… … … …/notebooks redis://…@host/0 ~/x https://example.org/a", 3, None]
    }


def test_no_my_labs_and_nothing_solved(tmp_path, reader):
    with pytest.raises(LabError, match="There is no my-labs folder yet. make lab makes it") as caught:
        report.write(tmp_path / "nowhere", "")
    assert len(str(caught.value).splitlines()) == 1
    with pytest.raises(LabError, match="Nothing is solved yet") as caught:
        report.write(reader.folder, "")
    assert len(str(caught.value).splitlines()) == 1
    assert [path.name for path in reader.folder.iterdir()] == ["notebooks"]


def test_a_report_that_cannot_be_written(reader, monkeypatch):
    progress.note("right", "second-job")

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LabError, match="can't be written: .*: No space left on device") as caught:
        reader.report()
    assert len(str(caught.value).splitlines()) == 1


def test_an_error_is_its_lines_and_no_traceback(tmp_path):
    """In a kit of its own, where nobody was."""
    (tmp_path / "labsupport").symlink_to(CHECKOUT / "labsupport")
    code = (
        "from pathlib import Path; from labsupport import paths; paths.MY_LABS = Path('my-labs')\n"
        "import runpy, sys; sys.argv[1:] = []; runpy.run_module('labsupport.commands.report', run_name='__main__')"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 1
    assert run.stderr == "There is no my-labs folder yet. make lab makes it, and opens the first lab.\n"
