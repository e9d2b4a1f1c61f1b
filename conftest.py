"""For every test, the notebooks included: the reader's own progress is neither read nor written.

REDIS_URL, if it is set, is the server that labs are tested on; a lab that is opened in a test's own process
writes over it, so it is kept under another name.
"""

import os
import tempfile
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling

os.environ["LAB_PROGRESS"] = str(Path(tempfile.mkdtemp(prefix="progress-")) / "progress.json")
os.environ.setdefault("LAB_TEST_REDIS_URL", os.environ.get("REDIS_URL", ""))

import labsupport.namespace  # noqa: F401  (decides RQ's key prefix, so before any test imports RQ)


class NotebooksWhole(LoadScopeScheduling):
    """The cells of one notebook go to one process, in order, and so do the tests that share a service; every other test
    goes to whichever is free.

    (`--dist loadgroup` would do, but pytest-xdist 3.8 marks groups in a way that pytest 9.2 does not see.)
    """

    def _split_scope(self, nodeid: str) -> str:
        file, _, _ = nodeid.partition("::")
        return file if file.endswith((".ipynb", "test_api.py")) else nodeid


def pytest_xdist_make_scheduler(config, log):
    return NotebooksWhole(config, log)
