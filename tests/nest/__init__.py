"""The original system, on NestJS and BullMQ, run for tests. Its TypeScript is in `src/`, and reads as the original does.

It is built in the folder `.nest`, with packages that the kit itself does not need. After a change of `package.json`, beside it:

    npm install --package-lock-only --ignore-scripts --no-audit --no-fund --omit-lockfile-registry-resolved
"""

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from labsupport.commands import set_up_bullmq
from labsupport.errors import LabError
from labsupport.paths import CHECKOUT
from labsupport.processes.leash import Leashed
from labsupport.waiting import wait_until

PLACE = CHECKOUT / ".nest"
"""Where it is built; git ignores it."""

CODE = Path(__file__).parent
PINS = ("package.json", "package-lock.json")
ADDRESS = re.compile(r"^Listening on (http://127\.0\.0\.1:\d+)$", re.MULTILINE)


def build() -> str:
    """Install the packages, if they are not there, and compile. Returns the Node.js to run it with.

    Raises LabError if the packages cannot be had, or the TypeScript has an error.
    """
    node = _installed() or _install()
    for old in ("src", "dist"):
        shutil.rmtree(PLACE / old, ignore_errors=True)
    shutil.copytree(CODE / "src", PLACE / "src")
    shutil.copy(CODE / "tsconfig.json", PLACE)
    _run([node, "node_modules/typescript/bin/tsc", "--project", "."])
    return node


def _digest() -> str:
    return hashlib.sha256(b"\0".join((CODE / name).read_bytes() for name in PINS)).hexdigest()


def _installed() -> str:
    """The Node.js that what is pinned was installed with; nothing if it was not, or that Node.js is gone."""
    ready = PLACE / "ready"
    digest, _, node = ready.read_text(encoding="utf8").partition(" ") if ready.exists() else ("", "", "")
    return node if digest == _digest() and Path(node).exists() else ""


def _install() -> str:
    print(f"Setting up {PLACE.name} (once)...", flush=True)
    tools = set_up_bullmq.node_and_npm()
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir()
    for name in PINS:
        shutil.copy(CODE / name, PLACE)
    _run([*tools, *set_up_bullmq.CI])
    (PLACE / "ready").write_text(f"{_digest()} {tools[0]}", encoding="utf8")
    return tools[0]


def _run(command: list[str]) -> None:
    run = subprocess.run(command, cwd=PLACE, capture_output=True, text=True)
    if run.returncode:
        raise LabError(f"NestJS could not be set up: {' '.join(command)}\n{run.stdout}{run.stderr}")


class Nest:
    """The running application. `url` is where it answers, `pid` its process id."""

    def __init__(self, node: str, url: str, log: Path, *, main: str = "main"):
        """Start it, and return when it answers.

        node: the Node.js. url: of the Redis. log: a file for what it prints. main: which module of `src/` is run.

        Raises LabError, with what it printed, if it does not start.
        """
        self._log = log
        log.write_bytes(b"")
        environment = {**os.environ, "REDIS_URL": url, "PORT": "0", "NO_COLOR": "1"}
        self._process = Leashed([node, str(PLACE / "dist" / f"{main}.js")], log=log, env=environment)
        self.pid = self._process.pid
        try:
            wait_until(lambda: self._address() or not self.running, lambda: "NestJS is starting", timeout=60)
            if not self.running:
                raise LabError(f"NestJS did not start:\n{self.text()}")
        except BaseException:
            self.kill()
            raise
        self.url = self._address()

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def _address(self) -> str:
        found = ADDRESS.search(self.text())
        return found[1] if found else ""

    def text(self) -> str:
        """What it has printed."""
        return self._log.read_text(encoding="utf8")

    def processes(self) -> list[int]:
        """Process ids of the application and of all that it started."""
        return self._process.members()

    def kill(self) -> None:
        """End it, and all that it started, at once."""
        self._process.end()
