"""On a Redis of the reader's, nothing that is not the lab's is read, changed or deleted."""

import json
import signal

import pytest

from tests.kernels import SET_UP, CellError

FOREIGN = {
    "rq:queues": ("sadd", "rq:queue:theirs"),
    "rq:queue:notification-queue": ("rpush", "their-job"),
    "rq:workers": ("sadd", "rq:worker:worker-1"),
    "notifications:provider": ("rpush", "theirs"),
    "jobs-lab:": ("rpush", "an odd name"),
    "jobs-lab:zzzzzzzz:rq:queues": ("rpush", "not a token"),
    "jobs-lab:[0-9a-f]*:x": ("rpush", "a pattern for a name"),
    "*": ("rpush", "a star for a name"),
    "bull:notification-queue:wait": ("rpush", "1"),
}

WORK = """
from rq import Queue
from rq.serializers import JSONSerializer
queue = Queue("notification-queue", connection=lab.redis, serializer=JSONSerializer)
jobs = [queue.enqueue("operator.add", 1, n) for n in range(3)]
with lab.workers(queue, count=2):
    lab.wait(*jobs)
lab.doctor()
print(len(lab.attempts()), [job.return_value() for job in jobs])
"""


def plant(redis) -> dict:
    for key, (command, value) in FOREIGN.items():
        getattr(redis, command)(key, value)
    return {key: redis.dump(key) for key in FOREIGN}


def test_foreign_keys_are_left_alone(kernel, server):
    planted = plant(server.redis)
    notebook = kernel(REDIS_URL=server.url)
    notebook.run(SET_UP)
    assert notebook.run(WORK).endswith("3 [1, 2, 3]\n")
    notebook.run(SET_UP)
    notebook.shut_down()
    assert {key.decode(): server.redis.dump(key) for key in server.redis.scan_iter()} == planted


def test_two_notebooks_do_not_see_each_other(kernel, server):
    one, other = kernel(REDIS_URL=server.url), kernel(REDIS_URL=server.url)
    for notebook in (one, other):
        notebook.run(SET_UP)
        assert notebook.run(WORK).endswith("3 [1, 2, 3]\n")
    one.run("queue.enqueue('operator.add', 1, 1)")
    assert one.run("len(queue)") == "1"
    assert other.run("len(queue)") == "0"
    other.run(SET_UP)  # begins again, and deletes its own
    assert one.run("len(queue)") == "1"


def test_leftovers_are_swept_and_the_living_are_not(kernel, server):
    planted = plant(server.redis)
    killed, living = kernel(REDIS_URL=server.url), kernel(REDIS_URL=server.url)
    for notebook in (killed, living):
        notebook.run(
            SET_UP + "\nfrom rq import Queue\nqueue = Queue('q', connection=lab.redis)\njob = queue.enqueue(print)"
        )
    far = {"machine": "elsewhere/0", "pid": 1, "born": 0}
    server.redis.hset("jobs-lab:labs", "aaaaaaaa", json.dumps({**far, "seen": 0}))
    server.redis.hset("jobs-lab:labs", "bbbbbbbb", json.dumps({**far, "seen": 9e9}))
    server.redis.set("jobs-lab:aaaaaaaa:rq:x", "left a year ago")
    server.redis.set("jobs-lab:bbbbbbbb:rq:x", "of a colleague")
    killed.signal(signal.SIGKILL)
    killed._manager.provisioner.process.wait()
    successor = kernel(REDIS_URL=server.url)
    successor.run(SET_UP)
    assert living.run("len(queue)") == "1"
    tokens = {token.decode() for token in server.redis.hkeys("jobs-lab:labs")}
    assert "aaaaaaaa" not in tokens
    assert "bbbbbbbb" in tokens
    assert len(tokens) == 3  # the colleague's, the living one, and the successor
    held = {key.decode().split(":")[1] for key in server.redis.keys("jobs-lab:*:rq:*")} - {"zzzzzzzz"}
    assert held <= tokens
    assert {key: server.redis.dump(key) for key in FOREIGN} == planted


def test_rq_imported_too_early(kernel, server):
    notebook = kernel(REDIS_URL=server.url)
    with pytest.raises(CellError) as caught:
        notebook.run("import rq\n" + SET_UP)
    assert "Restart the kernel and run the set-up cell first" in str(caught.value)
    assert len(str(caught.value).splitlines()) <= 2


def test_a_wrong_url_is_two_lines_in_the_notebook(kernel):
    notebook = kernel(REDIS_URL="localhost:6379")
    with pytest.raises(CellError) as caught:
        notebook.run(SET_UP)
    assert str(caught.value).splitlines()[1] == "Write it as redis://127.0.0.1:6379/0"
    assert len(str(caught.value).splitlines()) == 2
