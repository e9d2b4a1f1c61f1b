"""JupyterHub for a class on one machine: `make classroom`. README.md, beside this file, says how it is used.

Each person is an account of the machine. Their JupyterLab, kernels, workers and Redis run as that account.
"""

import os
import signal
import sys
from pathlib import Path

from jupyterhub.auth import PAMAuthenticator
from jupyterhub.spawner import LocalProcessSpawner

HERE = Path(__file__).resolve().parent
BIN, PROXY, STATE = Path(sys.prefix) / "bin", Path(sys.prefix) / "proxy", HERE / "state"
FIRST = "00-start-here.ipynb"

# Of the hub, and so of all that it starts: what a person writes, nobody else can read.
os.umask(0o077)
STATE.mkdir(exist_ok=True)


class OnTheList(PAMAuthenticator):
    """Lets in who knows the password of an account, if its name is in names.txt. That is read at each login, so nobody has to
    stop the class to add a name."""

    def check_allowed(self, username, authentication=None):
        return username in (HERE / "names.txt").read_text(encoding="utf8").split()


class EndsItsKernels(LocalProcessSpawner):
    """Stops a JupyterLab by SIGTERM, after which it ends its kernels. The usual SIGINT ends it alone."""

    async def stop(self, now=False):
        await self._signal(signal.SIGTERM)
        await self.wait_for_death(30)
        await super().stop(now=True)


c = get_config()  # noqa: F821
# A process that ends with the hub, even if that is killed.
with_the_hub = ["setpriv", "--pdeathsig", "TERM"]

c.JupyterHub.authenticator_class = OnTheList
c.JupyterHub.spawner_class = EndsItsKernels
c.OnTheList.any_allow_config = True  # the list; JupyterHub would warn that there is none

# Loopback alone, unless CLASSROOM_ARGS="--url=…" says otherwise.
c.JupyterHub.bind_url = "http://127.0.0.1:8000"
c.JupyterHub.db_url = f"sqlite:///{STATE}/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = f"{STATE}/cookie_secret"
c.ConfigurableHTTPProxy.pid_file = f"{STATE}/proxy.pid"
c.ConfigurableHTTPProxy.command = [
    *with_the_hub, f"{PROXY}/node", f"{PROXY}/node_modules/configurable-http-proxy/bin/configurable-http-proxy",
]  # fmt: skip

c.Spawner.cmd = [
    # A cell that fills the memory fails, with a MemoryError, and not the machine. It is a limit for each process. The second
    # is for all processes and threads of a person: fifty workers of 11-bullmq have some hundred.
    "prlimit", f"--data={2 << 30}", "--nproc=2000", *with_the_hub,
    sys.executable, "-m", "labsupport.commands.open_labs", "--run", f"{BIN}/jupyterhub-singleuser",
]  # fmt: skip
c.Spawner.args = [
    # A kernel's sockets are files in the person's own folder. On ports of loopback, all could read what cells print.
    "--KernelManager.transport=ipc",
    # A kernel that nobody looks at ends after an hour, with its Redis and workers; a JupyterLab without kernels, too.
    "--MappingKernelManager.cull_idle_timeout=3600",
    "--ServerApp.shutdown_no_activity_timeout=3600",
]
c.Spawner.notebook_dir = "~/my-labs"
c.Spawner.default_url = f"/lab/tree/notebooks/{FIRST}"
# The kit is shared, so the copies are in each person's home.
c.Spawner.environment = {"LAB_WORK": "~/my-labs"}
# One Redis for all, if whoever starts the hub names one. Otherwise each lab starts its own.
c.Spawner.env_keep = ["PATH", "LANG", "LC_ALL", "REDIS_URL"]
# When a class begins, all start at once.
c.Spawner.start_timeout = c.Spawner.http_timeout = 300
