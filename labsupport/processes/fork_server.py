"""Starts the workers of checks in a few milliseconds: each is a fork of one process that has RQ loaded.

A fresh `rq worker` spends a third of a second on its imports, and checks are run again and again. A fork runs the same
command. Nothing that the reader wrote is loaded in it yet, so it reads the newest version of that.

This module is run as a small process of its own. Like a leash (see there) it ends with the notebook: the pipe by which it is
asked is also its lifeline. It then kills every process that it started, and whatever came of them.
"""

import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path

from labsupport.errors import LabError
from labsupport.processes.leash import REBUILT, hold, let_go_of, session_members, signal_all, surroundings


class ForkServer:
    """The notebook's side: asks, and waits for the answer."""

    def __init__(self, env: dict[str, str]):
        """Start it with this environment. Raises LabError if it can't be started."""
        there, self.lifeline = os.pipe()
        answers, back = os.pipe()
        hold(self)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(there), str(back)],
                stdin=subprocess.DEVNULL,
                env=env,
                pass_fds=(there, back),
                start_new_session=True,
            )
        except OSError as error:
            raise LabError(f"Could not start {error.filename}: {error.strerror}\n{REBUILT}") from None
        finally:
            os.close(there)
            os.close(back)
        self._answers = os.fdopen(answers)

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def ask(self, **request: object) -> dict:
        """Its answer. Raises LabError if it is gone."""
        try:
            os.write(self.lifeline, json.dumps(request).encode() + b"\n")
            answer = self._answers.readline()
        except (BrokenPipeError, TypeError):  # gone, or held by the process that this one is a fork of
            answer = ""
        if not answer:
            raise LabError(f"The process that starts workers for checks has died. Run the cell again.\n{REBUILT}")
        return json.loads(answer)

    def close(self) -> None:
        """Let it and its workers end."""
        os.close(self.lifeline)
        let_go_of(self)
        self._process.wait()
        self._answers.close()


_servers: list[ForkServer] = []
"""This process's, if it was needed."""


class Forked:
    """A running `rq` command, with what a `leash.Leashed` has."""

    def __init__(self, arguments: list[str], *, log: Path, env: dict[str, str]):
        """Run `rq` with these arguments, its output appended to the file `log`.

        env: the command's whole environment.

        Raises LabError if it can't be started.
        """
        env = surroundings(env)
        if _servers and not _servers[0].running:
            _servers.pop().close()
        if not _servers:
            _servers.append(ForkServer(env))
        self._server = _servers[0]
        self.returncode: int | None = None
        self.pid: int = self._server.ask(run=arguments, log=str(log), env=env, cwd=os.getcwd())["pid"]

    def poll(self) -> int | None:
        """The command's exit code, as in subprocess (-9 for SIGKILL), or None while it runs."""
        if self.returncode is None:
            self.returncode = self._server.ask(poll=self.pid)["returncode"]
        return self.returncode

    def signal(self, number: int) -> None:
        """Send a signal to the command alone. Does nothing if it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def end(self) -> None:
        """Kill whatever is left of the command's session, and return when it is gone."""
        with contextlib.suppress(LabError):  # the server is gone
            self.returncode = self._server.ask(end=self.pid)["returncode"]

    def members(self) -> list[int]:
        """Process ids of the command and of all that came of it and still runs."""
        return session_members(self.pid) + [self.pid] * (self.poll() is None)


def main(requests: int, answers: int) -> None:
    """The server itself: an answer for each request, until the notebook is gone."""
    from rq.cli import main as rq  # here: the notebook's side does not need it

    ended: dict[int, int | None] = {}
    with os.fdopen(requests) as asked:
        for line in asked:
            request = json.loads(line)
            if "run" in request:
                pid = os.fork()
                if pid == 0:
                    os.close(answers)
                    os.close(requests)
                    _run(rq, request["run"], request["log"], request["env"], request["cwd"])
                ended[pid] = None
                answer = {"pid": pid}
            else:
                pid = request.get("poll") or request["end"]
                if "end" in request:
                    _end(pid, ended)
                _look(pid, ended)
                answer = {"returncode": ended[pid]}
            with contextlib.suppress(BrokenPipeError):  # the notebook is gone; the requests end as well
                os.write(answers, json.dumps(answer).encode() + b"\n")
    for pid in ended:
        _end(pid, ended)


def _look(pid: int, ended: dict[int, int | None], options: int = os.WNOHANG) -> None:
    """Note how a child has ended, if it has."""
    if ended[pid] is None and (seen := os.waitpid(pid, options))[0]:
        ended[pid] = os.waitstatus_to_exitcode(seen[1])


def _end(pid: int, ended: dict[int, int | None]) -> None:
    """Kill a child and its session."""
    _look(pid, ended)
    if ended[pid] is None:
        os.kill(pid, signal.SIGKILL)
        _look(pid, ended, 0)
    while members := session_members(pid):
        signal_all(members, signal.SIGKILL)
        time.sleep(0.005)


def _run(rq, arguments: list[str], log: str, env: dict[str, str], cwd: str) -> None:
    """In the fork: become the command. Does not return."""
    code = 1
    try:
        os.setsid()
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.environ.clear()
        os.environ.update(env)
        os.chdir(cwd)
        sys.argv, sys.path[0] = ["rq", *arguments], cwd
        importlib.invalidate_caches()  # the reader may have written a module a moment ago
        rq(arguments)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
