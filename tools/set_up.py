"""Makes an environment for what the kit itself does not need, by the kit's own uv, unless it is there: `make compare` and
`make site` do this first.

python -m tools.set_up compare
"""

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

from labsupport.errors import LabError
from labsupport.paths import CHECKOUT


def venv_of(tool: str) -> Path:
    """Where the environment is."""
    return CHECKOUT / f".venv-{tool}"


def requirements_of(tool: str) -> Path:
    """What is in it."""
    return CHECKOUT / "tools" / tool / "requirements.txt"


def set_up(tool: str, venv: Path | None = None) -> Path:
    """Make the environment, with this Python, and return its own. Raises LabError if its packages cannot be had."""
    venv, requirements = venv or venv_of(tool), requirements_of(tool)
    python, ready = venv / "bin" / "python", venv / "ready"
    wanted = f"{venv} {sys.version} {hashlib.sha256(requirements.read_bytes()).hexdigest()}"
    if ready.exists() and ready.read_text(encoding="utf8") == wanted and python.exists():
        return python
    print(f"Setting up {venv.name} (once)...", flush=True)
    shutil.rmtree(venv, ignore_errors=True)
    _uv(tool, "venv", "--python", sys.executable, str(venv))
    _uv(tool, "pip", "install", "--python", str(python), "-r", str(requirements))
    ready.write_text(wanted, encoding="utf8")
    return python


def _uv(tool: str, *words: str) -> None:
    run = subprocess.run([sys.executable, "-m", "uv", *words], capture_output=True, text=True)
    if run.returncode:
        # uv says the cause last, or a hint after it, and breaks lines.
        reason = re.split(r"\b(?:error|cause|hint): ", " ".join(run.stderr.split()))[-1] or "uv said nothing"
        raise LabError(
            f"The packages of tools/{tool}/requirements.txt cannot be had: {reason}\n"
            f"make {tool} needs them once, from a package index. The labs do without."
        )


if __name__ == "__main__":
    try:
        set_up(sys.argv[1])
    except LabError as error:
        sys.exit(str(error))
