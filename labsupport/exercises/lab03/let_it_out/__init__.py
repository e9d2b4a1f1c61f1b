"""let-it-out: a failure is a failure, and a success a success."""

from collections.abc import Callable

from rq import Retry
from rq.job import Job

from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import expect, own_queue, provider, token
from labsupport.exercises.trial import Trial, run

HINTS = (
    "What does RQ do with a job that returns False?",
    "RQ logs the exception by itself. Which lines of deliver does nobody need?",
)


def judge(answer: object, context: Context) -> str:
    expect(Callable, answer, "the function deliver itself, which is not called")
    job = own_queue(context).enqueue("operator.truth", 1)  # the current job, for a function that asks for it
    text = f"Hello {token()}"
    with provider(context) as one:
        trial = run(answer, text, job=job)
        if trial.error:
            raise NotYet(f"The provider was up, and deliver {trial}.")
        if (delivered := one.delivered()) != [text]:
            raise NotYet(
                f"The provider was up, deliver was called with {text!r}, and {delivered or 'nothing'} was delivered."
            )
        if trial.returned is not True:
            raise NotYet(f"The message was delivered, and deliver {trial} instead of True.")
    raised = _failure("The provider was down", answer, job, context, down=True)
    _failure("The provider refused the message with a ProviderError", answer, job, context, failure_rate=1)
    _failure("The provider was so slow that RQ raised the job's own timeout", answer, job, context, latency=3)
    return f"Up, it delivers. Down, it {raised}, so RQ can count it and try again; and no other error is swallowed."


def _failure(when: str, answer: Callable, job: Job, context: Context, **behaviour: float | bool) -> str:
    """What deliver does when sending fails. Raises NotYet unless that is a failure for RQ."""
    with provider(context, **behaviour):
        trial = run(answer, f"Hello {token()}", job=job, limit=1)
    if not _fails(trial):
        raise NotYet(
            f"{when}, and deliver {trial}. For RQ a job that returns is finished, unless it returns a Retry: "
            "no retry, no alarm. Let the error out."
        )
    return f"raises {trial.error}" if trial.error else "asks for a Retry"


def _fails(trial: Trial) -> bool:
    return bool(trial.error) or isinstance(trial.returned, Retry)
