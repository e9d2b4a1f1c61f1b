"""`make compare` with few jobs: every library really runs, and is really killed: `make test-compare`.

Needs a package index, for libraries that the kit itself does not need: a marker keeps it out of `make test`.
"""

import os
import signal
import subprocess

import pytest

from labsupport.measure import compared
from labsupport.paths import CHECKOUT
from tests.kernels import soon
from tools.set_up import set_up, venv_of

pytestmark = pytest.mark.needs_index


@pytest.fixture
def python() -> str:
    """The Python of `make compare`."""
    return str(set_up("compare"))


def left(words: str = "") -> list[str]:
    """Processes of this checkout's comparison, with these words in their command."""
    run = subprocess.run(["pgrep", "-af", f"{venv_of('compare')}/"], capture_output=True, text=True)
    return [line for line in run.stdout.splitlines() if words in line]


def test_every_library_runs_and_keeps_its_promise(python, tmp_path):
    """The command fails if the job of a killed worker does not fare as `acknowledged` says."""
    file = tmp_path / "compared.json"
    command = [python, "-m", "tools.compare", "--jobs", "50", "--rounds", "1", "--write", str(file)]
    run = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    fresh, kept = compared.read(file), compared.read()
    same = ["how", "at once", "acknowledged", "by", "setting that brings it back", "its default, s"]
    assert fresh[same].equals(kept[same])
    assert fresh.attrs["versions"] == kept.attrs["versions"]
    assert not left()


def test_nothing_outlives_a_comparison_that_is_killed(python):
    run = subprocess.Popen([python, "-m", "tools.compare", "--jobs", "50"], cwd=CHECKOUT, stdout=subprocess.DEVNULL)
    try:
        assert soon(lambda: left("bin/rq worker") and left("tools.compare.producer"), within=180)
    finally:
        os.kill(run.pid, signal.SIGKILL)
        run.wait()
    assert soon(lambda: not left(), within=60), left()
