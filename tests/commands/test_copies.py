"""The reader's copies: theirs, whatever the kit does."""

import errno
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
import pytest

from labsupport.commands import copies
from labsupport.errors import LabError
from labsupport.paths import CHECKOUT

FIRST = "00-first.ipynb"


class Kit:
    """A kit with one lab in it, and a reader without copies."""

    def __init__(self, folder: Path):
        self.shipped, self.mine = folder / "notebooks", folder / "my-labs"
        self.folder, self.notes = self.mine / "notebooks", self.mine / "copied.json"
        self.shipped.mkdir()
        self.ship("one")

    def ship(self, source: str) -> None:
        write(self.shipped / FIRST, source)

    def edit(self, source: str, name: str = FIRST, output: str = "") -> None:
        write(self.folder / name, source, output)

    def lay_out(self) -> list[str]:
        return copies.lay_out(self.shipped, self.mine)

    def start_over(self, lab: str) -> list[str]:
        return copies.start_over(lab, self.shipped, self.mine)

    def source(self, name: str = FIRST) -> str:
        return nbformat.read(self.folder / name, as_version=4).cells[0].source

    def sources(self) -> list[str]:
        """Of all the reader's notebooks, whatever their names."""
        return sorted(self.source(path.name) for path in self.folder.iterdir())


@pytest.fixture
def kit(tmp_path):
    return Kit(tmp_path)


def write(path: Path, source: str, output: str = "") -> None:
    cell = nbformat.v4.new_code_cell(source, outputs=[nbformat.v4.new_output("stream", text=output)] if output else [])
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_copies_once(kit):
    assert kit.lay_out() == []
    assert kit.source() == "one"
    kit.edit("mine")
    assert kit.lay_out() == []
    assert kit.source() == "mine"


def test_an_untouched_copy_is_renewed_also_when_it_was_run(kit):
    kit.lay_out()
    kit.edit("one", output="ran")
    kit.ship("two")
    assert kit.lay_out() == []
    assert kit.source() == "two"


def test_an_untouched_copy_keeps_its_outputs_when_there_is_nothing_new(kit):
    kit.lay_out()
    kit.edit("one", output="ran")
    kit.notes.unlink()
    kit.lay_out()
    assert "ran" in (kit.folder / FIRST).read_text()


def test_a_changed_copy_stays_and_the_new_lab_is_beside_it(kit):
    kit.lay_out()
    kit.edit("mine")
    kit.ship("two")
    assert kit.lay_out() == ["00-first.ipynb has a newer version. Yours is kept; the new one is 00-first.new.ipynb."]
    assert (kit.source(), kit.source("00-first.new.ipynb")) == ("mine", "two")
    assert kit.lay_out() == []  # said once


def test_a_newer_lab_that_the_reader_works_in_is_never_written_over(kit):
    kit.lay_out()
    kit.edit("mine")
    kit.ship("two")
    kit.lay_out()
    kit.edit("my work in the new one", "00-first.new.ipynb")
    kit.ship("three")
    assert "the new one is 00-first.new-2.ipynb" in kit.lay_out()[0]
    assert kit.sources() == ["mine", "my work in the new one", "three"]
    kit.ship("four")  # nobody touched the second
    assert "the new one is 00-first.new-2.ipynb" in kit.lay_out()[0]
    assert kit.sources() == ["four", "mine", "my work in the new one"]
    (kit.folder / "00-first.new-2.ipynb").write_text("no notebook, and mine")
    kit.ship("five")
    assert "the new one is 00-first.new-3.ipynb" in kit.lay_out()[0]
    assert (kit.folder / "00-first.new-2.ipynb").read_text() == "no notebook, and mine"


def test_broken_files_are_kept(kit):
    kit.lay_out()
    (kit.folder / FIRST).write_text("<<<<<<< not JSON")
    kit.notes.write_text("{")
    kit.ship("two")
    assert "Yours is kept" in kit.lay_out()[0]
    assert (kit.folder / FIRST).read_text() == "<<<<<<< not JSON"


def test_a_folder_for_its_owner_only(kit):
    kit.mine.mkdir(mode=0o755)  # as an earlier version made it
    kit.lay_out()
    assert mode(kit.mine) == 0o700
    assert mode(kit.folder / FIRST) & 0o077 == 0


@pytest.mark.parametrize("notes", ["null", "[]", '{"00-first.ipynb": null}', "\xff", "a folder", None])
def test_notes_that_say_nothing(kit, notes):
    kit.lay_out()
    kit.edit("mine")
    kit.notes.unlink()
    if notes == "a folder":
        kit.notes.mkdir()
    elif notes:
        kit.notes.write_bytes(notes.encode("latin1"))
    kit.ship("two")
    lines = kit.lay_out()
    assert "Yours is kept" in lines[0]
    assert kit.sources() == ["mine", "two"]
    assert len(lines) == 1 + (notes == "a folder")
    assert all("\n" not in line for line in lines)
    again = kit.lay_out()
    assert [line for line in again if "newer version" in line] == []  # said once


# An interrupted copy.


def disk_full_after(monkeypatch, number: int) -> None:
    """The disk takes so many files, and then a part of the next one."""
    real, done = os.fsync, []

    def fsync(handle: int) -> None:
        done.append(handle)
        if len(done) > number:
            os.ftruncate(handle, 10)
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)


def test_a_full_disk_leaves_no_half_copy(kit, monkeypatch):
    write(kit.shipped / "01-second.ipynb", "second")
    with monkeypatch.context() as patch:
        disk_full_after(patch, 1)
        with pytest.raises(LabError, match="No space left on device.\nFree some space") as caught:
            kit.lay_out()
    assert len(str(caught.value).splitlines()) == 2
    assert [path.name for path in kit.folder.iterdir()] == [FIRST]
    assert kit.lay_out() == []
    assert kit.sources() == ["one", "second"]


def test_a_full_disk_keeps_the_old_copy_when_there_is_a_newer_lab(kit, monkeypatch):
    kit.lay_out()
    kit.edit("one", output="ran")
    kit.ship("two")
    with monkeypatch.context() as patch:
        disk_full_after(patch, 0)
        with pytest.raises(LabError, match="No space"):
            kit.lay_out()
    assert kit.source() == "one"
    kit.lay_out()
    assert kit.source() == "two"


def test_a_full_disk_keeps_the_notes(kit, monkeypatch):
    kit.lay_out()
    before = kit.notes.read_bytes()
    with monkeypatch.context() as patch:
        disk_full_after(patch, 0)
        assert "copied.json can't be written: No space left" in kit.lay_out()[0]
    assert kit.notes.read_bytes() == before
    assert sorted(path.name for path in kit.mine.iterdir()) == ["copied.json", "notebooks"]


@pytest.mark.parametrize("size", [0, 1, 100])
def test_what_an_earlier_version_left_half_is_made_whole(kit, size):
    kit.lay_out()
    whole = (kit.shipped / FIRST).read_bytes()
    (kit.folder / FIRST).write_bytes(whole[:size])
    assert kit.lay_out() == []
    assert (kit.folder / FIRST).read_bytes() == whole


def test_what_a_person_cut_off_and_wrote_on_is_kept(kit):
    kit.lay_out()
    theirs = (kit.shipped / FIRST).read_bytes()[:100] + b" and mine"
    (kit.folder / FIRST).write_bytes(theirs)
    kit.lay_out()
    assert (kit.folder / FIRST).read_bytes() == theirs


# Starting over.


def test_start_over_keeps_the_old_one(kit):
    kit.lay_out()
    kit.edit("mine")
    (said,) = kit.start_over("00")
    kept = said.split("What you had is ")[1].split(",")[0]
    assert (kit.source(), kit.source(kept)) == ("one", "mine")


def test_start_over_twice_within_a_second(kit, monkeypatch):
    monkeypatch.setattr(copies.time, "strftime", lambda form: "2026-01-02-030405")
    kit.lay_out()
    for work in ("first try", "second try", "third try"):
        kit.edit(work)
        kit.start_over("00")
    assert kit.sources() == ["first try", "one", "second try", "third try"]


@pytest.mark.parametrize("lab", ["", "99", "0"])
def test_start_over_asks_which(kit, lab):
    write(kit.shipped / "01-second.ipynb", "second")
    with pytest.raises(LabError, match="Which lab.*one of 00-first, 01-second"):
        kit.start_over(lab)


def test_start_over_says_what_else_is_new(kit):
    write(kit.shipped / "01-second.ipynb", "second")
    kit.lay_out()
    kit.edit("mine", "01-second.ipynb")
    write(kit.shipped / "01-second.ipynb", "newer")
    said = kit.start_over("00")
    assert [line.split()[0] for line in said] == ["01-second.ipynb", "00-first"]


# A folder that can't be written to.


@pytest.fixture
def nobody():
    """A folder that everyone may enter, and this process as a user who is not root."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    user = os.geteuid()

    def become() -> None:
        if user == 0:
            os.seteuid(65534)

    yield folder, become
    os.seteuid(user)
    subprocess.run(["chmod", "-R", "u+rwX", str(folder)], check=True)
    shutil.rmtree(folder)


def test_copies_that_are_read_only_or_someone_elses_are_two_lines(nobody):
    folder, become = nobody
    kit = Kit(folder)
    kit.lay_out()
    kit.mine.chmod(0o755)
    kit.folder.chmod(0o555)
    become()
    for command in (kit.lay_out, lambda: kit.start_over("00")):
        with pytest.raises(LabError, match="Permission denied.\nMake it yours: sudo chown") as caught:
            command()
        assert len(str(caught.value).splitlines()) == 2


def test_a_file_in_the_place_of_the_folder(kit):
    kit.mine.write_text("")
    with pytest.raises(LabError, match="can't be written.*\nMove .* away") as caught:
        kit.lay_out()
    assert len(str(caught.value).splitlines()) == 2


def test_a_lab_of_the_kit_that_is_no_notebook(kit):
    (kit.shipped / FIRST).write_text("<<<<<<<")
    with pytest.raises(LabError, match="git checkout"):
        kit.lay_out()


# All of it, by the commands.


def test_git_pull_meets_no_edit(tmp_path):
    """With git: work in a clone, then pull a newer kit."""
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

    def start_over() -> str:
        command = [sys.executable, "-m", "labsupport.commands.copies", "00"]
        return subprocess.run(command, cwd=clone, check=True, capture_output=True, text=True).stdout

    (origin / "notebooks").mkdir(parents=True)
    shutil.copytree(CHECKOUT / "labsupport", origin / "labsupport", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / ".gitignore", origin)
    write(origin / "notebooks" / "00-start-here.ipynb", "one")
    write(origin / "notebooks" / "01-next.ipynb", "one")
    git(origin, "init", "-q", "-b", "main")
    git(origin, "add", "-A")
    git(origin, "commit", "-qm", "first")
    git(tmp_path, "clone", "-q", str(origin), "clone")
    assert "00-start-here is as new" in start_over()
    mine = clone / "my-labs" / "notebooks" / "01-next.ipynb"
    write(mine, "mine")
    (clone / "my-labs" / "progress.json").write_text("{}")
    write(origin / "notebooks" / "01-next.ipynb", "two")
    git(origin, "commit", "-qam", "second")
    assert git(clone, "status", "--porcelain") == ""
    git(clone, "pull", "-q")
    assert "Yours is kept" in start_over()
    assert nbformat.read(mine, as_version=4).cells[0].source == "mine"
    assert git(clone, "status", "--porcelain") == ""


def test_an_error_is_its_lines_and_no_traceback():
    run = subprocess.run(
        [sys.executable, "-m", "labsupport.commands.copies", "99"], cwd=CHECKOUT, capture_output=True, text=True
    )
    assert run.returncode == 1
    assert run.stderr.startswith("Which lab? make start-over LAB=")
    assert len(run.stderr.splitlines()) == 1
