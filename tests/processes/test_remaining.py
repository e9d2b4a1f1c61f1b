"""lab.drain: waits for what somebody still does, and for nothing else."""

import os
import signal
import subprocess
import sys
import time

import pytest

from labsupport.errors import LabError
from labsupport.processes.remaining import Watch
from tests.kernels import family, soon


def begun(queue) -> bool:
    return queue.started_job_registry.count == 1


def test_waits_for_the_job_in_hand_and_for_its_retry(lab, queue, capsys):
    from rq import Retry

    failing = queue.enqueue("operator.add", 2, retry=Retry(max=1, interval=1))
    long = queue.enqueue("time.sleep", 1)
    with lab.workers(queue, scheduler=True):
        lab.drain(queue)
        assert [job.get_status().value for job in (failing, long)] == ["failed", "finished"]
        assert capsys.readouterr().out.splitlines()[-1] == "notification-queue is empty"


def test_a_job_whose_worker_was_killed_is_not_waited_for(lab, queue, capsys):
    group = lab.workers(queue)
    job = queue.enqueue("time.sleep", 600)
    assert soon(lambda: begun(queue) and family(group[0].pid), within=20)
    for pid in [group[0].pid, *family(group[0].pid)]:
        os.kill(pid, signal.SIGKILL)
    start = time.monotonic()
    lab.drain(queue)
    assert time.monotonic() - start < 20
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "notification-queue is empty",
        f"abandoned: {job.id}, whose worker died",
    ]
    # Nor when a new worker has its name.
    with lab.workers(queue):
        lab.drain(queue)
        assert capsys.readouterr().out.splitlines()[-1] == f"abandoned: {job.id}, whose worker died"


def test_a_worker_that_replaces_a_dead_one_meanwhile_is_waited_for(lab, queue):
    group = lab.workers(queue, keep=True)
    watch = Watch(queue, list(group))
    dead = group[0].pid
    group[0].signal(signal.SIGKILL)
    assert soon(lambda: group[0].pid != dead, within=30)
    queue.enqueue("time.sleep", 600)
    assert soon(lambda: begun(queue), within=20)
    assert (watch.look().being_run, watch.look().abandoned) == (1, ())
    group.kill()


def test_an_orphan_work_horse_finishes_its_job(lab, queue, capsys):
    group = lab.workers(queue)
    job = queue.enqueue("time.sleep", 3)
    assert soon(lambda: begun(queue) and family(group[0].pid), within=20)
    group[0].signal(signal.SIGKILL)
    lab.drain(queue)
    assert job.get_status() == "finished"
    assert capsys.readouterr().out.splitlines()[-1] == "notification-queue is empty"


def test_a_worker_of_a_terminal(lab, queue, capsys):
    command = [sys.executable, "-m", "rq.cli", "worker", queue.name, "--name", "terminal", "--serializer", "json"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as worker:
        try:
            job = queue.enqueue("time.sleep", 600)
            assert soon(lambda: begun(queue) and family(worker.pid), within=30)
            with pytest.raises(LabError, match="0 waiting, 0 scheduled, 0 being begun, 1 being run"):
                lab.drain(queue, timeout=0.5)
        finally:
            for pid in [*family(worker.pid), worker.pid]:
                os.kill(pid, signal.SIGKILL)
    lab.drain(queue)
    assert capsys.readouterr().out.splitlines()[-1] == f"abandoned: {job.id}, whose worker died"


def test_a_taken_job_that_nobody_begins_is_waited_for_for_seconds_only(lab, queue):
    job = queue.enqueue("operator.truth", 1)
    lab.redis.lmove(queue.key, queue.intermediate_queue_key, "LEFT", "RIGHT")  # and the taker dies
    assert Watch(queue, []).look().being_begun == 1
    lab.drain(queue)
    assert job.get_status() == "queued"


def test_waiting_jobs_are_waited_for(lab, queue):
    queue.enqueue("operator.truth", 1)
    with pytest.raises(LabError, match="Gave up after 0 s: 1 waiting, 0 scheduled"):
        lab.drain(queue, timeout=0.2)
