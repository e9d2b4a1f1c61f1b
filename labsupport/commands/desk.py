"""Opens the labs in JupyterLab, on copies that are the reader's own.

The kit's notebooks stay as they came, so `git pull` never meets an edit. JupyterLab opens on `my-labs/`,
which git ignores: each lab is copied there once. A copy whose code and text nobody changed is renewed
when the kit brings a newer lab; one that was changed stays, and the newer lab is put beside it.

    python -m labsupport.commands.desk [--docker] [arguments for JupyterLab]
    python -m labsupport.commands.desk --start-over 01-enqueue
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from labsupport.paths import CHECKOUT, MY_LABS, NOTEBOOKS

SHIPPED = NOTEBOOKS
DESK = MY_LABS
COPIES = DESK / "notebooks"
NOTES = DESK / "copied.json"
"""Per lab, the fingerprint of the kit's notebook when it was copied."""

FIRST = "00-start-here.ipynb"


def fingerprint(notebook: Path) -> str:
    """Of what a person writes in a notebook: the cells' kinds and sources, not the outputs."""
    cells = json.loads(notebook.read_text(encoding="utf8"))["cells"]
    written = [[cell["cell_type"], "".join(cell["source"])] for cell in cells]
    return hashlib.sha256(json.dumps(written).encode()).hexdigest()


def lay_out() -> list[str]:
    """Copy what is new in the kit to the reader's desk. Returns a line for each lab that needs a word."""
    COPIES.mkdir(parents=True, exist_ok=True)
    notes = _notes()
    lines = []
    for shipped in sorted(SHIPPED.glob("*.ipynb")):
        copy, new = COPIES / shipped.name, fingerprint(shipped)
        if copy.exists() and notes.get(shipped.name) != new:
            mine = _fingerprint_if_notebook(copy)
            if mine == notes.get(shipped.name, new):
                shutil.copyfile(shipped, copy)
            elif mine != new:
                beside = copy.with_name(f"{copy.stem}.new.ipynb")
                shutil.copyfile(shipped, beside)
                lines.append(f"{copy.name} has a newer version. Yours is kept; the new one is {beside.name}.")
        elif not copy.exists():
            shutil.copyfile(shipped, copy)
        notes[shipped.name] = new
    NOTES.write_text(json.dumps(notes, indent=1) + "\n", encoding="utf8")
    return lines


def _notes() -> dict[str, str]:
    try:
        return json.loads(NOTES.read_text(encoding="utf8"))
    except (FileNotFoundError, ValueError):
        return {}


def _fingerprint_if_notebook(copy: Path) -> str:
    try:
        return fingerprint(copy)
    except (ValueError, KeyError, TypeError):
        return "not a notebook any more, and the reader's all the same"


def start_over(lab: str) -> str:
    """Put a fresh copy in place of the reader's, which is kept beside it. Returns what was done."""
    labs = sorted(path.stem for path in SHIPPED.glob("*.ipynb"))
    matches = [name for name in labs if lab and name.startswith(lab.removesuffix(".ipynb"))]
    if len(matches) != 1:
        sys.exit(f"Which lab? make start-over LAB=…, one of {', '.join(labs)}.")
    lay_out()
    copy = COPIES / f"{matches[0]}.ipynb"
    kept = copy.with_name(f"{copy.stem}.{time.strftime('%Y-%m-%d-%H%M%S')}.ipynb")
    shutil.move(copy, kept)
    shutil.copyfile(SHIPPED / copy.name, copy)
    return f"{copy.stem} is as new. What you had is {kept.name}, beside it."


def write_settings() -> None:
    """JupyterLab without what distracts a newcomer, in this environment alone."""
    folder = Path(sys.prefix) / "share" / "jupyter" / "lab" / "settings"
    folder.mkdir(parents=True, exist_ok=True)
    # JupyterLab would ask about news and look for updates on the internet.
    quiet = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
    (folder / "overrides.json").write_text(json.dumps(quiet, indent=1) + "\n", encoding="utf8")


def start_docker() -> str:
    """Bring up docker-compose.yml, wait until it is healthy, and return its URL."""
    compose = ["docker", "compose"]
    if shutil.which("docker") is None or subprocess.run([*compose, "version"], capture_output=True).returncode:
        compose = ["docker-compose"]
        if shutil.which("docker-compose") is None:
            sys.exit("Docker Compose is not installed. Install Docker, or use make lab, which needs none.")
    up = subprocess.run([*compose, "up", "-d", "redis"], cwd=CHECKOUT, capture_output=True, text=True)
    if up.returncode:
        said = [line for line in up.stderr.splitlines() if line.strip()] or ["it said nothing"]
        sys.exit(
            f"Docker could not start Redis: {said[-1].strip()}\n"
            "See that Docker runs, and that the port is free (REDIS_PORT=6380 make lab-docker takes another)."
        )
    found = subprocess.run([*compose, "ps", "-q", "redis"], cwd=CHECKOUT, capture_output=True, text=True)
    deadline = time.monotonic() + 60
    state = ""
    while state != "healthy":
        if time.monotonic() > deadline:
            sys.exit(f"Redis in Docker is {state or 'not there'} after 60 s. See: {' '.join(compose)} logs redis")
        inspect = ["docker", "inspect", "--format", "{{.State.Health.Status}}", found.stdout.strip()]
        state = subprocess.run(inspect, capture_output=True, text=True).stdout.strip()
        time.sleep(0.2)
    password, port = os.environ.get("REDIS_PASSWORD") or "development", os.environ.get("REDIS_PORT") or 6379
    return f"redis://:{password}@127.0.0.1:{port}"


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--settings"]:
        return write_settings()
    if arguments[:1] == ["--start-over"]:
        return print(start_over(*arguments[1:2]))
    environment = dict(os.environ)
    if arguments[:1] == ["--docker"]:
        arguments = arguments[1:]
        environment["REDIS_URL"] = start_docker()
        print(f"Redis in Docker is healthy, on port {urlsplit(environment['REDIS_URL']).port}.")
    if environment.get("REDIS_URL"):
        # Before the set-up cell has drawn the keys of a notebook, the service under study writes none.
        environment["NOTIFICATIONS_PREFIX"] = ""
    for line in lay_out():
        print(line)
    # A terminal in JupyterLab then finds `rq` without being told where it is.
    environment["PATH"] = f"{Path(sys.prefix) / 'bin'}{os.pathsep}{environment.get('PATH', '')}"
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.root_dir={DESK}",
        f"--LabApp.default_url=/lab/tree/notebooks/{FIRST}",
    ]
    # JupyterLab refuses root, which is who one is in a container; it listens on loopback, with a token.
    command += ["--allow-root"] if os.geteuid() == 0 else []
    os.execve(sys.executable, [*command, *arguments], environment)


if __name__ == "__main__":
    main(sys.argv[1:])
