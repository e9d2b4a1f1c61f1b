"""For every test, the notebooks included: the reader's own progress is neither read nor written.

REDIS_URL, if it is set, is the server that labs are tested on; a lab that is opened in a test's own process
writes over it, so it is kept under another name.
"""

import os
import tempfile
from pathlib import Path

os.environ["LAB_PROGRESS"] = str(Path(tempfile.mkdtemp(prefix="progress-")) / "progress.json")
os.environ.setdefault("LAB_TEST_REDIS_URL", os.environ.get("REDIS_URL", ""))

import labsupport.namespace  # noqa: F401  (decides RQ's key prefix, so before any test imports RQ)
