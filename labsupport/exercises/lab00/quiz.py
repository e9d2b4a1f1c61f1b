"""The quiz before and after lab 00."""

from labsupport.exercises.quizzes.question import Asked, drawn

KEPT = 500
"""Seconds that RQ keeps a result for, by default. (rq 3.0: defaults.py.)"""


@drawn(number=range(3, 40))
def nobody_works(number: int) -> Asked:
    return Asked(
        f"A queue is empty. You enqueue {number} jobs, and no worker runs. What is `len(queue)` now?",
        right=f"{number}",
        why="A job waits in the queue until a worker takes it.",
        wrong={"0": "Enqueueing runs no job. It writes the job down, and a worker has to take it."},
    )


@drawn(number=(10, 20, 30), seconds=(2, 3, 5))
def one_at_a_time(number: int, seconds: int) -> Asked:
    return Asked(
        f"{number} jobs wait, and each runs for {seconds} s. One worker starts. How many seconds pass, at least, until all are "
        "done?",
        right=f"{number * seconds}",
        why="A worker runs one job at a time.",
        wrong={f"{seconds}": "One worker does not run jobs side by side: it runs one at a time."},
    )


@drawn(first=range(2, 9), second=range(11, 19))
def result(first: int, second: int) -> Asked:
    return Asked(
        f"`job = queue.enqueue(operator.add, {first}, {second})`, and a worker ran it a moment ago. What is "
        "`job.return_value()`?",
        right=f"{first + second}",
        why="What the function returned comes back through Redis.",
        wrong={
            '"finished"': "That is its status. The return value is what the function returned.",
            "True": "It is what the function returned, and not whether it worked.",
        },
    )


@drawn(minutes=(5, 6, 7, 10, 15, 30))
def kept(minutes: int) -> Asked:
    is_kept = minutes * 60 < KEPT
    return Asked(
        f"A job finished {minutes} minutes ago. Its options are RQ's defaults. Is its result still in Redis: `True` or `False`?",
        right=f"{is_kept}",
        why=f"By default, RQ keeps a result for {KEPT} s, which is a little more than 8 minutes.",
        wrong={
            f"{not is_kept}": f"By default, RQ keeps a result for {KEPT} s, which is a little more than 8 minutes.",
        },
    )


QUESTIONS = (nobody_works, one_at_a_time, result, kept)
