"""Figures: what they find, what they draw, and that they can be told apart."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgb

from labsupport.errors import LabError
from labsupport.measure import plots
from labsupport.measure.peek import Counts


class Handle:
    """What IPython's display gives in a notebook."""

    updates = 0

    def update(self, picture):
        Handle.updates += 1


@pytest.fixture(autouse=True)
def _close_figures(monkeypatch):
    monkeypatch.setattr(plots, "display", lambda picture, display_id: Handle())
    yield
    plt.close("all")


def attempts(*rows) -> pd.DataFrame:
    """Rows of (job, worker, enqueued, started, ended, outcome), times from 1000 s on."""
    table = pd.DataFrame(rows, columns=["job", "worker", "enqueued", "started", "ended", "outcome"])
    table[["enqueued", "started", "ended"]] += 1000.0
    return table.assign(attempt=table.groupby("job").cumcount() + 1)


SOME = attempts(
    ("a", "worker-1", 0.0, 0.5, 1.0, "retried"),
    ("b", "worker-2", 0.0, 0.5, 1.5, "finished"),
    ("c", "worker-1", 0.0, 1.0, 1.5, "failed"),
    ("a", "worker-1", 2.0, 2.1, 2.5, "finished"),
)

UNENDED = attempts(("d", "", 0.1, np.nan, np.nan, "waiting"), ("e", "worker-1", 0.1, 2.5, np.nan, "running"))


def bars(ax) -> list[tuple[float, float]]:
    """(from, to) of every bar, in seconds."""
    spans = []
    for collection in ax.collections:
        if not isinstance(collection, PolyCollection):
            continue
        for path in collection.get_paths():
            spans.append((round(path.vertices[:, 0].min(), 3), round(path.vertices[:, 0].max(), 3)))
    return sorted(spans)


def test_lanes(capsys):
    ax = plots.lanes(SOME)
    assert capsys.readouterr().out == "2 workers: 2 finished, 1 retried, 1 failed in 2.50 s\n"
    assert ax.get_title("left") == "2 workers: 2 finished, 1 retried, 1 failed in 2.50 s"
    runs = {(0.5, 1.0), (0.5, 1.5), (1.0, 1.5), (2.1, 2.5)}
    waits = {(0.0, 1.0), (2.0, 2.1), (0.0, 0.5)}
    assert set(bars(ax)) == runs | waits | {(1.0, 2.0)}  # the last one is a's backoff
    assert [label.get_text() for label in ax.get_yticklabels()] == ["worker-1", "worker-2"]
    assert bars(plots.lanes(pd.concat([SOME, UNENDED], ignore_index=True))) == bars(ax)
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend == ["waiting", "finished", "retried", "failed", "backoff"]


def test_timeline_of_all_and_of_one(capsys):
    plots.timeline(SOME)
    ax = plots.timeline(SOME[SOME["job"] == "a"], title="Twice")
    assert capsys.readouterr().out.splitlines() == [
        "3 jobs, 4 attempts: 2 finished, 1 retried, 1 failed",
        "1 job, 2 attempts: 1 finished, 1 retried",
    ]
    assert ax.get_title("left") == "Twice"
    assert bars(ax) == [(0.0, 0.5), (0.5, 1.0), (1.0, 2.0), (2.0, 2.1), (2.1, 2.5)]


def test_depth_and_waits(capsys):
    plots.depth(SOME)
    plots.depth(pd.concat([SOME, UNENDED[:1]]))
    plots.waits(SOME)
    assert capsys.readouterr().out.splitlines() == [
        "3 jobs waiting at the peak, 0 left after 2.10 s",
        "4 jobs waiting at the peak, 1 left",
        "waits: 0.50 s in the middle, 1.00 s at the longest",
    ]


def test_states(capsys):
    plots.states(Counts(3, 1, 0, 0, 0, 12, workers=2))
    plots.states(Counts(0, 0, 0, 0, 0, 0, workers=1))
    assert capsys.readouterr().out.splitlines() == [
        "3 queued, 1 started, 12 finished · 2 workers listening",
        "no jobs · 1 worker listening",
    ]


def test_draws_where_it_is_told():
    _, (left, right) = plt.subplots(1, 2)
    assert plots.waits(SOME, ax=right) is right
    assert not left.has_data()


def test_union_covers_the_same_moments():
    rng = np.random.default_rng(4)
    begins = pd.Series(rng.uniform(0, 10, 60))
    ends = begins + rng.exponential(0.1, 60)
    union = plots._union(begins, ends)
    for moment in rng.uniform(0, 11, 2000):
        covered = ((begins <= moment) & (moment <= ends)).any()
        assert covered == ((union[:, 0] <= moment) & (moment <= union[:, 1])).any()
    assert (union[1:, 0] > union[:-1, 1]).all()
    assert plots._union(begins[:0], ends[:0]).shape == (0, 2)


# Vienot, Brettel and Mollon 1999, in linear RGB: what a person without one kind of cone sees.
SIGHT = {
    "protanope": [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]],
    "deuteranope": [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]],
}


@pytest.mark.parametrize("matrix", SIGHT.values(), ids=SIGHT.keys())
def test_kinds_can_be_told_apart_without_colour_vision(matrix):
    """Any two kinds differ clearly in the colour that is left, or in their hatch."""
    kinds = {"waiting": plots.WAIT, **plots.OUTCOMES, "backoff": plots.BACKOFF}
    for (one, first), (other, second) in itertools.combinations(kinds.items(), 2):
        seen = [np.array(matrix) @ (np.array(to_rgb(style["facecolor"])) ** 2.2) for style in (first, second)]
        distance = np.linalg.norm(seen[0].clip(0) ** (1 / 2.2) - seen[1].clip(0) ** (1 / 2.2))
        assert distance > 0.2 or first.get("hatch") != second.get("hatch"), (one, other)


def test_live_draws_until_it_is_told(capsys):
    reads = iter([SOME[:0], SOME[:1], SOME[:3], SOME])
    drawn = []
    ends = iter([False, False, False, True])

    def read():
        drawn.append(next(reads))
        return drawn[-1]

    ax = plots.live(plots.depth, read, lambda: next(ends), every=0.01)
    assert len(drawn) == Handle.updates == 4
    assert ax.get_title("left") == "3 jobs waiting at the peak, 0 left after 2.10 s"
    assert capsys.readouterr().out.splitlines()[-1] == "3 jobs waiting at the peak, 0 left after 2.10 s"


def test_live_gives_up():
    with pytest.raises(LabError, match="Gave up after 0 s: nothing yet. Is a worker running"):
        plots.live(plots.depth, lambda: SOME[:0], lambda: False, every=0.01, timeout=0.1)


def test_a_service_on_one_timeline(capsys):
    due = [1000.0, 1000.1, 1000.2, 1000.6, 1001.9, 1002.0]
    requests = pd.DataFrame({"due": due, "status": [200, 202, 503, 429, 0, 404], "latency": 0.25})
    earlier = attempts(("z", "worker-1", -9.0, -8.0, -7.0, "finished"))
    top, middle, bottom = plots.service(requests, pd.concat([earlier, SOME]), {1: "it broke"})
    said = "2 × 2xx, 1 × 429, 1 × 503, 1 × other, 1 × no answer; the slowest answer took 0.25 s, the slowest job 2.5 s"
    assert capsys.readouterr().out == said + "\n"
    assert top.get_title(loc="left") == said
    heights = {container.get_label(): [bar.get_height() for bar in container] for container in top.containers}
    assert heights["2xx"] == [2, 0, 0, 0]
    assert heights["503"] == [1, 0, 0, 0]
    assert sum(map(sum, heights.values())) == 6
    assert [text.get_text() for text in top.texts] == ["it broke"]
    assert max(middle.lines[0].get_ydata()) == 3
    first, retried = bottom.lines[:2]
    assert (first.get_label(), list(first.get_ydata())) == ("at the first attempt", [1.5])
    assert (retried.get_label(), list(retried.get_ydata())) == ("after a retry", [2.5])
    assert first.get_marker() != retried.get_marker()


def test_who_waits(capsys):
    curves = pd.DataFrame(
        {
            "in request": [0.2, 4.0], "queued": [0.01, 0.02], "done": [0.3, 4.1],
            "in request per second": [5.0, 20.0], "queued per second": [5.0, 40.0], "done per second": [5.0, 17.0],
        },
        index=pd.Index([5, 40], name="rate"),
    )  # fmt: skip
    left, right = plots.who_waits(curves)
    assert capsys.readouterr().out == "At 40 per second: answered 200 times sooner with a queue, done no sooner\n"
    assert [list(line.get_ydata()) for line in left.lines] == [[0.2, 4.0], [0.01, 0.02], [0.3, 4.1]]
    assert [list(line.get_ydata()) for line in right.lines] == [[5.0, 20.0], [5.0, 40.0], [5.0, 17.0]]
    assert len({(line.get_marker(), line.get_linestyle()) for line in right.lines}) == 3
