"""A process of the kit's own that takes orders from a notebook: started at its first use, on a leash.

It is a module that is run with the path of a socket file, listens there, and serves one client at a time.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from multiprocessing import connection
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from labsupport.errors import LabError
from labsupport.processes import folders
from labsupport.processes.leash import Leashed
from labsupport.waiting import wait_until

if TYPE_CHECKING:
    from typing import Self


class Helper:
    """One such process; a subclass says which.

    module: what it runs. environment: variables that it has beside the notebook's.
    folder: a temporary one of its own, which goes with it.
    """

    module: str
    environment: ClassVar[dict[str, str]] = {}
    _mine: ClassVar[Self | None] = None

    @classmethod
    def mine(cls) -> Self:
        """This process's one: started at its first use, and again if it has died. Raises LabError if it does not start."""
        if cls._mine is None or not cls._mine.running:
            with contextlib.suppress(OSError):
                if cls._mine:
                    cls._mine.close()
            cls._mine = cls()
        return cls._mine

    def __init__(self) -> None:
        """Start it, and return when it listens. Raises LabError if it does not start."""
        self.folder: Path = folders.make()
        self._socket, log = self.folder / "orders", self.folder / "helper.log"
        command = [sys.executable, "-m", self.module, str(self._socket)]
        self._process = Leashed(command, log=log, remove=self.folder, env={**os.environ, **self.environment})
        wait_until(lambda: self._answers() or not self.running, lambda: "a helper of the lab starts", timeout=60)
        if not self.running:
            words = log.read_text(errors="replace")[-200:]
            self.close()
            raise LabError(f"{self.module} did not start: {words}")

    def _answers(self) -> bool:
        """Its socket's file is there a moment before it listens: whoever comes then is refused."""
        with contextlib.suppress(OSError):
            self.client().close()
            return True
        return False

    def client(self) -> connection.Connection:
        """A connection to it."""
        return connection.Client(str(self._socket))

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        self._process.end()
        shutil.rmtree(self.folder, ignore_errors=True)
