"""What `make` does before every other command: the environment, made once, and only when it must be.

With a real make, venv and pip. In the place of uv, which would install the whole kit, stands a stand-in that notes what it
is told: so nothing is downloaded.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from labsupport.commands.set_up import SOURCES, UV
from labsupport.paths import CHECKOUT
from tests.kernels import soon

FAKE_UV = """
import os, pathlib, sys, sysconfig, time
# As the kit is installed: by the name of its folder.
pathlib.Path(sysconfig.get_path("purelib"), "kit.pth").write_text(os.getcwd(), encoding="utf8")
notes = pathlib.Path(os.environ["UV_NOTES"])
with notes.open("a") as file:
    print(*sys.argv[1:], file=file)
while notes.with_name("hold").exists():
    time.sleep(0.05)
"""


@pytest.fixture(scope="module")
def wheels(tmp_path_factory) -> Path:
    """A folder with a wheel of the stand-in."""
    folder = tmp_path_factory.mktemp("wheels")
    info = f"uv-{UV}.dist-info"
    files = {
        "uv/__init__.py": "",
        "uv/__main__.py": FAKE_UV,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: uv\nVersion: {UV}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},,\n" for name in (*files, f"{info}/RECORD"))
    with zipfile.ZipFile(folder / f"uv-{UV}-py3-none-any.whl", "w") as wheel:
        for name, text in {**files, f"{info}/RECORD": record}.items():
            wheel.writestr(name, text)
    return folder


class Checkout:
    """What make needs of the kit, in a folder with a difficult name."""

    def __init__(self, parent: Path, wheels: Path):
        self.folder = parent / "a \"kit\" for $HOME, $(date) 'é'"
        self.venv = self.folder / ".venv"
        self.notes, self.hold = parent / "notes", parent / "hold"
        script = self.folder / "labsupport" / "commands" / "set_up.py"
        script.parent.mkdir(parents=True)
        shutil.copy(CHECKOUT / "labsupport" / "commands" / "set_up.py", script)
        script.with_name("set_up_bullmq.py").write_text("")
        shutil.copy(CHECKOUT / "Makefile", self.folder)
        for name in SOURCES:
            (self.folder / name).parent.mkdir(exist_ok=True)
            (self.folder / name).write_text("one")
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "MAKE", "MFLAGS"))},
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(wheels),
            "PIP_CONFIG_FILE": os.devnull,
            "UV_NOTES": str(self.notes),
        }

    def start(self, **more: str) -> subprocess.Popen:
        command = ["make", ".venv/ready", f"PYTHON={sys.executable}"]
        return subprocess.Popen(
            command, cwd=self.folder, env=self.environment | more, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip

    def make(self, **more: str) -> str:
        """What a command of make prints before it does its work, with these variables in the environment."""
        run = self.start(**more)
        said, _ = run.communicate(timeout=300)
        assert run.returncode == 0, said
        return said

    def installed(self) -> int:
        """How often."""
        return self.notes.read_text().count("pip install") if self.notes.exists() else 0


@pytest.fixture(scope="module")
def two(tmp_path_factory, wheels):
    """A checkout, and what two commands said that began at the same time, on a machine that was not set up."""
    checkout = Checkout(tmp_path_factory.mktemp("two"), wheels)
    checkout.hold.touch()
    first = checkout.start()
    assert soon(lambda: checkout.installed() == 1, within=120)
    second = checkout.start()
    waiting = second.stdout.readline()
    checkout.hold.unlink()
    said = [first.communicate(timeout=300)[0], waiting + second.communicate(timeout=300)[0]]
    assert [first.returncode, second.returncode] == [0, 0], said
    return checkout, said


@pytest.fixture
def checkout(two):
    """A checkout that is set up, in the state in which the test before left it."""
    two[0].make()
    two[0].notes.unlink(missing_ok=True)
    (two[0].venv / "marker").touch()
    return two[0]


def test_two_at_once(two):
    """The second waits, says so, and installs nothing."""
    _, (first, second) = two
    assert first == "Setting up .venv (once)...\n"
    assert second == "Another command is setting up .venv. Waiting for it...\n"


def test_once(checkout):
    """In a folder whose name has every sign that a shell or make could take for its own."""
    assert "up to date" in checkout.make()
    for name in SOURCES:
        (checkout.folder / name).touch()
    assert "up to date" in checkout.make()
    assert "up to date" in checkout.make(LC_ALL="C")
    assert checkout.installed() == 0


def test_jupyterlab_asks_nobody_for_news(checkout):
    settings = json.loads((checkout.venv / "share/jupyter/lab/settings/overrides.json").read_text())
    assert settings == {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}


@pytest.mark.parametrize("source", SOURCES)
def test_newer_requirements_are_installed_in_place(checkout, source):
    """An open lab works in this environment: it must not go away."""
    (checkout.folder / source).write_text(f"{source}, newer")
    assert "Is a lab open?" in checkout.make()
    assert checkout.installed() == 1
    assert (checkout.venv / "marker").exists()
    assert "up to date" in checkout.make()


def test_what_was_interrupted_begins_anew(checkout):
    (checkout.folder / "requirements.txt").write_text("newer, and interrupted")
    checkout.hold.touch()
    run = checkout.start()
    assert soon(lambda: checkout.installed() == 1, within=60)
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate(timeout=60)
    checkout.hold.unlink()
    assert checkout.make() == "Setting up .venv (once)...\n"
    assert not (checkout.venv / "marker").exists()


def test_the_python_that_it_was_made_with_is_gone(checkout):
    python = checkout.venv / "bin" / "python"
    python.unlink()
    python.symlink_to("/nonexistent/python3")
    assert checkout.make() == "Setting up .venv (once)...\n"
    assert "up to date" in checkout.make()


def test_a_moved_checkout_needs_a_new_environment(checkout, tmp_path):
    def check(folder: Path) -> str:
        script = folder / "labsupport" / "commands" / "set_up.py"
        return subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=True).stdout

    moved = tmp_path / "moved"
    shutil.copytree(checkout.folder, moved, symlinks=True, ignore=shutil.ignore_patterns("lib", "lib64"))
    assert [check(checkout.folder), check(moved)] == ["ready\n", "\n"]


def test_no_python_is_one_line(tmp_path):
    run = subprocess.run(
        ["make", "-C", str(tmp_path), "-f", str(CHECKOUT / "Makefile"), ".venv/ready", "PYTHON=/nonexistent"],
        capture_output=True,
        text=True,
    )
    assert run.returncode != 0
    assert run.stderr.splitlines()[0].startswith('This needs Python 3.10 or newer, and "/nonexistent" is not.')
