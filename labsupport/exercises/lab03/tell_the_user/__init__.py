"""tell-the-user: a text for every state a job can be in."""

import re
from collections.abc import Callable
from datetime import timedelta

from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import expect, killed_here, own_queue, ran_here, token
from labsupport.exercises.trial import run

HINTS = (
    "The status is all that is needed. Which states mean sent, which mean that it will never be sent, and which mean not yet?",
    "A dictionary from status to text, and .get with a text for everything else.",
    "Nobody runs a job that is stopped or canceled: it is not on its way.",
)

NEVER = ("failed", "killed", "stopped", "canceled")
LATER = ("queued", "started", "scheduled", "deferred")


def judge(answer: object, context: Context) -> str:
    expect(Callable, answer, "the function tell itself, which is not called")
    secret = f"hunter-{token()}"
    texts: dict[str, str] = {}
    queue = own_queue(context)
    waiting = queue.enqueue("time.sleep", 1)
    every = {
        "finished": ran_here(queue, "operator.add", 2, 3),
        "failed": ran_here(queue, "builtins.int", secret),
        "killed": killed_here(queue, "operator.add", 2, 3),
        "stopped": killed_here(queue, "operator.add", 2, 3),
        "canceled": queue.enqueue("time.sleep", 1),
        "queued": waiting,
        "started": queue.enqueue("time.sleep", 1),
        "scheduled": queue.enqueue_in(timedelta(hours=1), "time.sleep", 1),
        "deferred": queue.enqueue("time.sleep", 1, depends_on=waiting),
    }
    every["canceled"].cancel()
    every["stopped"].set_status(JobStatus.STOPPED)
    every["started"].set_status(JobStatus.STARTED)
    for state, job in every.items():
        texts[state] = _text(answer, Job.fetch(job.id, connection=context.redis, serializer=JSONSerializer))
    for state in ("failed", "killed"):
        job = Job.fetch(every[state].id, connection=context.redis, serializer=JSONSerializer)
        _gives_nothing_away(texts[state], job.latest_result().exc_string, job, secret)
    _speaks_to_a_user(texts)
    _is_true(texts)
    return f"Every state has a text that is true. A failed one reads: {texts['failed']}"


def _text(answer: Callable, job: Job) -> str:
    trial = run(answer, job)
    status = job.get_status(refresh=False).value
    if trial.error:
        raise NotYet(f"For a job that is {status}, tell {trial}. Such a job has to be told of, too.")
    if not isinstance(trial.returned, str) or not trial.returned.strip():
        raise NotYet(f"For a job that is {status}, tell {trial}, which is no text.")
    return " ".join(trial.returned.split())


def _gives_nothing_away(text: str, error: str, job: Job, secret: str) -> None:
    last = error.strip().splitlines()[-1]
    words = [word for word in re.findall(r"[\w-]{5,}", last) if word not in PLAIN]
    paths = re.findall(r'"([^"]*/[^"]*)"', error)
    for given in ("Traceback", "traceback", 'File "', secret, job.func_name, *words, *paths):
        if re.search(rf"(?<!\w){re.escape(given)}", text):
            shown = text if len(text) < 60 else f"{text[:60]}…"
            raise NotYet(
                f"The text for a failed job gives {given!r} away. That is for you, not for the user: {shown!r}"
            )


PLAIN = {"terminated", "unexpectedly", "returned"}
"""Words of RQ's own reasons that a user may be told."""


def _speaks_to_a_user(texts: dict[str, str]) -> None:
    frames = []
    for state, text in texts.items():
        status = "failed" if state == "killed" else state
        if text.lower().removeprefix("jobstatus.") == status:
            raise NotYet(f"{text!r} is RQ's own word. What does it mean for the user?")
        if re.search(rf"\b{status}\b", text, re.I):
            frames.append(re.sub(rf"\b{status}\b", "…", text, flags=re.I))
    if twice := [frame for frame in frames if frames.count(frame) > 2]:
        raise NotYet(
            f"{twice[0]!r}, with RQ's own word for the state in it, is no text for a user. What does each one mean?"
        )
    for state in LATER[:2] + LATER[3:]:
        if re.search(rf"\b{state}\b", texts[state], re.I):
            raise NotYet(f"{texts[state]!r}: {state!r} is RQ's own word. What does it mean for the user?")


def _is_true(texts: dict[str, str]) -> None:
    sent = texts["finished"]
    for state in (*NEVER, *LATER):
        if texts[state] == sent or _says_sent(texts[state]):
            what = "was not sent" if state in NEVER else "is not sent yet"
            raise NotYet(f"A notification {what}, since its job {_is(state)}, and its user is told: {texts[state]!r}.")
    for state in NEVER:
        if texts[state] in {texts[later] for later in LATER}:
            raise NotYet(
                f"A user whose job {_is(state)} is told to wait for ever: {texts[state]!r}. No worker will run that job."
            )


def _is(state: str) -> str:
    return f"is {state}" if state != "killed" else "was killed, and failed"


def _says_sent(text: str) -> bool:
    """Whether it claims that the message is out. Only the plain forms: 'Sent.', 'Your notification was sent.'"""
    if re.search(r"\b(not|never|until|once|when|before|soon|after)\b|n't", text, re.I):
        return False
    return bool(re.search(r"^(sent|delivered|done)\b|\b(was|is|has been) (sent|delivered)\b", text, re.I))
