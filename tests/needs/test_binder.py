"""What Binder would build, asked of its own tool. Part of `make test-compare`, which may install what the kit does not need."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from labsupport.paths import CHECKOUT

pytestmark = pytest.mark.needs_index


@pytest.fixture(scope="module")
def repo2docker(tmp_path_factory):
    """Says which Dockerfile repo2docker makes of a folder. It builds nothing."""
    place = tmp_path_factory.mktemp("repo2docker")
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "--quiet", place], check=True)
    packages = ["jupyter-repo2docker==2026.4.0"]
    subprocess.run([*uv, "pip", "install", "--quiet", "--python", place / "bin/python", *packages], check=True)

    def says(folder: Path) -> str:
        command = [place / "bin/jupyter-repo2docker", "--no-build", "--debug", folder]
        return subprocess.run(
            command, cwd=place, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True
        ).stdout

    return says


def test_binder_sets_up_the_kit_and_not_the_service(repo2docker, tmp_path):
    for name in ("Dockerfile", "pyproject.toml", "requirements.txt"):
        shutil.copy(CHECKOUT / name, tmp_path)
    assert "labsupport/notifications" in repo2docker(tmp_path)  # the service's, as it is in the Dockerfile
    shutil.copytree(CHECKOUT / ".binder", tmp_path / ".binder")
    made = repo2docker(tmp_path)
    assert "labsupport/notifications" not in made
    assert "Building conda environment for python=3.12" in made
    assert "RUN ./.binder/postBuild" in made
    assert 'ENV R2D_ENTRYPOINT="${REPO_DIR}/.binder/start"' in made
    # What only this kit's set-up may install.
    assert "requirements.txt" not in made.partition("Copy repository")[2]
