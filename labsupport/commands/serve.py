"""Runs the whole notification service on an embedded server: `make serve`. Ctrl-C ends all of it.

    python -m labsupport.commands.serve [port of the API] [port of the dashboard]

Redis, the database and the logs are in a folder that is gone at the end.
"""

import contextlib
import os
import secrets
import shutil
import signal
import sys
from collections.abc import Iterator

from labsupport.errors import LabError
from labsupport.notifications import settings, worker
from labsupport.notifications.queue import notification_queue
from labsupport.processes import folders, services, workers
from labsupport.processes.redis_server import DURABLE, EmbeddedServer, product

WORKERS = 2


@contextlib.contextmanager
def running(port: int, dashboard_port: int) -> Iterator[None]:
    """The service for the length of the block: API, workers with scheduler, dashboard.

    Raises LabError if a part of it can't start.
    """
    folders.sweep()
    folder = folders.make()
    started: list = []
    try:
        server = EmbeddedServer(DURABLE, folder)
        started.append(server.close)
        os.environ |= {"REDIS_URL": server.url, "NOTIFICATIONS_DATABASE": str(folder / "notifications.db")}
        print(f"{product(server.redis)} with an append-only file")
        api = services.api("labsupport.notifications.api:api", folder, port=port)
        started.append(api.kill)
        command = workers.WorkerCommand(
            [notification_queue(server.redis)],
            "labsupport.notifications.worker.ServiceWorker",
            settings.__name__,
            scheduler=True,
            more=worker.OPTIONS,
        )
        group = workers.start(command, [f"worker-{n + 1}" for n in range(WORKERS)], folder, keep=True)
        started.append(group.kill)
        login = ("lab", secrets.token_hex(8))
        dashboard = services.dashboard(server.url, folder, login=login, port=dashboard_port)
        started.append(dashboard.kill)
        print(f"\nAPI        {api.url}/docs\ndashboard  {dashboard.url} (log in as {login[0]}, password {login[1]})")
        print(f"logs       {folder}")
        yield
    finally:
        for end in reversed(started):
            end()
        shutil.rmtree(folder, ignore_errors=True)


def main(arguments: list[str]) -> None:
    port, dashboard_port = (int(argument) for argument in arguments)
    # SIGTERM, from whoever supervises this, ends it as Ctrl-C does; a shell's background job begins deaf to Ctrl-C.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt), running(port, dashboard_port):
        print("\nTry: curl -i", f"http://127.0.0.1:{port}/users", "\nCtrl-C ends all of it.", flush=True)
        signal.pause()
    print("\nended")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except LabError as error:
        sys.exit(str(error).replace("Use another port.", "make serve PORT=8001 DASHBOARD_PORT=9182 takes others."))
