"""any-function: enqueue a call of statistics.mean."""

from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import calls, copied, fetched, worked_off

HINTS = (
    "queue.enqueue takes a function and what to call it with. mean itself must not be called here. "
    "An AttributeError about `__module__` says that it was: RQ got the number 5 in place of a function.",
    "mean takes one argument, a list. So exactly one argument stands after the function.",
)


def judge(answer: object, context: Context) -> str:
    if isinstance(answer, (int, float)) and answer == 5:
        raise NotYet(
            "5 is the result: mean was called here, in the notebook, before any queue heard of it. "
            "Give queue.enqueue the function and its arguments, apart."
        )
    job = fetched(answer, context)
    if job.func_name == "mean":
        raise NotYet(
            "The job's path is `mean`, without a module. RQ looks for a built-in function of that name, and Python has none: "
            "the job would fail. Hand over the function itself, and RQ writes the whole path."
        )
    if job.func_name == "statistics.mean" and list(job.args) == [2, 4, 9]:
        raise NotYet(
            "The worker would call mean(2, 4, 9), with three arguments, and fail: mean takes one list. "
            "What stands after the function is passed on as it stands."
        )
    calls(job, "statistics.mean", [2, 4, 9])
    done = worked_off(copied(job, context), context, timeout=30)
    if done.return_value() != 5:
        raise NotYet(f"A worker ran a copy of your job, which is {done.get_status().value} now, and returned no 5.")
    return "A worker ran a copy of your job and returned 5. Nobody had to give it the code of mean."
