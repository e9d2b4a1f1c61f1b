"""The questions before and after lab 04."""

from labsupport.exercises.quizzes.question import Asked, drawn


@drawn(more=range(2, 8))
def attempts(more: int) -> Asked:
    return Asked(
        f"A job is enqueued with `retry=Retry(max={more})`, and fails every time. How many times does it run?",
        right=f"{more + 1}",
        why="`max` counts the retries, and the first attempt is not one of them.",
        wrong={f"{more}": "`max` counts the retries. In BullMQ, `attempts` counts the first attempt, too."},
    )


@drawn(first=range(2, 6), second=range(7, 12), more=(3, 4))
def short_list(first: int, second: int, more: int) -> Asked:
    return Asked(
        f"A job has `retry=Retry(max={more}, interval=[{first}, {second}])`, and fails every time. Which pauses does it get, in "
        "seconds? Give a list.",
        right=str([first] * (more - 1) + [second]),
        why="If the list is too short, RQ repeats its first pause.",
        wrong={
            str([first] + [second] * (more - 1)): "RQ repeats the first pause, and not the last.",
            str([first, second]): f"There are {more} retries, so there are {more} pauses.",
        },
    )


@drawn(pause=range(2, 10), more=range(3, 6))
def doubled(pause: int, more: int) -> Asked:
    return Asked(
        f"Write the `Retry` for {more + 1} attempts in all: the first pause is {pause} s, and each is twice as long as the one "
        "before. In a notebook, run `from rq import Retry` first.",
        right=f"Retry(max={more}, interval={[pause * 2**n for n in range(more)]})",
        why="RQ has no exponential policy: you write the list, with one pause for each retry.",
        wrong={
            f"Retry(max={more + 1}, interval={[pause * 2**n for n in range(more + 1)]})": "That is one attempt too many: "
            "`max` counts the retries.",
            f"Retry(max={more}, interval={pause})": "A single number is the same pause each time.",
        },
    )


@drawn(late=range(20, 60, 10))
def no_scheduler(late: int) -> Asked:
    return Asked(
        f"A job waits for its retry. It was due {late} s ago, the queue is empty, and its only worker is idle. The worker runs "
        "without `--with-scheduler`, and no other scheduler runs. What is the status of the job?",
        right='"scheduled"',
        why="Only a scheduler moves a job from the sorted set into the queue. Without one it waits for ever.",
        wrong={
            '"queued"': "Nobody has moved it into the queue: that is what a scheduler does.",
            '"failed"': "It still has a retry. It waits for a scheduler, and no warning comes.",
        },
    )


QUESTIONS = (attempts, short_list, doubled, no_scheduler)
