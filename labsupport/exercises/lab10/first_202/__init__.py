"""first-202, of 10-ship."""

import httpx
from rq.job import Job
from rq.serializers import JSONSerializer

from labsupport.exercises.exercise import Bench, NotYet
from labsupport.exercises.judging import expect

HINTS = (
    "The cell above sent one. What is different in yours?",
    "httpx.post(url, json={…}) sends a dictionary as JSON.",
)


def judge(answer: object, bench: Bench) -> str:
    expect(httpx.Response, answer, "the response that httpx returns")
    method, path = answer.request.method, answer.request.url.path
    if method == "GET":
        raise NotYet(f"That is the answer to a GET of {path}. A notification is sent with POST, to /notifications.")
    if answer.status_code == 422:
        problem = answer.json()["detail"][0]
        raise NotYet(
            f"The service refused it with 422, and says of {'.'.join(map(str, problem['loc']))}: {problem['msg']}."
        )
    if answer.status_code != 202:
        raise NotYet(f"The service answered {answer.status_code} to a {method} of {path}: {answer.text[:100]}")
    identity = answer.headers.get("Location", "").rpartition("/")[2]
    fields = bench.redis.hgetall(Job.key_for(identity))
    if not fields:
        raise NotYet(f"{path} answered 202, and its Location leads to no job.")
    job = Job.fetch(identity, connection=bench.redis, serializer=JSONSerializer)
    if job.args[0].get("message") != "Shipped":
        raise NotYet(f"The job is there, and its message is {job.args[0].get('message')!r}; it should be 'Shipped'.")
    return f"202 Accepted, and Redis holds the job that {answer.headers['Location'][:6]}… names."
