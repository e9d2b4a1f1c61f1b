"""ask-later, of 02-process."""

from rq.job import Job

from labsupport.exercises.exercise import Bench, NotYet

HINTS = (
    "Print job.get_status() after the first line. What does it say?",
    "Between enqueueing and asking, somebody has to wait until the job is done. Further up, a helper did.",
)


def judge(answer: object, bench: Bench) -> str:
    if answer is None:
        raise NotYet(
            "None: when you asked, the worker was not done. enqueue returns at once, and so does return_value; "
            "neither waits. lab.wait does."
        )
    if isinstance(answer, Job):
        raise NotYet("This is the job. Its result is what return_value() says, once the job is finished.")
    if answer != 5:
        raise NotYet(f"The mean of 2, 4 and 9 is 5; this is {answer!r}.")
    finished = bench.attempts().query("function == 'statistics.mean' and outcome == 'finished'")
    if finished.empty:
        raise NotYet("5 is right, and no worker has computed it. Let the job do it.")
    return f"The result was there when the job was finished, by {finished['worker'].iloc[-1]}, and not before."
