"""Figures: what they find, what they draw, and that they can be told apart."""

import itertools
import subprocess
import sys

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgb

from labsupport.errors import LabError
from labsupport.measure import plots
from labsupport.measure.peek import Counts
from labsupport.measure.plots import attempts as drawn
from labsupport.measure.plots import watch

NAN = float("nan")


class Handle:
    """What IPython's display gives in a notebook."""

    updates = 0

    def update(self, picture):
        Handle.updates += 1


@pytest.fixture(autouse=True)
def _as_in_a_lab(monkeypatch):
    monkeypatch.setattr(watch, "display", lambda picture, display_id: Handle())
    with plt.rc_context():
        plots.use()
        yield
    plt.close("all")


def attempts(*rows) -> pd.DataFrame:
    """Rows of (job, worker, enqueued, started, ended, outcome, error or nothing), times from 1000 s on."""
    columns = ["job", "worker", "enqueued", "started", "ended", "outcome", "error"]
    table = pd.DataFrame([(*row, "")[: len(columns)] for row in rows], columns=columns)
    table[["enqueued", "started", "ended"]] += 1000.0
    return table.assign(attempt=table.groupby("job").cumcount() + 1)


SOME = attempts(
    ("a", "worker-1", 0.0, 0.5, 1.0, "retried"),
    ("b", "worker-2", 0.0, 0.5, 1.5, "finished"),
    ("c", "worker-1", 0.0, 1.0, 1.5, "failed"),
    ("a", "worker-1", 2.0, 2.1, 2.5, "finished"),
)

UNENDED = attempts(("d", "", 0.1, NAN, NAN, "waiting"), ("e", "worker-1", 0.1, 2.5, NAN, "running"))

KILLED = attempts(
    ("a", "worker-1", 0.0, 0.5, 1.0, "retried", "WorkHorseKilled"),
    ("b", "worker-1", 0.0, 1.0, 1.5, "failed", "ValueError"),
    ("a", "worker-1", 1.0, 1.5, 2.0, "failed", "WorkHorseKilled"),
)


def bars(ax) -> list[tuple[float, float]]:
    """(from, to) of every bar, in seconds."""
    return sorted(span for spans in bars_by_style(ax).values() for span in spans)


def bars_by_style(ax) -> dict[tuple, list[tuple[float, float]]]:
    """The same, by colour and hatch."""
    found: dict[tuple, list[tuple[float, float]]] = {}
    for collection in ax.collections:
        if isinstance(collection, PolyCollection):
            style = (to_rgb(collection.get_facecolor()[0]), collection.get_hatch())
            for path in collection.get_paths():
                span = path.vertices[:, 0]
                found.setdefault(style, []).append((round(span.min(), 3), round(span.max(), 3)))
    return found


def style_of(kind: str) -> tuple:
    return to_rgb(drawn.RUNS[kind]["facecolor"]), drawn.RUNS[kind].get("hatch")


def legend(ax) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def arrows(ax) -> list[tuple[float, float]]:
    """Where an arrow says that a bar has no end: (seconds, row)."""
    lines = [line for line in ax.lines if line.get_marker() == ">" and line.get_markersize() == 5]
    return sorted((round(x, 3), round(y, 3)) for line in lines for x, y in line.get_xydata().tolist())


def test_lanes(capsys):
    ax = plots.lanes(SOME)
    assert capsys.readouterr().out == "2 workers: 2 finished, 1 retried, 1 failed in 2.50 s\n"
    assert ax.get_title("left") == "2 workers: 2 finished, 1 retried, 1 failed in 2.50 s"
    runs = [(0.5, 1.0), (0.5, 1.5), (1.0, 1.5), (2.1, 2.5)]
    waits = [(0.0, 1.0), (2.0, 2.1), (0.0, 0.5)]  # the first one is a's and c's, which wait at the same time
    assert bars(ax) == sorted([*runs, *waits, (1.0, 2.0)])  # the last one is a's backoff
    assert [label.get_text() for label in ax.get_yticklabels()] == ["worker-1", "worker-2"]
    assert legend(ax) == ["waiting", "finished", "retried", "failed", "backoff"]


def test_timeline_of_all_and_of_one(capsys):
    plots.timeline(SOME)
    ax = plots.timeline(SOME[SOME["job"] == "a"], title="Twice")
    assert capsys.readouterr().out.splitlines() == [
        "3 jobs, 4 attempts: 2 finished, 1 retried, 1 failed",
        "1 job, 2 attempts: 1 finished, 1 retried",
    ]
    assert ax.get_title("left") == "Twice"
    assert bars(ax) == [(0.0, 0.5), (0.5, 1.0), (1.0, 2.0), (2.0, 2.1), (2.1, 2.5)]


def test_jobs_that_have_not_ended_are_rows_of_their_own(capsys):
    """They are neither left out nor do they renumber the others: row 2 is the job that was enqueued second."""
    rows = attempts(
        ("a", "worker-1", 0.0, 0.5, 1.0, "finished"),
        ("c", "worker-1", 0.2, 1.0, 2.0, "finished"),
        ("e", "worker-1", 0.4, 1.4, 1.5, "retried"),
        ("b", "worker-2", 0.1, 0.5, NAN, "running"),
        ("d", "", 0.3, NAN, NAN, "waiting"),
    )
    ax = plots.timeline(rows)
    assert capsys.readouterr().out == "5 jobs, 4 attempts: 2 finished, 1 retried, 3 not ended\n"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["1", "2", "3", "4", "5"]
    assert arrows(ax) == [(2.1, 1), (2.1, 3), (2.1, 4)]
    assert bars_by_style(ax)[style_of("running")] == [(0.5, 2.1)]
    assert {(0.3, 2.1), (1.5, 2.1)} <= set(bars(ax))  # the wait of d, the backoff of e
    assert legend(ax) == ["waiting", "running", "finished", "retried", "backoff", "not ended"]

    ax = plots.lanes(rows)
    assert capsys.readouterr().out == "2 workers: 2 finished, 1 retried, 3 not ended in 2.00 s\n"
    assert arrows(ax) == [(2.1, 0.38), (2.1, 1)]  # below the lane of worker-1, where e backs off; in that of worker-2
    assert (0.3, 2.1) not in bars(ax)  # a job that nobody has taken is in no lane

    plots.timeline(UNENDED[:1])
    plots.lanes(UNENDED[1:])
    assert capsys.readouterr().out.splitlines() == ["1 job, 0 attempts: 1 not ended", "1 worker: 1 not ended"]


def test_a_kill_is_no_exception(capsys):
    ax = plots.timeline(KILLED)
    assert capsys.readouterr().out == "2 jobs, 3 attempts: 1 retried after a kill, 1 failed, 1 killed\n"
    assert legend(ax) == ["waiting", "retried after a kill", "failed", "killed"]
    spans = bars_by_style(ax)
    assert spans[style_of("retried after a kill")] == [(0.5, 1.0)]
    assert spans[style_of("failed")] == [(1.0, 1.5)]
    assert spans[style_of("killed")] == [(1.5, 2.0)]


def test_a_run_that_is_too_short_to_see_has_the_marker_of_its_outcome():
    rows = attempts(
        ("a", "worker-1", 0.0, 1.000, 1.002, "failed", "ValueError"),
        ("b", "worker-1", 0.0, 1.100, 1.102, "finished"),
        ("c", "worker-1", 0.0, 1.200, 1.202, "failed", "WorkHorseKilled"),
        ("d", "worker-1", 0.0, 2.000, 3.000, "failed", "JobTimeoutException"),
    )
    for ax in (plots.timeline(rows), plots.lanes(rows)):
        markers = {line.get_marker(): [round(float(x), 3) for x in line.get_xdata()] for line in ax.lines}
        assert markers == {
            drawn.MARKERS["failed"]: [1.001],
            drawn.MARKERS["finished"]: [1.101],
            drawn.MARKERS["killed"]: [1.201],
        }


def test_attempts_can_be_counted():
    rows = attempts(
        *[
            ("at once", "worker-1", 0.0, 1 + n / 100, 1.002 + n / 100, "retried" if n < 3 else "failed")
            for n in range(4)
        ],
        *[
            ("in time", "worker-1", 2.0 * n, 2.0 * n + 0.1, 2.0 * n + 1, "retried" if n < 2 else "failed")
            for n in range(3)
        ],
        ("one", "worker-1", 0.0, 3.0, 4.0, "finished"),
    )
    ax = plots.timeline(rows)
    assert [(text.get_text(), text.xy[1]) for text in ax.texts] == [("1–4", 0), ("1", 1), ("2", 1), ("3", 1)]
    many = attempts(*[(f"job-{n // 2}", "worker-1", n, n + 0.1, n + 0.9, "retried") for n in range(100)])
    assert not plots.timeline(many).texts


def test_a_long_title_is_broken_and_not_cut():
    rows = attempts(
        *[(f"job-{n}", "worker-1", 0.0, n, n + 0.5, outcome, error)
          for n, (outcome, error) in enumerate(itertools.product(
              ["finished", "retried", "failed", "stopped"], ["", "WorkHorseKilled"]))],
    )  # fmt: skip
    _, (left, right) = plt.subplots(1, 2)
    plots.timeline(rows, ax=left)
    plots.timeline(rows, ax=right)
    left.figure.canvas.draw()
    titles = [next(text for text in ax.get_children() if text is ax._left_title) for ax in (left, right)]
    assert not titles[0].get_window_extent().overlaps(titles[1].get_window_extent())


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


def test_merged_stretches_cover_the_same_moments_of_the_same_rows():
    rng = np.random.default_rng(4)
    left, low = rng.uniform(0, 10, 60), rng.integers(0, 3, 60) - 0.45
    right = left + rng.exponential(0.3, 60)
    begin, end, at = drawn._merged(left, right, low)
    for row in np.unique(low):
        for moment in rng.uniform(0, 11, 500):
            covered = ((left <= moment) & (moment <= right))[low == row].any()
            assert covered == ((begin <= moment) & (moment <= end))[at == row].any()
        assert (begin[at == row][1:] > end[at == row][:-1]).all()
    assert len(begin) < 60


# Vienot, Brettel and Mollon 1999, in linear RGB: what a person without one kind of cone sees.
SIGHT = {
    "protanope": [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]],
    "deuteranope": [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]],
}


@pytest.mark.parametrize("matrix", SIGHT.values(), ids=SIGHT.keys())
def test_kinds_can_be_told_apart_without_colour_vision(matrix):
    """Any two kinds differ clearly in the colour that is left, or in their hatch."""
    kinds = {"waiting": drawn.WAIT, **drawn.RUNS, "backoff": drawn.BACKOFF}
    for (one, first), (other, second) in itertools.combinations(kinds.items(), 2):
        seen = [np.array(matrix) @ (np.array(to_rgb(style["facecolor"])) ** 2.2) for style in (first, second)]
        distance = np.linalg.norm(seen[0].clip(0) ** (1 / 2.2) - seen[1].clip(0) ** (1 / 2.2))
        assert distance > 0.2 or first.get("hatch") != second.get("hatch"), (one, other)
    assert len(set(drawn.MARKERS.values())) == len(drawn.RUNS)


def test_live_draws_until_it_is_told(capsys):
    reads = iter([SOME[:0], SOME[:1], SOME[:3], SOME])
    seen = []
    ends = iter([False, False, False, True])

    def read():
        seen.append(next(reads))
        return seen[-1]

    ax = plots.live(plots.depth, read, lambda: next(ends), every=0.01)
    assert len(seen) == Handle.updates == 4
    assert ax.get_title("left") == "3 jobs waiting at the peak, 0 left after 2.10 s"
    assert capsys.readouterr().out.splitlines()[-1] == "3 jobs waiting at the peak, 0 left after 2.10 s"


def test_live_gives_up():
    with pytest.raises(LabError, match="Gave up after 0 s: nothing yet. Is a worker running"):
        plots.live(plots.depth, lambda: SOME[:0], lambda: False, every=0.01, timeout=0.1)


def requests_at(*due: float) -> pd.DataFrame:
    return pd.DataFrame({"due": [1000 + moment for moment in due], "status": 200, "latency": 0.25})


def test_a_service_on_one_timeline(capsys):
    requests = requests_at(0.0, 0.1, 0.2, 0.6, 1.9, 2.0).assign(status=[200, 202, 503, 429, 0, 404])
    earlier = attempts(("z", "worker-1", -9.0, -8.0, -7.0, "finished"))
    top, middle, bottom = plots.service(requests, pd.concat([earlier, SOME]), {1: "it\nbroke"})
    said = "2 × 2xx, 1 × 429, 1 × 503, 1 × other, 1 × no answer; the slowest answer took 0.25 s, the slowest job 2.5 s"
    assert capsys.readouterr().out == f"{said}; 1 job not done\n"
    strip = top.figure.axes[0]
    assert " ".join(strip.get_title(loc="left").split()) == f"{said}; 1 job not done"
    heights = {container.get_label(): [bar.get_height() for bar in container] for container in top.containers}
    assert heights["2xx"] == [2, 0, 0, 0]
    assert heights["503"] == [1, 0, 0, 0]
    assert sum(map(sum, heights.values())) == 6
    assert [text.get_text() for text in strip.texts] == ["it broke"]
    assert max(middle.lines[0].get_ydata()) == 3
    first, retried = bottom.lines[:2]
    assert (first.get_label(), list(first.get_ydata())) == ("at the first attempt", [1.5])
    assert (retried.get_label(), list(retried.get_ydata())) == ("after a retry", [2.5])
    assert first.get_marker() != retried.get_marker()
    assert all(ax.get_title(loc="left") for ax in (top, middle, bottom))


def test_names_of_events_do_not_touch(capsys):
    events = {1: "provider down", 1.5: "provider up", 2.2: "worker killed", 7: "Redis killed", 9: "Redis back"}
    ended = attempts(("a", "worker-1", 0.0, 0.5, 15.0, "finished"))
    top, *_ = plots.service(requests_at(0.0, 14.0), ended, events)
    top.figure.canvas.draw()
    names = [text.get_window_extent() for text in top.figure.axes[0].texts]
    assert not any(one.overlaps(other) for one, other in itertools.combinations(names, 2))


def curves(**last: float) -> pd.DataFrame:
    """Two rates, 5 and 40 per second. last: what the columns hold for the second one, in seconds."""
    table = pd.DataFrame({"in request": [0.2, 4.0], "queued": [0.01, 0.02], "done": [0.3, 4.1]}, index=[5, 40])
    for name, seconds in last.items():
        table.loc[40, name] = seconds
    return table.assign(**{f"{name} per second": [5.0, 20.0] for name in table})


@pytest.mark.parametrize(
    ("last", "finding"),
    [
        ({}, "answered 200 times sooner with a queue, done no sooner"),
        ({"done": 9.0}, "answered 200 times sooner with a queue, done no sooner"),
        ({"done": 2.0}, "answered 200 times sooner with a queue, done 2.0 times sooner"),
        ({"queued": 4.0, "done": 5.0}, "answered no sooner with a queue, done no sooner"),
    ],
)
def test_who_waits_says_what_the_figures_say(capsys, last, finding):
    left, right = plots.who_waits(table := curves(**last))
    assert capsys.readouterr().out == f"At 40 per second: {finding}\n"
    assert [list(line.get_ydata()) for line in left.lines] == [list(table[n]) for n in ("in request", "queued", "done")]
    assert [list(line.get_ydata()) for line in right.lines] == [[5.0, 20.0]] * 3
    assert len({(line.get_marker(), line.get_linestyle()) for line in right.lines}) == 3
    assert "log scale" in left.get_title(loc="left")


def test_importing_figures_and_tables_changes_nothing():
    check = """
import matplotlib, pandas
before = dict(matplotlib.rcParams), pandas.get_option("display.max_colwidth")
from labsupport.measure import peek, plots
assert before == (dict(matplotlib.rcParams), pandas.get_option("display.max_colwidth"))
plots.use(), peek.use()
assert matplotlib.rcParams["axes.titleweight"] == "bold" and pandas.get_option("display.max_colwidth") == peek.WIDEST
"""
    subprocess.run([sys.executable, "-c", check], check=True)


def test_what_is_computed_and_drawn_from_the_table_needs_no_rq():
    check = """
import sys
from labsupport.measure import attempts, load, plots
assert not [name for name in sys.modules if name.partition(".")[0] == "rq"]
"""
    subprocess.run([sys.executable, "-c", check], check=True)


def test_found_says_what_only_one_file_finds(capsys):
    rows = [
        ("wrong key", "test_burst.py", "one", "failed"),
        ("wrong key", "test_at_once.py", "two", "passed"),
        ("wrong queue", "test_burst.py", "one", "passed"),
        ("wrong queue", "test_at_once.py", "two", "passed"),
        ("wrong queue", "test_at_once.py", "three", "failed"),
        ("wrong hour", "test_burst.py", "one", "passed"),
        ("wrong hour", "test_at_once.py", "two", "unfinished"),
    ]
    ax = plots.found(pd.DataFrame(rows, columns=["version", "file", "test", "outcome"]))
    assert capsys.readouterr().out == (
        '3 bugs: only the burst test finds "wrong key"; only the at once test finds "wrong queue"; nothing finds "wrong hour"\n'
    )
    assert [label.get_text() for label in ax.get_yticklabels()] == ['"wrong key"', '"wrong queue"', '"wrong hour"']
    marks = [line.get_marker() for line in ax.lines if len(line.get_xdata())]
    assert (marks.count("D"), marks.count("o")) == (2, 4)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "found",
        "found by this test alone",
        "not found",
    ]


def test_found_says_when_no_file_is_needed(capsys):
    rows = [("wrong key", file, "one", "failed") for file in ("test_burst.py", "test_at_once.py")]
    plots.found(pd.DataFrame(rows, columns=["version", "file", "test", "outcome"]))
    assert capsys.readouterr().out == "1 bug: no test finds one that no other finds\n"


def test_costs_shows_the_numbers_that_its_ratio_is_made_of(capsys):
    rows = [("test_burst.py", 0.00029), ("test_burst.py", 0.000294), ("test_burst.py", 0.9), ("test_worker.py", 0.2282)]
    ax = plots.costs(pd.DataFrame(rows, columns=["file", "seconds"]))
    assert capsys.readouterr().out.splitlines() == [
        "A worker test takes 787 times as long as a burst test",
        "burst: 0.29 ms, 100 take 0.029 s",
        "worker: 228.20 ms, 100 take 22.820 s",
    ]
    assert [line.get_xdata()[0] for line in ax.lines] == [0.29, 228.2]
    assert [label.get_text().partition("\n")[0] for label in ax.get_yticklabels()] == ["burst", "worker"]
    assert ax.get_title(loc="left").startswith("A worker test takes 787 times")


KEPT = pd.DataFrame(
    {"SIGTERM": [0, 40, 40], "SIGKILL": [0, 0, 40], "accepted": 40, "to the first": [1.0, 0.98, 0.52]},
    index=["no file", "RDB", "AOF always"],
)


def test_durability(capsys):
    left, right = plots.durability(KEPT)
    said = capsys.readouterr().out.splitlines()
    finding = "AOF always keeps every job after SIGKILL; AOF always enqueues 0.5 times as fast as no file"
    assert said[0] == finding
    assert said[2] == "RDB: 40 left after SIGTERM, 0 after SIGKILL"
    assert left.figure.get_suptitle().replace("\n", " ") == finding
    assert [[bar.get_width() for bar in end] for end in left.containers] == [[0, 40, 40], [0, 0, 40]]
    assert len({(to_rgb(end[0].get_facecolor()), end[0].get_hatch()) for end in left.containers}) == 2
    assert right.lines[0].get_xdata().tolist() == [1.0, 0.98, 0.52]
    assert [text.get_text() for text in left.get_yticklabels()] == list(KEPT.index)


@pytest.mark.parametrize(
    ("killed", "said"), [([0, 0, 0], "Nothing keeps every job"), ([0, 40, 40], "RDB and AOF always keep every job")]
)
def test_what_survives_is_what_the_table_says(killed, said, capsys):
    plots.durability(KEPT.assign(SIGKILL=killed))
    assert capsys.readouterr().out.startswith(f"{said} after SIGKILL")


def test_the_title_of_durability_fits_its_figure():
    left, _ = plots.durability(KEPT)
    figure = left.figure
    figure.canvas.draw()
    box = figure._suptitle.get_window_extent()
    assert figure.bbox.x0 <= box.x0
    assert box.x1 <= figure.bbox.x1


STICK = pd.DataFrame({"the model": [0.1, 0.2, 0.8, 4.0], "Erlang": [0.1, 0.2, 0.9, 5.0]}, index=[0.2, 0.4, 0.8, 0.97])


def test_hockey_stick_finds_how_the_first_line_grows(capsys):
    ax = plots.hockey_stick(pd.Series({0.42: 0.25, 0.93: 2.0}), STICK)
    finding = "Modelled waits grow 4 times from 40 % to 80 %, 5 times more to 97 %"
    assert capsys.readouterr().out.strip() == finding
    assert ax.get_title("left").replace("\n", " ") == finding
    assert [line.get_label() for line in ax.get_lines()] == ["the model", "Erlang", "measured"]
    assert ax.get_lines()[-1].get_xdata().tolist() == [0.42, 0.93]


def test_hockey_stick_shows_a_point_beyond_full_load():
    ax = plots.hockey_stick(pd.Series({1.1: 9.0}), STICK)
    assert ax.get_xlim()[1] > 1.1
    assert ax.get_ylim()[1] > 9.0


def test_lines_of_a_hockey_stick_can_be_told_apart_without_colour():
    ax = plots.hockey_stick(pd.Series({0.5: 1.0}), STICK.assign(third=1.0))
    assert len({(line.get_linestyle(), line.get_marker()) for line in ax.get_lines()}) == 4


def test_foreseen_says_both_means_and_how_far_off_a_job_is(capsys):
    ax = plots.foreseen(np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.5, 1.5]))
    assert "Predicted 1.00 s, measured 1.00 s; a job is off by 333 ms in the mean" in capsys.readouterr().out
    assert ax.get_xlim() == ax.get_ylim()


def test_foreseen_when_nobody_waited():
    ax = plots.foreseen(np.zeros(3), np.zeros(3))
    assert ax.get_xlim()[1] > 0


def compared_rows() -> pd.DataFrame:
    """Two promises, and RQ first, as `compared.read` gives them."""
    columns = ["small jobs per second", "seconds for the waiting jobs", "acknowledged", "times as fast, small"]
    rows = pd.DataFrame(
        [
            (60, 5.5, "late", 1.0),
            (1200, 5.1, "early", 20.4),
            (900, 0.7, "late", 15.2),
            (700, 0.4, "late", 11.8),
            (1900, 5.2, "early", 31.1),
        ],
        index=["RQ, fork", "Quick", "Careful", "Async", "Tiny"],
        columns=columns,
    )
    rows["at once"] = [2, 2, 16, 200, 2]
    rows["slowest and fastest round"] = [[50, 70], [1100, 1250], [800, 950], [600, 700], [1800, 2000]]
    rows.attrs["jobs"] = (1000, 100)
    return rows


def test_compared_tells_promises_apart_by_colour_and_marker(capsys):
    left, right = plots.compared(compared_rows())
    assert capsys.readouterr().out.splitlines() == [
        "Other libraries do 12 to 31 times as many small jobs as RQ, fork",
        "RQ, fork, 2 at once: 60 small jobs per second, 100 that sleep in 5.50 s, acknowledged late",
        "Quick, 2 at once: 1,200 small jobs per second, 100 that sleep in 5.10 s, acknowledged early",
        "Careful, 16 at once: 900 small jobs per second, 100 that sleep in 0.70 s, acknowledged late",
        "Async, 200 at once: 700 small jobs per second, 100 that sleep in 0.40 s, acknowledged late",
        "Tiny, 2 at once: 1,900 small jobs per second, 100 that sleep in 5.20 s, acknowledged early",
    ]
    for ax, values in ((left, [60, 1200, 900, 700, 1900]), (right, [5.5, 5.1, 0.7, 0.4, 5.2])):
        marks = {line.get_marker(): line for line in ax.lines}
        assert sorted(marks) == ["^", "o"]
        assert marks["o"].get_xydata().tolist() == [[values[row], row] for row in (0, 2, 3)]
        assert marks["^"].get_xydata().tolist() == [[values[row], row] for row in (1, 4)]
        assert marks["o"].get_color() != marks["^"].get_color()
        assert ax.get_xscale() == "log"
    spans = [segment.tolist() for lines in left.collections for segment in lines.get_segments()]
    assert sorted(spans, key=lambda span: span[0][1]) == [
        [[low, row], [high, row]]
        for row, (low, high) in enumerate([(50, 70), (1100, 1250), (800, 950), (600, 700), (1800, 2000)])
    ]
    assert [label.get_text() for label in left.get_yticklabels()] == ["RQ, fork", "Quick", "Careful", "Async", "Tiny"]
    assert left.figure.get_suptitle() == "Other libraries do 12 to 31 times as many small jobs as RQ, fork"


@pytest.mark.parametrize(
    ("guesses", "says"),
    [
        ([], "No guesses yet"),
        ([(None, True), (None, False)], "1 of 2 guesses right"),
        ([(80, True), (60, False), (None, True)], "2 of 3 guesses right. Where you said how sure (2): 70 % sure, 50 % right"),
        (
            [(100, True)] * 5 + [(80, False)] * 5,
            "5 of 10 guesses right. Where you said how sure (10): 90 % sure, 50 % right, too sure",
        ),
        ([(50, True)] * 10, "10 of 10 guesses right. Where you said how sure (10): 50 % sure, 100 % right, too careful"),
        ([(90, True)] * 10, "10 of 10 guesses right. Where you said how sure (10): 90 % sure, 100 % right, as sure as right"),
    ],
)  # fmt: skip
def test_how_well_somebody_predicts(guesses, says, capsys):
    table = pd.DataFrame(guesses, columns=["sure", "right"]).astype({"sure": float, "right": bool})
    ax = plots.calibration(table)
    assert capsys.readouterr().out == says + "\n"
    assert ax.get_title("left").replace("\n", " ") == says
    shown = plots.table(ax)
    points = shown[shown["drawn"] == "your guesses, and how many"]
    assert len(points) == len({min(sure, 99) // 20 for sure, _ in guesses if sure})
