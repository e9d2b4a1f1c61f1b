"""Adds to `.venv` what a hub needs, and sees that it can work here: `make classroom` does this first. Nothing of it needs to be
typed: README.md, beside this file, says how a class is run.

python classroom/set_up.py
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from labsupport.commands.set_up_bullmq import CI, node_and_npm, run
from labsupport.errors import LabError
from labsupport.paths import CHECKOUT

HERE = Path(__file__).resolve().parent
NAMES = HERE / "names.txt"
"""Who may log in."""

PROXY = Path(sys.prefix) / "proxy"
"""The proxy from npm, and a link to the Node.js that runs it."""

READY = PROXY / "ready"
"""Says what all of it was made from; written when it is there."""

FIX = "It needs a package index and npm's registry, once. When they can be reached: make classroom"

SOURCES = (
    HERE / "requirements.txt", HERE / "package.json", HERE / "package-lock.json", Path(sys.prefix) / "ready",
)  # fmt: skip


def check() -> None:
    """Raises LabError if a hub can't work here, however it is set up."""
    if sys.platform != "linux" or os.geteuid() != 0:
        raise LabError(
            "The hub starts each lab as the person who logs in: it needs Linux and root. sudo make classroom"
        )
    if not NAMES.exists():
        raise LabError(f"Who may log in? Write the names of their accounts into {NAMES}, one a line.")
    nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    run = subprocess.run(
        [*nobody, sys.executable, "-c", "import labsupport.lab"], cwd="/", capture_output=True, text=True
    )
    if run.returncode:
        raise LabError(
            f"Other accounts can't run the kit: {run.stderr.strip().splitlines()[-1]}\n"
            "Move it to a folder that all can read, such as /opt/labs, and take the system's own Python:\n"
            "make clean, then make classroom PYTHON=/usr/bin/python3"
        )


def set_up() -> None:
    """Install JupyterHub and its proxy, if they are not there. Raises LabError if they can't be had."""
    # Nobody but root can write compiled files here later, and each process would compile all that it imports.
    subprocess.run([sys.executable, "-m", "compileall", "-q", "labsupport"], cwd=CHECKOUT)
    wanted = hashlib.sha256(b"\0".join(file.read_bytes() for file in SOURCES)).hexdigest()
    if READY.exists() and READY.read_text(encoding="utf8") == wanted:
        return
    print("Setting up JupyterHub (once)...", flush=True)
    packages = ("-r", str(HERE / "requirements.txt"), "-c", "constraints.txt")
    _run(
        [sys.executable, "-m", "uv", "pip", "install", "--compile-bytecode", "--python", sys.executable, *packages],
        CHECKOUT,
    )
    shutil.rmtree(PROXY, ignore_errors=True)
    PROXY.mkdir()
    node, npm = node_and_npm()
    (PROXY / "node").symlink_to(node)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, PROXY)
    _run([node, npm, *CI], PROXY)
    READY.write_text(wanted, encoding="utf8")


def _run(command: list[str], folder: Path) -> None:
    run(command, folder, "JupyterHub", FIX)


if __name__ == "__main__":
    try:
        check()
        set_up()
    except LabError as error:
        sys.exit(str(error))
