"""For every test, the notebooks included: the reader's own progress is neither read nor written.

REDIS_URL, if it is set, is the server that labs are tested on; a lab that is opened in a test's own process
writes over it, so it is kept under another name.
"""

import os
import shutil
import tempfile
from pathlib import Path

import nbval.kernel
from xdist.scheduler import LoadScopeScheduling

os.environ["LAB_PROGRESS"] = str(Path(tempfile.mkdtemp(prefix="progress-")) / "progress.json")
os.environ.setdefault("LAB_TEST_REDIS_URL", os.environ.get("REDIS_URL", ""))

from labsupport import namespace
from tests.kernels import FileKernelManager

namespace.claim()  # before any test imports RQ, which reads its key prefix then
nbval.kernel.KernelManager = FileKernelManager


class NotebooksWhole(LoadScopeScheduling):
    """The cells of one notebook go to one process, in order, and so do the tests that share a service; every other test
    goes to whichever is free.

    (`--dist loadgroup` would do, but pytest-xdist 3.8 marks groups in a way that pytest 9.2 does not see.)
    """

    def _split_scope(self, nodeid: str) -> str:
        file, _, _ = nodeid.partition("::")
        return file if file.endswith((".ipynb", "test_api.py")) else nodeid

    def _reschedule(self, node):
        """A process knows its next piece of work and no more. (The base class hands out three, however long they are.)"""
        if not self.workqueue or self._pending_of(self.assigned_work[node]) < 2:
            super()._reschedule(node)


def pytest_sessionfinish():
    shutil.rmtree(Path(os.environ["LAB_PROGRESS"]).parent)


def pytest_xdist_make_scheduler(config, log):
    return NotebooksWhole(config, log)


def pytest_collection_modifyitems(items):
    """What takes longest comes first, so that no process is left alone with it at the end."""
    notebooks = [item for item in items if item.path.suffix == ".ipynb"]
    exercises = [item for item in items if item.name.startswith("test_inside_the_notebook")]
    items[:] = dict.fromkeys([*notebooks, *reversed(exercises), *items])
