"""Real `rq cron` processes: started, stopped, never left behind."""

import os
from pathlib import Path

import pytest
from rq import Queue
from rq.cron_scheduler_registry import get_keys

from labsupport.errors import LabError
from tests.kernels import alive, soon

CONFIG = "from rq import cron\ncron.register(len, queue_name='nightly', args=('a',), interval=3600)\n"


@pytest.fixture
def config(tmp_path: Path, monkeypatch) -> str:
    (tmp_path / "some_cron.py").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    return "some_cron.py"


def test_they_enqueue_and_are_stopped(lab, config, capsys):
    with lab.cron(config, count=2) as group:
        assert len(get_keys(lab.redis)) == 2
        assert soon(lambda: Queue("nightly", connection=lab.redis).count == 2)
    processes = [member.pid for member in group._members]
    assert alive(processes) == []
    assert get_keys(lab.redis) == []  # they said goodbye
    # A slow start shows its progress on a line that is written over.
    assert [line.rpartition("\r")[2] for line in capsys.readouterr().out.split("\n")[:3]] == [
        f"$ rq cron {config}",
        "2 rq cron processes started",
        "2 rq cron processes stopped",
    ]


def test_one_that_cannot_start_says_why(lab, config):
    Path(config).write_text("import nothing_of_this_name\n")
    with pytest.raises(LabError, match="could not start: .*nothing_of_this_name"):
        lab.cron(config)


def test_the_set_up_cell_ends_them(lab, config):
    group = lab.cron(config)
    lab.open()
    assert alive([member.pid for member in group._members]) == []
    assert os.listdir(lab.folder)  # their log is there until the notebook ends
