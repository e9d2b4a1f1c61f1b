"""Opens the labs in JupyterLab, on copies that are the reader's own: `make lab`.

python -m labsupport.commands.open_labs [--docker] [arguments for JupyterLab]
python -m labsupport.commands.open_labs --run COMMAND...    the same for a hub, which starts JupyterLab by its own command

LAB_ADDRESS  where a browser finds JupyterLab, if it reaches that alone: in a container or on a hub
LAB_WORK     where the copies are, if not in `my-labs`
"""

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from labsupport.commands import copies, docker
from labsupport.errors import LabError
from labsupport.paths import MY_LABS, NOTEBOOKS

FIRST = "00-start-here.ipynb"


def surroundings(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of JupyterLab, and so of the kernels and terminals in it, made from this process's."""
    exempt = {name: environment[name] for name in ("NO_PROXY", "no_proxy") if environment.get(name)}
    # Programs read one or the other, so both say the same. Whatever a lab starts is on this machine.
    direct = ",".join([*exempt.values(), "127.0.0.1", "localhost", "::1"])
    return {
        **environment,
        # A terminal in JupyterLab then finds `rq` without being told where it is.
        "PATH": f"{Path(sys.prefix) / 'bin'}{os.pathsep}{environment.get('PATH', '')}",
        "NO_PROXY": direct,
        "no_proxy": direct,
        # Both, since PYTHONIOENCODING, which a reader may have set, outdoes the first.
        "PYTHONUTF8": "1",
        "PYTHONIOENCODING": "utf-8",
    }


def address_on_a_hub(environment: Mapping[str, str]) -> str:
    """What JupyterHub says of where a browser finds this JupyterLab: a URL, or the path alone if it was not told its own."""
    said = environment.get("JUPYTERHUB_PUBLIC_URL") or environment.get("JUPYTERHUB_SERVICE_PREFIX", "")
    return said.rstrip("/")


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(
        prog="lab", description="Open the labs in JupyterLab.", epilog="All other arguments go to JupyterLab.",
        allow_abbrev=False,
    )  # fmt: skip
    parser.add_argument("--docker", action="store_true", help="on Redis in Docker")
    parser.add_argument("--ip", default="127.0.0.1", help="where JupyterLab listens (default: loopback)")
    parser.add_argument("--run", nargs=argparse.REMAINDER, metavar="COMMAND", help="run this in place of JupyterLab")
    chosen, for_jupyter = parser.parse_known_args(arguments)
    environment = surroundings(os.environ)
    if chosen.docker:
        environment["REDIS_URL"] = docker.start()
        print(f"Redis in Docker is healthy, on port {urlsplit(environment['REDIS_URL']).port}.")
    if environment.get("REDIS_URL"):
        # Before the set-up cell has drawn the keys of a notebook, the service under study writes none.
        environment["NOTIFICATIONS_PREFIX"] = ""
    for line in copies.lay_out(NOTEBOOKS, MY_LABS):
        print(line, flush=True)
    if chosen.run:
        environment.setdefault("LAB_ADDRESS", address_on_a_hub(environment))
        os.execvpe(chosen.run[0], chosen.run, environment)
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.ip={chosen.ip}",
        f"--ServerApp.root_dir={MY_LABS}",
        f"--LabApp.default_url=/lab/tree/notebooks/{FIRST}",
    ]
    if address := environment.get("LAB_ADDRESS"):
        # JupyterLab answers to this machine's names alone. Now it has one more.
        names = ("localhost", urlsplit(address).hostname)
        command += [f"--ServerApp.custom_display_url={address}", f"--ServerApp.allow_origin={address}"]
        command += [f"--ServerApp.local_hostnames={name}" for name in names]
    # JupyterLab refuses root, which is who one is in a container; it listens on loopback, with a token.
    command += ["--allow-root"] if os.geteuid() == 0 else []
    os.execve(sys.executable, [*command, *for_jupyter], environment)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except LabError as error:
        sys.exit(str(error))
