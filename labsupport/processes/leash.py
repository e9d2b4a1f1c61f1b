"""Runs a process that cannot outlive its notebook, however the notebook dies.

The notebook starts this module as a small process of its own, which starts the command and holds the
reading end of a pipe. The notebook holds the writing end and never writes. When the notebook ends, by
a restart, a crash or SIGKILL, the system closes its end; the leash reads end-of-file and kills every
process of its session: the command, its children, and children that lost their parent.

A session, not a process group, since RQ gives each work-horse a group of its own; and a session of its
own also keeps *Interrupt kernel* away from the command.
"""

import contextlib
import functools
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

import psutil

from labsupport.errors import LabError
from labsupport.paths import CHECKOUT

KEEP = b"k"
"""Sent before a lifeline is closed on purpose: end, but leave the folder."""

MARK = "JOBS_LAB_LEASH"
"""Environment variable of everything that a leash starts: the process id of its notebook."""

REBUILT = "If the kit was set up anew meanwhile: close the lab, then run make lab again."


class Holder(Protocol):
    """What holds the writing end of a pipe, its lifeline; None once it is closed."""

    lifeline: int | None


_held: set[Holder] = set()
"""Those whose lifeline this process holds."""


def hold(holder: Holder) -> None:
    """Close the copy of its lifeline in every fork of the notebook: there it would keep what waits for its end waiting."""
    _watch_forks()
    _held.add(holder)


def let_go_of(holder: Holder) -> None:
    """Its lifeline is closed: another file may get its number."""
    _held.discard(holder)
    holder.lifeline = None


@functools.cache
def _watch_forks() -> None:
    os.register_at_fork(after_in_child=_close_all)


def _close_all() -> None:
    for holder in list(_held):
        os.close(holder.lifeline)
        let_go_of(holder)


class Leashed:
    """A running command. `pid` is the command's own, so signals reach it and not the leash."""

    def __init__(self, command: list[str], *, log: Path, env: dict[str, str] | None = None, remove: Path | None = None):
        """Start `command` with its output appended to the file `log`.

        env: the command's whole environment (default: this process's). What makes Python read and write UTF-8, and
            MARK, come on top.
        remove: a folder to delete once the notebook is gone.

        Raises LabError if it can't be started.
        """
        self.lifeline: int | None
        there, self.lifeline = os.pipe()
        self._reports, reports = os.pipe()
        hold(self)
        self.returncode: int | None = None
        self.pid: int | None = None
        self._pending = b""
        runner = [sys.executable, "-m", __name__, str(there), str(reports), str(remove or ""), *command]
        try:
            with open(log, "ab") as output:
                written = output.tell()
                self._leash = subprocess.Popen(
                    runner,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=surroundings(os.environ if env is None else env),
                    pass_fds=(there, reports),
                    start_new_session=True,
                )
        except OSError as error:
            self._close()
            raise LabError(f"Could not start {command[0]}: {error.strerror}: {error.filename}\n{REBUILT}") from None
        finally:
            os.close(there)
            os.close(reports)
        first = self._report(timeout=30)
        if "pid" not in first:
            self.end()
            if "error" in first:
                raise LabError(f"Could not start {command[0]}: {first['error']}")
            said = log.read_bytes()[written:].decode("utf8", "replace").split("\n")
            last = next((line for line in reversed(said) if line.strip()), "it said nothing")
            raise LabError(f"Could not start {command[0]}, the helper process died: {last.strip()}\n{REBUILT}")
        self.pid = first["pid"]

    def _report(self, timeout: float) -> dict:
        """The next report of the leash, or {} if there is none within `timeout` seconds."""
        while b"\n" not in self._pending:
            if not select.select([self._reports], [], [], timeout)[0]:
                return {}
            chunk = os.read(self._reports, 4096)
            if not chunk:
                return {}
            self._pending += chunk
        line, self._pending = self._pending.split(b"\n", 1)
        return json.loads(line)

    def poll(self) -> int | None:
        """The command's exit code, as in subprocess (-9 for SIGKILL), or None while it runs."""
        if self.returncode is None and self.lifeline is not None:
            report = self._report(timeout=0)
            if "returncode" in report:
                self.returncode = report["returncode"]
            elif self._leash.poll() is not None:
                self.returncode = -signal.SIGKILL
        return self.returncode

    def signal(self, number: int) -> None:
        """Send a signal to the command alone. Does nothing if it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def end(self) -> None:
        """Kill whatever is left of the command's session, and return when it is gone.

        The folder to remove stays: this is an end that the notebook lives to see.
        """
        self.poll()
        self._close()
        self._leash.wait()
        if self.returncode is None:
            self.returncode = -signal.SIGKILL

    def _close(self) -> None:
        if self.lifeline is None:
            return
        with contextlib.suppress(BrokenPipeError):  # a leash that could not start its command has left
            os.write(self.lifeline, KEEP)
        os.close(self.lifeline)
        os.close(self._reports)
        let_go_of(self)

    def members(self) -> list[int]:
        """Process ids of the command and of all that came of it and still runs."""
        return session_members(self._leash.pid)


def surroundings(env: Mapping[str, str]) -> dict[str, str]:
    """`env`, with this package importable even from a checkout that was never installed, UTF-8, and MARK."""
    return {
        **env,
        "PYTHONPATH": with_checkout(env.get("PYTHONPATH", "")),
        # Both, since a reader's own PYTHONIOENCODING outdoes the first.
        "PYTHONUTF8": "1",
        "PYTHONIOENCODING": "utf-8",
        MARK: str(os.getpid()),
    }


def with_checkout(path: str) -> str:
    """A PYTHONPATH, with the kit on it."""
    here = str(CHECKOUT)
    return path if here in path.split(os.pathsep) else os.pathsep.join(filter(None, [path, here]))


def memory_of(pids: Iterable[int]) -> float:
    """MiB that processes take, where a page that some of them share counts once (Linux: PSS; elsewhere: USS)."""
    total = 0
    for pid in pids:
        with contextlib.suppress(psutil.Error):  # it may have ended
            taken = psutil.Process(pid).memory_full_info()
            total += getattr(taken, "pss", taken.uss)
    return total / 2**20


def signal_all(pids: Iterable[int], number: int) -> list[int]:
    """Send these processes a signal. Returns those that were there."""
    there = []
    for pid in pids:
        with contextlib.suppress(OSError):  # it has ended
            os.kill(pid, number)
            there.append(pid)
    return there


def session_members(leader: int) -> list[int]:
    """Process ids of a session, without its leader."""
    members = []
    for pid in psutil.pids():
        try:
            if pid != leader and os.getsid(pid) == leader and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                members.append(pid)
        except (OSError, psutil.Error):
            continue
    return members


def main(lifeline: int, reports: int, remove: str, command: list[str]) -> None:
    """The leash itself: start `command`, report its pid and its end, and wait for the notebook's."""
    ended, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)

    def report(**facts):
        with contextlib.suppress(OSError):  # the notebook is gone; the lifeline says the same
            os.write(reports, json.dumps(facts).encode() + b"\n")

    try:
        child = subprocess.Popen(command)
    except OSError as error:
        report(error=error.strerror)
        return
    report(pid=child.pid)
    alive = True
    while lifeline not in select.select([lifeline, ended], [], [])[0]:
        os.read(ended, 512)
        if alive and child.poll() is not None:
            alive = False
            report(returncode=child.returncode)
    while members := session_members(os.getpid()):
        # All are halted first, so that none sees another die: a worker whose work-horse dies gives back its job.
        for number in (signal.SIGSTOP, signal.SIGKILL):
            signal_all(members, number)
        child.poll()
        time.sleep(0.01)
    if remove and os.read(lifeline, 1) != KEEP:
        shutil.rmtree(remove, ignore_errors=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
