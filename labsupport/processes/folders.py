"""The temporary folders of labs: whose each is, and what becomes of those whose notebook is gone.

A leash deletes the folder of a notebook that was killed. A notebook that was killed while it had no process beside it
has no leash, so the next lab looks for such folders.
"""

import json
import os
import shutil
import tempfile
from pathlib import Path

from labsupport.errors import LabError
from labsupport.namespace import alive, holder

PREFIX = "jobs-lab-"
OWNER = "owner.json"
"""The file in a folder that says which process it belongs to."""


def make() -> Path:
    """A new temporary folder, which nobody else may read.

    Raises LabError if there can be none.
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))  # mode 0700: passwords are in it
        (folder / OWNER).write_text(json.dumps(holder()), encoding="utf8")
    except OSError as error:
        raise LabError(
            f"There can be no temporary folder in {tempfile.gettempdir()}: {error.strerror}.\n"
            "Free some space there, or set TMPDIR to another folder."
        ) from None
    return folder


def sweep() -> None:
    """Delete the folders of this user's processes that are gone."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            mine = folder.lstat().st_uid == os.getuid() and not folder.is_symlink()
            if mine and not alive(json.loads((folder / OWNER).read_text(encoding="utf8"))):
                shutil.rmtree(folder, ignore_errors=True)
        except (OSError, ValueError, KeyError, TypeError):
            continue  # it is being made or deleted just now, or is none of ours
