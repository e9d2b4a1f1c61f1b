"""Figures of sweeps: what a cell says, and that nothing rests on its colour alone."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from labsupport.experiments.sweep.steps import Step
from labsupport.measure import plots


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def swept(*rows) -> pd.DataFrame:
    """(sender, command, promised, delivered, status) per point."""
    table = pd.DataFrame(rows, columns=["sender", "command", "promised", "delivered", "status"])
    table.insert(0, "point", range(1, len(table) + 1))
    table["key"] = "rq:queue:jobs"
    table["became"] = [f"{row.delivered} {row.status}" for row in table.itertuples()]
    return table


FOUR = swept(
    ("worker", "LMOVE", 1, 1, "finished"),
    ("work-horse", "HSET", 1, 2, "finished"),
    ("work-horse", "ZADD", 1, 1, "failed"),
    ("worker", "EXPIRE", 1, 0, "failed"),
    ("worker", "LPOP", 1, 0, "queued"),
)


def test_a_cell_that_is_not_as_promised_has_a_number(capsys):
    ax = plots.crashes(FOUR)
    assert [text.get_text() for text in ax.texts if text.get_text().isdigit()] == ["2", "1", "0", "0"]
    assert len({patch.get_facecolor() for patch in ax.patches}) == 5
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert labels[0] == "1\nLMOVE\nqueue:jobs"
    assert capsys.readouterr().out.startswith("5 crash points: 1 0 failed; 1 0 queued; ")


def test_the_legend_names_what_is_there_and_nothing_else():
    figure = plots.crashes(FOUR[:1]).figure
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["as promised"]


def test_many_cells_have_their_command_on_one_line():
    ax = plots.crashes(pd.concat([FOUR] * 2))
    assert [label.get_text() for label in ax.get_xticklabels()][0] == "LMOVE queue:jobs  1"


def test_sweeps_of_rq_and_of_bullmq_share_a_figure():
    bullmq = swept(("worker", "moveToActive", 1, 1, "completed"), ("job", "RPUSH", 1, 0, "completed"))
    bullmq["key"] = "bull:jobs:wait"
    figure, axes = plt.subplots(2)
    rq, other = plots.crashes(FOUR[:2], ax=axes[0]), plots.crashes(bullmq, ax=axes[1])
    assert "work-horse" in [text.get_text() for text in rq.texts]
    assert [text.get_text() for text in other.texts] == ["0", "job"]
    assert other.get_xticklabels()[0].get_text() == "1\nmoveToActive\njobs:wait"
    (legend,) = figure.legends
    told = [text.get_text() for text in legend.get_texts()]
    assert told == ["as promised", "too often", "not delivered, and nobody knows"]


def test_several_sweeps_have_a_row_each_and_points_keep_their_places(capsys):
    ax = plots.sweeps({"whole": FOUR, "a part": FOUR[2:4], "fine": FOUR[:1]})
    assert [label.get_text() for label in ax.get_yticklabels()] == ["whole", "a part", "fine"]
    assert [(patch.get_x(), patch.get_y()) for patch in ax.patches][5:] == [(2, 1), (3, 1), (0, 2)]
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "Right at every point swept: fine"
    assert printed[2] == "a part, 2 points: 1 0 failed; 1 1 failed"


def test_the_steps_of_one_crash(capsys):
    steps = [(1, Step(1, "worker", "SET", "a")), (2, Step(1, "worker", "SET", "b")), (2, Step(2, "worker", "DEL", "b"))]
    table = FOUR[:2].assign(history=[[], steps])
    ax = plots.history(table, 2)
    written = [text.get_text() for text in ax.texts]
    assert written == ["SET a", "interrupted before HSET", "SET b", "DEL b"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["process 1", "process 2"]
    assert "Interrupted before HSET rq:queue:jobs" in capsys.readouterr().out
