"""A reader's tests, run against versions of a module: quickly, safely, and as they are."""

from pathlib import Path

import psutil
import pytest

from labsupport.experiments import mutation
from labsupport.experiments.mutation import Laboratory, Run, Version
from labsupport.waiting import comes_true

PATIENCE = 30


@pytest.fixture(scope="module")
def laboratory():
    one = Laboratory()
    yield one
    one.close()


@pytest.fixture
def tested(laboratory, tmp_path):
    """Runs tests, given as text, against versions of a module `sums`, given as texts; the first one is called right."""

    def run(tests: str, *codes: str, **options):
        versions = []
        for number, code in enumerate(codes or ("def add(a, b):\n    return a + b\n",)):
            (tmp_path / f"version_{number}").write_text(code)
            version = Version(tmp_path / f"version_{number}")
            versions.append(Run(version, options.pop("moment", ""), options.pop("order", ())))
        (tmp_path / "test_sums.py").write_text(tests)
        return laboratory.run([tmp_path / "test_sums.py"], "sums", versions, **options)

    return run


def asleep(seconds: str) -> list[psutil.Process]:
    """The processes `sleep` that a test has started for so many seconds. Each test here has a number of its own."""
    return [one for one in psutil.process_iter(["cmdline"]) if one.info["cmdline"] == ["sleep", seconds]]


def test_right_is_green_and_broken_is_red(tested):
    right, broken = tested(
        "from sums import add\n\ndef test_add():\n    assert add(1, 2) == 3\n",
        "def add(a, b):\n    return a + b\n",
        "def add(a, b):\n    return a * b\n",
    )
    assert right.green
    assert not broken.green
    assert [(one["test"], one["outcome"], one["why"]) for one in broken.failed] == [
        ("test_add", "failed", "assert 2 == 3")
    ]


@pytest.mark.parametrize(
    ("tests", "ended", "outcomes"),
    [
        ("x = 1", "", []),
        ("def test_a():\n    pass\ndef test_b():\n    assert 0", "", ["passed", "failed"]),
        ("import pytest\n@pytest.mark.skip\ndef test_a():\n    pass", "", ["skipped"]),
        ("import pytest\n@pytest.mark.xfail(strict=True)\ndef test_a():\n    pass", "", ["failed"]),
        ("import pytest\n@pytest.fixture\ndef a():\n    yield\n    1 / 0\ndef test_a(a):\n    pass", "", ["failed"]),
        ("def test_a(:", "stopped", ["failed"]),
        ("import sys\nsys.exit()", "stopped", []),
        ("def test_a():\n    raise KeyboardInterrupt", "stopped", ["unfinished"]),
        ("import os\ndef test_a():\n    os._exit(0)", "died", []),
        ("import pytest\ndef test_a():\n    pytest.exit('enough', returncode=0)", "stopped", ["unfinished"]),
        ("import os\ndef test_a():\n    os.kill(os.getpid(), 9)", "died", []),
    ],
)
def test_what_became_of_each_test(tested, tests, ended, outcomes):
    (one,) = tested(tests)
    assert (one.ended, [test["outcome"] for test in one.tests]) == (ended, outcomes)
    assert not one.green


def test_an_endless_test_is_killed_at_its_deadline_with_all_that_it_started(tested):
    endless = """
import signal, subprocess

def test_endless():
    subprocess.Popen(["sleep", "6071"], start_new_session=True)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
        signal.signal(number, signal.SIG_IGN)
    while True:
        try:
            signal.pause()
        except BaseException:
            pass
"""
    (one,) = tested(endless, deadline=2)
    assert one.ended == "deadline"
    assert comes_true(lambda: not asleep("6071"), PATIENCE)
    (next_one,) = tested("def test_a():\n    pass")
    assert next_one.green


def test_what_is_left_behind_is_seen_and_ended(tested):
    (one,) = tested("import subprocess\ndef test_a():\n    subprocess.Popen(['sleep', '6072'], start_new_session=True)")
    assert one.green
    assert one.left_behind
    assert comes_true(lambda: not asleep("6072"), PATIENCE)


def test_each_run_has_an_empty_server_of_its_own(tested, lab):
    fill = """
import os
from redis import Redis

def test_empty():
    with Redis.from_url(os.environ["TEST_REDIS_URL"]) as redis:
        assert redis.dbsize() == 0
        redis.set("mine", 1)
        assert os.environ["REDIS_URL"] == os.environ["TEST_REDIS_URL"] != LABS
""".replace("LABS", repr(lab.url))
    lab.redis.set("theirs", 1)
    assert all(one.green for one in tested(fill, *["def add(a, b): ..."] * 4))
    assert lab.redis.get("theirs") == b"1"
    assert not lab.redis.exists("mine")


def test_a_server_that_a_test_has_stopped_is_replaced(tested):
    stop = "import os\nfrom redis import Redis\ndef test_a():\n    Redis.from_url(os.environ['REDIS_URL']).shutdown(nosave=True)"
    tested(stop, *["a = 1"] * 3)
    ping = (
        "import os\nfrom redis import Redis\ndef test_a():\n    assert Redis.from_url(os.environ['REDIS_URL']).ping()"
    )
    assert all(one.green for one in tested(ping, *["a = 1"] * 3))


def test_a_clock_that_says_what_it_is_told(tested):
    (one,) = tested(
        "import datetime, time\ndef test_a():\n    assert datetime.datetime.now(datetime.timezone.utc).hour == 3\n"
        "    assert time.time() > 1893985200\n",
        moment="2030-01-07T03:00:00+00:00",
    )
    assert one.green, one.tests


def test_pauses_are_counted_and_questions_are_not(tested):
    (one,) = tested(
        "import time\nfrom sums import wait\n\ndef test_a():\n    time.sleep(0.3)\n    wait()\n"
        "    for _ in range(5):\n        time.sleep(0.05)",
        "import time\n\ndef wait():\n    time.sleep(0.4)",
    )
    assert one.green
    assert one.slept == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("wait", "slept"),
    [
        ("threading.Event().wait(0.3)", 0.3),
        ("select.select([], [], [], 0.3)", 0.3),
        ("asyncio.run(asyncio.sleep(0.3))", 0.3),
        ("subprocess.Popen(['sleep', '6074']).wait(timeout=0.3)", 0.3),
        ("subprocess.Popen(['true']).wait(timeout=20)", 0),
        ("event = threading.Event()\n    threading.Timer(0.3, event.set).start()\n    event.wait(20)", 0),
    ],
)
def test_pauses_by_other_names(tested, wait, slept):
    (one,) = tested(f"import asyncio, select, subprocess, threading\n\ndef test_a():\n    {wait}")
    assert one.slept == slept


def test_order_and_first_failure(tested):
    tests = "def test_a():\n    pass\ndef test_b():\n    assert 0\ndef test_c():\n    pass"
    (one,) = tested(tests, order=["test_sums.py::test_c", "test_sums.py::test_b"], first_failure_only=True)
    assert [test["test"] for test in one.tests] == ["test_c", "test_b"]


def test_tests_find_what_stands_beside_them(tested, tmp_path):
    (tmp_path / "helper.py").write_text("value = 1")
    (tmp_path / "hours.csv").write_text("6,7")
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("from helper import value")
    (one,) = tested(
        "import helper, package\ndef test_a():\n    assert helper.value == package.value == 1\n"
        "    assert open('hours.csv').read() == '6,7'"
    )
    assert one.green


def test_tests_do_not_see_what_is_said_of_a_version(tested):
    (one,) = tested("import sums\ndef test_a():\n    assert sums.__doc__ is None", '"""It is broken."""\n\nx = 1')
    assert one.green, one.tests


def test_outcomes_are_a_table(tmp_path, capsys):
    (tmp_path / "right.py").write_text("def one():\n    return 1")
    (tmp_path / "two_for_one.py").write_text('"""It returns two."""\n\ndef one():\n    return 2')
    (tmp_path / "test_it.py").write_text("from module import one\ndef test_one():\n    assert one() == 1")
    versions = [Version(tmp_path / "right.py"), Version(tmp_path / "two_for_one.py")]
    seen = mutation.outcomes([tmp_path / "test_it.py"], "module", *versions)
    assert capsys.readouterr().out.splitlines()[-1] == "all tests passed on 1 of 2 versions"
    assert seen[["version", "file", "test", "outcome"]].to_numpy().tolist() == [
        ["right", "test_it.py", "test_one", "passed"],
        ["two for one", "test_it.py", "test_one", "failed"],
    ]
    assert versions[1].says == "It returns two."
    assert "-    return 1\n+    return 2" in versions[1].difference(versions[0])


def test_it_ends_with_its_notebook():
    """Its process is on a leash, and its servers are on leashes of its own."""
    one = Laboratory()
    process = psutil.Process(one._process.pid)
    # Two servers, each on its leash.
    assert comes_true(lambda: len(process.children(recursive=True)) >= 4, PATIENCE)
    family = [process, *process.children(recursive=True)]
    one.close()
    assert comes_true(lambda: not any(member.is_running() for member in family), PATIENCE)


def test_an_interrupted_cell_leaves_the_laboratory_usable(laboratory, tested, monkeypatch):
    def interrupt(condition, progress, timeout):
        assert comes_true(lambda: asleep("6073"), PATIENCE)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(mutation, "wait_until", interrupt)
        with pytest.raises(KeyboardInterrupt):
            tested("import subprocess\ndef test_a():\n    subprocess.run(['sleep', '6073'])")
    (one,) = tested("def test_a():\n    pass")
    assert one.green
    assert comes_true(lambda: not asleep("6073"), PATIENCE)


def test_the_folder_of_a_run_is_gone_after_it(laboratory, tested):
    tested("def test_a():\n    pass")
    assert {path.name for path in Path(laboratory.folder).iterdir() if path.is_dir()} == set()
