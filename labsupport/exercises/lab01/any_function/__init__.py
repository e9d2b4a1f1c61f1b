"""any-function, of 01-enqueue."""

from rq.job import Job

from labsupport.exercises.exercise import Bench, NotYet
from labsupport.exercises.judging import expect

HINTS = (
    "queue.enqueue takes a function and what to call it with. It must not be called here.",
    "mean takes one argument, a list. So exactly one argument stands after the function.",
)


def judge(answer: object, bench: Bench) -> str:
    if answer == 5:
        raise NotYet(
            "5 is the result: mean was called here, in the notebook, before any queue heard of it. "
            "Give queue.enqueue the function and its arguments, apart."
        )
    expect(Job, answer, "the job that queue.enqueue returns")
    if answer.func_name == "mean":
        raise NotYet(
            "The worker would look for a module named `mean` and find none: a path names the module too. "
            "Hand over the function itself, and RQ writes the path."
        )
    if answer.func_name != "statistics.mean":
        raise NotYet(f"The job should call statistics.mean; it calls {answer.func_name}.")
    if list(answer.args) == [2, 4, 9]:
        raise NotYet(
            "The worker would call mean(2, 4, 9), with three arguments, and fail: mean takes one list. "
            "What stands after the function is passed on as it stands."
        )
    if list(answer.args) != [[2, 4, 9]]:
        raise NotYet(f"The worker should call mean([2, 4, 9]); the job's arguments are {answer.args}.")
    return "The job is a path and a list of arguments: statistics.mean, [[2, 4, 9]]. No code of yours was needed."
