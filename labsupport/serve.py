"""Runs the whole notification service on an embedded server: `make serve`. Ctrl-C ends all of it.

    python -m labsupport.serve [port of the API] [port of the dashboard]

The server is in memory: what it held is gone at the end.
"""

import contextlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from labsupport import services, workers
from labsupport.errors import LabError
from labsupport.notifications import settings
from labsupport.notifications.queue import notification_queue
from labsupport.redis_server import DURABLE, EmbeddedServer, product

WORKERS = 2


@contextlib.contextmanager
def running(port: int | None = None, dashboard_port: int | None = None) -> Iterator[str]:
    """The service for the length of the block: API, workers with scheduler, dashboard. Gives the API's URL.

    port, dashboard_port: default: free ones.

    Raises LabError if a part of it can't start.
    """
    folder = Path(tempfile.mkdtemp(prefix="jobs-lab-"))
    started: list = []
    try:
        server = EmbeddedServer(DURABLE, folder)
        started.append(server.close)
        os.environ |= {"REDIS_URL": server.url, "NOTIFICATIONS_DATABASE": str(folder / "notifications.db")}
        print(f"{product(server.redis)} with an append-only file")
        api = services.api("labsupport.notifications.api:api", folder, port=port)
        started.append(api.kill)
        group = workers.start(
            [notification_queue(server.redis)],
            [f"worker-{n + 1}" for n in range(WORKERS)],
            config=settings.__name__,
            worker_class="labsupport.notifications.worker.ServiceWorker",
            folder=folder,
            scheduler=True,
            burst=False,
            brief=False,
            keep=True,
        )
        started.append(group.kill)
        dashboard = services.dashboard(server.url, folder, port=dashboard_port)
        started.append(dashboard.kill)
        print(f"\nAPI        {api.url}/docs\ndashboard  {dashboard.url}\nlogs       {folder}")
        yield api.url
    finally:
        for end in reversed(started):
            end()
        shutil.rmtree(folder, ignore_errors=True)


def main(arguments: list[str]) -> None:
    port, dashboard_port = (int(argument) for argument in arguments)
    # SIGTERM, from whoever supervises this, ends it as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))
    with contextlib.suppress(KeyboardInterrupt), running(port, dashboard_port):
        print("\nTry: curl -i", f"http://127.0.0.1:{port}/users", "\nCtrl-C ends all of it.", flush=True)
        signal.pause()
    print("\nended")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except LabError as error:
        sys.exit(str(error).replace("Use another port.", "make serve PORT=8001 DASHBOARD_PORT=9182 takes others."))
