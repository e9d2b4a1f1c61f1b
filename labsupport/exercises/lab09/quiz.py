"""The questions before and after lab 09."""

from labsupport.exercises.quizzes.question import Asked, drawn


@drawn(low=range(2, 6), high=range(7, 12), more=range(13, 20))
def served(low: int, high: int, more: int) -> Asked:
    return Asked(
        f"First {low} jobs are enqueued in the queue `low`, then {high} in `high`. Then one worker is started by "
        f"`rq worker high low`. While it runs its first job, {more} more jobs are enqueued in `high`. After how many other jobs "
        "does it start the first job of `low`?",
        right=f"{high + more}",
        why="Before each job it looks into `high` first. The jobs of `low` have their turn when `high` is empty.",
        wrong={
            "0": "It does not ask which job came first. It looks into `high` first.",
            f"{high}": "It looks into `high` first before each job, so the later ones of `high` are served first, too.",
        },
    )


@drawn(per_minute=(60, 120, 180, 240, 300, 360), seconds=range(5, 13))
def crew(per_minute: int, seconds: int) -> Asked:
    work = per_minute * seconds // 60
    enough = -(-work * 5 // 4)
    wrong = {
        f"{work}": "They would be busy for 100 % of their time, and then waits have no limit.",
        f"{-(-work * 4 // 5)}": "Divide by 0.8, and do not multiply: fewer workers are busy for more of their time.",
    }
    if enough * 4 != work * 5:
        wrong[f"{enough - 1}"] = "They would be busy for a little more than 80 % of their time. Round up."
    return Asked(
        f"On average, {per_minute} jobs a minute come to a queue. A job keeps a worker busy for {seconds} seconds. Each worker "
        "should be busy for 80 % of its time at most. What is the smallest number of workers that is enough?",
        right=f"{enough}",
        why=f"There is work for {work} workers that never rest. Divide by 0.8, and round up.",
        wrong=wrong,
    )


@drawn(parts=range(3, 9), allows=(True, False))
def joined(parts: int, allows: bool) -> Asked:
    depends = "Dependency(jobs=parts, allow_failure=True)" if allows else "parts"
    right, why, missed = (
        ("finished", "With `allow_failure=True` it runs when each part has finished or failed.", "deferred")
        if allows
        else (
            "deferred",
            "It waits for the success of each part, and one will never come.",
            "finished",
        )
    )
    return Asked(
        f"`parts` are {parts} jobs. Another job, whose own function cannot fail, is enqueued with `depends_on={depends}`. Then "
        "one of the parts fails, and the others finish. No job has a retry, and a worker runs all that it can. What is the "
        'status of the other job in the end? Answer with one of "finished", "failed", "canceled", "deferred" or "queued".',
        right=f'"{right}"',
        why=why,
        wrong={
            f'"{missed}"': why if allows else "Only with `allow_failure=True` it would run all the same.",
            '"failed"': f"A job fails when its own function fails. {why}",
            '"canceled"': "RQ cancels no job because another one has failed.",
            '"queued"': why,
        },
    )


@drawn(jobs=range(7, 20), limit=range(2, 6))
def limited(jobs: int, limit: int) -> Asked:
    return Asked(
        f"Redis is empty, and no worker runs. {jobs} jobs are enqueued in one queue, each with "
        f'`rate_limit=RateLimit("provider", {limit})`. '
        "What is `queue.count`, and how many jobs have the status `rate_limited`? Give a list of these two numbers.",
        right=str([limit, jobs - limit]),
        why="The limit is how many jobs of a key are queued or running. The others wait in a set of their own, and `queue.count` "
        "does not count them.",
        wrong={
            str([jobs, 0]): "The limit is also for jobs that are queued, and not only for those that run.",
            str(
                [jobs, jobs - limit]
            ): "The jobs that are rate_limited are in a set of their own, and `queue.count` does not count them.",
        },
    )


QUESTIONS = (served, crew, joined, limited)
