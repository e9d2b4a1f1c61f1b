"""Files that are written whole, or stay as they were."""

import os
import tempfile
from pathlib import Path


def put(content: bytes, file: Path) -> None:
    """Write beside the file, then replace it. Only its owner can read it. Raises OSError, and changes nothing then."""
    handle, part = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".part")
    try:
        with open(handle, "wb") as written:
            written.write(content)
            written.flush()
            os.fsync(handle)
        os.replace(part, file)
    except BaseException:
        os.unlink(part)
        raise
