"""For every test, the notebooks included: the reader's own progress is neither read nor written.

REDIS_URL, if it is set, is the server that labs are tested on; a lab that is opened in a test's own process
writes over it, so it is kept under another name.
"""

import os
import shutil
import tempfile
from pathlib import Path

import nbval.kernel
from nbval.plugin import IPyNbCell, IPyNbFile

os.environ["LAB_PROGRESS"] = str(Path(tempfile.mkdtemp(prefix="progress-")) / "progress.json")
os.environ.pop("JPY_SESSION_NAME", None)  # these tests are no lab that somebody opened in JupyterLab
os.environ.setdefault("LAB_TEST_REDIS_URL", os.environ.get("REDIS_URL", ""))

from labsupport import namespace
from tests.kernels import FileKernelManager

namespace.claim()  # before any test imports RQ, which reads its key prefix then
nbval.kernel.KernelManager = FileKernelManager


collect_ignore_glob = ["notebooks/lab*"]
"""Tests that a lab writes beside itself."""


def pytest_collectstart(collector):
    """HTML is not compared: what it says is in the text beside it, and that of a figure has a picture in it."""
    if isinstance(collector, IPyNbFile):
        collector.skip_compare += ("text/html",)


def pytest_sessionfinish():
    shutil.rmtree(Path(os.environ["LAB_PROGRESS"]).parent)


def pytest_addoption(parser):
    parser.addoption(
        "--whole",
        action="store_true",
        help="run every notebook twice in its kernel, as readers do, and its exercises among all its other cells",
    )


def pytest_collection_modifyitems(config, items):
    """The files that take longest come first, so that no process is left alone with one at the end."""
    if config.getoption("whole"):
        items += [
            IPyNbCell.from_parent(
                item.parent, name=f"{item.name}, again", cell_num=item.cell_num, cell=item.cell, options=item.options
            )
            for item in items
            if isinstance(item, IPyNbCell)
        ]

    def place(item):
        path = item.path  # of the rest, large files have much to do
        return "exercises/test_lab" not in path.as_posix(), path.suffix != ".ipynb", -path.stat().st_size, path.stem

    items.sort(key=place)
