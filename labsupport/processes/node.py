"""Node.js with BullMQ beside a notebook: where it is, and scripts that run on it, on a leash."""

import functools
import json
import os
import re
import secrets
import signal
import subprocess
import sys
from pathlib import Path

from labsupport.errors import LabError
from labsupport.paths import CHECKOUT
from labsupport.processes.leash import Leashed, memory_of
from labsupport.waiting import comes_true, wait_until

PLACE = Path(sys.prefix) / "bullmq"
"""Where the packages are installed."""

READY = PLACE / "ready"
"""Says with which Node.js, and from what; written when all of it is there."""

OLDEST = (22, 15)
"""The first Node.js that has `registerHooks` (https://nodejs.org/api/module.html)."""

CODE = CHECKOUT / "labsupport" / "bullmq"
SOURCES = tuple(CODE / name for name in ("package.json", "package-lock.json", "packages.mjs"))
"""What is copied to PLACE."""

PATIENCE = 10
"""Seconds that a script may take to stop."""


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
    path = os.pathsep.join(dict.fromkeys([str(Path(node()).parent), *os.environ["PATH"].split(os.pathsep)]))
    options = f"--import={(PLACE / 'packages.mjs').as_uri()}"
    plain = {"FORCE_COLOR": "0"}  # a kernel asks for colours, which its log and its cells would keep as odd letters
    return {**os.environ, **plain, "PATH": path, "NODE_OPTIONS": options, "REDIS_URL": url, "BULLMQ_PREFIX": prefix}


def versions() -> str:
    """What is set up, in words. Raises LabError if it is not."""
    package = json.loads((PLACE / "node_modules" / "bullmq" / "package.json").read_text(encoding="utf8"))
    return f"BullMQ {package['version']} on Node.js {'.'.join(map(str, version(node())))}"


class Script:
    """A JavaScript file that runs beside the notebook. `pid` is its process id. Call `stop()`, or use it in a `with`."""

    def __init__(self, file: str, folder: Path, env: dict[str, str]):
        """Start `node file`, and return when it has printed a line, or has ended well.

        folder: where its log goes; it is deleted when the notebook is gone.
        env: the whole environment, as `environment` gives it.

        Raises LabError, with its own words, if it ends with an error before.
        """
        if not Path(file).is_file():
            raise LabError(f"There is no file {file} in {Path.cwd().name}. Run the cell that writes it first.")
        self._file = file
        self._log = folder / f"node-{secrets.token_hex(4)}.log"
        self._process = Leashed([node(), file], log=self._log, env=env, remove=folder)
        self.pid = self._process.pid
        try:
            wait_until(lambda: "\n" in self.text() or not self.running, lambda: f"{file} is starting", timeout=60)
            if "Error" in self.text():  # it is about to end
                comes_true(lambda: not self.running, within=2)
            if self._process.poll():
                raise LabError(f"node {file} ended: {self._complaint()}")
        except BaseException:
            self.end()
            raise

    def __enter__(self) -> "Script":
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def memory(self) -> float:
        """MiB that it takes, with all that came of it."""
        return memory_of(self._process.members())

    def text(self) -> str:
        """What it has printed so far."""
        return self._log.read_text(encoding="utf8", errors="replace")

    def _complaint(self) -> str:
        """The line that says most: an error's, or else the last one. (Node.js writes where it was first, and a trace last.)"""
        lines = [line.strip() for line in self.text().splitlines() if line.strip()]
        errors = [line for line in lines if re.match(r"\w*Error\b", line)]
        return (errors or lines or ["it wrote nothing"])[0]

    def stop(self) -> None:
        """Stop it, as a service manager does: with SIGTERM, and with SIGKILL if it takes longer than PATIENCE."""
        self._process.signal(signal.SIGTERM)
        comes_true(lambda: not self.running, within=PATIENCE)
        self.end()
        print(f"{self._file} stopped")

    def kill(self) -> None:
        """Kill it, with SIGKILL: it can't do anything any more."""
        self.end()
        print(f"{self._file} killed")

    def end(self) -> None:
        """Kill it, and all that came of it."""
        self._process.end()
