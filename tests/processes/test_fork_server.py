"""Workers of checks: forks of a process that has RQ loaded."""

import json
import os
import signal

import psutil
import pytest
from rq import Worker

from labsupport.commands import doctor
from labsupport.errors import LabError
from labsupport.processes import fork_server, workers
from labsupport.processes.fork_server import Forked
from tests.kernels import SET_UP, alive, family, soon

AT_WORK = (
    SET_UP
    + """
import json
from pathlib import Path

import psutil
from rq import Queue
from rq.serializers import JSONSerializer

from labsupport.processes.workers import WorkerCommand

queue = Queue("q", connection=lab.redis, serializer=JSONSerializer)
job = queue.enqueue("time.sleep", 600)
worker = WorkerCommand([queue], "rq.worker.Worker", config="", scheduler=True).fork("one", lab.folder)
while job.get_status() != "started" or len(worker._process.members()) < 3:
    pass
print(json.dumps(worker._process.members()))
"""
)


@pytest.fixture
def command(lab, queue):
    return workers.WorkerCommand([queue], "rq.worker.Worker", config="")


def test_each_fork_reads_the_newest_code(lab, queue, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for answer in (1, 2):
        (tmp_path / "of_the_reader.py").write_text(f"def answer():\n    return {answer}{'  # longer' * answer}\n")
        job = queue.enqueue("of_the_reader.answer")
        workers.work_off([queue], folder=lab.folder)
        assert job.return_value() == answer


def test_its_end_and_its_words_are_known(tmp_path):
    log = tmp_path / "log"
    command = Forked(["worker", "--no-such-option"], log=log, env=dict(os.environ))
    assert soon(lambda: command.poll() is not None, within=20)
    assert command.returncode == 2  # click's, for wrong usage
    assert "--no-such-option" in log.read_text()


def test_all_are_forks_of_one_server(command, lab):
    """Which has RQ loaded: or they would start no quicker than a fresh `rq worker`."""
    first = command.fork("first", lab.folder)
    second = command.fork("second", lab.folder)
    server = psutil.Process(second.pid).parent()
    try:
        assert psutil.Process(first.pid).parent() == server
        assert fork_server.__name__ in server.cmdline()
        assert server.ppid() == os.getpid()
    finally:
        for worker in (first, second):
            worker.end()
            worker.forget()
    assert family(server.pid) == []


@pytest.mark.parametrize("before", [None, signal.SIGKILL], ids=["which runs", "which was killed"])
def test_an_end_takes_everything_along(command, queue, lab, before):
    job = queue.enqueue("time.sleep", 600)
    worker = command.fork("one", lab.folder)
    assert soon(lambda: job.get_status() == "started", within=20)
    members = worker._process.members()
    assert len(members) == 2  # the worker and its work-horse
    if before:
        worker.signal(before)
        assert soon(lambda: not worker.running)
    worker.end()
    assert alive(members) == []
    assert not worker.running
    worker.forget()
    assert Worker.all(connection=lab.redis) == []


def test_nothing_outlives_its_notebook(kernel):
    notebook = kernel()
    members = json.loads(notebook.run(AT_WORK).splitlines()[-1])
    assert len(alive(members)) >= 3  # worker, scheduler, work-horse
    processes = family(notebook.pid)
    assert set(members) <= set(processes)
    notebook.signal(signal.SIGKILL)
    assert soon(lambda: not alive(processes), within=20), alive(processes)


def clients(lab) -> set[str]:
    """Who is connected to Redis."""
    return {client["id"] for client in lab.redis.client_list()}


def test_a_server_that_was_killed_is_replaced(command, queue, lab):
    before = clients(lab)
    worker = command.fork("one", lab.folder)
    server = psutil.Process(worker.pid).parent()
    server.kill()
    with pytest.raises(LabError, match="The process that starts workers for checks has died"):
        worker.running  # noqa: B018
    worker.end()  # nobody to ask: no error
    strays = [process.pid for process in psutil.process_iter() if doctor._is_stray(process)]
    assert worker.pid in strays
    os.kill(worker.pid, signal.SIGKILL)
    # Its main thread may be gone before the thread that holds its connections: until then Redis would hand the next job to it.
    assert soon(lambda: clients(lab) <= before)
    worker.forget()
    job = queue.enqueue("operator.add", 2, 3)
    workers.work_off([queue], folder=lab.folder)
    assert job.return_value() == 5


def test_a_fork_is_no_stray(command, queue, lab):
    job = queue.enqueue("time.sleep", 600)
    worker = command.fork("one", lab.folder)
    assert soon(lambda: job.get_status() == "started", within=20)
    ours = [psutil.Process(pid) for pid in [*worker._process.members(), psutil.Process(worker.pid).ppid()]]
    assert not any(map(doctor._is_stray, ours))
    worker.end()
    worker.forget()
