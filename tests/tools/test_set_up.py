"""What is said when an environment of its own cannot be had. (tests/needs/ really makes them.)"""

import pytest

from labsupport.errors import LabError
from tools import set_up


@pytest.mark.parametrize("tool", ["compare", "site"])
def test_packages_that_cannot_be_had_are_two_lines(tool, tmp_path, monkeypatch):
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    with pytest.raises(LabError) as raised:
        set_up.set_up(tool, tmp_path / "venv")
    first, second = str(raised.value).splitlines()
    assert first.startswith(f"The packages of tools/{tool}/requirements.txt cannot be had: ")
    assert "because" in first.lower()
    assert second == f"make {tool} needs them once, from a package index. The labs do without."
    assert not (tmp_path / "venv" / "ready").exists()
