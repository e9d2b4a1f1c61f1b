"""No process outlives its notebook."""

import itertools
import json
import os
import signal
import subprocess
import sys
import textwrap

import pytest

from labsupport.errors import LabError
from labsupport.processes.leash import Leashed
from tests.kernels import SET_UP, alive, family, soon

BUSY = """
from rq import Queue
queue = Queue("q", connection=lab.redis)
jobs = [queue.enqueue("time.sleep", 600) for _ in range(3)]
group = lab.workers(queue, count=2, scheduler=True)
from labsupport.waiting import wait_until
wait_until(lambda: queue.started_job_registry.count == 2, lambda: "starting", 20)
print(*[worker.pid for worker in group], lab.folder, *([lab._server.folder] if lab._server else []))
"""


def populated(kernel, **environment):
    """A kernel with busy workers, the pids of everything below it, and its folders."""
    notebook = kernel(**environment)
    notebook.run(SET_UP)
    facts = notebook.run(BUSY).splitlines()[-1].split()

    def below() -> set[int]:
        return {child for worker in facts[:2] for child in family(int(worker))}

    # A job is in the registry of started ones a moment before its work-horse is forked.
    assert soon(lambda: len(below()) >= 3), "two work-horses and a scheduler"
    horses = below()
    processes = family(notebook.pid)
    assert horses < set(processes)
    return notebook, processes, facts[2:]


def gone(processes, folders) -> bool:
    return not alive(processes) and not any(os.path.exists(folder) for folder in folders)


def test_kernel_killed(kernel):
    notebook, processes, folders = populated(kernel)
    notebook.signal(signal.SIGKILL)
    assert soon(lambda: gone(processes, folders)), alive(processes)


def test_kernel_killed_on_a_server_of_the_readers(kernel, server):
    notebook, processes, folders = populated(kernel, REDIS_URL=server.url)
    notebook.signal(signal.SIGKILL)
    assert soon(lambda: gone(processes, folders)), alive(processes)
    # Its keys are still there, until the next lab starts.
    assert any(key.startswith(b"jobs-lab:") for key in server.redis.scan_iter())
    successor = kernel(REDIS_URL=server.url)
    successor.run(SET_UP)
    assert [key for key in server.redis.scan_iter() if key != b"jobs-lab:labs"] == []
    successor.shut_down()
    assert server.redis.keys() == []


@pytest.mark.parametrize("end", ["shut_down", "restart"])
def test_kernel_ended_in_the_menu(kernel, end):
    notebook, processes, folders = populated(kernel)
    getattr(notebook, end)()
    assert soon(lambda: gone(processes, folders)), alive(processes)


def test_kernel_crashes(kernel):
    notebook, processes, folders = populated(kernel)
    notebook.start_cell("import ctypes; ctypes.string_at(0)")
    assert soon(lambda: gone(processes, folders), within=10), alive(processes)


def test_interrupt_leaves_workers_alone(kernel):
    notebook, processes, _ = populated(kernel)
    notebook.start_cell("import time; open('begun', 'w').close(); time.sleep(600)")
    assert soon(lambda: (notebook.folder / "begun").exists())
    notebook._manager.interrupt_kernel()
    assert notebook.run("print(group.running)") == "2\n"
    assert notebook.run("import os; print(lab.redis.ping())") == "True\n"
    assert sorted(alive(processes)) == sorted(processes)


def test_a_fork_of_the_notebook_does_not_keep_it(tmp_path):
    """A process that the notebook forked holds copies of its open files, and may live longer."""
    script = textwrap.dedent(
        """
        import os, sys, time
        from pathlib import Path
        from labsupport.processes.leash import Leashed
        process = Leashed(["sleep", "600"], log=Path(sys.argv[1]) / "log")
        if os.fork() == 0:
            time.sleep(600)
        print(process.pid, flush=True)
        os.kill(os.getpid(), 9)
        """
    )
    notebook = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, start_new_session=True
    )
    try:
        pid = int(notebook.stdout.readline())
        assert soon(lambda: not alive([pid]))
    finally:
        os.killpg(notebook.pid, signal.SIGKILL)
        notebook.wait()


def test_orphans_go_too(tmp_path):
    """A work-horse whose worker was killed has a process group of its own and no parent of ours."""
    script = "import os, time\nif os.fork() == 0:\n    os.setpgrp()\n    time.sleep(600)\ntime.sleep(600)"
    process = Leashed([sys.executable, "-c", script], log=tmp_path / "log")
    assert soon(lambda: family(process.pid))
    (orphan,) = family(process.pid)
    process.signal(signal.SIGKILL)
    assert soon(lambda: process.poll() == -signal.SIGKILL)
    assert alive([orphan])  # the leash waits for the notebook, not for the worker
    process.end()
    assert not alive([orphan])


WITNESS = """
import fcntl, os, sys, time
with open(sys.argv[1], "w") as lock:
    fcntl.lockf(lock, fcntl.LOCK_EX)
    for last in [False] * 100 + [True]:
        if os.fork() == 0:
            if last:
                os.write(1, b"waits ")
                fcntl.lockf(lock, fcntl.LOCK_EX)
                os.write(1, b"saw its parent die")
            time.sleep(600)
    time.sleep(600)
"""
"""A hundred and two processes. The last one waits for a lock, which the first one holds as long as it lives."""


def test_none_of_them_sees_another_die(tmp_path):
    """A worker that saw its work-horse die would give back the job, as none does on a machine that dies."""
    log = tmp_path / "log"
    process = Leashed([sys.executable, "-c", WITNESS, str(tmp_path / "lock")], log=log)
    assert soon(lambda: log.read_text() == "waits ")
    process.end()
    assert log.read_text() == "waits "


def test_ending_one_twice_leaves_the_others_alone(tmp_path):
    """The system gives the numbers of its files to the next one."""
    first = Leashed(["sleep", "600"], log=tmp_path / "log")
    number = first.lifeline
    first.end()
    # A pipe takes the two lowest free numbers: leave one below, for its other end.
    below = list(itertools.takewhile(lambda one: one < number, (os.dup(0) for _ in range(number))))
    os.close(number)
    os.close(below.pop())
    second = Leashed(["sleep", "600"], log=tmp_path / "log")
    assert second.lifeline == number
    first.end()
    os.fstat(number)  # raises OSError if it was closed
    second.end()
    for one in below:
        os.close(one)


def test_exit_code_and_missing_command(tmp_path):
    process = Leashed([sys.executable, "-c", "raise SystemExit(7)"], log=tmp_path / "log")
    assert soon(lambda: process.poll() == 7)
    process.end()
    assert process.returncode == 7
    with pytest.raises(LabError, match="Could not start /no/such: No such file"):
        Leashed(["/no/such"], log=tmp_path / "log")


def test_a_leash_starts_at_once():
    """There is one per process of a lab: it loads nothing that it does not need."""
    loaded = "import sys, labsupport.processes.leash; print({'redis', 'rq', 'pandas'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", loaded], text=True) == "set()\n"


def test_a_leash_outlives_its_environment():
    """`make clean` while a lab runs: what ends the processes later is loaded already."""
    deleted = "import os, sys, labsupport.processes.leash as leash; sys.path.clear(); print(leash.session_members(os.getpid()))"
    assert subprocess.check_output([sys.executable, "-c", deleted], text=True, start_new_session=True) == "[]\n"


def test_kernel_killed_when_its_workers_have_stopped(kernel):
    """Then the server's leash is the one that is left to tidy up."""
    notebook, processes, folders = populated(kernel)
    notebook.run("group.kill()\nassert not group.running")
    notebook.signal(signal.SIGKILL)
    assert soon(lambda: gone(processes, folders)), (alive(processes), folders)


SURROUNDINGS = """
import json, os, sys
names = ["JOBS_LAB_LEASH", "MINE"]
print(json.dumps([sys.stdout.encoding, open(__file__).encoding.lower(), *map(os.environ.get, names)]))
"""


def test_what_it_starts_is_marked_and_speaks_utf8(tmp_path):
    """The mark lets the doctor find what is left when a leash was killed, whatever it is."""
    (tmp_path / "script.py").write_text(SURROUNDINGS)
    ascii_only = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "MINE": "kept"}
    process = Leashed([sys.executable, str(tmp_path / "script.py")], log=tmp_path / "log", env=ascii_only)
    assert soon(lambda: process.poll() == 0, within=20)
    process.end()
    assert json.loads((tmp_path / "log").read_text()) == ["utf-8", "utf-8", str(os.getpid()), "kept"]


def test_an_environment_that_is_gone_or_changed_is_two_lines(tmp_path, monkeypatch):
    """`make clean`, or a newer kit, while a lab is open."""
    python = tmp_path / "python"
    monkeypatch.setattr(sys, "executable", str(python))
    (tmp_path / "log").write_text("of an earlier run\n")
    for content, seen in [(None, "No such file"), ("#!/bin/sh\necho no module named psutil >&2; exit 1", "no module")]:
        if content:
            python.write_text(content)
            python.chmod(0o700)
        with pytest.raises(LabError) as caught:
            Leashed(["sleep", "600"], log=tmp_path / "log")
        first, second = str(caught.value).splitlines()
        assert first.startswith("Could not start sleep")
        assert seen in first
        assert "close the lab, then run make lab again" in second


def test_importing_it_has_no_effect():
    watched = """
import os
kept = []
os.register_at_fork = lambda **hooks: kept.extend(hooks.values())
import labsupport.processes.leash as leash
print(leash._close_all in kept)
leash.Leashed(["true"], log=os.devnull).end()
print(leash._close_all in kept)
"""
    assert subprocess.check_output([sys.executable, "-c", watched], text=True) == "False\nTrue\n"
