"""Redis killed and restarted, a worker killed with the job in its hands, all under load: what became of each 202."""

import os
from collections import Counter

import psutil
import pytest
from rq import Worker
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.utils import now

from labsupport.experiments.maintenance import minutes_later
from labsupport.measure import load
from labsupport.measure.attempts import delays
from labsupport.notifications.provider import Provider
from labsupport.notifications.queue import notification_queue
from tests.kernels import soon

API = "labsupport.notifications.api:api"


@pytest.fixture
def service(lab):
    server = lab.move_to_own_server()
    queue = notification_queue(lab.redis)
    return server, queue, lab.serve(API), lab.workers(queue, count=2, scheduler=True, keep=True), Provider(lab.redis)


def states(lab, ids) -> Counter:
    jobs = Job.fetch_many(list(ids), connection=lab.redis, serializer=JSONSerializer)
    return Counter(job.get_status(refresh=False).value if job else "lost" for job in jobs)


def crash(queue, group, provider) -> str:
    """SIGKILL for a worker and its work-horse, as when its machine goes down: one without the scheduler, in the middle of
    a job, for which the provider takes five seconds. Returns the job's id."""
    provider.behave(latency=5)
    slow = now()
    below = {worker: psutil.Process(worker.pid).children() for worker in group}
    victim = next(worker for worker in group if not any(map(is_scheduler, below[worker])))

    found: list[Job] = []  # by one look: at the next, the job may have ended

    def in_hand() -> list[Job]:
        jobs = [worker.get_current_job() for worker in Worker.all(queue=queue) if worker.name == victim.name]
        found.extend(job for job in jobs if job and job.started_at and job.started_at > slow)
        return found

    assert soon(in_hand, within=20)
    job = found[0]
    for process in [psutil.Process(victim.pid), *psutil.Process(victim.pid).children()]:
        process.kill()
    provider.behave(latency=0.05)
    return job.id


def is_scheduler(process: psutil.Process) -> bool:
    """A work-horse leads a process group of its own; the scheduler does not."""
    return os.getpgid(process.pid) != process.pid


def test_every_202_is_accounted_for(lab, service):
    server, queue, api, group, provider = service
    provider.behave(latency=0.05)
    abandoned = []
    requests = load.open_loop(
        "POST", f"{api.url}/notifications", 20, 12, json={"message": "Hi"},
        at={
            1: lambda: provider.behave(latency=0.05, down=True),
            2.5: lambda: provider.behave(latency=0.05),
            4: lambda: abandoned.append(crash(queue, group, provider)),
            6: server.kill,
            9: server.start,
        },
    )  # fmt: skip
    answers = Counter(requests["status"])
    assert set(answers) == {202, 503}  # nobody was left without an answer
    assert answers[503] > 0
    slowest = requests["latency"].max()
    accepted = requests.loc[requests["status"] == 202, "job"]
    assert accepted.is_unique

    # All end by themselves, but the job that the dead worker had in hand, and one that Redis gave to a worker as it was
    # killed: the worker never heard of it.
    def settled() -> bool:
        now, taken = states(lab, accepted), queue.intermediate_queue.get_job_ids()
        return now["finished"] + now["failed"] + len(taken) >= len(accepted) - 1 and len(queue) == 0

    assert soon(settled, within=60), states(lab, accepted)
    left = states(lab, accepted)
    assert left["lost"] == 0
    assert abandoned[0] in set(accepted)
    assert left["started"] <= 1  # that one, unless a worker's maintenance has found it already
    minutes_later(queue, 3600)  # its execution has expired by then
    assert soon(lambda: set(states(lab, accepted)) <= {"finished", "failed"}, within=20), states(lab, accepted)
    end = states(lab, accepted)
    reasons = Counter(
        job.latest_result().exc_string.strip().rpartition("\n")[2].partition(":")[0]
        for job in Job.fetch_many(list(accepted), connection=lab.redis, serializer=JSONSerializer)
        if job.get_status() == "failed"
    )
    assert sum(reasons.values()) == end["failed"]
    delivered = len(provider.delivered())
    # A 503 may have been enqueued all the same: its answer was lost, not the job.
    assert end["finished"] <= delivered <= end["finished"] + answers[503]
    late = delays(lab.attempts())["delay"]
    print(
        f"{len(requests)} requests: {answers[202]} × 202, {answers[503]} × 503, the slowest answer after {slowest:.1f} s\n"
        f"of the 202: {dict(end)}, failed for {dict(reasons)}, none lost; one was abandoned and found\n"
        f"delivered {delivered}; half within {late.median():.1f} s, the last after {late.max():.1f} s"
    )


def test_patient_workers_ride_out_a_restart(lab, service):
    """With the job in hand when Redis goes, and longer than redis-py's own tries."""
    server, queue, api, group, provider = service
    before = [worker.pid for worker in group]
    job = queue.enqueue("time.sleep", 1)
    assert soon(lambda: queue.started_job_registry.count == 1)
    load.open_loop("GET", f"{api.url}/users/1", 1, 7, at={0.2: server.kill, 6: server.start})
    assert soon(lambda: job.get_status() == "finished", within=20)
    assert [worker.pid for worker in group] == before
