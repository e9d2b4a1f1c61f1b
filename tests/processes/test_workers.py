"""Real `rq worker` processes beside the notebook."""

import os
import re
import signal
import time
from datetime import timedelta

import psutil
import pytest
from rq import Queue, Retry, Worker
from rq.defaults import RQ_KEY_PREFIX

from labsupport.errors import LabError
from labsupport.measure.recorder import RecordingWorker
from labsupport.namespace import root
from labsupport.notifications import service_worker
from labsupport.processes import workers
from tests.kernels import alive, family, soon


def test_the_command_shown_is_the_command_run(lab, queue, capsys):
    group = lab.workers(queue, scheduler=True)
    source, command, rest = capsys.readouterr().out.split("\n")[:3]  # a slow start shows its progress after them
    run = psutil.Process(group[0].pid)
    shown = (command.removeprefix("$ rq worker ").rstrip("\\") + rest).split()
    assert sorted(shown) == sorted(" ".join(run.cmdline()).split("rq.cli worker ")[1].split())
    assert source.startswith("$ source ")
    # Any user of the machine can read a command line.
    assert lab.url.partition("@")[0] not in " ".join(run.cmdline())
    group.stop()


def test_more_options(lab, queue, capsys):
    """As one types them; they are shown and given."""
    with lab.workers(queue, options="--maintenance-interval 1 --worker-ttl 16") as group:
        assert "\n    --maintenance-interval 1 --worker-ttl 16 \\\n" in capsys.readouterr().out
        assert psutil.Process(group[0].pid).cmdline().count("--worker-ttl") == 1


class SlowToListen(RecordingWorker):
    def subscribe(self):
        time.sleep(1)
        super().subscribe()


def test_started_workers_ask_for_jobs(lab, queue):
    """A SIGTERM that came while one still started was lost now and then, and stopping it took for ever."""
    with lab.workers(queue, worker_class="tests.processes.test_workers.SlowToListen"):
        assert [worker.get_state() for worker in Worker.all(queue=queue)] == ["idle"]


def test_count_names_and_registration(lab, queue):
    with lab.workers(queue, count=3) as group:
        assert [worker.name for worker in group] == ["worker-1", "worker-2", "worker-3"]
        assert {worker.name for worker in Worker.all(queue=queue)} == {"worker-1", "worker-2", "worker-3"}
        with lab.workers(queue) as more:
            assert more[0].name == "worker-4"
    assert Worker.all(queue=queue) == []
    # A name is free again, also after a hard kill, which leaves RQ's registration behind.
    group = lab.workers(queue)
    group[0].signal(signal.SIGKILL)
    assert soon(lambda: not group.running)
    with lab.workers(queue) as again:
        assert again[0].name == "worker-1"


def test_stop_lets_the_job_in_hand_finish(lab, queue):
    group = lab.workers(queue)
    jobs = [queue.enqueue("time.sleep", 1), queue.enqueue("time.sleep", 0)]
    assert soon(lambda: queue.started_job_registry.count == 1)
    group.stop()
    assert [job.get_status().value for job in jobs] == ["finished", "queued"]


def test_kill_takes_the_work_horse_along(lab, queue):
    group = lab.workers(queue)
    queue.enqueue("time.sleep", 600)
    assert soon(lambda: len(family(group[0].pid)) == 1)
    everybody = [group[0].pid, *family(group[0].pid)]
    group.kill()
    assert alive(everybody) == []


def test_end_at_work_meets_a_job_that_would_be_tried_again(lab, queue):
    """Also where jobs are short, so that a look alone would often come too late."""
    for _ in range(3):
        group = lab.workers(queue)
        jobs = [queue.enqueue("time.sleep", 0.1, retry=Retry(max=1)) for _ in range(100)]
        everybody = [group[0].pid, *family(group[0].pid)]
        group[0].end_at_work()
        assert alive(everybody) == []
        assert [job.get_status() for job in jobs].count("started") == 1
        queue.empty()


def test_end_at_work_waits_for_such_a_job(lab, queue):
    group = lab.workers(queue)
    with pytest.raises(LabError, match="worker-1 has no job in hand that would be tried again"):
        group[0].end_at_work(timeout=0.2)
    last = queue.enqueue("time.sleep", 0.5)  # without a retry
    assert soon(lambda: last.get_status() == "started")
    with pytest.raises(LabError, match="worker-1 has no job in hand that would be tried again"):
        group[0].end_at_work(timeout=0.1)
    job = queue.enqueue("time.sleep", 0.5, retry=Retry(max=1))
    group[0].end_at_work()
    assert (last.get_status(), job.get_status()) == ("finished", "started")


def test_end_at_work_lets_a_worker_go_on_that_has_just_ended_its_job(lab, queue, monkeypatch):
    group = lab.workers(queue)
    job = queue.enqueue("time.sleep", 0.2, retry=Retry(max=1))
    looks = iter([True, False])
    monkeypatch.setattr(group[0], "_may_be_tried_again", lambda: next(looks))
    assert not group[0]._halted_at_work()
    lab.wait(job)
    assert job.get_status() == "finished"


def test_burst_ends_by_itself(lab, queue):
    job = queue.enqueue("operator.add", 2, 3)
    lab.workers(queue, burst=True).wait()
    assert job.return_value() == 5


def test_log_is_the_same_on_every_run(lab, queue):
    logs = []
    for _ in range(2):
        lab.open()
        queue.enqueue("operator.add", 2, 3, job_id="one")
        group = lab.workers(queue, burst=True)
        group.wait()
        text = "\n".join(group[0].lines())
        logs.append(re.sub(r"PID \d+|\d+:\d\d:\d\d\.\d+s", "…", text))
    assert logs[0] == logs[1]
    assert "Job OK (one)" in logs[0]


def test_a_worker_that_cannot_start_says_why(lab, queue):
    with pytest.raises(LabError, match=r"worker-1 could not start: .*no_such_module"):
        workers.start(workers.WorkerCommand([queue], config="no_such_module"), ["worker-1"], lab.folder)
    assert Worker.all(connection=lab.redis) == []


def test_waiting_without_a_worker_names_the_fix(lab, queue, capsys):
    job = queue.enqueue("operator.add", 2, 3)
    with pytest.raises(LabError, match=r"1 queued \(no worker is running: lab.workers\(queue\) starts one\)"):
        lab.wait(job, timeout=1.5)
    assert "… 1 s: 1 queued" in capsys.readouterr().out


def test_waiting_names_the_ends(lab, queue, capsys):
    jobs = [
        queue.enqueue("operator.add", 2, 3),
        queue.enqueue("operator.add", 2),
        queue.enqueue("operator.add", 1, 1, result_ttl=0),
    ]
    lab.workers(queue, burst=True).wait()
    lab.wait(*jobs)
    assert capsys.readouterr().out.splitlines()[-1] == "3 jobs: 1 failed, 2 finished"


def test_no_queue_named(lab, queue):
    with pytest.raises(LabError, match="takes the queue to work on"):
        lab.workers()
    with pytest.raises(LabError, match="count=3"):
        lab.workers(queue, 3)


def test_a_worker_that_dies_is_said_to(lab, queue, capsys):
    queue.enqueue("os.abort")
    left = queue.enqueue("operator.add", 2, 3)
    lab.workers(queue, burst=True, worker_class="labsupport.measure.recorder.RecordingSimpleWorker").wait()
    assert capsys.readouterr().out.splitlines()[-1] == "worker-1 died"
    assert left.get_status() == "queued"


def test_only_jobs_can_be_waited_for(lab, queue):
    for odd in ([], [queue], ["an-id"]):
        with pytest.raises(LabError, match="lab.wait takes jobs"):
            lab.wait(*odd)


def test_a_kept_worker_that_dies_is_replaced(lab, queue, capsys):
    group = lab.workers(queue, count=2, scheduler=True, keep=True)
    assert "PatientRedis --worker-ttl 30 --maintenance-interval 15" in capsys.readouterr().out
    for _ in range(2):
        dead = group[0].pid
        left = family(dead)
        group[0].signal(signal.SIGKILL)
        assert soon(lambda dead=dead: group[0].pid != dead and group[0].registered, within=20)
        assert not alive([dead, *left])
    assert [worker.name for worker in group] == ["worker-1", "worker-2"]
    job = queue.enqueue("time.sleep", 0.5)
    assert soon(lambda: job.get_status() == "started")
    group.stop()
    assert job.get_status() == "finished"  # warmly
    assert Worker.all(queue=queue) == []


def test_delayed_retries_go_on_after_the_scheduler_died(lab, queue, monkeypatch):
    """Its lock lasts for up to a minute; then a kept worker takes over. (One with RQ's own interval: in ten minutes.)"""
    monkeypatch.setattr(
        service_worker, "OPTIONS", (*service_worker.OPTIONS[:2], "--worker-ttl", "17", "--maintenance-interval", "2")
    )
    group = lab.workers(queue, scheduler=True, keep=True)
    lock = f"{RQ_KEY_PREFIX}:scheduler-lock:{queue.name}"  # other labs on this Redis have theirs
    assert soon(lambda: family(group[0].pid) and lab.redis.exists(lock))
    for pid in family(group[0].pid):
        os.kill(pid, signal.SIGKILL)  # the scheduler; there is no job
    job = queue.enqueue_in(timedelta(seconds=1), "operator.truth", 1)
    assert 50 < lab.redis.ttl(lock) <= 61
    lab.redis.expire(lock, 1)  # the minute passes
    assert soon(lambda: job.get_status() == "finished", within=30)


def test_work_off_is_quiet_and_leaves_nothing(lab, queue, capsys):
    def seen() -> tuple:
        return (
            sorted(lab.redis.scan_iter(match=f"{root()}*")),  # a Redis of the reader's has other labs, too
            sorted(lab.folder.iterdir()),
            set(family(os.getpid())),
            len(lab.attempts()),
        )

    jobs = [queue.enqueue("operator.add", 2, 3), queue.enqueue("operator.add", 2), queue.enqueue("os.abort")]
    log = workers.work_off([queue], folder=lab.folder)
    assert [job.get_status().value for job in jobs] == ["finished", "failed", "failed"]
    assert f"Job OK ({jobs[0].id})" in log
    assert "TypeError: add expected 2 arguments, got 1" in log
    before = seen()
    later = queue.enqueue_in(timedelta(seconds=0), "operator.add", 2, 3, result_ttl=0)
    workers.work_off([queue], folder=lab.folder, scheduler=True)
    assert later.get_status(refresh=False) == "scheduled"
    assert not later.exists(later.id, connection=lab.redis)  # it ran, and left no result
    assert seen() == before
    assert capsys.readouterr().out == ""


def test_work_off_has_a_deadline(lab, queue):
    queue.enqueue("time.sleep", 600)
    below = family(os.getpid())
    with pytest.raises(LabError, match="still at work after 2 s, and was killed"):
        workers.work_off([queue], folder=lab.folder, timeout=2)
    assert set(family(os.getpid())) <= set(below)
    assert Worker.all(queue=queue) == []
    assert list(lab.folder.glob("burst-*")) == []
    with pytest.raises(LabError, match="A worker died: .*no_such_module"):
        workers.work_off([queue], folder=lab.folder, worker_class="no_such_module.Worker")


def test_stop_does_not_wait_for_a_redis_that_is_gone(lab, capsys):
    server = lab.move_to_own_server()
    group = lab.workers(Queue("q", connection=lab.redis), count=2, keep=True)
    server.kill()
    start = time.monotonic()
    group.stop()
    assert time.monotonic() - start < 20
    assert capsys.readouterr().out.splitlines()[-1] == "worker-1 to worker-2 killed: Redis does not answer"


def test_a_url_for_rq_of_the_readers_is_not_the_labs(lab, queue, monkeypatch):
    """RQ's commands prefer RQ_REDIS_URL to REDIS_URL."""
    monkeypatch.setenv("RQ_REDIS_URL", "redis://127.0.0.1:1")
    job = queue.enqueue("operator.add", 2, 3)
    lab.workers(queue, burst=True).wait()
    assert job.return_value() == 5


def test_the_name_of_a_killed_one_is_free_while_another_works(lab, queue):
    group = lab.workers(queue, count=2)
    group[0].signal(signal.SIGKILL)
    assert soon(lambda: not group[0].running)
    with lab.workers(queue) as again:
        assert again[0].name == "worker-1"
        assert group.running == 1
