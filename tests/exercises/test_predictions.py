"""A guess is compared with what happened, and the first one is kept."""

import json
import math
import re

import pytest

from labsupport.errors import LabError
from labsupport.exercises import course, guesses, outcome, progress
from labsupport.exercises.course import COURSE
from labsupport.exercises.predictions import Prediction, of_lab
from labsupport.paths import NOTEBOOKS

PREDICTIONS = [prediction for lab in COURSE for prediction in of_lab(lab.notebook)]


@pytest.mark.parametrize("lab", COURSE, ids=lambda lab: lab.notebook)
def test_a_lab_asks_two_to_four_and_each_has_a_cell_to_guess_in_before_its_result(lab):
    cells = json.loads((NOTEBOOKS / f"{lab.notebook}.ipynb").read_text(encoding="utf8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    asked = [n for n, source in enumerate(code) if source.startswith("guess = ...  # ")]
    told = {
        n: name for n, source in enumerate(code) for name in re.findall(r'^\s*outcome\("(.+?)", guess, ', source, re.M)
    }
    assert list(told.values()) == [prediction.name for prediction in of_lab(lab.notebook)], "in the lab's order"
    assert 2 <= len(told) <= 4
    borders = [*asked, len(code)]
    for index, (result, prediction) in enumerate(zip(told, of_lab(lab.notebook), strict=True)):
        assert asked[index] < result < borders[index + 1]
        for choice in prediction.choices if isinstance(prediction.choices, tuple) else ():
            assert str(choice) in code[asked[index]], "the cell says what can be guessed"
    assert "if you are 80 % sure" in code[asked[0]], "the first cell says how to be sure"


def test_names_are_unique():
    names = [prediction.name for prediction in PREDICTIONS]
    names += [exercise.name for lab in COURSE for exercise in lab.exercises]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("prediction", PREDICTIONS, ids=lambda prediction: prediction.name)
def test_a_prediction_has_choices_or_a_measure(prediction):
    assert bool(prediction.choices) != (prediction.within > 1)
    assert prediction.question.endswith("?")


UNSURE = "does not say how sure you are: write 80 for 80 %. A decimal has a point: 3.5, and not 3,5."


@pytest.fixture
def asked(monkeypatch):
    """One of each kind."""
    some = (
        Prediction("count", "How many?", range(6)),
        Prediction("status", "Which?", ("queued", "failed", True)),
        Prediction("factor", "How many times?", within=2, unit="times"),
    )
    monkeypatch.setattr("labsupport.exercises.predictions.of_lab", lambda lab: some if lab == "00-start-here" else ())


@pytest.mark.parametrize(
    ("name", "guess", "happened", "says"),
    [
        ("count", ..., 4, "You did not guess. It was 4."),
        ("count", 3, 4, "You guessed 3. It was 4. Not this time."),
        ("count", 4.0, 4, "You guessed 4. It was 4. Right."),
        ("count", "4", 4, "You guessed 4. It was 4. Right."),
        ("count", (3, 80), 4, "You guessed 3, 80 % sure. It was 4. Not this time."),
        ("count", (3, 80.4), 4, "You guessed 3, 80 % sure. It was 4. Not this time."),
        ("count", (3, 0.8), 4, "You guessed 3, 80 % sure. It was 4. Not this time."),
        ("count", (3, "80 %"), 4, "You guessed 3, 80 % sure. It was 4. Not this time."),
        ("count", (..., ...), 4, "You did not guess. It was 4."),
        ("count", (3, ...), 4, "You guessed 3. It was 4. Not this time."),
        ("status", " Failed", "failed", "You guessed failed. It was failed. Right."),
        ("status", True, "failed", "You guessed True. It was failed. Not this time."),
        ("status", "true", True, "You guessed True. It was True. Right."),
        ("factor", 10, 12.34, "You guessed 10 times. It was 12.3 times, and up to 2 times more or less counts as right. Right."),
        ("factor", 5, 12.34, "You guessed 5 times. It was 12.3 times. Not this time."),
        ("factor", 3000, 1234.5, "You guessed 3000 times. It was 1234 times. Not this time."),
        ("factor", 100, 12.34, "You guessed 100 times. It was 12.3 times. Not this time."),
        # What can't be compared does no harm.
        ("count", 7, 4, "7 is no guess that can be compared. Guess a whole number from 0 to 5. It was 4."),
        ("count", True, 1, "True is no guess that can be compared. Guess a whole number from 0 to 5. It was 1."),
        ("status", "lost", "failed", "'lost' is no guess that can be compared. Guess one of 'queued', 'failed' or True. It was failed."  # noqa: E501
        ),
        ("factor", math.nan, 2.0, "nan is no guess that can be compared. Guess a number above 0. It was 2 times."),
        ("factor", -1, 2.0, "-1 is no guess that can be compared. Guess a number above 0. It was 2 times."),
        ("factor", True, 2.0, "True is no guess that can be compared. Guess a number above 0. It was 2 times."),
        ("factor", "ten", 2.0, "'ten' is no guess that can be compared. Guess a number above 0. It was 2 times."),
        ("count", None, 4, "None is no guess that can be compared. Guess a whole number from 0 to 5. It was 4."),
        ("count", [3, 80], 4, "[3, 80] is no guess that can be compared. Guess a whole number from 0 to 5. It was 4."),
        ("factor", (3, 5), 2.0, f"5 {UNSURE} It was 2 times."),  # typed as 3,5
        ("count", (3, "very"), 4, f"'very' {UNSURE} It was 4."),
        ("count", (3, 101), 4, f"101 {UNSURE} It was 4."),
        ("count", (3, [80]), 4, f"[80] {UNSURE} It was 4."),
    ],
)  # fmt: skip
def test_what_is_said(asked, capsys, name, guess, happened, says):
    outcome(name, guess, happened)
    assert capsys.readouterr().out == says + "\n"


def test_the_first_guess_counts(asked, capsys):
    outcome("count", ..., 4)
    assert guesses().empty
    outcome("count", (3, 80), 4)
    outcome("count", (3, 60), 4)
    capsys.readouterr()
    outcome("count", 4, 4)
    assert capsys.readouterr().out.endswith("Right.\nYour first guess is the one that counts: 3.\n")
    outcome("factor", 10, 12.3456)
    table = guesses()
    assert table["happened"].tolist() == [4, 12.3]
    assert table["guess"].tolist() == [3, 10]
    assert table["right"].tolist() == [False, True]
    assert table["sure"].tolist()[0] == 80
    assert math.isnan(table["sure"].tolist()[1])
    assert table["lab"].tolist() == ["00-start-here"] * 2
    assert not progress.edited()
    assert len(course()) == len(COURSE)


def test_what_was_edited_is_passed_over(asked):
    for more in [
        {},
        {"guess": 3},
        {"guess": 3, "happened": 4, "sure": "yes", "right": True},
        {"guess": 1, "happened": 2, "sure": 3, "right": 4},
    ]:
        progress.note("guessed", "count", **more)
    progress.note("guessed", "gone", guess=1, happened=1, sure=None, right=True)
    assert guesses().empty


def test_a_name_that_is_none(asked):
    with pytest.raises(
        LabError, match=r"^There is no prediction 'cuont'. The predictions are: count, status, factor.$"
    ):
        outcome("cuont", 1, 1)
