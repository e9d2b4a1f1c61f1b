"""Questions can be asked with any numbers, and a quiz keeps its numbers until it is answered."""

import importlib
import json
import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest
from rq import Queue, Repeat, Retry

from labsupport.errors import LabError
from labsupport.exercises import course, history, progress, quiz
from labsupport.exercises.course import COURSE
from labsupport.exercises.quizzes import REVIEW, Shown, conclusion, spaced
from labsupport.exercises.quizzes.question import Asked, Question, evaluated, of_lab, same
from labsupport.paths import CHECKOUT, NOTEBOOKS

QUESTIONS = [question for lab in COURSE for question in of_lab(lab.notebook)]
OPEN = [..., ..., ..., ...]


def answers(name: str, wrong: int = 0) -> list:
    """Right answers to the questions that were asked last, but for the first ones."""
    more = next(event.more for event in reversed(progress.events()) if (event.what, event.of) == ("asked", name))
    asked = [
        next(question for question in QUESTIONS if question.name == of).ask(more["seed"]) for of in more["questions"]
    ]
    return [None if n < wrong else evaluated(one.right) for n, one in enumerate(asked)]


@pytest.mark.parametrize("lab", COURSE, ids=lambda lab: lab.notebook)
def test_a_lab_has_four_questions_each_held_by_a_test_and_asks_them_before_and_after(lab):
    assert len(of_lab(lab.notebook)) == 4
    held = importlib.import_module(f"tests.exercises.quizzes.test_lab{lab.notebook[:2]}")
    assert [q.name for q in of_lab(lab.notebook) if not hasattr(held, f"test_{q.write.__name__}")] == []
    cells = json.loads((NOTEBOOKS / f"{lab.notebook}.ipynb").read_text(encoding="utf8"))["cells"]
    code = ["".join(cell["source"]).splitlines()[-1] for cell in cells if cell["cell_type"] == "code"]
    asked = [line for line in code if line.startswith("quiz(") and "review" not in line]
    assert asked == [f'quiz("{lab.notebook[:2]}-{when}", [..., ..., ..., ...])' for when in history.WHEN]


def test_names_are_unique():
    assert len({question.name for question in QUESTIONS}) == len(QUESTIONS)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_a_question_has_one_right_answer_and_known_wrong_ones_whatever_its_numbers(question):
    texts = set()
    for seed in range(40):
        asked = question.ask(seed)
        assert asked == question.ask(seed)
        right, says = asked.verdict(evaluated(asked.right))
        assert right
        assert says.startswith("Right. ")
        assert asked.verdict(None) == (False, f"It is `{asked.right}`. {asked.why}")
        assert asked.wrong, "what would people get wrong?"
        for expression, missed in asked.wrong.items():
            assert asked.verdict(evaluated(expression)) == (
                False,
                f"Not {evaluated(expression)!r}, but `{asked.right}`. {missed}",
            )
        for text in [asked.text, asked.why, *asked.wrong.values()]:
            assert text.count("`") % 2 == 0
            assert text.strip() == text
            assert text[-1] in ".?)`"
        texts.add(asked.text)
    assert len(texts) > 1, "its numbers are not fresh"


def test_what_means_the_same_is_the_same(queue):
    assert same(3.0, 3)
    assert same(np.int64(3), 3)
    assert same([1, 2], (1, 2))
    assert same(" Failed", "failed")
    assert same({"b", "a"}, {"a", "b"})
    assert same(["b", "a"], {"a", "b"}), "whoever writes a set as a list means the same"
    assert same(timedelta(minutes=1), 60)
    assert same(queue.enqueue(print).get_status(), "queued")
    assert same(b"a", "a")
    assert same(evaluated("ValueError"), "ValueError"), "a bare word is its own text, also where Python knows it"
    assert same(Repeat(times=2, interval=3), Repeat(2, [3, 3])), "the same intervals"
    assert same(Repeat(times=3, interval=[1, 2]), Repeat(3, [1, 2, 2])), "RQ repeats the last one"
    assert same(Retry(max=3, interval=2), Retry(max=3, interval=[2, 2, 2])), "the same pauses"
    assert not same(Retry(max=3, interval=[1, 2]), Retry(max=3, interval=[1, 2, 2])), "RQ repeats the first one"
    assert not same(1, True)
    assert same("3", 3), "in quotes by habit"
    assert same(" true", True)
    assert not same(None, 0)
    assert not same([1], [1, 1])
    assert not same(Queue, 1)


@pytest.mark.parametrize("policy", [Retry(4, [1, 2]), Retry(2, [1, 2, 4, 8]), Retry(3, 5), Retry(2, [3, 4])])
def test_pauses_are_those_that_rq_takes(queue, policy):
    job = queue.create_job(print, retry=policy)
    taken = []
    while job.retries_left:
        taken.append(job.get_retry_interval())
        job.retries_left -= 1
    assert same(policy, Retry(max=len(taken), interval=taken))


def test_expressions():
    assert evaluated("2 * 3") == 6
    assert evaluated(" failed ") == "failed"
    assert evaluated("{a, c}") == {"a", "c"}
    assert evaluated("[deferred, 2]") == ["deferred", 2]
    assert evaluated("set()") == set()
    assert evaluated("Retry(max=2)").max == 2
    for bad, says in [("2 +", "no Python expression: 2 +"), ("1/0", "1/0 raises ZeroDivisionError")]:
        with pytest.raises(LabError, match="^[^\n]*$") as error:
            evaluated(bad)
        assert says in str(error.value)


SHOWN = "4 questions, with numbers of your own\n"
HOW = "Put your answers in place of the ..., None where you do not know, and run the cell again.\n"


def test_a_quiz_shows_judges_and_shows_others(capsys):
    quiz("04-before", OPEN)
    assert capsys.readouterr().out == SHOWN + HOW
    quiz("04-before", OPEN)  # a restart, say
    assert [event.what for event in progress.events()] == ["asked"]
    given = answers("04-before", wrong=1)
    quiz("04-before", [..., *given[1:]])
    assert "1 of 4 is still open" in capsys.readouterr().out
    quiz("04-before", given)
    said = capsys.readouterr().out.splitlines()
    assert [line[:6] for line in said[1:5]] == ["1. It ", "2. Rig", "3. Rig", "4. Rig"]
    assert said[-1] == "3 of 4. The lab answers the rest."
    kept = progress.events()
    quiz("04-before", given)
    assert capsys.readouterr().out.splitlines() == said
    quiz("04-before", [1, *given[1:]])
    assert (
        capsys.readouterr()
        .out.splitlines()[-1]
        .startswith("You have answered these. For new numbers, put ... in all places")
    )
    assert progress.events() == kept, "what was answered counts once, and stays"
    quiz("04-before", OPEN)
    assert answers("04-before") != given
    quiz("04-before", answers("04-before"))
    assert capsys.readouterr().out.splitlines()[-1] == "4 of 4. The first time counts: 3 of 4."
    assert not progress.edited()


def test_answers_to_other_numbers_are_not_judged(capsys):
    for _ in range(2):
        quiz("04-after", [1, 2, 3, 4])
        assert capsys.readouterr().out.startswith(f"{SHOWN}Nothing was counted: these questions are new.")
    assert [event.what for event in progress.events()] == ["asked"]
    quiz("04-after", answers("04-after"))
    assert capsys.readouterr().out.splitlines()[-1] == "4 of 4."


def test_answers_of_another_kind_are_not_judged(capsys):
    quiz("04-before", OPEN)
    _, pauses, policy, status = answers("04-before")
    quiz("04-before", ["four", {"a": 1}, "no Retry", 3])
    said = capsys.readouterr().out.splitlines()[-5:]
    assert said == [
        "Nothing was counted.",
        "'four' can't be right or wrong: the answer is a number.",
        "{'a': 1} can't be right or wrong: the answer is a list, such as [1, 2].",
        "'no Retry' can't be right or wrong: the answer is a Retry.",
        "3 can't be right or wrong: the answer is a text, in quotes.",
    ]
    quiz("04-before", ["4", str, policy, status])
    assert "<class 'str'> can't be" in capsys.readouterr().out
    assert [event.what for event in progress.events()] == ["asked"]
    quiz("04-before", ["4", tuple(pauses), policy, status])
    assert [event.what for event in progress.events()][-1] == "answered"


def test_a_set_is_the_same_answer_in_another_process(tmp_path):
    """Where its texts have another order."""
    code = (
        "from labsupport.exercises import progress, quiz\n"
        "quiz('03-after', [{'a', 'b', 'c', 'd'}, 0, [4, 2], 'TypeError'])\n"
        "print(len(progress.events()))"
    )
    quiz("03-after", OPEN)
    said = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
        ).stdout.splitlines()
        for seed in "12345"
    ]
    assert " of 4." in said[0][-2]
    assert [lines[-2:] for lines in said] == [said[0][-2:]] * 5


def test_the_map_says_what_was_learned_and_leaves_out_what_was_known():
    assert course()["quiz"].tolist() == [""] * len(COURSE)
    for name, wrong in [("01-before", 3), ("01-after", 1), ("00-before", 0), ("02-after", 2)]:
        quiz(name, OPEN)
        quiz(name, answers(name, wrong))
    assert course()["quiz"].tolist()[:3] == ["4 → – of 4", "1 → 3 of 4", "– → 2 of 4"]
    quiz("00-before", OPEN)  # once more, for fun: the first time counts
    quiz("00-before", answers("00-before", wrong=4))
    assert course()["quiz"].iloc[0] == "4 → – of 4"
    assert course()["next"].iloc[0] == "", "who passes may skip the lab"


@pytest.mark.parametrize(
    ("name", "given", "says"),
    [
        ("4-before", OPEN, 'There is no quiz "4-before". Its name is like'),
        ("04-then", OPEN, "There is no quiz"),
        (4, OPEN, "There is no quiz"),
        ("04-before", [..., ...], "04-before has 4 questions. Give a list of 4 answers"),
        ("04-before", 3, "04-before has 4 questions. Give a list of 4 answers"),
    ],
)
def test_what_a_reader_can_do_wrong(name, given, says):
    with pytest.raises(LabError, match="^[^\n]*\n?[^\n]*$") as error:
        quiz(name, given)
    assert str(error.value).startswith(says)


def test_what_cannot_be_read_takes_no_round_away():
    quiz("04-after", OPEN)
    quiz("04-after", answers("04-after"))
    kept = progress.events()
    for given in ([..., ...], 3, []):
        with pytest.raises(LabError):
            quiz("04-after", given)
    assert progress.events() == kept


def test_an_edited_event_does_no_harm(capsys):
    for more in [
        {},
        {"seed": "x"},
        {"seed": 1, "questions": ["gone"], "given": []},
        {"seed": 1, "questions": 3, "given": 4},
    ]:
        progress.note("asked", "04-before", **more)
        quiz("04-before", OPEN)
        assert capsys.readouterr().out == SHOWN + HOW
    progress.note("answered", "04-before", right="all", questions=[])
    progress.note("recalled", "04-attempts")
    assert course()["quiz"].iloc[4] == ""


NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)


def recalled(question: Question, day: float, right: bool) -> progress.Event:
    return progress.Event(NOW + timedelta(days=day), "recalled", question.name, {"right": right})


def test_what_was_missed_comes_sooner_and_what_is_known_later():
    first, second = of_lab("04-retry")[:2]
    once = [recalled(first, 0, True), recalled(second, 0, False)]
    assert NOW < spaced.due(second, once) < spaced.due(first, once)
    again = [recalled(first, 0, True), recalled(first, 3, True)]
    assert spaced.due(first, again) - NOW > timedelta(days=7)
    assert spaced.due(first, []) is None


def test_the_review_asks_the_forgotten_ones_first_and_then_what_was_never_asked():
    first, second, third, fourth = of_lab("04-retry")
    events = [recalled(first, 0, True), recalled(second, 0, True), recalled(second, 2, True), recalled(third, 0, False)]
    asked = spaced.next_ones([first, second, third, fourth], events, NOW + timedelta(days=5), 5)
    assert asked == [third, first, fourth]
    assert spaced.next_ones([first, second, third, fourth], events, NOW + timedelta(days=5), 2) == [third, first]


def test_labs_are_done_by_exercises_by_the_quiz_after_or_by_the_one_before():
    assert spaced.of_done_labs([], []) == []
    solved = [exercise.name for exercise in COURSE[3].exercises]
    events = [
        progress.Event(NOW, "answered", "04-after", {"right": 1, "questions": [1, 2, 3, 4]}),
        progress.Event(NOW, "answered", "05-before", {"right": 4, "questions": [1, 2, 3, 4]}),
        progress.Event(NOW, "answered", "06-before", {"right": 3, "questions": [1, 2, 3, 4]}),
    ]
    assert {question.lab for question in spaced.of_done_labs(solved, events)} == {"03-fail", "04-retry", "05-schedule"}


def test_a_review_in_a_notebook(capsys):
    quiz("review", [...] * 5)
    assert capsys.readouterr().out.startswith("No lab is done yet.")
    for exercise in COURSE[4].exercises:
        progress.note("right", exercise.name)
    quiz("review", [...] * 5)
    with pytest.raises(LabError, match="review has 4 questions. Give a list of 4 answers"):
        quiz("review", [1, 2])
    quiz("review", [*answers("review", wrong=1), ...])
    quiz("review", answers("review", wrong=1))  # as many as there are
    assert capsys.readouterr().out.splitlines()[-1] == "3 of 4. What you missed comes again sooner."
    quiz("review", [...] * 5)
    assert capsys.readouterr().out.startswith("Nothing is due. The next question comes on 20")


def test_after_a_review_without_a_mistake_nothing_comes_sooner():
    assert conclusion(REVIEW, 4, 4) == "4 of 4."


def test_questions_are_shown_as_html():
    shown = Shown([Asked("`a < b` & c?", "1", "")])
    assert "<code>a &lt; b</code> &amp; c?" in shown._repr_html_()
