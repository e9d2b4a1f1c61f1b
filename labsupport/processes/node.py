"""Node.js with BullMQ beside a notebook: where it is, and scripts that run on it, on a leash."""

import functools
import json
import os
import subprocess
import sys
from pathlib import Path

from labsupport.errors import LabError
from labsupport.paths import CHECKOUT

PLACE = Path(sys.prefix) / "bullmq"
"""Where the packages are installed."""

READY = PLACE / "ready"
"""Says with which Node.js, and from what; written when all of it is there."""

OLDEST = (22, 15)
"""The first Node.js that has `registerHooks` (https://nodejs.org/api/module.html)."""

CODE = CHECKOUT / "labsupport" / "bullmq"
SOURCES = tuple(CODE / name for name in ("package.json", "package-lock.json", "packages.mjs"))
"""What is copied to PLACE."""


def version(node: str) -> tuple[int, ...]:
    """Of a Node.js; () if it does not run."""
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    except OSError:
        return ()
    return tuple(int(part) for part in said.strip().removeprefix("v").split(".") if part.isdigit())


@functools.cache
def node() -> str:
    """The Node.js that BullMQ is set up for. Raises LabError if it is not."""
    try:
        return json.loads(READY.read_text(encoding="utf8"))["node"]
    except (OSError, ValueError):
        raise LabError(
            "BullMQ is not set up on this machine.\nIn a terminal, in the kit's folder: make bullmq"
        ) from None


def environment(url: str, prefix: str) -> dict[str, str]:
    """For a script: this process's environment, with `node` on its path, which finds BullMQ from any folder.

    url: of the Redis. prefix: what BullMQ's keys begin with. A script reads them as REDIS_URL and BULLMQ_PREFIX.
    """
    path = os.pathsep.join([str(Path(node()).parent), os.environ["PATH"]])
    options = f"--import={(PLACE / 'packages.mjs').as_uri()}"
    return {**os.environ, "PATH": path, "NODE_OPTIONS": options, "REDIS_URL": url, "BULLMQ_PREFIX": prefix}
