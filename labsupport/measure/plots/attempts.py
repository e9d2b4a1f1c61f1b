"""Attempts as bars: a lane per worker, or a row per job."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.legend_handler import HandlerTuple
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from labsupport.measure import attempts as table
from labsupport.measure.plots.numbers import DECORATION
from labsupport.measure.plots.style import BLUE, EDGE, GREY, ORANGE, PALE, PINK, RED, SKY, Figure, Style, count

WAIT: Style = {"facecolor": PALE, "linewidth": 0, "label": "waiting"}
BACKOFF: Style = {"facecolor": PINK, "hatch": "--", "label": "backoff"}
RUNS: dict[str, Style] = {
    "running": {"facecolor": SKY, "hatch": "||"},
    "finished": {"facecolor": BLUE},
    "retried": {"facecolor": ORANGE, "hatch": "//"},
    "retried after a kill": {"facecolor": ORANGE, "hatch": "xx", "edgecolor": "black"},
    "failed": {"facecolor": RED, "hatch": "xx"},
    "killed": {"facecolor": "black", "hatch": "\\\\"},
    "stopped": {"facecolor": GREY, "hatch": ".."},
}
"""By kind, as `labsupport.measure.attempts.kinds` names them."""

MARKERS = dict(zip(RUNS, ">o^vsXD", strict=True))
"""What stands for a run that is too short to be seen as a bar."""

ARROW: Style = {"marker": ">", "color": "black", "markersize": 5, "linestyle": "none"}
"""At the end of a bar that has no end."""

Array = NDArray[Any]

SHORT, NEAR, OPEN = 0.015, 0.03, 0.05
"""Parts of the axis: runs below SHORT get a marker, those less than NEAR apart one number, and a bar without an end goes
on beyond the last moment by OPEN."""

MANY, FEW, ROOMY = 200, 60, 15
"""Up to MANY bars, each is marked at its start; up to FEW attempts in ROOMY rows, there is room for markers and numbers."""

PAUSE = 0.05
"""Seconds from which the time between two attempts is drawn as a backoff: a retry at once has none."""


class Band(NamedTuple):
    """Where in its row a bar is drawn: rows are 1 high, and 0 is a row's middle."""

    low: float
    height: float


WHOLE, ABOVE, LANE, BELOW = Band(-0.3, 0.6), Band(-0.45, 0.14), Band(-0.28, 0.56), Band(0.31, 0.14)


def _lanes(ax: Axes, attempts: pd.DataFrame) -> str:
    """One lane per worker: its runs as bars, by outcome; above them, when a job that it took was waiting; below
    them, when one was backing off. Time in seconds since the first enqueueing.

    A bar with an arrow has not ended. A job that no worker has taken is counted in the title, and in no lane.
    """
    workers = list(table.lanes(attempts))
    row = attempts["worker"].map({worker: float(number) for number, worker in enumerate(workers)})
    _draw(ax, attempts, row, len(workers), wait=ABOVE, run=LANE, backoff=BELOW)
    ax.set(yticks=range(len(workers)), yticklabels=workers)
    took = f" in {table.makespan(attempts):.2f} s" if attempts["ended"].notna().any() else ""
    return f"{count(len(workers), 'worker')}: {_tally(attempts)}{took}"


def _timeline(ax: Axes, attempts: pd.DataFrame) -> str:
    """One row per job, in the order of their enqueueing: wait, run and backoff, one after the other.

    With `lab.attempts(queue)`, jobs that have not ended are there as well, as bars with an arrow. Where a job has several
    attempts, and the rows are few, each has its number. For one job: `timeline(attempts[attempts["job"] == job.id])`.
    """
    jobs = attempts.groupby("job", sort=False)["enqueued"].min().sort_values(kind="stable").index
    row = attempts["job"].map({job: float(number) for number, job in enumerate(jobs)})
    _draw(ax, attempts, row, len(jobs), wait=WHOLE, run=WHOLE, backoff=WHOLE)
    if len(jobs) <= ROOMY and len(attempts) <= FEW:
        _number(ax, attempts, row)
    ax.set(ylabel="job")
    ax.set_yticks(range(len(jobs)) if len(jobs) <= ROOMY else [0, len(jobs) - 1])
    ax.set_yticklabels([str(int(tick) + 1) for tick in ax.get_yticks()])
    begun = int(attempts["started"].notna().sum())
    return f"{count(len(jobs), 'job')}, {count(begun, 'attempt')}: {_tally(attempts)}"


lanes, timeline = Figure(_lanes), Figure(_timeline)


def _tally(attempts: pd.DataFrame) -> str:
    counts = table.kinds(attempts[attempts["ended"].notna()]).value_counts()
    said = [f"{counts[kind]} {kind}" for kind in RUNS if kind in counts]
    left = table.unended(attempts)
    return ", ".join([*said, f"{left} not ended"] if left else said)


def _draw(
    ax: Axes, attempts: pd.DataFrame, row: pd.Series[float], rows: int, *, wait: Band, run: Band, backoff: Band
) -> None:
    """Draw each attempt of `attempts` in its row, its wait, its run and the backoff before it each in their band."""
    y = row.to_numpy(dtype=float)
    times = attempts[list(table.TIMES)].astype(float) - attempts["enqueued"].min()
    enqueued, started, ended = times.to_numpy().T
    latest = np.nanmax(times.to_numpy())
    beyond = latest + OPEN * (latest or 1.0)
    has_row = ~np.isnan(y)

    def bars(chosen: Array, begin: Array, end: Array, band: Band, style: Style, merge: bool = True) -> None:
        chosen = chosen & has_row
        unended = chosen & np.isnan(end)
        if unended.any():
            middle = y[unended] + band.low + band.height / 2
            ax.plot(np.full(unended.sum(), beyond), middle, clip_on=False, label=DECORATION, **ARROW)
        spans = begin[chosen], np.where(unended, beyond, end)[chosen], y[chosen] + band.low
        left, right, low = _merged(*spans) if merge else spans
        _bars(ax, left, right, low, band.height, style)

    before = times["ended"].groupby(attempts["job"], sort=False).shift().to_numpy()
    paused = enqueued - before > PAUSE
    pausing = ((attempts["outcome"] == "retried") & ~attempts["job"].duplicated(keep="last")).to_numpy()
    kinds = table.kinds(attempts).to_numpy()
    shown = [kind for kind in RUNS if (kinds == kind).any()]
    bars(has_row, enqueued, started, wait, WAIT)
    bars(paused, before, enqueued, backoff, BACKOFF)
    bars(pausing, ended, np.full(len(y), np.nan), backoff, BACKOFF)
    for kind in shown:
        bars(kinds == kind, started, ended, run, RUNS[kind] | {"label": kind}, merge=False)
    ax.autoscale_view()
    short = set()
    if rows <= ROOMY and len(attempts) <= FEW:
        brief = has_row & (ended - started < SHORT * np.ptp(ax.get_xlim()))
        for kind in shown:
            if (chosen := brief & (kinds == kind)).any():
                short.add(kind)
                middle = (started + ended)[chosen] / 2
                ax.plot(middle, y[chosen] + run.low + run.height / 2, MARKERS[kind], label=DECORATION, **_dot(kind))
    ax.set(xlabel="seconds since the first job was enqueued", ylim=(max(rows - 0.4, 0.6), -0.6))
    ax.grid(axis="y", visible=False)
    unended = bool(np.isnan(ended[has_row]).any() or pausing.any())
    _legend(ax, shown, short, backoff=bool(paused.any() or pausing.any()), unended=unended)


def _dot(kind: str) -> Style:
    edge = "black" if kind != "killed" else "white"
    return {"color": RUNS[kind]["facecolor"], "markersize": 8, "markeredgecolor": edge, "markeredgewidth": 0.6,
            "zorder": 4}  # fmt: skip


def _bars(ax: Axes, left: Array, right: Array, low: Array, height: float, style: Style) -> None:
    """Bars from `left` to `right`, as one collection: fast with thousands."""
    if len(left) == 0:
        return
    corners = np.stack([np.stack([left, right, right, left], axis=1),
                        np.stack([low, low, low + height, low + height], axis=1)], axis=2)  # fmt: skip
    ax.add_collection(PolyCollection(corners, **{**EDGE, **style}))  # type: ignore[arg-type]  # an array is meant to do
    if len(left) <= MANY:  # a bar of some milliseconds would be all edge, and white
        starts = np.stack([np.column_stack([left, low]), np.column_stack([left, low + height])], axis=1)
        look: Style = {"colors": style["facecolor"], "linewidths": 1.5, "zorder": 3, "label": DECORATION}
        ax.add_collection(LineCollection(list(starts), **look))


def _merged(left: Array, right: Array, low: Array) -> tuple[Array, Array, Array]:
    """The same stretches of time, but those of one row that overlap as one: thousands may wait for one worker."""
    if len(left) == 0:
        return left, right, low
    shift = low * 2 * (right.max() - left.min() + 1)  # rows one after the other, so that none reaches into the next
    order = np.argsort(left + shift, kind="stable")
    begin, reach = (left + shift)[order], np.maximum.accumulate((right + shift)[order])
    first = np.concatenate([[True], begin[1:] > reach[:-1]])
    last = np.concatenate([first[1:], [True]])
    return left[order][first], (reach - shift[order])[last], low[order][first]


def _number(ax: Axes, attempts: pd.DataFrame, row: pd.Series[float]) -> None:
    """The number of each attempt of a job that has several, on its bar; one for those that stand on top of each other."""
    start, width = attempts["enqueued"].min(), np.ptp(ax.get_xlim())
    begun = attempts[attempts["started"].notna()]
    for _, runs in begun.groupby("job", sort=False):
        if len(runs) < 2:
            continue
        apart = (runs["started"] - runs["ended"].shift() > NEAR * width).cumsum()
        for _, close in runs.groupby(apart):
            first, last = close["attempt"].min(), close["attempt"].max()
            left, right = close["started"].min() - start, close["ended"].max() - start
            wide = first == last and right - left > NEAR * width
            ax.annotate(
                str(first) if first == last else f"{first}–{last}",
                ((left + right) / 2 if wide else right, row[close.index[0]]),
                (0 if wide else 6, 0),
                textcoords="offset points",
                ha="center" if wide else "left",
                va="center",
                fontsize=7,
                bbox={"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none"},
                zorder=5,
            )


def _legend(ax: Axes, shown: list[str], short: set[str], *, backoff: bool, unended: bool) -> None:
    def patch(style: Style) -> Patch:
        return Patch(**{**EDGE, **style})

    entries: dict[str, Artist | tuple[Artist, ...]] = {"waiting": patch(WAIT)}
    for kind in shown:
        bar = patch(RUNS[kind])
        dot = Line2D([], [], linestyle="none", marker=MARKERS[kind], **_dot(kind))
        entries[kind] = (bar, dot) if kind in short else bar
    if backoff:
        entries["backoff"] = patch(BACKOFF)
    if unended:
        entries["not ended"] = Line2D([], [], **ARROW)
    ax.legend(
        list(entries.values()),
        list(entries),
        loc="upper left",
        bbox_to_anchor=(1, 1),
        handler_map={tuple: HandlerTuple(ndivide=None)},
    )
