"""Makes the environment `.venv`, or brings it up to date: the Makefile does this before every other command.

It runs by its path, on a Python that has nothing installed.

    python3 labsupport/commands/set_up.py            make it, if it is not as it should be
    python3 labsupport/commands/set_up.py --check    print "ready" if it is
    python3 labsupport/commands/set_up.py --uv       make it, for `uv` alone
"""

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
VENV = CHECKOUT / ".venv"
PYTHON = VENV / "bin" / "python"
READY = VENV / "ready"
"""What the environment was made for; written when all of it is there."""

SOURCES = (
    "requirements.txt", "constraints.txt", "pyproject.toml",
    "labsupport/bullmq/package-lock.json", "labsupport/bullmq/packages.mjs",
)  # fmt: skip
UV = "0.13.9"
"""It installs everything in seconds."""
UPDATE = "Bringing .venv up to date... Is a lab open? Then restart its kernel afterwards."


def wanted() -> dict[str, str]:
    """What READY has to say. An environment works in one folder, with one Python."""
    digest = hashlib.sha256(b"\0".join((CHECKOUT / name).read_bytes() for name in SOURCES))
    return {"folder": str(CHECKOUT), "python": _python(), "uv": UV, "sources": digest.hexdigest()}


def _python() -> str:
    """The version of the environment's Python, or "" if there is none that runs."""
    command = [str(PYTHON), "-c", "import sys; print(*sys.version_info[:2])"]
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()
    except OSError:
        return ""


def made_for() -> dict[str, str]:
    """What READY says."""
    try:
        return json.loads(READY.read_text(encoding="utf8"))
    except (OSError, ValueError):
        return {}


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """One set-up of this folder at a time: a second one waits here, and says so."""
    folder = os.open(CHECKOUT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("Another command is setting up .venv. Waiting for it...", flush=True)
        fcntl.flock(folder, fcntl.LOCK_EX)
    except OSError:
        pass  # a network file system that has no locks
    try:
        yield
    finally:
        os.close(folder)


def make_environment() -> None:
    """A new `.venv`, with uv in it and nothing else."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        sys.exit("This Python has no venv module. On Debian and Ubuntu: sudo apt install python3-venv")
    shutil.rmtree(VENV, ignore_errors=True)
    _run(sys.executable, "-m", "venv", str(VENV))
    _run(str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"uv=={UV}")


def set_up() -> None:
    """Make `.venv` as it should be. One that an open lab may use is brought up to date in place."""
    goal, found = wanted(), made_for()
    if found == goal:
        return
    usable = goal["python"] and found == {**goal, "sources": found.get("sources")}
    print(UPDATE if usable else "Setting up .venv (once)...", flush=True)
    if usable:
        READY.unlink()  # whatever interrupts this, the next set-up begins anew
    else:
        make_environment()
    requirements = ("-r", "requirements.txt", "-c", "constraints.txt", "-e", ".")
    _run(str(PYTHON), "-m", "uv", "pip", "install", "--quiet", "--python", str(PYTHON), *requirements)
    write_settings()
    # Only one lab needs BullMQ. Where it cannot be had, this says so, and `make` goes on.
    subprocess.run([str(PYTHON), "-m", "labsupport.commands.set_up_bullmq"], cwd=CHECKOUT)
    READY.write_text(json.dumps(wanted(), indent=1) + "\n", encoding="utf8")


def write_settings() -> None:
    """JupyterLab without what distracts a newcomer, in this environment alone."""
    folder = VENV / "share" / "jupyter" / "lab" / "settings"
    folder.mkdir(parents=True, exist_ok=True)
    # JupyterLab would ask about news and look for updates on the internet.
    quiet = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
    (folder / "overrides.json").write_text(json.dumps(quiet, indent=1) + "\n", encoding="utf8")


def _run(*command: str) -> None:
    """Run a command, which says itself what goes wrong."""
    if subprocess.run(command, cwd=CHECKOUT).returncode:
        sys.exit(1)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description="Make the environment .venv, or bring it up to date.")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--check", action="store_true", help='change nothing; print "ready" if it is as it should be')
    only.add_argument("--uv", action="store_true", help="make it for uv alone, whatever constraints.txt says")
    chosen = parser.parse_args(arguments)
    if chosen.check:
        print("ready" if made_for() == wanted() else "")
        return
    with alone():
        if not chosen.uv:
            set_up()
        elif not (VENV / "bin" / "uv").exists():
            make_environment()


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
