"""Starts the HTTP services of a lab on loopback: the API under uvicorn, rq-dashboard, the exporter."""

import os
import shlex
import socket
import sys
from pathlib import Path
from urllib.parse import urlsplit

from labsupport.errors import LabError
from labsupport.processes.leash import Leashed
from labsupport.processes.redis_server import free_port, masked
from labsupport.waiting import wait_until


class Service:
    """A process that answers HTTP at `url`; `link` is its address for a browser. `pid` is its process id."""

    def __init__(self, name: str, module: str, options: list[str], port: int, env: dict[str, str], folder: Path):
        """Start `python -m module options`, and return when it answers at `port`.

        env: what its environment has besides this process's.
        folder: where its log goes; it is deleted when the notebook is gone.

        Raises LabError if the port is taken, or, with the service's own words, if it ends before it answers.
        """
        if _listening(port):
            raise LabError(f"{name} could not start: port {port} is taken by another program.\nUse another port.")
        self.url = f"http://127.0.0.1:{port}"
        self.link = _link(port)
        self._log = folder / f"{name}-{port}.log"
        self._log.write_bytes(b"")
        command = [sys.executable, "-m", module, *options]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", **env}
        self._process = Leashed(command, log=self._log, env=environment, remove=folder)
        self.pid = self._process.pid
        try:
            wait_until(lambda: _listening(port) or not self.running, lambda: f"{name} is starting", timeout=60)
            if not self.running:
                raise LabError(f"{name} could not start: {self._complaint()}")
        except BaseException:
            self.kill()
            raise

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def _complaint(self) -> str:
        """The line it wrote that says most: its last error, or else its last line."""
        lines = [line.strip() for line in self._log.read_text(errors="replace").splitlines() if line.strip()]
        errors = [line for line in lines if "rror" in line]
        return (errors or lines or ["it wrote nothing"])[-1]

    def kill(self) -> None:
        """End it at once."""
        self._process.end()


def _link(port: int) -> str:
    """What a browser has to open. Where that reaches JupyterLab alone, LAB_ADDRESS says where it finds it, and
    jupyter-server-proxy leads on from there.
    """
    lab = os.environ.get("LAB_ADDRESS")
    return f"{lab}/proxy/{port}" if lab else f"http://127.0.0.1:{port}"


def _listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def api(app: str, folder: Path, *, port: int | None = None, **settings: object) -> Service:
    """An ASGI application under uvicorn, on loopback. Prints the command.

    app: as uvicorn has it, `module:attribute`; modules beside the notebook are found.
    port: default: a free one.
    settings: environment variables of the service, by name.

    Raises LabError if it can't start.
    """
    port = port or free_port()
    shown = {name: masked(str(value)) if "://" in str(value) else str(value) for name, value in settings.items()}
    exports = "".join(f"{name}={shlex.quote(value)} " for name, value in shown.items())
    print(f"$ {exports}uvicorn {app} --port {port}")
    options = [app, "--port", str(port), "--no-use-colors"]
    environment = {name: str(value) for name, value in settings.items()}
    if lab := os.environ.get("LAB_ADDRESS"):
        # Asked through JupyterLab, it is asked under JupyterLab's name, and its page /docs has to know the path.
        print(f"In a browser: {_link(port)}/docs")
        options += ["--root-path", urlsplit(_link(port)).path]
        environment.setdefault("NOTIFICATIONS_HOSTS", urlsplit(lab).hostname or "*")
    return Service("api", "uvicorn", options, port, environment, folder)


def dashboard(url: str, folder: Path, *, login: tuple[str, str], port: int | None = None) -> Service:
    """rq-dashboard on loopback, for queues whose jobs are JSON, on the Redis at `url`. Prints the command.

    What runs is `labsupport.processes.board`, which does as that command says, and also refuses what another site's page
    asks of it. It can requeue jobs; deleting is switched off.

    login: user name and password.

    Raises LabError if it can't start.
    """
    port = port or free_port()
    user, password = login
    print(f"$ rq-dashboard --bind 127.0.0.1 --port {port} --json --disable-delete --username {user} --password …")
    # The URL has a password in it, too, and any user can read a command line.
    environment = {"REDIS_URL": url, "USERNAME": user, "PASSWORD": password}
    return Service(
        "dashboard",
        "labsupport.processes.board",
        [str(port)],
        port,
        {f"RQ_DASHBOARD_{name}": value for name, value in environment.items()},
        folder,
    )


def exporter(url: str, folder: Path, module: str, *, port: int | None = None) -> Service:
    """An exporter for Prometheus on loopback, for the Redis at `url`. Prints the command.

    module: what runs as `python -m module --port …`.

    Raises LabError if it can't start.
    """
    port = port or free_port()
    print(f"$ python -m {module} --port {port}")
    return Service("exporter", module, ["--port", str(port)], port, {"REDIS_URL": url}, folder)
