"""`make review`: questions from labs that are done, in the terminal."""

import subprocess
import sys

import pytest

from labsupport.commands import review
from labsupport.exercises import progress
from labsupport.exercises.course import find
from labsupport.exercises.quizzes.question import of_lab
from labsupport.paths import CHECKOUT


@pytest.fixture
def done():
    """Lab 04 is done."""
    for name in ("three-attempts", "outlast", "own-jitter", "what-can-heal", "same-key"):
        assert find(name).notebook == "04-retry"
        progress.note("right", name)


def right() -> str:
    """The right answer to the question that is being asked."""
    event = progress.events()[-1]
    (name,) = event.more["questions"]
    question = next(question for question in of_lab("04-retry") if question.name == name)
    return question.ask(event.more["seed"]).right


def test_a_review(done, monkeypatch, capsys):
    lines = iter([right, lambda: "1 +", right, lambda: "", lambda: "true", lambda: "nonsense"])
    monkeypatch.setattr("builtins.input", lambda _: next(lines)())
    review.review()
    said = capsys.readouterr().out
    assert "1 of 4, from 04-retry. A job is enqueued with retry=Retry(max=" in said
    assert "This is no Python expression: 1 +" in said
    assert "It is Retry(max=" in said
    assert "'true' can't be right or wrong: the answer is a text, in quotes." in said
    assert "Not 'nonsense', but " in said
    assert said.endswith("\n2 of 4. What you missed comes again sooner.\n")
    assert [event.what for event in progress.events()].count("recalled") == 4
    review.review()
    assert capsys.readouterr().out.startswith("Nothing is due. The next question comes on 20")


def test_what_was_answered_is_kept_when_it_ends_early(done):
    """As a person sees it: two answers, then the end of the input."""
    run = [sys.executable, "-m", "labsupport.commands.review"]
    ended = subprocess.run(run, input="\nwhat?\n\nquit\n3\n", capture_output=True, text=True, cwd=CHECKOUT)
    assert ended.returncode == 1
    assert ended.stderr == "\nWhat you answered is kept.\n"
    assert [event.what for event in progress.events()].count("recalled") == 2
    again = subprocess.run(run, input="", capture_output=True, text=True, cwd=CHECKOUT)
    assert "1 of 2, from 04-retry." in again.stdout, "the other two come first"


def test_before_a_lab_is_done(capsys):
    review.review()
    assert capsys.readouterr().out.startswith("No lab is done yet.")
