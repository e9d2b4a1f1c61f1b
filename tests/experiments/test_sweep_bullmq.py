"""The crash sweep of BullMQ: what it counts, what it says of a job, and that it leaves nothing."""

import os
import subprocess
import sys
import textwrap

import psutil
import pytest

from labsupport.errors import LabError
from labsupport.experiments import sweep as package
from labsupport.experiments.sweep import bullmq as case
from labsupport.experiments.sweep import sweep_bullmq
from labsupport.experiments.sweep.crash import CannotSweep
from labsupport.processes.leash import surroundings
from labsupport.processes.node import PLACE
from labsupport.waiting import comes_true

PATIENCE = 30

BEGIN = """
    import Redis from 'ioredis'
    const redis = new Redis(process.env.REDIS_URL)
    export const delivered = redis => redis.llen('delivered')
"""
PLAIN = "await redis.rpush('delivered', job.data.message)"
KEYED = f"if (await redis.set('sent:' + job.id, 1, 'NX')) {PLAIN}"
STEPS = ["moveStalledJobsToWait", "moveToActive", "moveToFinished", "BZPOPMIN", "moveToActive", "BZPOPMIN"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Where the reader's file is."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(code: str, begin: str = BEGIN) -> str:
    """A file whose processor is of this code."""
    with open("job.mjs", "w") as file:
        file.write(textwrap.dedent(f"{begin}\nexport default async job => {{ {code} }}\n"))
    return "job.mjs"


def swept(code: str, **options):
    return sweep_bullmq(written(code), {"message": "hello"}, **options)


def outcomes(table) -> dict[str, list[int]]:
    """What became of the job → at which crash points."""
    return {became: points.tolist() for became, points in table.groupby("became")["point"]}


def test_each_command_of_a_job_is_a_crash_point_in_every_sweep_alike():
    whole = swept(PLAIN)
    assert whole["command"].tolist() == STEPS
    keys = ["stalled", "wait", "wait", "marker", "wait", "marker"]
    assert whole["key"].tolist() == [f"bull:jobs:{key}" for key in keys]
    assert outcomes(whole) == {"once, completed": [1, 2, 4, 5, 6], "twice, completed": [3]}
    assert whole["runs"].tolist() == [1, 1, 2, 1, 1, 1]
    assert set(whole["sender"]) == {"worker"}
    assert set(whole["found"]) == {"completed"}
    # The second worker notes the job that is active, and the third one finds no lock of it.
    steps = [(number, step.command) for number, step in whole["history"][2]]
    assert [command for number, command in steps if number == 1] == STEPS[:2]
    assert "moveToFinished" not in [command for number, command in steps if number == 2]
    assert [command for number, command in steps if number == 3] == STEPS
    assert swept(PLAIN).to_dict("records") == whole.to_dict("records")
    assert [*whole] == [*package.sweep("tests.experiments.swept_jobs.deliver", "hello", points=(1,))]


def test_with_a_key_it_is_delivered_once_at_every_point():
    assert outcomes(swept(KEYED)) == {"once, completed": [1, 2, 3, 4, 5, 6]}


def test_steps_inside_the_job():
    """A key that is set without its message being out: the job is completed, and nothing was delivered."""
    table = swept(KEYED, inside=True)
    assert table["sender"].tolist() == ["worker"] * 2 + ["job"] * 2 + ["worker"] * 4
    assert table["command"].tolist() == [*STEPS[:2], "SET", "RPUSH", *STEPS[2:]]
    assert outcomes(table) == {"never, completed": [4], "once, completed": [1, 2, 3, 5, 6, 7, 8]}


def test_a_transaction_is_one_step_and_a_script_has_its_name():
    code = "await redis.multi().set('a', 1).rpush('delivered', 1).exec(); await redis.once('b'); await redis.eval('', 1, 'c')"
    begin = f"{BEGIN}\nredis.defineCommand('once', {{ numberOfKeys: 1, lua: 'return 1' }})"
    table = sweep_bullmq(written(code, begin), inside=True, points=(3, 4, 5))
    assert table["command"].tolist() == ["MULTI SET RPUSH", "once", "EVAL"]
    assert table["key"].tolist() == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("options", "became"),
    [
        ({"attempts": 1}, {"twice, completed": [3]}),  # a crash is no attempt of BullMQ's
        ({"max_stalled_count": 0}, {"once, failed": [3]}),
        ({"after": (3, 0)}, {"twice, failed": [3]}),
        ({"after": (3, 0), "max_stalled_count": 2}, {"3 times, completed": [3]}),
    ],
    ids=["one attempt", "no stalled job", "second crash", "second crash allowed"],
)
def test_what_becomes_of_it(options, became):
    assert outcomes(swept(PLAIN, points=(3,), **options)) == became


def test_without_an_outcome_it_counts_returns():
    table = sweep_bullmq(written("return 1", begin=""), points=(2, 3))
    assert table["delivered"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("throw new TypeError('no such user')", "job.mjs fails with no crash at all: TypeError: no such user\nCorrect"),
        ("}", r"job.mjs, line 6: SyntaxError: Unexpected token '}'\nCorrect"),
        ("}; import 'absent'; {", "Cannot find package 'absent'\nCorrect"),
        ("}; delivered(redis).no(); {", "job.mjs, line 6: TypeError: "),
    ],
)
def test_what_cannot_be_swept(code, message):
    with pytest.raises(LabError, match=message):
        swept(code)


def test_a_file_that_is_not_there_or_has_no_processor(folder):
    with pytest.raises(LabError, match="There is no file absent.mjs in .*\nRun the cell that writes it first."):
        sweep_bullmq("absent.mjs")
    (folder / "empty.mjs").write_text("export const job = 1\n")
    with pytest.raises(LabError, match="empty.mjs: TypeError: its default export is no function\n"):
        sweep_bullmq("empty.mjs")


def test_a_processor_that_never_ends(server, folder, monkeypatch):
    monkeypatch.setattr(case, "LIMIT", 2)
    file = folder / written("await new Promise(() => {})")
    options = {"data": None, "attempts": 1, "max_stalled_count": 1, "inside": False, "after": ()}
    with pytest.raises(CannotSweep, match="job.mjs was still busy after 2 s, and was ended.\n"):
        case.BullmqJob(server.url, file=str(file), folder=str(folder), **options).dry_run()
    assert len(server.redis.client_list()) <= 2  # ours, and that of the case


HANGS = "writeFileSync('pid', String(process.pid)); await new Promise(() => {})"
HANGS_BEGIN = f"{BEGIN}\nimport {{ writeFileSync }} from 'node:fs'"


def test_it_ends_with_its_notebook(folder):
    code = f"from labsupport.experiments.sweep import sweep_bullmq; sweep_bullmq({written(HANGS, HANGS_BEGIN)!r})"
    notebook = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL, env=surroundings(os.environ))
    assert comes_true(lambda: (folder / "pid").exists() and (folder / "pid").read_text(), PATIENCE)
    worker = psutil.Process(int((folder / "pid").read_text()))
    family = [*psutil.Process(notebook.pid).children(recursive=True), worker]
    notebook.kill()
    notebook.wait()
    assert comes_true(lambda: not any(one.is_running() for one in family), PATIENCE)


def test_an_interrupted_sweep_leaves_nothing_and_the_next_one_works(folder, monkeypatch):
    pids = folder / "pid"

    def interrupt(*_, **__):
        assert comes_true(lambda: pids.exists() and pids.read_text(), PATIENCE)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(package, "wait_until", interrupt)
        with pytest.raises(KeyboardInterrupt):
            sweep_bullmq(written(HANGS, HANGS_BEGIN))
    assert comes_true(lambda: not psutil.pid_exists(int(pids.read_text())), PATIENCE)
    assert outcomes(swept(PLAIN, points=(1,))) == {"once, completed": [1]}
    helper = psutil.Process(package._Sweeper.mine()._process.pid)
    assert comes_true(lambda: not any("node" in one.name() for one in helper.children(recursive=True)), PATIENCE)


def test_where_the_steps_come_from():
    """The names of BullMQ's steps are those of its scripts."""
    scripts = {file.name.split("-")[0] for file in (PLACE / "node_modules/bullmq/dist/esm/commands").glob("*.lua")}
    assert {step for step in STEPS if step != "BZPOPMIN"} <= scripts
