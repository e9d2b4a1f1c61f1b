"""first-202: a notification through the API."""

import httpx
from rq.job import Job

from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import copied, expect, fetched, provider, worked_off

HINTS = (
    "The cell above sent one. What is different in yours?",
    "httpx.post(url, json={…}) sends a dictionary as JSON.",
)


def judge(answer: object, context: Context) -> str:
    expect(httpx.Response, answer, "the response that httpx returns")
    assert isinstance(answer, httpx.Response)
    method, path = answer.request.method, answer.request.url.path
    if method != "POST" or path != "/notifications":
        raise NotYet(
            f"That is the answer to a {method} of {path}. A notification is sent with POST, to /notifications."
        )
    if answer.status_code == 422:
        raise NotYet(f"The service refused it with 422, and says of {_problem(answer)}.")
    if answer.status_code != 202:
        raise NotYet(f"The service answered {answer.status_code}: {answer.text[:100]}")
    kind, _, identity = answer.headers.get("Location", "").rpartition("/")
    if kind != "/jobs" or not context.redis.exists(Job.key_for(identity)):
        raise NotYet(
            "It was answered with 202, and the job of its Location is not there: it ended some minutes ago, or this is "
            "an answer from before the set-up cell."
        )
    job = fetched(Job(identity, connection=context.redis), context)
    with provider(context) as one:
        worked_off(copied(job, context), context)
        if one.delivered() != ["Shipped"]:
            raise NotYet(f"A worker ran a copy of the job, and delivered {one.delivered()}; it should be ['Shipped'].")
    return "202 Accepted. A worker ran a copy of the job that its Location names, and the message was delivered."


def _problem(answer: httpx.Response) -> str:
    problem = answer.json()["detail"][0]
    return f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}"
