"""tell-the-user: a text for every state a job can be in."""

import re
from collections.abc import Callable
from datetime import timedelta

from rq.command import send_stop_job_command
from rq.job import Job
from rq.serializers import JSONSerializer

from labsupport.errors import LabError
from labsupport.exercises.exercise import Bench, NotYet
from labsupport.exercises.judging import at_work, expect, own_queue, token
from labsupport.exercises.trial import run
from labsupport.waiting import comes_true

HINTS = (
    "The status is all that is needed. Which states mean sent, which mean that it will never be sent, and which mean not yet?",
    "A dictionary from status to text, and .get with a text for everything else.",
    "Nobody runs a job that is stopped or canceled: it is not on its way.",
)

NEVER = ("failed", "killed", "stopped", "canceled")
LATER = ("queued", "started", "scheduled", "deferred")


def judge(answer: object, bench: Bench) -> str:
    expect(Callable, answer, "the function tell itself, which is not called")
    secret = f"hunter-{token()}"
    texts: dict[str, str] = {}
    queue = own_queue(bench)
    finished = queue.enqueue("operator.add", 2, 3)
    failed = queue.enqueue("builtins.int", secret)
    killed = queue.enqueue("signal.raise_signal", 9)
    stopped, running = (queue.enqueue("time.sleep", 600) for _ in range(2))
    with at_work(queue, bench):
        _until(stopped, "started")
        send_stop_job_command(bench.redis, stopped.id)
        _until(running, "started")
        waiting = queue.enqueue("time.sleep", 1)
        deferred = queue.enqueue("time.sleep", 1, depends_on=waiting)
        scheduled = queue.enqueue_in(timedelta(hours=1), "time.sleep", 1)
        canceled = queue.enqueue("time.sleep", 1)
        canceled.cancel()
        every = {
            "finished": finished, "failed": failed, "killed": killed, "stopped": stopped, "canceled": canceled,
            "queued": waiting, "started": running, "scheduled": scheduled, "deferred": deferred,
        }  # fmt: skip
        for state, job in every.items():
            texts[state] = _text(answer, Job.fetch(job.id, connection=bench.redis, serializer=JSONSerializer))
    for state in ("failed", "killed", "stopped"):
        job = Job.fetch(every[state].id, connection=bench.redis, serializer=JSONSerializer)
        _gives_nothing_away(texts[state], job.latest_result().exc_string, job, secret)
    _speaks_to_a_user(texts)
    _is_true(texts)
    return f"Every state has a text that is true. A failed one reads: {texts['failed']}"


def _until(job: Job, status: str) -> None:
    if not comes_true(lambda: job.get_status() == status, within=8):
        raise LabError(f"A job of the check is {job.get_status()}, and not {status}.")


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
    for given in (secret, "Traceback", "traceback", 'File "', job.func_name, *words, *paths):
        if re.search(rf"(?<!\w){re.escape(given)}", text):
            shown = text if len(text) < 60 else f"{text[:60]}…"
            raise NotYet(
                f"The text for a failed job gives {given!r} away. That is for you, not for the user: {shown!r}"
            )


PLAIN = {"stopped", "terminated", "unexpectedly", "returned"}
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
