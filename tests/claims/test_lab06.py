"""What 06-test says of RQ, and of its own parts, and shows in no cell."""

import inspect
import signal
import subprocess
import sys

import nbformat
import pytest
import yaml
from rq import Queue, SimpleWorker
from rq.cli import worker as worker_command
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker import BaseWorker

from labsupport.exercises.lab06 import versions
from labsupport.experiments.mutation import Laboratory, Run
from tools.refresh import NOTEBOOKS


class BurstWorker(SimpleWorker):
    """As the lab writes it."""

    def subscribe(self):
        pass


@pytest.fixture
def handlers():
    """RQ's workers take these signals, and do not give them back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield before
    for number, handler in before.items():
        signal.signal(number, handler)


def work(queue: Queue) -> None:
    BurstWorker([queue], connection=queue.connection, serializer=JSONSerializer).work(burst=True)


def cell(first: str) -> str:
    notebook = nbformat.read(NOTEBOOKS / "06-test.ipynb", as_version=4)
    return next(one.source for one in notebook.cells if one.source.startswith(first))


def test_the_lab_shows_the_right_version():
    """06-test: "All of it goes into one file", and the check's right version is that file."""
    assert cell("%%writefile lab06/reminders.py\n").partition("\n")[2].strip() == versions.RIGHT.code.strip()


def test_sixteen_broken_versions_each_says_what_is_wrong():
    """06-test: "There are sixteen broken versions"."""
    assert len(versions.BROKEN) == 16
    assert all(
        version.says.endswith(".") and version.difference(versions.RIGHT) for version in versions.BROKEN.values()
    )


@pytest.fixture
def laboratory():
    one = Laboratory()
    yield one
    one.close()


def test_five_versions_survive_the_start(tmp_path, laboratory):
    """06-test: "The start imports three of the lab's files, and five versions survive. Two need a worker test. Three break a
    promise that no test so far checks"."""
    for file in (
        "fakes",
        "conftest",
        "workers",
        "test_first",
        "test_function",
        "test_at_once",
        "test_burst",
        "test_worker",
    ):
        (tmp_path / f"{file}.py").write_text(cell(f"%%writefile lab06/{file}.py\n").partition("\n")[2])
    mine = tmp_path / "test_mine.py"
    start = cell("%%writefile lab06/test_mine.py\n").partition("\n")[2]
    survivors = []
    for text in (start, f"{start}\nfrom test_worker import *\n"):
        mine.write_text(text)
        runs = [Run(version) for version in versions.BROKEN.values()]
        tested = laboratory.run([mine], versions.MODULE, runs, deadline=60, first_failure_only=True)
        survivors.append({one.version.name for one in tested if one.green})
    promises = {"key of the user", "ten minutes", "old jobs forgotten"}
    assert survivors == [promises | {"key in memory", "other queue"}, promises]


def test_enqueue_hands_timeout_to_the_function(queue):
    """06-test: "`enqueue` has no option `timeout`, and hands it to the function"."""
    job = queue.enqueue("operator.add", 1, 2, timeout=10)
    assert job.kwargs == {"timeout": 10}
    assert job.timeout != 10


def test_a_worker_finds_modules_in_the_folder_where_it_starts():
    """06-test: "It starts in the folder of the tests, so it finds `reminders.py`"."""
    (path,) = [option for option in worker_command.params if option.name == "path"]
    assert list(path.default) == ["."]


def test_what_runs_at_once_is_written_down_in_redis(queue):
    """06-test: "A job that runs at once is written to Redis"."""
    here = Queue("here", connection=queue.connection, serializer=JSONSerializer, is_async=False)
    job = here.enqueue("operator.add", 1, 2)
    assert Job.fetch(job.id, connection=queue.connection, serializer=JSONSerializer).return_value() == 3


def test_what_runs_at_once_is_written_by_the_serializer(queue):
    """06-test: "is written to Redis, and not read back": what JSON cannot write is refused. That it is not read, a cell shows."""
    here = Queue("here", connection=queue.connection, serializer=JSONSerializer, is_async=False)
    with pytest.raises(TypeError, match="not JSON serializable"):
        here.enqueue("operator.truth", {1, 2})


def test_a_simple_worker_reads_the_job_from_redis_and_keeps_its_time_limit(queue, handlers):
    """06-test: "it reads the job from Redis and keeps its time limit"."""
    numbers = queue.enqueue("operator.getitem", {1: "one"}, 1)
    slow = queue.enqueue("time.sleep", 30, job_timeout=1)
    work(queue)
    assert "KeyError" in numbers.latest_result().exc_string
    assert "JobTimeoutException" in slow.latest_result().exc_string


def test_a_worker_waits_up_to_a_second_for_its_commands():
    """06-test: "to end it may take a second"."""
    assert "self.pubsub_thread.join(timeout=1)" in inspect.getsource(BaseWorker.unsubscribe)
    assert "self.subscribe()" in inspect.getsource(BaseWorker.bootstrap)


def test_a_simple_worker_keeps_the_signals(queue, handlers):
    """06-test: "A `SimpleWorker` inside a test handles SIGINT and SIGTERM from then on"."""
    work(queue)
    for number, before in handlers.items():
        assert signal.getsignal(number) != before


def test_a_pickled_job_is_not_read_by_a_worker_that_reads_json(queue, handlers):
    """06-test: the burst test finds "the serializer"."""
    pickled = Queue(queue.name, connection=queue.connection)
    job = pickled.enqueue("operator.add", 1, 2)
    work(queue)
    assert job.get_status() == "failed"


def test_the_workflow_can_be_read():
    """06-test: what CI is told, and the variable that the fixture `url` reads."""
    notebook = nbformat.read(NOTEBOOKS / "06-test.ipynb", as_version=4)
    text = next(one.source for one in notebook.cells if "```yaml" in one.source)
    job = yaml.safe_load(text.partition("```yaml\n")[2].partition("```")[0])["jobs"]["test"]
    assert job["services"]["redis"]["ports"] == ["6379:6379"]
    (variable,) = job["env"]
    assert f'os.environ["{variable}"]' in cell("%%writefile lab06/conftest.py\n")


def test_pytest_ini_keeps_the_kits_own_settings_away(tmp_path):
    """06-test: "`pytest.ini` keeps pytest's output short": pytest looks no further up for settings."""
    (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = '--no-such-option'\n")
    inner = tmp_path / "lab06"
    inner.mkdir()
    (inner / "pytest.ini").write_text(cell("%%writefile lab06/pytest.ini").partition("\n")[2])
    (inner / "test_a.py").write_text("def test_a():\n    pass\n")
    run = subprocess.run([sys.executable, "-m", "pytest"], cwd=inner, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "1 passed in" in run.stdout
