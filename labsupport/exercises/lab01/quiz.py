"""The questions before and after lab 01."""

from labsupport.exercises.quizzes.question import Asked, drawn


@drawn(number=range(3, 9), old=range(2, 5), new=range(6, 10))
def deployed(number: int, old: int, new: int) -> Asked:
    return Asked(
        f"`price(n)` in `shop.py` returns `n * {old}`. Your program calls `queue.enqueue(price, {number})`. Nobody works on the "
        f"queue yet. Then you change `price` in `shop.py`: it returns `n * {new}` now. After that you start the first worker, "
        "and it runs the job. What does the job return?",
        right=f"{number * new}",
        why="A job holds the path of its function and the arguments. The code is what the worker finds when the job runs.",
        wrong={
            f"{number * old}": "That is the old code. A job holds no code, only the path of its function and the arguments.",
            '"failed"': "The path of the function and its argument are still good. The worker imports the new code and calls it.",
        },
    )


@drawn(first=range(1, 4), second=range(4, 7), third=range(7, 10))
def one_id(first: int, second: int, third: int) -> Asked:
    return Asked(
        f'`queue.enqueue(send, n, job_id="report")` is called three times in a row, with `n` = {first}, then {second}, then '
        f"{third}. No worker runs yet. Which numbers are in the `args` of the jobs in `queue.jobs`? Give a list with one number "
        "for each job.",
        right=str([third] * 3),
        why="Each call puts the id into the queue again, and writes over the one hash that has this id.",
        wrong={
            str([first]): "`job_id` alone refuses no second job: that is what `unique=True` does.",
            str([third]): "The hash is one, with the last number. But each call puts the id into the queue again.",
            str([first, second, third]): "There is one hash for an id. The last call wrote over the numbers before.",
        },
    )


@drawn(
    limit=range(5, 60, 5),
    other=(
        ("be kept for one day if it fails", "failure_ttl", "result_ttl"),
        ("leave no result if it succeeds", "result_ttl", "failure_ttl"),
        ("come before the jobs that already wait", "at_front", "unique"),
    ),
)
def options(limit: int, other: tuple[str, str, str]) -> Asked:
    what, name, mistaken = other
    missed = {
        "result_ttl": "`result_ttl` counts after a success. After a failure it is `failure_ttl`.",
        "failure_ttl": "`failure_ttl` counts after a failure. After a success it is `result_ttl`.",
        "unique": "`unique` refuses a second job with the same id. The place in the queue is `at_front`.",
    }
    return Asked(
        f"A job must be stopped when it has run for {limit} s, and it must {what}. Which two options does `queue.enqueue` "
        "need? Choose from `at_front`, `failure_ttl`, `job_id`, `job_timeout`, `result_ttl`, `timeout` and `unique`. Give a "
        'set, like `{"job_id", "unique"}`.',
        right=f'{{"job_timeout", "{name}"}}',
        why="`job_timeout` limits the run. `result_ttl` and `failure_ttl` say how long a job is kept. `at_front` is the place in "
        "the queue.",
        wrong={
            f'{{"timeout", "{name}"}}': "`enqueue` has no option `timeout`: it passes it on to the function, as an argument.",
            f'{{"job_timeout", "{mistaken}"}}': missed[mistaken],
        },
    )


@drawn(left=range(3, 10), right=range(11, 20))
def stranger(left: int, right: int) -> Asked:
    return Asked(
        "Somebody can write to your Redis, and not to your code. Your code never uses Python's module `operator`. The stranger "
        f'runs `job = queue.enqueue("operator.mul", {left}, {right})`, where `operator.mul` multiplies two numbers. Queue and '
        "worker use JSON. Your worker takes the job. What does `job.return_value()` give afterwards?",
        right=f"{left * right}",
        why="The worker calls any function that its Python can import, whether your code uses it or not. So keep strangers out "
        "of your Redis.",
        wrong={
            '"failed"': "The worker does not ask who enqueued a job. It calls any function that its Python can import.",
        },
    )


QUESTIONS = (deployed, one_id, options, stranger)
