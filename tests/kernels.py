"""Kernels as a notebook has them, for the tests that kill, restart and crowd them."""

import os
import re
import secrets
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from jupyter_client import AsyncKernelManager, KernelManager
from jupyter_client.connect import ConnectionFileMixin
from traitlets import default

SET_UP = "from labsupport.lab import check, hint, open_lab, outcome, quiz, solution\n\nlab = open_lab()"


class OnFiles(ConnectionFileMixin):
    """Its kernel listens on files. Ports are picked before the kernel takes them, so that one of many kernels at once finds
    its own taken, and dies (https://github.com/jupyter/jupyter_client/issues/154)."""

    @default("transport")
    def _files(self) -> str:
        return "ipc"

    @default("ip")
    def _name_of_the_files(self) -> str:
        return f"{tempfile.gettempdir()}/kernel-{secrets.token_hex(8)}"


class FileKernelManager(OnFiles, KernelManager):
    """For nbval, and for the tests' own kernels."""


class AsyncFileKernelManager(OnFiles, AsyncKernelManager):
    """For nbclient."""


class CellError(Exception):
    """A cell failed; the message is what the reader would see in its place."""


class Kernel:
    """An IPython kernel in a process of its own."""

    def __init__(self, folder: Path, **environment: str):
        self.folder = folder
        self._manager = FileKernelManager(kernel_name="python3")
        # httpx reads all certificates that a machine trusts at each call, and nothing here is asked over TLS.
        own = {"REDIS_URL": os.environ["LAB_TEST_REDIS_URL"], "SSL_CERT_DIR": str(folder), **environment}
        self._manager.start_kernel(cwd=str(folder), env={**os.environ, **own})
        self._client = self._manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=60)
        self.pid = self._manager.provisioner.pid

    def run(self, code: str, timeout: float = 60) -> str:
        """What the cell prints, and what it shows as text. Raises CellError with what an error shows."""
        shown = []

        def collect(message):
            content = message["content"]
            if message["msg_type"] == "stream":
                shown.append(content["text"])
            elif message["msg_type"] in ("execute_result", "display_data"):
                shown.append(content["data"].get("text/plain", ""))
            elif message["msg_type"] == "error":
                raise CellError("\n".join(content["traceback"]))

        reply = self._client.execute_interactive(code, timeout=timeout, output_hook=collect)
        if reply["content"]["status"] == "aborted":
            # After an error or an interrupt, the kernel drops what reaches it within the next moment.
            time.sleep(0.1)
            return self.run(code, timeout)
        # As JupyterLab and nbval do: what a carriage return took back is not there.
        return re.sub(r"^.*\r(?=[^\n])", "", "".join(shown), flags=re.MULTILINE)

    def start_cell(self, code: str) -> None:
        """Run a cell without waiting for its end."""
        self._client.execute(code)

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def restart(self) -> None:
        self._manager.restart_kernel(now=False)
        self._client.wait_for_ready(timeout=60)
        self.pid = self._manager.provisioner.pid

    def shut_down(self) -> None:
        """As JupyterLab's *Shut Down Kernel*."""
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=False)

    def kill(self) -> None:
        if self._manager.has_kernel:
            self._client.stop_channels()
            self._manager.shutdown_kernel(now=True)
        self._manager.cleanup_resources()


def alive(pids: list[int]) -> list[int]:
    """Those of the processes that still run."""
    running = []
    for pid in pids:
        try:
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                running.append(pid)
        except psutil.Error:
            continue
    return running


def family(pid: int) -> list[int]:
    """The pids of all descendants."""
    return [child.pid for child in psutil.Process(pid).children(recursive=True)]


def soon(condition: Callable[[], bool], within: float = 5.0) -> bool:
    """Whether the condition becomes true within so many seconds."""
    end = time.monotonic() + within
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
