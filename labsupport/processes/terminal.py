"""What a terminal must know to work beside a notebook, in a file that only its owner can read.

A notebook's outputs are saved, and others may read them, so no password is printed there. The command that a lab shows
reads this file instead: `source ~/.jobs-lab/48209.env`.
"""

import os
import shlex
import sys
from pathlib import Path

from labsupport.processes.leash import with_checkout
from labsupport.processes.workers import ALWAYS

NAMES = (
    "REDIS_URL", "REDIS_SENTINELS", "REDIS_SENTINEL_PASSWORD",
    "RQ_KEY_PREFIX", "NOTIFICATIONS_PREFIX", "NOTIFICATIONS_DATABASE",
)  # fmt: skip


class TerminalFile:
    """The file of one notebook. Its content is in the notebook's folder, and goes with that; `~/.jobs-lab` has a link to it
    under a short name. Where the home can't be written to, the file in the folder is all there is.
    """

    def __init__(self, folder: Path, login: tuple[str, str]):
        """folder: the notebook's own, of mode 0700.
        login: user name and password of its dashboard.
        """
        self._file = folder / "terminal.env"
        self._login = login
        self._link: Path | None = None

    @property
    def shown(self) -> str:
        """Its path, as one would type it."""
        return f"~/{self._link.relative_to(Path.home())}" if self._link else shlex.quote(str(self._file))

    def write(self, short: str) -> None:
        """Write down this process's server and key prefix, for its link in the home to be `short`.env."""
        self.remove()
        user, password = self._login
        path = os.pathsep.join([os.getcwd(), with_checkout(os.environ.get("PYTHONPATH", ""))])
        variables = {name: os.environ[name] for name in NAMES if name in os.environ} | {"PYTHONPATH": path} | ALWAYS
        lines = [
            "# For a terminal beside the notebook: where its Redis is, and where its code is. It holds passwords.",
            f"# dashboard: user name {user}, password {password}",
            *(f"export {name}={shlex.quote(value)}" for name, value in variables.items()),
            # RQ's commands would prefer it to REDIS_URL.
            "unset RQ_REDIS_URL",
            f'export PATH={shlex.quote(str(Path(sys.prefix) / "bin"))}:"$PATH"',
        ]
        self._file.touch(mode=0o600)
        self._file.write_text("\n".join(lines) + "\n", encoding="utf8")
        home = Path.home() / ".jobs-lab"
        link = home / f"{short}.env"
        try:
            home.mkdir(mode=0o700, exist_ok=True)
            link.unlink(missing_ok=True)  # of a lab that had this port before
            link.symlink_to(self._file)
        except OSError:
            return
        self._link = link

    def remove(self) -> None:
        """Delete the file and its link."""
        self._file.unlink(missing_ok=True)
        if self._link:
            self._link.unlink(missing_ok=True)
            self._link = None


def sweep() -> None:
    """Delete links whose file is gone: their notebook was killed."""
    for link in (Path.home() / ".jobs-lab").glob("*.env"):
        if link.is_symlink() and not link.exists():
            link.unlink(missing_ok=True)
