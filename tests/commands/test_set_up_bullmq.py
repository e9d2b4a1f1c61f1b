"""How BullMQ is set up: once, whole or not at all, and without it everything else works."""

import pytest

from labsupport.commands import set_up_bullmq
from labsupport.errors import LabError

NODE = """#!/bin/sh
case "$1" in
    --version) echo v24.1.0 ;;
    *)
        echo "$@" >> "{notes}"
        test ! -e "{broken}" || {{ echo "npm error network is unreachable" >&2; exit 1; }}
        mkdir node_modules ;;
esac
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Where it is installed, by a stand-in of Node.js that notes what it is told, and fails while there is a file `broken`."""
    node = tmp_path / "node"
    node.write_text(NODE.format(notes=tmp_path / "notes", broken=tmp_path / "broken"))
    node.chmod(0o755)
    monkeypatch.setattr(set_up_bullmq, "PLACE", tmp_path / "bullmq")
    monkeypatch.setattr(set_up_bullmq, "READY", tmp_path / "bullmq" / "ready")
    monkeypatch.setattr(
        set_up_bullmq.shutil, "which", lambda name: str(tmp_path / {"npm": "npm-cli.js"}.get(name, name))
    )
    return tmp_path


def test_once(place):
    for _ in range(2):
        set_up_bullmq.set_up()
    assert (place / "bullmq" / "node_modules").is_dir()
    assert len((place / "notes").read_text().splitlines()) == 1


def test_what_cannot_be_had_is_two_lines_and_what_was_there_stays(place, monkeypatch):
    set_up_bullmq.set_up()
    (place / "broken").touch()
    newer = place / "package.json"
    newer.write_text("newer")
    monkeypatch.setattr(set_up_bullmq, "SOURCES", (newer,))
    with pytest.raises(LabError) as error:
        set_up_bullmq.set_up()
    first, second = str(error.value).splitlines()
    assert first == "BullMQ could not be set up: node: npm error network is unreachable"
    assert second.endswith("make bullmq")
    assert (place / "bullmq" / "node_modules").is_dir()
    (place / "broken").unlink()
    set_up_bullmq.set_up()
    assert (place / "bullmq" / "package.json").read_text() == "newer"


def test_a_node_that_is_too_old_is_not_used(place):
    node = place / "node"
    node.write_text(node.read_text().replace("v24.1.0", "v20.20.2"))
    assert not set_up_bullmq._fitting()


def test_an_npm_that_is_a_shell_script_is_not_used(place, monkeypatch):
    """Version managers have such: `node npm` would take it for JavaScript."""
    monkeypatch.setattr(set_up_bullmq.shutil, "which", lambda name: str(place / name))
    assert not set_up_bullmq._fitting()
