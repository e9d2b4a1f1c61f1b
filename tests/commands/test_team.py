"""`make team`: twelve reports, and what is wrong with some."""

import json
import subprocess
import sys

import pytest

from labsupport.commands import team
from labsupport.errors import LabError
from labsupport.exercises.course import COURSE
from labsupport.paths import CHECKOUT
from tests.commands.test_report import Outline


def a_report(name: str, solved: int, **more: object) -> dict:
    """Of someone who solved so many exercises, of which the last one is not verified."""
    left = iter(range(solved))
    labs = []
    for lab in COURSE:
        exercises = []
        for exercise in lab.in_order():
            number = next(left, None)
            exercises.append(
                {
                    "name": exercise.name,
                    "solved": number is not None,
                    "solved_at": None if number is None else f"2026-01-{number % 28 + 1:02}T09:00:00+00:00",
                    "verified": number is not None and number < solved - 1,
                    "why": "its check says today: Not yet.",
                    "attempts": 0 if number is None else number + 1,
                    "hints": 1,
                    "solution": False,
                }
            )
        begun = (
            {"taken": 30, "opened": "2026-01-01T09:00:00+00:00"}
            if exercises[0]["solved"]
            else {"taken": 0, "opened": None}
        )
        labs.append({"lab": lab.notebook, "title": lab.title, "minutes": lab.minutes, "exercises": exercises, **begun})
    made = "2026-02-01T09:00:00+00:00"
    return {"report": 1, "name": name, "made": made, "edited": False, "unknown": [], "labs": labs, **more}


@pytest.fixture
def folder(tmp_path):
    for number in range(12):
        content = json.dumps(a_report(f"Person {number:02}", number + 1))
        (tmp_path / f"report-person-{number}.json").write_text(content)
    return tmp_path


def test_twelve_and_a_broken_one(folder, capsys):
    (folder / "report-carl.json").write_text('{"report": 1, "labs": [{"exerc')
    html = team.overview(folder)
    skipped, head, *rows = capsys.readouterr().out.splitlines()
    assert skipped == "Skipped report-carl.json: it is no report, or not all of one."
    assert head.split() == ["who", "solved", "verified", "minutes", "last", "solved"]
    assert len(rows) == 12
    assert rows[11].split() == ["Person", "11", "12", "of", "55", "11", "120", "2026-01-12", "09:00"]
    assert len({len(row) for row in (head, *rows)}) == 1
    page = html.read_text(encoding="utf8")
    assert "report-carl.json: it is no report" in page
    assert page.count('<th scope="row">Person 05</th>') == 1
    outline = Outline(page)
    assert (outline.bare, outline.loaded, outline.levels[0]) == ([], [], 1)
    assert all(after - before <= 1 for before, after in zip(outline.levels, outline.levels[1:], strict=False))


def test_what_was_known_and_guessed_is_there_if_the_report_has_it(folder):
    report = a_report("Ada", 1)
    report["labs"][0] |= {
        "quiz": {"before": [1, 4], "after": [3, 4]},
        "predictions": [{"right": True}, {"right": False}],
    }
    (folder / "report-ada.json").write_text(json.dumps(report))
    page = team.overview(folder).read_text(encoding="utf8")
    assert '<td class="number">1 → 3 of 4</td>' in page
    assert '<td class="number">1 of 2</td>' in page


def test_what_people_need_most_attempts_for(folder):
    people = [team.read(file) for file in sorted(folder.glob("*.json"))]
    rows = list(team.hardest(people))
    assert (rows[0]["tried"], rows[0]["attempts"]) == (1, 12)
    assert (rows[-1]["name"], rows[-1]["tried"], rows[-1]["attempts"]) == ("second-job", 12, 1)


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        ("", "no report"),
        ("[]", "no report"),
        ("{}", "no report"),
        ('{"report": 7}', r"a report of another version of the kit \(7\)"),
        (json.dumps(a_report("Eve", 3, labs=[3])), "no report"),
        (json.dumps(a_report("Eve", 3, labs=None)), "no report"),
        (json.dumps(a_report("Eve", 3, made="yesterday")), "no report"),
        (json.dumps(a_report("Eve", 3, unknown=3)), "no report"),
        (json.dumps(a_report("Eve", 3)).replace('"taken": 30', '"taken": Infinity'), "no report"),
        (json.dumps(a_report("Eve", 3)).replace('"hints": 1', '"hints": "many"'), "no report"),
    ],
)
def test_a_file_that_is_no_report_is_named_and_skipped(folder, content, wrong, capsys):
    (folder / "report-eve.json").write_text(content)
    with pytest.raises(LabError, match=wrong):
        team.read(folder / "report-eve.json")
    team.overview(folder)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Skipped report-eve.json: ")
    assert len(lines) == 1 + 1 + 12


def test_what_a_report_says_is_no_command(folder, capsys):
    """Neither of the terminal nor of the browser."""
    odd = a_report("\x1b[2J<script>alert(1)</script>\ud800", 2)
    (folder / "report-odd.json").write_text(json.dumps(odd))
    page = team.overview(folder).read_text(encoding="utf8")
    assert "\x1b" not in capsys.readouterr().out + page
    assert "<script" not in page


def test_a_report_without_a_name_has_its_files(folder):
    (folder / "report-dora.json").write_text(json.dumps(a_report("", 2)))
    assert team.read(folder / "report-dora.json").name == "dora"


@pytest.mark.parametrize("given", ["", "/no/such/folder"])
def test_no_folder_is_a_line(given):
    run = subprocess.run(
        [sys.executable, "-m", "labsupport.commands.team", given], cwd=CHECKOUT, capture_output=True, text=True
    )
    assert run.returncode == 1
    assert run.stderr.startswith("Which folder? make team REPORTS=folder")
    assert len(run.stderr.splitlines()) == 1


def test_a_folder_without_reports(tmp_path):
    with pytest.raises(LabError, match="There is no report in"):
        team.overview(tmp_path)
