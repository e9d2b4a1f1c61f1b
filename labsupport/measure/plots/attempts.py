"""Attempts as bars: a lane per worker, or a row per job."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.legend_handler import HandlerTuple
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from labsupport.measure import attempts as table
from labsupport.measure.plots.style import BLUE, EDGE, GREY, ORANGE, PALE, PINK, RED, SKY, Figure, Style, count

WAIT: Style = {"facecolor": PALE, "linewidth": 0}
BACKOFF: Style = {"facecolor": PINK, "hatch": "--"}
RUNS: dict[str, Style] = {
    "running": {"facecolor": SKY},
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
    row = attempts["worker"].map({worker: number for number, worker in enumerate(workers)})
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
    row = attempts["job"].map({job: number for number, job in enumerate(jobs)})
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
    start = attempts["enqueued"].min()
    enqueued, started, ended = (attempts[name].astype(float) - start for name in table.TIMES)
    latest = max(enqueued.max(), started.max(), ended.max())
    beyond = latest + OPEN * (latest or 1.0)
    open_: list[tuple[float, float]] = []

    def bars(begin: pd.Series[float], end: pd.Series[float], band: Band, style: Style) -> None:
        begin = begin[row[begin.index].notna()]
        if begin.empty:
            return
        y = row[begin.index].astype(float)
        open_.extend((beyond, y[at]) for at in begin.index if np.isnan(end[at]))
        _bars(ax, begin, end[begin.index].fillna(beyond), y + band.low, band.height, style)

    bars(enqueued, started, wait, WAIT)
    before = ended.groupby(attempts["job"], sort=False).shift()
    paused = enqueued - before > PAUSE
    bars(before[paused], enqueued, backoff, BACKOFF)
    last = attempts[~attempts["job"].duplicated(keep="last")]
    waiting = last.index[last["outcome"] == "retried"]
    bars(ended[waiting], pd.Series(np.nan, index=waiting), backoff, BACKOFF)
    kinds = table.kinds(attempts)
    shown = [kind for kind in RUNS if (kinds == kind).any()]
    for kind in shown:
        of_kind = started[kinds == kind]
        bars(of_kind, ended, run, RUNS[kind])
    ax.autoscale_view()
    for x, y in open_:
        ax.plot(x, y, ">", color="black", markersize=5, clip_on=False)
    short = set()
    if rows <= ROOMY and len(attempts) <= FEW:
        brief = (ended - started < SHORT * np.ptp(ax.get_xlim())) & row.notna()
        for kind in shown:
            chosen = brief & (kinds == kind)
            if chosen.any():
                short.add(kind)
                middle = (started + ended)[chosen] / 2
                ax.plot(middle, row[chosen] + run.low + run.height / 2, MARKERS[kind], **_dot(kind))
    ax.set(xlabel="seconds since the first job was enqueued", ylim=(max(rows - 0.4, 0.6), -0.6))
    ax.grid(axis="y", visible=False)
    _legend(ax, shown, short, backoff=bool(paused.any()) or len(waiting) > 0, unended=bool(open_))


def _dot(kind: str) -> Style:
    edge = "black" if kind != "killed" else "white"
    return {"color": RUNS[kind]["facecolor"], "markersize": 8, "markeredgecolor": edge, "markeredgewidth": 0.6,
            "zorder": 4}  # fmt: skip


def _bars(
    ax: Axes, begin: pd.Series[float], end: pd.Series[float], low: pd.Series[float], height: float, style: Style
) -> None:
    """Bars from `begin` to `end`, as one collection: fast with thousands."""
    left, right, bottom = (series.to_numpy(dtype=float) for series in (begin, end, low))
    corners = np.stack([np.stack([left, right, right, left], axis=1),
                        np.stack([bottom, bottom, bottom + height, bottom + height], axis=1)], axis=2)  # fmt: skip
    ax.add_collection(PolyCollection(list(corners), **{**EDGE, **style}))
    if len(left) <= MANY:  # a bar of some milliseconds would be all edge, and white
        starts = np.stack([np.column_stack([left, bottom]), np.column_stack([left, bottom + height])], axis=1)
        ax.add_collection(LineCollection(list(starts), colors=style["facecolor"], linewidths=1.5, zorder=3))


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

    entries: dict[str, object] = {"waiting": patch(WAIT)}
    for kind in shown:
        bar = patch(RUNS[kind])
        dot = Line2D([], [], linestyle="none", marker=MARKERS[kind], **_dot(kind))
        entries[kind] = (bar, dot) if kind in short else bar
    if backoff:
        entries["backoff"] = patch(BACKOFF)
    if unended:
        entries["not ended"] = Line2D([], [], linestyle="none", marker=">", color="black", markersize=5)
    ax.legend(
        list(entries.values()),
        list(entries),
        loc="upper left",
        bbox_to_anchor=(1, 1),
        handler_map={tuple: HandlerTuple(ndivide=None)},
    )
