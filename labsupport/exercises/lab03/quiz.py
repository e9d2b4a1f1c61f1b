"""The questions before and after lab 03."""

from labsupport.exercises.quizzes.question import Asked, drawn

WAYS = {
    "raises": ("raises a `KeyError`", True),
    "too_slow": ("runs for longer than its `job_timeout`", True),
    "no_json": ("returns a `set`, which JSON cannot represent", False),
    "killed": ("has its work-horse killed by the system, while the worker lives on", True),
    "caught": ("catches its own `KeyError`, and returns `False`", False),
    "missing": ("names a function that does not exist", True),
}
"""What a job can do, and whether RQ then calls it failed."""


@drawn(first=range(len(WAYS)), step=(1, 5))
def failed(first: int, step: int) -> Asked:
    names = list(WAYS)
    chosen = dict(zip("abcd", (names[(first + step * n) % len(names)] for n in range(4)), strict=True))
    right = [letter for letter, way in chosen.items() if WAYS[way][1]]
    silent = [letter for letter, way in chosen.items() if not WAYS[way][1]]
    listed = "".join(f"\n`{letter}` {WAYS[way][0]}." for letter, way in chosen.items())

    def written(letters: list[str]) -> str:
        return "{" + ", ".join(f'"{letter}"' for letter in sorted(letters)) + "}"

    wrong = {
        written([*right, letter]): f"`{letter}` returned, so RQ calls it finished. "
        + ("Its result is lost, without an error." if chosen[letter] == "no_json" else "A caught error is no failure.")
        for letter in silent
    }
    wrong |= {
        written([one for one in right if one != letter]): f"`{letter}` is failed, too: "
        + {
            "raises": "an exception is how a job says so.",
            "too_slow": "RQ stops it with an exception.",
            "killed": "its worker sees that the work-horse died.",
            "missing": "its worker cannot import the function.",
        }[chosen[letter]]
        for letter in right
    }
    return Asked(
        "Four jobs run on a worker that forks and uses JSON. None has a retry." + listed + "\n"
        'Which ones does RQ call failed? Give a set of letters, like `{"b"}`.',
        right=written(right),
        why="What raises, takes too long, is killed or cannot be imported is failed. What returns is finished.",
        wrong=wrong,
    )


@drawn(more=range(2, 6), killed=(False, True))
def told(more: int, killed: bool) -> Asked:
    what = (
        "is killed by the system in each attempt: its work-horse dies, and its worker lives on"
        if killed
        else "raises the same exception in each attempt"
    )
    return Asked(
        f"A job has `retry=Retry(max={more})` and `on_failure=Callback(note)`. It {what}. How many times is `note` called until "
        "the job has failed for good?",
        right="0" if killed else f"{more + 1}",
        why="The callback runs in the work-horse, and the work-horse was killed."
        if killed
        else f"It is called for each attempt, and `max={more}` means {more + 1} attempts.",
        wrong={
            "1": "The callback runs in the work-horse, and the work-horse was killed."
            if killed
            else "`on_failure` is called for each attempt, not once for the job.",
            f"{more}": "The callback runs in the work-horse, and the work-horse was killed."
            if killed
            else "The first attempt is not a retry, and `on_failure` is called for it, too.",
        }
        | ({f"{more + 1}": "An exception gives that number. A killed work-horse can call nothing."} if killed else {}),
    )


@drawn(jobs=range(7, 12), poison=range(3, 6), simple=(False, True))
def poisoned(jobs: int, poison: int, simple: bool) -> Asked:
    worker = "`rq.SimpleWorker`, which does not fork" if simple else "`rq.Worker`, which forks"
    stopped, survived = f"[{poison - 1}, {jobs - poison}]", f"[{jobs - 1}, 0]"
    return Asked(
        f"A queue has {jobs} jobs. Job number {poison} kills the process that it runs in, and has no retry. The others are "
        f"healthy. One worker works on the queue: {worker}. If it dies, nobody starts another. In the end, how many jobs are "
        "finished, and how many still wait in the queue? Give a list of two numbers: finished, in the queue.",
        right=stopped if simple else survived,
        why="Without a fork the job kills the worker, so the jobs behind it wait."
        if simple
        else "The job kills only its work-horse. The worker lives, and takes the next job.",
        wrong={
            survived: "A SimpleWorker runs the job in its own process, so the job kills the worker.",
            f"[{poison - 1}, {jobs - poison + 1}]": "The job that killed the worker does not wait: it still says started.",
        }
        if simple
        else {
            stopped: "The job kills only its work-horse. The worker lives, and takes the next job.",
            f"[{jobs - 1}, 1]": "The killed job is not put back: it has no retry, so it is failed.",
        },
    )


CASES = {
    "renamed module": (
        "The module `mail` is now named `post`. The job was enqueued before that, with the path `mail.send`.",
        "ValueError",
        {
            "ModuleNotFoundError": "RQ says only that it cannot import the function, as a `ValueError`: Invalid attribute name."
        },
    ),
    "import": (
        "The job's path is `mail.send`, and `mail.py` begins with `import requests`. This package is not installed where the "
        "worker runs.",
        "ValueError",
        {
            "ModuleNotFoundError": "RQ hides the reason. It says only `ValueError`: Invalid attribute name. So look at the "
            "deployment."
        },
    ),
    "renamed function": (
        "The function `send` in the module `mail` is now named `deliver`. The job was enqueued before that, with the path "
        "`mail.send`.",
        "ValueError",
        {
            "AttributeError": "RQ says only that it cannot import the function, as a `ValueError`: Invalid attribute name."
        },
    ),
    "argument": (
        "The function `mail.send` had two arguments, and has one now. The job was enqueued before that, with two.",
        "TypeError",
        {
            "ValueError": "The function was found, so its name is good. The call failed, as any call with too many arguments."
        },
    ),
    "key": (
        'The function `mail.send` is found and called. It then reads `settings["host"]`, and this dictionary has no such key.',
        "KeyError",
        {
            "ValueError": "A `ValueError` of RQ means that the function cannot be imported. This one ran, and its own error is "
            "shown."
        },
    ),
}
"""What is wrong, the error that the job shows, and what people think instead."""


@drawn(case=tuple(CASES))
def error(case: str) -> Asked:
    what, right, wrong = CASES[case]
    return Asked(
        f"{what} A worker takes the job, and it fails. Which error does the last line of `job.latest_result().exc_string` name? "
        'Give one of these texts: `"AttributeError"`, `"KeyError"`, `"ModuleNotFoundError"`, `"TypeError"` or `"ValueError"`.',
        right=f'"{right}"',
        why="If the function is not found, or if something cannot be imported, RQ says `ValueError`. Any other error is "
        "shown as it is.",
        wrong={f'"{name}"': says for name, says in wrong.items()},
    )


QUESTIONS = (failed, told, poisoned, error)
