"""The questions before and after lab 07."""

from itertools import permutations

from labsupport.exercises.quizzes.question import Asked, drawn


@drawn(rate=(30, 120, 180, 300), wait=(4, 6, 10, 20), sought=("depth", "wait"))
def littles_law(rate: int, wait: int, sought: str) -> Asked:
    depth = rate * wait // 60
    law = "Little's law: mean depth = jobs per second × mean wait."
    day = (
        f"On average, {rate} jobs a minute come to a queue. The queue is empty at the start of the day and at its end."
    )
    if sought == "depth":
        return Asked(
            f"{day} The mean wait, from enqueued to started, is {wait} s. How many jobs wait at a moment, on average?",
            right=f"{depth}",
            why=law,
            wrong={
                f"{rate * wait}": f"{rate} jobs come in a minute, and the wait is in seconds. {law}",
                f"{rate / 60 / wait}": law,
                f"{wait * 60 / rate}": law,
            },
        )
    return Asked(
        f"{day} At a moment, {depth} jobs wait on average. What is the mean wait, from enqueued to started, in seconds?",
        right=f"{wait}",
        why=law,
        wrong={
            f"{depth / rate}": f"That is in minutes. {law}",
            f"{rate / depth}": law,
            f"{depth * rate}": law,
            f"{depth * rate / 60}": law,
        },
    )


BOUNDS = (1, 2, 5, 10, 30)


@drawn(bound=(2, 5, 10), scale=(1, 2, 3))
def percentile_of_all(bound: int, scale: int) -> Asked:
    quick = dict.fromkeys(BOUNDS, 900 * scale)
    slow = {limit: (20 if limit < bound else 60) * scale for limit in BOUNDS} | {BOUNDS[-1]: 100 * scale}
    add = "Percentiles cannot be averaged. For each bound, add the counts of both workers. Take the first sum of 95 % or more."
    return Asked(
        "Two workers count for how long their jobs have waited. A number says how many of a worker's jobs waited for so many "
        f"seconds or less:\n\n`worker-1: {quick}`\n`worker-2: {slow}`\n\nNo job waited for longer than 30 s. Which is the "
        f"lowest of the bounds {', '.join(map(str, BOUNDS))} within which at least 95 % of all jobs of both workers started?",
        right=f"{bound}",
        why=add,
        wrong={
            "30": f"That is so for worker-2 alone. {add}",
            "15.5": add,
            "3.9": f"Weights do not help. {add}",
            "1": f"That is so for worker-1 alone. {add}",
        },
    )


@drawn(order=tuple(permutations("abc")), seconds=(5, 10, 20, 30))
def known_workers(order: tuple[str, str, str], seconds: int) -> Asked:
    waiting, stopped, killed = order
    fate = {
        waiting: "waits for jobs",
        stopped: f"was stopped with SIGTERM {seconds} seconds ago",
        killed: f"was killed with SIGKILL {seconds} seconds ago",
    }
    dead = "A killed worker cannot say that it has ended. RQ counts it until its registration expires, which takes minutes."
    says = "A worker that is stopped with SIGTERM deletes its registration."
    said = " ".join(f"Worker `{name}` {fate[name]}." for name in sorted(order))
    return Asked(
        f"Three workers of one queue had no job, and ran with RQ's default options. {said} Nothing else has happened since. "
        "Which of them does RQ still know, so that `Worker.all(connection=redis)` returns them? Give a set of names, such as "
        '`{"a", "b", "c"}`.',
        right="{" + ", ".join(f'"{name}"' for name in sorted((waiting, killed))) + "}",
        why=f"{says} {dead}",
        wrong={
            f'{{"{waiting}"}}': dead,
            '{"a", "b", "c"}': says,
            f'{{"{waiting}", "{stopped}"}}': f"It is the other way round. {says} {dead}",
        },
    )


DAYS = ((600, 0.05), (600, 0.1), (60, 5), (80, 4), (600, 1), (900, 0.5))
"""Jobs that come at once, and how long each takes: a newsletter, slow jobs, and both."""

RULES = (
    ('rq_jobs{status="queued"} > 100', "0m"),
    ('rq_jobs{status="queued"} > 100', "2m"),
    ("rq_oldest_job_age_seconds > 120", "1m"),
)
"""Expression and `for` of each rule."""


@drawn(day=DAYS, order=tuple(permutations("abc")))
def alarms(day: tuple[int, float], order: tuple[str, str, str]) -> Asked:
    jobs, seconds = day
    many, age = max(0.0, (jobs - 100) * seconds), jobs * seconds
    fires = (many > 0, many > 120, age > 120 + 60)
    count = f"More than 100 jobs wait for about {many:g} s" if many else f"Only {jobs} jobs wait"
    why = f"{count}, and the age of the oldest one reaches about {age:g} s."
    rules = "\n".join(
        f"`{name}: {RULES[n][0]}`, for `{RULES[n][1]}`" for name, n in sorted(zip(order, range(3), strict=True))
    )
    right = {name for name, yes in zip(order, fires, strict=True) if yes}
    sets = [{name for n, name in enumerate("abc") if bits >> n & 1} for bits in range(8)]
    return Asked(
        f"{jobs} jobs are enqueued at one moment, and then none for an hour. The queue was empty. Its only worker runs one job "
        f"after the other, and each takes {seconds:g} s. Every 15 s, Prometheus scrapes, and then checks three alert rules. "
        "`rq_oldest_job_age_seconds` says for how long the oldest waiting job has waited. The time "
        f"behind `for` is how long a rule has to be true until it fires:\n\n{rules}\n\nWhich rules fire? Give a set of letters: "
        '`set()`, `{"a"}`, `{"a", "b"}` and so on.',
        right=_written(right),
        why=why,
        wrong={_written(other): why for other in sets if other != right},
    )


def _written(letters: set[str]) -> str:
    return "{" + ", ".join(f'"{letter}"' for letter in sorted(letters)) + "}" if letters else "set()"


QUESTIONS = (littles_law, percentile_of_all, known_workers, alarms)
