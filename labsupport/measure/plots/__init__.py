"""Figures of a queue, drawn with matplotlib from the table of attempts: Axes in, Axes out.

Each figure states its finding in its title and prints it, for readers who don't see the figure and for
the tests. Colours are Okabe and Ito's, which survive colour blindness (https://jfly.uni-koeln.de/color/);
kinds differ by place, hatch or height as well.
"""

import functools
import time
from collections.abc import Callable, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from cycler import cycler
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from labsupport.errors import LabError
from labsupport.measure import attempts as table

BLUE, ORANGE, RED, GREEN, PINK, SKY, GREY, PALE = (
    "#0072B2", "#E69F00", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#7F7F7F", "#C9D3DC",
)  # fmt: skip

OUTCOMES = {
    "finished": {"facecolor": BLUE},
    "retried": {"facecolor": ORANGE, "hatch": "//"},
    "failed": {"facecolor": RED, "hatch": "xx"},
    "stopped": {"facecolor": GREY, "hatch": ".."},
}
WAIT = {"facecolor": PALE}
BACKOFF = {"facecolor": PINK, "hatch": "--"}
FEW = 200
"""Up to so many bars, each is marked at its start, so that the shortest is seen."""

PAUSE = 0.05
"""Seconds from which the time between two attempts is drawn as a backoff: a retry at once has none."""

EDGE = {"edgecolor": "white", "linewidth": 0.4}

plt.rcParams.update(
    {
        "figure.figsize": (8, 3),
        "figure.dpi": 100,
        "figure.constrained_layout.use": True,
        "font.size": 10,
        "axes.titlesize": 11,
        "axes.titlelocation": "left",
        "axes.titleweight": "bold",
        "axes.prop_cycle": cycler(color=[BLUE, ORANGE, GREEN, PINK, RED, SKY]),
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": "#E3E3E3",
        "legend.frameon": False,
        "hatch.linewidth": 0.6,
    }
)


def _figure(draw: Callable[..., str]) -> Callable[..., Axes]:
    """Make a figure of a function that draws on Axes and returns its finding.

    The figure takes the data, and `ax` and `title` by name. Without `ax` it makes its own; without `title`
    the finding is the title. It prints the finding and returns the Axes.
    """

    @functools.wraps(draw)
    def figure(*data, ax: Axes | None = None, title: str | None = None, **options) -> Axes:
        if ax is None:
            ax = plt.subplots()[1]
        finding = draw(ax, *data, **options)
        ax.set_title(title or finding)
        print(finding)
        return ax

    figure.draw = draw
    return figure


@_figure
def lanes(ax: Axes, attempts: pd.DataFrame) -> str:
    """One lane per worker: its runs as bars, by outcome; above them, when a job that it took was waiting; below
    them, when one was backing off. Time in seconds since the first enqueueing."""
    attempts = attempts[attempts["ended"].notna()]
    start = attempts["enqueued"].min()
    backoff = table.backoffs(attempts)
    per_worker = table.lanes(attempts)
    kinds = set()
    for lane, rows in enumerate(per_worker.values()):
        _bars(ax, _union(rows["enqueued"], rows["started"]), start, lane - 0.45, 0.14, WAIT)
        for outcome, style in OUTCOMES.items():
            runs = rows[rows["outcome"] == outcome]
            if len(runs):
                kinds.add(outcome)
                _bars(ax, runs[["started", "ended"]].to_numpy(dtype=float), start, lane - 0.28, 0.56, style)
        later = rows[backoff[rows.index] > PAUSE]
        if len(later):
            kinds.add("backoff")
            _bars(
                ax,
                _union(later["enqueued"] - backoff[later.index], later["enqueued"]),
                start,
                lane + 0.31,
                0.14,
                BACKOFF,
            )
    ax.set(
        yticks=range(len(per_worker)), yticklabels=list(per_worker), xlabel="seconds since the first job was enqueued"
    )
    ax.set_ylim(len(per_worker) - 0.4, -0.6)
    ax.grid(axis="y", visible=False)
    _legend(ax, kinds)
    return f"{_count(len(per_worker), 'worker')}: {_outcomes(attempts)} in {table.makespan(attempts):.2f} s"


@_figure
def timeline(ax: Axes, attempts: pd.DataFrame) -> str:
    """One row per job, in the order of their enqueueing: wait, run and backoff, one after the other.

    For one job: `timeline(attempts[attempts["job"] == job.id])`.
    """
    attempts = attempts[attempts["ended"].notna()]
    start = attempts["enqueued"].min()
    backoff = table.backoffs(attempts)
    order = attempts.groupby("job", sort=False)["enqueued"].min().sort_values().index
    row = attempts["job"].map({job: number for number, job in enumerate(order)}).to_numpy(dtype=float)
    kinds = set()
    _bars(ax, attempts[["enqueued", "started"]].to_numpy(dtype=float), start, row - 0.3, 0.6, WAIT)
    for outcome, style in OUTCOMES.items():
        chosen = (attempts["outcome"] == outcome).to_numpy()
        if chosen.any():
            kinds.add(outcome)
            _bars(
                ax,
                attempts.loc[chosen, ["started", "ended"]].to_numpy(dtype=float),
                start,
                row[chosen] - 0.3,
                0.6,
                style,
            )
    later = (backoff > PAUSE).to_numpy()
    if later.any():
        kinds.add("backoff")
        spans = np.column_stack([attempts["enqueued"] - backoff, attempts["enqueued"]])[later].astype(float)
        _bars(ax, spans, start, row[later] - 0.3, 0.6, BACKOFF)
    ax.set(xlabel="seconds since the first job was enqueued", ylabel="job")
    ax.set_ylim(max(len(order) - 0.4, 0.6), -0.6)
    ax.set_yticks(range(len(order)) if len(order) <= 12 else [0, len(order) - 1])
    ax.set_yticklabels([str(int(tick) + 1) for tick in ax.get_yticks()])
    ax.grid(axis="y", visible=False)
    _legend(ax, kinds)
    return f"{_count(len(order), 'job')}, {_count(len(attempts), 'attempt')}: {_outcomes(attempts)}"


@_figure
def depth(ax: Axes, attempts: pd.DataFrame) -> str:
    """Jobs waiting over time, as steps; exact while jobs wait, given `lab.attempts(queue)`."""
    steps = table.depth(attempts)
    seconds = steps.index - steps.index[0]
    ax.step(seconds, steps, where="post", color=BLUE)
    ax.fill_between(seconds, steps, step="post", color=PALE, alpha=0.6)
    ax.set(xlabel="seconds since the first job was enqueued", ylabel="jobs waiting", ylim=(0, None))
    emptied = f"0 left after {seconds[-1]:.2f} s" if steps.iloc[-1] == 0 else f"{steps.iloc[-1]} left"
    return f"{_count(steps.max(), 'job')} waiting at the peak, {emptied}"


@_figure
def waits(ax: Axes, attempts: pd.DataFrame) -> str:
    """Each attempt's wait, in the order in which they were enqueued."""
    ordered = table.waits(attempts.sort_values("enqueued", kind="stable")).dropna()
    ax.plot(range(1, len(ordered) + 1), ordered, "o", markersize=4, color=BLUE)
    ax.set(xlabel="attempt, in the order of enqueueing", ylabel="seconds in the queue", ylim=(0, None))
    return f"waits: {ordered.median():.2f} s in the middle, {ordered.max():.2f} s at the longest"


def who_waits(curves: pd.DataFrame) -> np.ndarray:
    """What a queue changes as the load rises: latency at the left, throughput at the right.

    curves: as `labsupport.measure.load.curves` gives them. Prints its finding; returns the two Axes.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.6))
    lines = {
        "in request": ("s-", ORANGE, "in the request: answered"),
        "queued": ("o-", BLUE, "queued: answered"),
        "done": ("^--", GREEN, "queued: done"),
    }
    for name, (style, colour, label) in lines.items():
        left.plot(curves.index, curves[name], style, color=colour, label=label)
        right.plot(curves.index, curves[f"{name} per second"], style, color=colour, label=label)
    left.set(yscale="log", xlabel="requests per second", ylabel="seconds, 95 of 100 within")
    right.set(xlabel="requests per second", ylabel="answered, or done, per second", ylim=(0, None))
    right.legend(fontsize=8)
    highest = curves.iloc[-1]
    sooner = highest["in request"] / highest["queued"]
    finding = f"At {curves.index[-1]} per second: answered {sooner:.0f} times sooner with a queue, done no sooner"
    figure.suptitle(finding, fontweight="bold", fontsize=11)
    print(finding)
    return np.array([left, right])


ANSWERS = {
    "2xx": {"facecolor": BLUE},
    "429": {"facecolor": ORANGE, "hatch": "//"},
    "503": {"facecolor": RED, "hatch": "xx"},
    "other": {"facecolor": GREY, "hatch": ".."},
    "no answer": {"facecolor": "black"},
}


def service(requests: pd.DataFrame, attempts: pd.DataFrame, events: dict[float, str]) -> np.ndarray:
    """A service under load on one timeline: its answers, the jobs that wait, and when each job was done.

    requests: as `labsupport.measure.load.open_loop` gives them. attempts: those from before the load are left out.
    events: what happened, by the second.

    Prints its finding; returns the three Axes.
    """
    figure, (top, middle, bottom) = plt.subplots(3, 1, sharex=True, figsize=(8, 6.4))
    start = requests["due"].min()
    answered = requests["due"] - start
    edges = np.arange(0, answered.max() + 0.5, 0.5)
    kinds = requests["status"].map(_answer)
    base = np.zeros(len(edges) - 1)
    for kind, style in ANSWERS.items():
        counts, _ = np.histogram(answered[kinds == kind], edges)
        if counts.any():
            top.bar(edges[:-1], counts, 0.5, base, align="edge", label=kind, **EDGE, **style)
            base += counts
    top.set(ylabel="answers\nper half second", ylim=(0, base.max() * 1.45))
    top.yaxis.set_major_locator(MaxNLocator(integer=True))
    attempts = attempts[attempts["enqueued"] >= start]
    steps = table.depth(attempts)
    middle.step(steps.index - start, steps, where="post", color=BLUE)
    middle.set(ylabel="jobs waiting", ylim=(0, None))
    delays = table.delays(attempts)
    again = delays["attempts"] > 1
    for chosen, marker, colour, label in (
        (~again, "o", BLUE, "at the first attempt"),
        (again, "^", ORANGE, "after a retry"),
    ):
        few = delays[chosen]
        bottom.plot(few["enqueued"] - start, few["delay"], marker, color=colour, markersize=3.5, label=label)
    bottom.set(xlabel="seconds since the first request", ylabel="seconds from\nenqueued to done", ylim=(0, None))
    for second, label in events.items():
        for ax in (top, middle, bottom):
            ax.axvline(second, color="black", linewidth=0.8, linestyle=":")
        top.annotate(label, (second, 1), (3, -3), xycoords=("data", "axes fraction"), textcoords="offset points",
                     va="top", fontsize=8)  # fmt: skip
    for ax in (top, bottom):
        ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    figure.align_ylabels()
    tally = kinds.value_counts()
    said = ", ".join(f"{tally[kind]} × {kind}" for kind in ANSWERS if kind in tally)
    slowest, last = requests["latency"].max(), delays["delay"].max()
    finding = f"{said}; the slowest answer took {slowest:.2f} s, the slowest job {last:.1f} s"
    top.set_title(finding)
    print(finding)
    return np.array([top, middle, bottom])


def _answer(status: int) -> str:
    if 200 <= status < 300:
        return "2xx"
    return str(status) if status in (429, 503) else "no answer" if status <= 0 else "other"


@_figure
def states(ax: Axes, counts: Sequence[int]) -> str:
    """Bars of a queue's counts, as `labsupport.measure.peek.counts` gives them."""
    names, values = counts._fields[:-1], counts[:-1]
    bars = ax.barh(names, values, color=[SKY, GREEN, PINK, GREY, RED, BLUE], edgecolor="black", linewidth=0.4)
    ax.bar_label(bars, padding=3)
    ax.invert_yaxis()
    ax.set(xlabel="jobs")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.margins(x=0.08)
    ax.grid(axis="y", visible=False)
    seen = ", ".join(f"{value} {name}" for name, value in zip(names, values, strict=True) if value) or "no jobs"
    return f"{seen} · {_count(counts.workers, 'worker')} listening"


def live(
    figure: Callable[..., Axes],
    read: Callable[[], object],
    until: Callable[[], bool],
    *,
    every: float = 0.4,
    timeout: float = 60,
) -> Axes:
    """Draw `figure(read())` again every `every` seconds, in place, until `until()` is true; then print its finding.

    Raises LabError after `timeout` seconds, with the last drawing left to be seen.
    """
    picture, ax = plt.subplots()
    plt.close(picture)  # shown by the handle below, and not once more at the end of the cell
    handle = display(picture, display_id=True)
    end = time.monotonic() + timeout
    while True:
        # Asked before the data are read, so that the last drawing has everything.
        done = until()
        data = read()
        ax.clear()
        finding = figure.draw(ax, data) if len(data) else "nothing yet"
        ax.set_title(finding)
        handle.update(picture)
        if done:
            print(finding)
            return ax
        if time.monotonic() > end:
            raise LabError(f"Gave up after {timeout:.0f} s: {finding}. Is a worker running?")
        time.sleep(every)


def _bars(ax: Axes, spans: np.ndarray, start: float, bottom, height: float, style: dict) -> None:
    """Bars from spans[:, 0] to spans[:, 1] (seconds since the epoch), as one collection: fast with thousands."""
    if len(spans) == 0:
        return
    left, right = (spans - start).T
    low = np.broadcast_to(bottom, len(spans))
    corners = np.stack([np.stack([left, right, right, left], axis=1),
                        np.stack([low, low, low + height, low + height], axis=1)], axis=2)  # fmt: skip
    ax.add_collection(PolyCollection(corners, **EDGE, **style))
    if len(spans) <= FEW:  # a bar of some milliseconds would be all edge, and white
        starts = np.stack([np.column_stack([left, low]), np.column_stack([left, low + height])], axis=1)
        ax.add_collection(LineCollection(starts, colors=style["facecolor"], linewidths=1.5, zorder=3))
    ax.autoscale_view()


def _union(begins: pd.Series, ends: pd.Series) -> np.ndarray:
    """The spans that cover what any of the given ones covers, shape (n, 2)."""
    order = np.argsort(begins.to_numpy(dtype=float), kind="stable")
    begins, ends = begins.to_numpy(dtype=float)[order], ends.to_numpy(dtype=float)[order]
    reach = np.maximum.accumulate(ends) if len(ends) else ends
    first = np.concatenate([[True], begins[1:] > reach[:-1]]) if len(begins) else np.array([], dtype=bool)
    last = np.concatenate([first[1:], [True]]) if len(begins) else first
    return np.column_stack([begins[first], reach[last]])


def _legend(ax: Axes, kinds: set[str]) -> None:
    styles = {"waiting": WAIT, **OUTCOMES, "backoff": BACKOFF}
    shown = [Patch(label=name, **EDGE, **style) for name, style in styles.items() if name == "waiting" or name in kinds]
    ax.legend(handles=shown, loc="upper left", bbox_to_anchor=(1, 1))


def _outcomes(attempts: pd.DataFrame) -> str:
    counts = attempts["outcome"].value_counts()
    return ", ".join(f"{counts[outcome]} {outcome}" for outcome in OUTCOMES if outcome in counts)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
