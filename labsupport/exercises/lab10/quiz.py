"""The questions before and after lab 10."""

from itertools import combinations, permutations

from labsupport.exercises.quizzes.question import Asked, drawn

SITUATIONS = {
    "No worker is running.": 202,
    "The provider is down.": 202,
    "All workers are busy for the next minute.": 202,
    "Redis is down.": 503,
    "Redis has reached its `maxmemory`, with `maxmemory-policy noeviction`.": 503,
}


@drawn(three=[three for three in permutations(SITUATIONS, 3) if len({SITUATIONS[one] for one in three}) == 2])
def answers_in_trouble(three: tuple[str, str, str]) -> Asked:
    """three: situations, each with another answer than at least one of the others."""
    right = [SITUATIONS[one] for one in three]
    listed = "\n".join(f"{number}. {one}" for number, one in enumerate(three, 1))
    return Asked(
        "For each `POST`, an API enqueues a job with RQ. Later a worker runs the job, which calls a provider. The API answers "
        "202 when the job is enqueued, and 503 when it cannot be. What does it answer in each of these situations? Give a list "
        f"of three numbers.\n{listed}",
        right=str(right),
        why="202 promises that Redis has the job. There it waits for a worker and for the provider. If Redis does not take it, "
        "nothing can be promised.",
        wrong={
            "[503, 503, 503]": "A job can wait in Redis for a worker or for the provider. Only Redis must be there at once.",
            "[202, 202, 202]": "A job that Redis does not take is lost, so the API must not promise it.",
            str(
                [202 + 503 - status for status in right]
            ): "It is the other way round: Redis must take the job at once, and a "
            "worker and the provider may come later.",
        },
    )


@drawn(workers=range(2, 7), each=(2, 4, 5), more=range(1, 10))
def grows(workers: int, each: int, more: int) -> Asked:
    """each: jobs a second that one worker does. more: jobs a second that come beyond what all workers do."""
    can, rate = workers * each, workers * each + more
    return Asked(
        f"{workers} workers listen to one queue, and are always busy. A job takes a worker {1 / each:g} s in all. {rate} "
        "jobs are enqueued each second. By how many jobs does the queue grow in one minute?",
        right=f"{60 * more}",
        why=f"The workers do {can} jobs a second, so the queue grows by {more} a second. The API answers as "
        "quickly as ever, and does not show it.",
        wrong={
            f"{more}": "That is for one second, and a minute has 60.",
            f"{60 * rate}": f"So many come. The workers do {can} of them a second.",
            f"{60 * (rate - each)}": f"It would be so with one worker. {workers} work at the same time.",
            "0": f"The workers do {can} jobs a second, and {rate} come.",
        },
    )


SIGNS = (
    "{many} jobs wait, and the oldest of them for {short} s.",
    "{few} jobs wait, and the oldest of them for {long} s.",
    "A delayed job was due {long} s ago, and its status is still `scheduled`.",
    "All {few} workers run a job, and no job waits.",
)


@drawn(
    order=list(permutations(range(4))),
    many=range(500, 5000, 500),
    few=range(3, 7),
    short=range(2, 9),
    long=range(200, 600, 50),
)
def is_broken(order: tuple[int, ...], many: int, few: int, short: int, long: int) -> Asked:
    """order: which of the signs comes first, second, …"""
    told = [SIGNS[n].format(many=many, few=few, short=short, long=long) for n in order]
    listed = "\n".join(f"{letter}: {one}" for letter, one in zip("ABCD", told, strict=True))
    crowd, old, overdue, busy = ("ABCD"[order.index(n)] for n in range(4))
    enough = f"The oldest of the {many} jobs has waited for some seconds only."
    return Asked(
        "You promise that each job starts at most a minute after it was enqueued, or after it was due. Which of these facts show "
        f'that the promise is broken? Give a set of letters, such as {{"A", "B", "C"}}.\n{listed}',
        right=_set(old, overdue),
        why="Look at how long the oldest job has waited, and at delayed jobs that are past their time. How many jobs wait does "
        "not say how long they wait.",
        wrong={
            _set(old): "A delayed job that is past its time is late, too. Probably no scheduler runs.",
            _set(overdue): "The oldest job that waits is late, too, even if only few wait.",
            _set(crowd): "How many jobs wait does not say how long they wait.",
            _set(crowd, old): f"{enough} And a delayed job that is past its time is late, too.",
            _set(crowd, old, overdue): enough,
            _set(old, overdue, busy): "All workers may be busy. While no job waits, none is late.",
        },
    )


def _set(*letters: str) -> str:
    return "{" + ", ".join(f'"{letter}"' for letter in sorted(letters)) + "}"


@drawn(
    order=[order for order in permutations(range(3)) if order != (0, 1, 2)],
    names=list(combinations(("message", "text", "body"), 2)),
)
def deploys(order: tuple[int, int, int], names: tuple[str, str]) -> Asked:
    """order: which letter has the deploy that is made first, second and third. names: of the field, old and new."""
    old, new = names
    both, api, only = ("ABC"[n] for n in order)
    told = {
        both: f"workers that can read `{old}` and `{new}`",
        api: f"an API that sends `{new}` instead of `{old}`",
        only: f"workers that can read only `{new}`",
    }
    listed = "\n".join(f"{letter}: {told[letter]}" for letter in "ABC")
    too_early = f"Until the workers can read `{new}`, the API must not send it."
    still_old = f"As long as the API sends `{old}`, the workers must be able to read it."
    return Asked(
        f"An API enqueues jobs all the time, and their data has a field `{old}`, which the workers read. The field shall be "
        f"called `{new}`, and no job may fail on the way. In which order do you make these three deploys? After each, you wait "
        f"until the jobs that were enqueued before it are done. Give a list of letters, the first deploy first.\n{listed}",
        right=_list(both, api, only),
        why="A worker also gets jobs that an API of another release has sent. So first the workers learn the new name, and last "
        "they forget the old one.",
        wrong={
            _list(api, both, only): too_early,
            _list(api, only, both): too_early,
            _list(only, api, both): still_old,
            _list(only, both, api): still_old,
            _list(both, only, api): still_old,
        },
    )


def _list(*letters: str) -> str:
    return "[" + ", ".join(f'"{letter}"' for letter in letters) + "]"


QUESTIONS = (answers_in_trouble, grows, is_broken, deploys)
