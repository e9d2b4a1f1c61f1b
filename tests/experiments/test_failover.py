"""Jobs that are asked for while their primary is cut off: which are kept, which are lost, and who was told."""

import time

import pytest
from redis import ConnectionError, Redis
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from labsupport.experiments import failover
from labsupport.processes.sentinels import SentinelGroup

SAFE = {"min-replicas-to-write": "1", "min-replicas-max-lag": "1"}


@pytest.fixture
def group():
    started = []

    def start(**config: str) -> SentinelGroup:
        started.append(SentinelGroup(config, cable=True))
        return started[-1]

    yield start
    for one in started:
        one.close()


def in_rack(group: SentinelGroup) -> Queue:
    """The queue as a client has it that still reaches the primary when it is cut off."""
    return Queue("q", connection=Redis.from_url(group.primary.url), serializer=JSONSerializer)


def kept(group: SentinelGroup, job: str) -> bool:
    return Job.exists(job, connection=Redis.from_url(group.replica.url))


def test_what_a_primary_accepts_that_is_cut_off_is_lost_and_wait_says_so(group):
    one = group()
    queue, told = in_rack(one), {}

    def enqueue() -> Job:
        job = queue.enqueue("operator.truth", 1)
        told[job.id] = queue.connection.wait(1, 50)
        return job

    seen = failover.tries(enqueue, 2, at={0.5: one.cut_off})
    assert set(seen["error"]) == {""}  # every one was accepted
    one.wait_for_failover()
    lost = [job for job in seen["job"] if not kept(one, job)]
    assert 0 < len(lost) < len(seen)
    assert {told[job] for job in lost} == {0}
    assert sum(told.values()) > 0
    assert all(kept(one, job) for job in told if told[job])


def test_min_replicas_refuses_after_its_lag(group):
    one = group(**SAFE)
    queue = in_rack(one)
    seen = failover.tries(lambda: queue.enqueue("operator.truth", 1), 4, at={0.5: one.cut_off})
    refused = seen[seen["job"] == ""]
    assert set(refused["error"]) == {"ResponseError"}
    begin = seen["sent"].min() + 0.5
    # Whole seconds, and it looks once a second: two to three at the most, and then no more is taken.
    assert refused["sent"].min() - begin < 3.5
    assert seen.loc[seen["sent"] >= refused["sent"].min(), "job"].eq("").all()
    one.wait_for_failover()
    lost = [job for job in seen["job"] if job and not kept(one, job)]
    assert 0 < len(lost) < (seen["sent"] > begin).sum()
    # And the new primary has no replica until the old one is back: it takes nothing either.
    with pytest.raises(Exception, match="NOREPLICAS"):
        Redis.from_url(one.replica.url).set("a", 1)


def test_tries_are_a_row_each():
    answers = iter([ConnectionError("away"), Job("a", connection=Redis())])

    def enqueue() -> Job:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    happened = []
    seen = failover.tries(enqueue, 0.15, every=0.1, at={0.05: lambda: happened.append(time.time())})
    assert list(seen["error"]) == ["ConnectionError", ""]
    assert list(seen["job"].astype(bool)) == [False, True]
    assert seen["sent"].iloc[0] < happened[0] < seen["sent"].iloc[1]


def test_what_is_no_error_of_redis_comes_out():
    with pytest.raises(ZeroDivisionError):
        failover.tries(lambda: 1 / 0, 1)
