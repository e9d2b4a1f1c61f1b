"""What the exercises of 06-test share: a reader's tests, run against right code and against broken code."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from datetime import datetime, time, timedelta, timezone
from pathlib import Path

from labsupport.exercises.exercise import NotYet
from labsupport.exercises.judging import expect
from labsupport.exercises.lab06.versions import ALSO_RIGHT, BROKEN, MODULE, RIGHT, SLOW
from labsupport.experiments.mutation import Laboratory, Run, Tested, Version

DEADLINE = 20.0
"""Seconds for one run of a file of tests."""

NOON, NIGHT = time(12), time(3)

LONGEST = 15.0
"""Seconds that a file of tests may need in each of three runs: far more than tests without pauses need anywhere."""

LONGEST_PATIENT = 8.0
"""The same for one test that must pass where the job takes longer than that: the job is stopped after 10 s."""


def judge_tests(answer: object, broken: Iterable[str], name: str, *, patient: bool = False) -> list[Tested]:
    """Raise NotYet unless these tests pass on right code, at any hour, without pauses, and fail on each broken version.

    answer: the path of the file. broken: names of versions. name: a path to give as an example.
    patient: they must pass where the job takes some seconds, too.

    Returns the three runs on right code.
    """
    expect((str, Path), answer, f'the path of your file, such as "{name}"')
    if "\n" in str(answer):
        raise NotYet(f"This is a text of several lines. Give the path of the file that holds your tests: {name!r}.")
    file = Path(answer)  # type: ignore[arg-type]
    try:
        there = file.is_file()
    except OSError:  # such as a name that is too long
        there = False
    if not there:
        raise NotYet(
            f"There is no file {str(answer)[:60]!r}. Run the cell that writes it, and give its path: {name!r}."
        )
    if file.suffix != ".py":
        raise NotYet(f"{file.name} is no Python file. Give the path of your tests, such as {name!r}.")
    right = _on_right_code(file)
    _in_good_time(right, LONGEST_PATIENT if patient else LONGEST)
    order = right[0].quickest_first
    if patient:
        _where_the_job_takes_longer(file, min(one.seconds for one in right), order)
    _on_broken_code(file, [BROKEN[one] for one in broken], order)
    return right


def _where_the_job_takes_longer(file: Path, seconds: float, order: list[str]) -> None:
    """seconds: what the tests need where it takes no time. No pause that was long enough there is long enough here."""
    seconds = max(1.5, seconds + 0.3)
    with tempfile.TemporaryDirectory() as folder:
        slow = Version(Path(folder) / SLOW.file.name)
        slow.file.write_text(SLOW.code.replace("time.sleep(1)", f"time.sleep({seconds:.2f})"), encoding="utf8")
        (tested,) = Laboratory.mine().run([file], MODULE, [Run(slow, order=order)], deadline=DEADLINE)
    if tested.green:
        return
    failure = _first_failure(tested)
    advice = "Do not wait for some seconds. Wait until the job is done."
    if "Timeout reading from socket" in failure:
        advice = (
            "redis-py waits 5 s for an answer (socket_timeout), whatever latest_result is told. Ask again and again."
        )
    raise NotYet(
        f"Your test passes here, and fails on a machine where the job takes {seconds:.1f} s: {failure}. {advice}"
    )


def _on_right_code(file: Path) -> list[Tested]:
    day, night = _next(NOON), _next(NIGHT)
    tested = Laboratory.mine().run([file], MODULE, [Run(RIGHT)], deadline=DEADLINE)
    _say_what_is_no_failure(tested[0])
    if tested[0].green:
        _without_pauses(tested[0])
    # In another order: no test may need what another one left.
    quickest, last = tested[0].quickest_first, tested[0].last_first
    runs = [Run(RIGHT, day, last), Run(ALSO_RIGHT, night, quickest)]
    tested += Laboratory.mine().run([file], MODULE, runs, deadline=DEADLINE)
    if all(one.green for one in tested):
        return tested
    for one in tested:
        _say_what_is_no_failure(one)
    if not any(one.green for one in tested):
        raise NotYet(f"On the right code, your tests fail: {_first_failure(tested[0])}.")
    # Is it the hour, or how the code is written?
    written_otherwise = tested.pop()
    tested += Laboratory.mine().run([file], MODULE, [Run(RIGHT, night, quickest)], deadline=DEADLINE)
    failures = [one for one in tested if not one.green]
    if not failures:
        raise NotYet(
            "Your tests pass on this code and fail when the same is written in another way: "
            f"{_first_failure(written_otherwise)}. Test what the code does, and not how it is written."
        )
    # Is it the hour, or is it chance? The same hours again, in the other orders.
    same = [Run(RIGHT, day), Run(RIGHT, day, quickest), Run(RIGHT, night), Run(RIGHT, night, last)]
    again = Laboratory.mine().run([file], MODULE, same, deadline=DEADLINE)
    by_day, by_night = (
        [one.green for one in (first, *others)]
        for first, others in zip(tested[1:], (again[:2], again[2:]), strict=True)
    )
    if len({*by_day}) == len({*by_night}) == 1 and by_day != by_night:
        when, other = ("3:00", "12:00") if by_day[0] else ("12:00", "3:00")
        raise NotYet(
            f"On the right code, your tests pass at {other} UTC and fail at {when} UTC: {_first_failure(failures[0])}. "
            "A test says itself which time it is."
        )
    raise NotYet(
        f"On the right code, your tests pass in one run and fail in another: {_first_failure(failures[0])}. Something that "
        "changes from run to run decides: chance, the order of the tests, or what an earlier one left."
    )


def _next(hour: time) -> str:
    """The next time when a clock in UTC says so."""
    now = datetime.now(timezone.utc)
    moment = datetime.combine(now.date(), hour, timezone.utc)
    return (moment if moment > now else moment + timedelta(days=1)).isoformat()


def _say_what_is_no_failure(one: Tested) -> None:
    """Raise NotYet if there is nothing that failed, and still no test that passed."""
    if one.ended == "deadline":
        raise NotYet(
            f"Your tests were still running after {DEADLINE:.0f} s on the right code, and were killed. "
            "Whatever a test waits for, it must give up some time."
        )
    if one.ended == "died":
        raise NotYet("Your tests ended the process that runs them, so pytest could not say what it found.")
    if one.ended == "stopped" and not one.failed:
        raise NotYet(f"Your tests stopped pytest before it was done. It said: {_last_words(one.printed)}")
    if not one.tests:
        said = re.search(r"(?m)^\S+ (error: .*)", one.printed) or re.search(r"(?m)^((?:ERROR|E  ).*)", one.printed)
        if said:
            raise NotYet(f"pytest could not begin: {' '.join(said[1].split())[:200]}")
        raise NotYet(
            "pytest found no test in this file. A test is a function whose name begins with test_. If it is in a class, the "
            "name of the class begins with Test, and the class has no __init__."
        )
    if not one.passed and not one.failed:
        raise NotYet("All your tests are skipped, so they say nothing about the code.")


def _last_words(printed: str) -> str:
    lines = [line.strip(" !") for line in printed.splitlines() if line.strip(" !")]
    return lines[-1][:160] if lines else "nothing"


def _first_failure(one: Tested) -> str:
    if one.ended and not one.failed:
        return {"deadline": "they did not end", "died": "their process was gone"}.get(one.ended, "they stopped pytest")
    if not one.failed:
        return "no test passed"
    test = one.failed[0]
    return f"{test['test']}: {test['why']}".rstrip(".")


def _without_pauses(one: Tested) -> None:
    if one.slept:
        raise NotYet(
            f"Your tests pass, and spend {one.slept:.1f} s in pauses. On a slow machine that is too short, and on a quick one "
            "too long. Wait for what the test needs, or let the worker end by itself. To ask again and again, pause for a "
            "tenth of a second, until a deadline."
        )
    if one.left_behind:
        raise NotYet(
            "Your tests pass, and something that they started still runs 3 s after them. End each process that a test starts."
        )


def _in_good_time(right: list[Tested], longest: float) -> None:
    quickest = min(right, key=lambda one: one.seconds)
    if quickest.seconds > longest:
        slowest = max(quickest.tests, key=lambda test: test["seconds"])
        raise NotYet(
            f"Your tests pass, and need {quickest.seconds:.1f} s in the best of three runs, of which {slowest['test']} needs "
            f"{slowest['seconds']:.1f} s. Nobody runs such tests before each change. What do they wait for?"
        )


def _on_broken_code(file: Path, broken: list[Version], order: list[str]) -> None:
    # By day: a bug that shows by night only must be found, too.
    runs = [Run(version, _next(NOON), order) for version in broken]
    tested = Laboratory.mine().run([file], MODULE, runs, deadline=DEADLINE, first_failure_only=True)
    passed = [one.version for one in tested if one.green]
    if not passed:
        return
    more = f" {len(passed) - 1} more of {len(broken)} pass as well." if len(passed) > 1 else ""
    raise NotYet(
        f"Your tests pass on the right code. They also pass on the broken version *{passed[0].name}*: {passed[0].says}{more}"
    )
