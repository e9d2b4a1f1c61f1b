"""The questions before and after lab 06."""

from itertools import permutations

from labsupport.exercises.quizzes.question import Asked, drawn


@drawn(order=tuple(permutations(("numbers", "slow", "broken"))), seconds=(2, 3, 5), at_once=(True, True, False))
def statuses(order: tuple[str, ...], seconds: float, at_once: bool) -> Asked:
    calls = {
        "numbers": 'queue.enqueue("operator.getitem", {1: "one"}, 1)',
        "slow": f'queue.enqueue("time.sleep", {seconds}, job_timeout=1)',
        "broken": 'queue.enqueue("operator.truediv", 1, 0, retry=Retry(max=2))',
    }
    option = ", is_async=False" if at_once else ""
    then = (
        ""
        if at_once
        else "Then `SimpleWorker([queue], connection=redis, serializer=JSONSerializer).work(burst=True)` runs. "
    )
    ends = (
        {"numbers": "finished", "slow": "finished", "broken": "failed"} if at_once else dict.fromkeys(calls, "failed")
    )
    right = [ends[name] for name in order]
    why = (
        "A job that runs at once is not read back from Redis, so its key stays a number. No time limit holds, and an error fails "
        "it without a retry."
        if at_once
        else "The worker reads the job from Redis, where JSON made the key a text. It keeps the time limit, and makes the "
        "retries."
    )
    lines = "\n".join(calls[name] for name in order)
    others = [[end] * 3 for end in ("finished", "failed", "queued")]
    others += [["finished" if name == "numbers" else "failed" for name in order]]
    others += [["finished" if name == "slow" else "failed" for name in order]]
    others += [] if at_once else [["failed" if name == "broken" else "finished" for name in order]]
    return Asked(
        f"A test makes `queue = Queue('q', connection=redis, serializer=JSONSerializer{option})`, and three jobs:\n\n"
        f"`{lines}`\n\n{then}What is the status of each job in the end? Give a list of three texts, in the order of the jobs, "
        'such as `["queued", "finished", "failed"]`.',
        right=str(right),
        why=why,
        wrong={str(other): why for other in others if other != right},
    )


@drawn(more=range(2, 6), how=("a pause", "no pause", "at once"))
def runs_in_a_test(more: int, how: str) -> Asked:
    option = ", is_async=False" if how == "at once" else ""
    pause = ", interval=60" if how == "a pause" else ""
    then = "" if how == "at once" else " Then it lets a `SimpleWorker` run once on this queue, with `work(burst=True)`."
    right = more + 1 if how == "no pause" else 1
    why = {
        "a pause": "A retry with a pause waits in the scheduled registry, and a burst ends when the queue is empty. The test "
        "has to move the job into the queue itself.",
        "no pause": "A retry without a pause goes back into the queue at once. A burst ends when the queue is empty.",
        "at once": "A queue with `is_async=False` runs a job once, and makes no retry.",
    }[how]
    return Asked(
        f"A test makes `queue = Queue('q', connection=redis{option})`. It enqueues a job with `retry=Retry(max={more}{pause})`, "
        f"and the job fails every time.{then} No scheduler runs. How many times has the job run when the test ends?",
        right=f"{right}",
        why=why,
        wrong={f"{number}": why for number in (0, 1, more + 1) if number != right}
        | {f"{more}": f"{why} `max` counts the retries, and the first attempt is not one of them."},
    )


BUGS = {
    "function": "The function of a job raises a `KeyError` for a user without a name.",
    "at once": "A job is enqueued with three arguments, and its function takes two.",
    "burst": 'A job is enqueued with the argument `{1: "one"}`. JSON makes the key a text, and the job\'s function looks up the '
    "number.",
    "worker": "The first attempt of a job leaves a value in a global variable. The second attempt needs it, and in production it "
    "is not there.",
}
"""A bug for each kind of test that is the quickest one to find it."""


@drawn(kind=tuple(BUGS))
def quickest(kind: str) -> Asked:
    finds = {
        "function": "It is inside the function, so a call of the function shows it.",
        "at once": "A test that calls the function does not see how it is enqueued. With `is_async=False`, the call has to fit.",
        "burst": "A job that runs at once is not read back from Redis. A worker in the test reads what JSON made of it.",
        "worker": "Inside a test, all attempts share the memory of one process. Only a worker outside shows that they do not.",
    }
    return Asked(
        "These are four kinds of tests, the quickest one first. A `function` test calls the function of a job, once or twice. An "
        "`at once` test enqueues on a queue with `is_async=False`. A `burst` test lets a `SimpleWorker` empty the queue inside "
        "the test. A `worker` test starts the command `rq worker`, outside the test. All queues use JSON.\n\n"
        f"{BUGS[kind]} Which is the quickest kind of test that can find this bug? Give "
        '`"function"`, `"at once"`, `"burst"` or `"worker"`.',
        right=f'"{kind}"',
        why=finds[kind],
        wrong={f'"{other}"': finds[kind] for other in BUGS if other != kind},
    )


TESTS = {
    "raises": "    with pytest.raises({error}):\n        send()",
    "compares": "    try:\n        send()\n    except {error} as error:\n        assert isinstance(error, {error})",
    "else": "    try:\n        send()\n    except {error}:\n        pass\n    else:\n        assert False",
}
"""How a test looks for an error."""


@drawn(order=tuple(permutations(TESTS)), error=("OSError", "ValueError", "KeyError"))
def cannot_fail(order: tuple[str, str, str], error: str) -> Asked:
    names = dict(zip(order, "abc", strict=True))
    tests = "\n\n".join(f"`def test_{name}():\n{TESTS[kind].format(error=error)}`" for kind, name in names.items())
    noticing = sorted(names[kind] for kind in ("raises", "else"))
    missed = f"If `send()` raises nothing, the `except` of `test_{names['compares']}` is passed over, and nothing is asserted."
    return Asked(
        f"`send()` should raise `{error}` when the provider is down. A broken version raises nothing. The provider is down, and "
        f"these tests run on the broken version:\n\n{tests}\n\nWhich of them fail? Give a set of letters, such as "
        '`{"a", "b", "c"}`.',
        right="{" + ", ".join(f'"{name}"' for name in noticing) + "}",
        why=missed,
        wrong={
            '{"a", "b", "c"}': missed,
            f'{{"{names["raises"]}"}}': f"In `test_{names['else']}`, the `else` runs when nothing was raised.",
            f'{{"{names["else"]}"}}': "`pytest.raises` fails the test when nothing is raised.",
            f'{{"{names["compares"]}"}}': f"{missed} The other two fail.",
            "set()": "`pytest.raises` fails the test when nothing is raised, and so does `assert False`.",
        },
    )


QUESTIONS = (statuses, runs_in_a_test, quickest, cannot_fail)
