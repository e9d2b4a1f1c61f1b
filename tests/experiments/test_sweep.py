"""The crash sweep: what it counts, what it says of a job, and that it leaves nothing."""

import os
from pathlib import Path

import psutil
import pytest
from rq import Retry

from labsupport.errors import LabError
from labsupport.experiments import sweep as package
from labsupport.experiments.sweep import cases, sweep, sweep_program
from labsupport.waiting import comes_true
from tests.experiments import swept_jobs

PATIENCE = 30


def swept(job=swept_jobs.deliver, **options):
    return sweep(job, "hello", delivered=swept_jobs.delivered, **options)


def outcomes(table) -> dict[str, list[int]]:
    """What became of the job → at which crash points."""
    return {became: points.tolist() for became, points in table.groupby("became")["point"]}


@pytest.fixture(scope="module")
def whole():
    return swept(retry=Retry(max=1))


def test_each_command_of_a_job_is_a_crash_point(whole):
    assert whole["point"].tolist() == list(range(1, 49))
    at = whole.set_index("point")
    assert (at["command"][23], at["key"][23]) == ("LMOVE", "rq:queue:jobs")
    assert [*whole["sender"]] == ["worker"] * 28 + ["work-horse"] * 5 + ["worker"] * 15
    assert outcomes(whole)["twice, finished"] == [30, 31, 32, 33]
    assert outcomes(whole)["once, finished"] == [*range(1, 30), *range(34, 49)]
    assert set(whole["found"]) == {"finished:jobs"}


def test_two_sweeps_are_equal(whole):
    again = swept(retry=Retry(max=1))
    assert again.to_dict("records") == whole.to_dict("records")


def test_two_sweepers_say_the_same(monkeypatch):
    """A set of RQ's has another order in each process, and so in each notebook."""

    def history(seed: int) -> list:
        monkeypatch.setattr(package._Sweeper, "_mine", None)
        monkeypatch.setenv("PYTHONHASHSEED", str(seed))
        told = swept(points=(3,))["history"][0]
        package._Sweeper.mine().close()
        return told

    first = history(0)
    assert [history(seed) for seed in range(1, 4)] == [first] * 3


@pytest.mark.parametrize(
    ("options", "points", "became"),
    [
        ({}, (23, 24, 29, 30, 33, 34),
         {"once, finished": [23, 34], "never, failed": [24, 29], "once, failed": [30, 33]}),
        ({"retry": Retry(max=1), "queues": 2}, (33, 34, 40, 41),
         {"once, finished": [33], "never, queued": [34, 40], "twice, finished": [41]}),
        ({"retry": Retry(max=1), "worker": "SimpleWorker"}, (29, 30, 34),
         {"once, finished": [29, 34], "twice, finished": [30]}),
        ({"retry": Retry(max=1), "kill": "worker"}, (24, 30, 34), {"once, finished": [24, 30, 34]}),
        ({"retry": Retry(max=1, interval=10)}, (23, 24, 30),
         {"once, finished": [23], "never, scheduled": [24], "once, scheduled": [30]}),
        ({"retry": Retry(max=1, interval=10), "scheduler": True}, (1, 57), {"once, finished": [1, 57]}),
        ({"retry": Retry(max=1), "fault": "stop"}, (23, 24, 30, 34),
         {"once, finished": [23, 34], "twice, finished": [24, 30]}),
        ({"retry": Retry(max=1), "after": (30,)}, (1, 30), {"twice, finished": [1], "once, failed": [30]}),
    ],
    ids=["no retry", "two queues", "SimpleWorker", "worker only", "no scheduler", "scheduler", "stopped", "second crash"],
)  # fmt: skip
def test_what_becomes_of_it(options, points, became):
    assert outcomes(swept(points=points, **options)) == became


def test_only_the_work_horse_dies():
    """The points are those of the work-horse; what dies before its first command is the bug of rq 3.0."""
    table = swept(retry=Retry(max=1), kill="work-horse")
    assert outcomes(table) == {"once, failed": [29], "twice, finished": [30, 31, 32, 33]}


def test_steps_inside_the_job():
    """A key that is set without its message being out: the job is finished, and nothing was delivered."""
    table = swept(swept_jobs.with_key, retry=Retry(max=1), inside=True)
    assert table["sender"].tolist().count("job") == 2
    assert table.set_index("point")["command"][31] == "RPUSH"
    assert outcomes(table) == {"never, finished": [31], "once, finished": [n for n in range(1, 51) if n != 31]}
    told = table.set_index("point").loc[31, "history"]
    assert [step.command for number, step in told if number == 1][-1] == "SET"
    assert {number for number, _ in told} >= {1, 2}


def test_without_an_outcome_it_counts_returns():
    table = sweep(swept_jobs.deliver, "hello", retry=Retry(max=1), points=(29, 30))
    assert table["delivered"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("job", "message"),
    [
        (swept_jobs.fails, "fails with no crash at all: ValueError: no such user"),
        ("tests.experiments.swept_jobs.absent", "has no attribute 'absent'"),
        ("no_such_module.job", "No module named 'no_such_module'"),
        ("deliver", 'write it as "my_jobs.deliver"'),
        ("__main__.deliver", "typed into a notebook"),
    ],
)
def test_what_cannot_be_swept(job, message):
    with pytest.raises(LabError, match=message):
        sweep(job, "hello")


def test_the_newest_version_of_a_module_is_swept(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    code = "from tests.experiments.swept_jobs import *\ndef twice(message):\n    deliver(message)\n"
    for more, times in (("", 1), ("    deliver(message)\n", 2)):
        (tmp_path / "edited.py").write_text(code + more)
        assert sweep("edited.twice", "a", delivered="edited.delivered", points=(1,))["delivered"].tolist() == [times]


def test_a_program_is_killed_before_each_step_of_redis_and_of_sqlite():
    table = sweep_program(
        swept_jobs.two_tables,
        then=swept_jobs.nothing,
        delivered=swept_jobs.in_redis,
        promised=swept_jobs.in_sqlite,
    )
    assert table["command"].tolist() == ["CREATE", "BEGIN", "INSERT", "COMMIT", "RPUSH"]
    assert outcomes(table) == {"as promised": [1, 2, 3, 4], "lost": [5]}


def test_a_program_that_hangs_goes_on_when_another_is_done():
    table = sweep_program(swept_jobs.two_tables, delivered=swept_jobs.in_redis, fault="stop", points=(5,))
    assert table["delivered"].tolist() == [3]  # two others, and then the one that was stopped


def test_a_program_that_fails_is_told():
    with pytest.raises(LabError, match="broken fails with no crash at all: TypeError"):
        sweep_program(swept_jobs.broken, delivered=swept_jobs.in_redis)


def test_an_interrupted_sweep_leaves_nothing_and_the_next_one_works(tmp_path, monkeypatch):
    pids = tmp_path / "pid"

    def interrupt(*_, **__):
        assert comes_true(pids.exists, PATIENCE)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(package, "wait_until", interrupt)
        with pytest.raises(KeyboardInterrupt):
            sweep(swept_jobs.hangs, str(pids))
    assert comes_true(lambda: not psutil.pid_exists(int(pids.read_text() or 0)), PATIENCE)
    assert swept(points=(1,))["became"].tolist() == ["once, finished"]


def test_it_ends_with_its_notebook():
    one = package._Sweeper()
    process = psutil.Process(one._process.pid)
    # Two servers, each on its leash.
    assert comes_true(lambda: len(process.children(recursive=True)) >= 4, PATIENCE)
    family = [process, *process.children(recursive=True)]
    one.close()
    assert comes_true(lambda: not any(member.is_running() for member in family), PATIENCE)
    assert not Path(one.folder).exists()


def test_the_keys_of_a_readers_server_are_not_its_own(monkeypatch):
    """Its servers are its own, and RQ's keys read there as its documentation has them."""
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")
    monkeypatch.setattr(package._Sweeper, "_mine", None)
    table = swept(points=(1,))
    package._Sweeper.mine().close()
    assert table["key"].tolist() == ["rq:worker:worker-1"]
    assert os.environ["REDIS_URL"].endswith(":1")


def test_what_prepares_or_counts_has_a_limit(server, tmp_path, monkeypatch):
    monkeypatch.setattr(cases, "LIMIT", 1)
    here = "tests.experiments.swept_jobs"
    functions = {"run": f"{here}.nothing", "then": f"{here}.nothing", "begin": f"{here}.endless", "promised": ""}
    case = cases.Program(server.url, **functions, delivered=f"{here}.in_redis", fault="kill", folder=str(tmp_path))
    with pytest.raises(cases.CannotSweep, match="still busy after 1 s"):
        case.begin()
