"""The reader's copies: theirs, whatever the kit does."""

import json
import shutil
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import nbformat
import pytest

from labsupport.commands import desk
from labsupport.paths import CHECKOUT
from tests.kernels import alive, family, soon


@pytest.fixture
def kit(tmp_path, monkeypatch):
    """A kit with one lab in it, and an empty desk."""
    monkeypatch.setattr(desk, "SHIPPED", tmp_path / "notebooks")
    monkeypatch.setattr(desk, "COPIES", tmp_path / "my-labs" / "notebooks")
    monkeypatch.setattr(desk, "NOTES", tmp_path / "my-labs" / "copied.json")
    desk.SHIPPED.mkdir()
    ship("one")
    return tmp_path


def ship(source: str) -> None:
    write(desk.SHIPPED / "00-first.ipynb", source)


def write(path: Path, source: str, output: str = "") -> None:
    cell = nbformat.v4.new_code_cell(source, outputs=[nbformat.v4.new_output("stream", text=output)] if output else [])
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)


def source(name: str = "00-first.ipynb") -> str:
    return nbformat.read(desk.COPIES / name, as_version=4).cells[0].source


def test_copies_once(kit):
    assert desk.lay_out() == []
    assert source() == "one"
    write(desk.COPIES / "00-first.ipynb", "mine")
    assert desk.lay_out() == []
    assert source() == "mine"


def test_an_untouched_copy_is_renewed_also_when_it_was_run(kit):
    desk.lay_out()
    write(desk.COPIES / "00-first.ipynb", "one", output="ran")
    ship("two")
    assert desk.lay_out() == []
    assert source() == "two"


def test_a_changed_copy_stays_and_the_new_lab_is_beside_it(kit):
    desk.lay_out()
    write(desk.COPIES / "00-first.ipynb", "mine")
    ship("two")
    assert desk.lay_out() == ["00-first.ipynb has a newer version. Yours is kept; the new one is 00-first.new.ipynb."]
    assert (source(), source("00-first.new.ipynb")) == ("mine", "two")
    assert desk.lay_out() == []  # said once


def test_broken_files_are_kept(kit):
    desk.lay_out()
    (desk.COPIES / "00-first.ipynb").write_text("<<<<<<< not JSON")
    desk.NOTES.write_text("{")
    ship("two")
    lines = desk.lay_out()
    assert (desk.COPIES / "00-first.ipynb").read_text() == "<<<<<<< not JSON"
    assert "Yours is kept" in lines[0]


def test_start_over_keeps_the_old_one(kit):
    desk.lay_out()
    write(desk.COPIES / "00-first.ipynb", "mine")
    said = desk.start_over("00")
    kept = said.split("What you had is ")[1].split(",")[0]
    assert (source(), source(kept)) == ("one", "mine")
    with pytest.raises(SystemExit, match="Which lab"):
        desk.start_over("")
    with pytest.raises(SystemExit, match="one of 00-first"):
        desk.start_over("99")


def test_git_pull_meets_no_edit(tmp_path):
    """The whole of it, with git: work in a clone, then pull a newer kit."""
    origin, clone = tmp_path / "origin", tmp_path / "clone"

    def git(folder, *words):
        run = subprocess.run(
            ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *words],
            cwd=folder,
            capture_output=True,
            text=True,
        )
        assert run.returncode == 0, run.stderr
        return run.stdout

    (origin / "notebooks").mkdir(parents=True)
    shutil.copytree(CHECKOUT / "labsupport", origin / "labsupport", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / ".gitignore", origin)
    write(origin / "notebooks" / "00-start-here.ipynb", "one")
    git(origin, "init", "-q", "-b", "main")
    git(origin, "add", "-A")
    git(origin, "commit", "-qm", "first")
    git(tmp_path, "clone", "-q", str(origin), "clone")
    lay_out = [sys.executable, "-c", "from labsupport.commands import desk; print(*desk.lay_out())"]
    subprocess.run(lay_out, cwd=clone, check=True)
    mine = clone / "my-labs" / "notebooks" / "00-start-here.ipynb"
    write(mine, "mine")
    (clone / "my-labs" / "progress.json").write_text("{}")
    write(origin / "notebooks" / "00-start-here.ipynb", "two")
    git(origin, "commit", "-qam", "second")
    assert git(clone, "status", "--porcelain") == ""
    git(clone, "pull", "-q")
    said = subprocess.run(lay_out, cwd=clone, check=True, capture_output=True, text=True).stdout
    assert "Yours is kept" in said
    assert nbformat.read(mine, as_version=4).cells[0].source == "mine"
    assert git(clone, "status", "--porcelain") == ""


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_jupyterlab_opens_on_the_copy():
    """The real thing: JupyterLab, on loopback, with its token, at the first lab."""
    command = [sys.executable, "-m", "labsupport.commands.desk", "--no-browser", "--port=0", "--ServerApp.token=secret"]
    started = subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        runtime = Path(subprocess.run(
            [sys.executable, "-m", "jupyter", "--runtime-dir"], capture_output=True, text=True, check=True
        ).stdout.strip())  # fmt: skip
        note = runtime / f"jpserver-{started.pid}.json"
        assert soon(lambda: note.exists() and note.read_text().endswith("}"), within=30)
        facts = json.loads(note.read_text())
        # The note is written a moment before JupyterLab listens.
        assert soon(lambda: listening(facts["port"]), within=30)
        assert facts["hostname"] == "127.0.0.1"
        assert facts["token"] == "secret"
        assert Path(facts["root_dir"]) == desk.DESK
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"{facts['url']}api/contents/notebooks")
        answer = urllib.request.urlopen(f"{facts['url']}api/contents/notebooks/{desk.FIRST}?token=secret")
        assert json.load(answer)["name"] == desk.FIRST
        landing = urllib.request.urlopen(f"{facts['url']}?token=secret").url.partition("?")[0]
        assert landing.endswith(f"/lab/tree/notebooks/{desk.FIRST}")
    finally:
        below = family(started.pid)
        started.terminate()
        started.wait(timeout=20)
    assert soon(lambda: not alive(below))


def test_on_a_redis_of_the_readers_the_service_has_no_prefix_before_the_set_up_cell(kit, monkeypatch):
    given = []
    monkeypatch.setattr(desk.os, "execve", lambda program, command, environment: given.append(environment))
    monkeypatch.delenv("NOTIFICATIONS_PREFIX")
    for url in ("", "redis://127.0.0.1:1"):
        monkeypatch.setenv("REDIS_URL", url)
        desk.main([])
    assert [environment.get("NOTIFICATIONS_PREFIX") for environment in given] == [None, ""]


def test_docker_missing(monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(SystemExit, match="use make lab, which needs none"):
        desk.start_docker()
