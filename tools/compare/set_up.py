"""Makes the environment `.venv-compare`, by the kit's own uv, unless it is there: `make compare` does this first.

python -m tools.compare.set_up
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from labsupport.errors import LabError
from labsupport.paths import CHECKOUT

VENV = CHECKOUT / ".venv-compare"
REQUIREMENTS = Path(__file__).with_name("requirements.txt")


def set_up(venv: Path = VENV) -> None:
    """Make the environment, with this Python. Raises LabError if its packages cannot be had."""
    ready = venv / "ready"
    wanted = f"{venv} {sys.version} {hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()}"
    if ready.exists() and ready.read_text(encoding="utf8") == wanted and (venv / "bin" / "python").exists():
        return
    print(f"Setting up {venv.name} (once)...", flush=True)
    shutil.rmtree(venv, ignore_errors=True)
    _uv("venv", "--python", sys.executable, str(venv))
    _uv("pip", "install", "--python", str(venv / "bin" / "python"), "-r", str(REQUIREMENTS))
    ready.write_text(wanted, encoding="utf8")


def _uv(*words: str) -> None:
    run = subprocess.run([sys.executable, "-m", "uv", *words], capture_output=True, text=True)
    if run.returncode:
        # uv says the cause last, and a hint after it.
        said = [line.strip() for line in run.stderr.splitlines() if line.strip()] or ["uv said nothing"]
        reason = said[-1].removeprefix("cause: ").removeprefix("hint: ").removeprefix("error: ")
        raise LabError(
            f"The packages to compare with cannot be had: {reason}\n"
            "make compare needs them once, from a package index. The labs do without: they read what it found last."
        )


if __name__ == "__main__":
    try:
        set_up()
    except LabError as error:
        sys.exit(str(error))
