"""two-releases: one function for the jobs of two releases."""

from collections.abc import Callable

from rq import Retry

from labsupport.exercises import trial
from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import expect, own_queue, token

HINTS = (
    "The queue holds jobs with `message`, and the new API enqueues jobs with `text`.",
    "See whether one of the two is there, and take the other one otherwise. A job with neither should fail.",
)


def judge(answer: object, context: Context) -> str:
    expect(Callable, answer, "the function send")
    assert callable(answer)
    new, old, neither = {"text": f"new {token()}"}, {"message": f"old {token()}"}, {"subject": token()}
    ran = {}
    for kind, data in (("new", new), ("old", old), ("neither", neither)):
        # As the job that it is: release one and two ask for the current job.
        job = own_queue(context).enqueue("letters.send", data)
        ran[kind] = trial.run(answer, data, job=job)
    for kind, data in (("new", new), ("old", old)):
        (wanted,) = data.values()
        if ran[kind].error or ran[kind].returned != wanted:
            raise NotYet(
                f"Jobs of both releases are in the queue. For one of the {kind} release, {data}, it {ran[kind]}."
            )
    if ran["neither"].error or isinstance(ran["neither"].returned, Retry):
        return "Jobs of both releases are done, and one that is neither fails, so that somebody sees it."
    raise NotYet(
        f"For a job of neither kind, {neither}, it {ran['neither']}: the job would count as finished, and nobody would know "
        "that nothing was sent. Let it raise."
    )
