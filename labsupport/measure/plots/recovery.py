"""A fail-over: which tries were refused, until when, and when the jobs were done."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from labsupport.measure import tries as table
from labsupport.measure.plots.style import BLUE, EDGE, GREEN, PALE, RED, whole_numbers

STEP = 0.2
"""Seconds that a bar stands for."""


def recovery(
    tries: pd.DataFrame, attempts: pd.DataFrame, killed: float
) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """Tries to enqueue, accepted or refused, per fifth of a second; and below, when their jobs were done.

    tries: as `labsupport.measure.tries` says. attempts: read when no job is left.
    killed: the moment at which the primary died, in seconds since the epoch.

    Prints its finding; returns the two Axes.
    """
    figure, (top, bottom) = plt.subplots(2, 1, sharex=True, figsize=(8, 4.4), layout="constrained")
    done = attempts.loc[attempts["outcome"] == "finished", "ended"]
    first, again = table.away(tries)
    edges = np.arange(tries["sent"].min() - killed, max(tries["sent"].max(), done.max()) - killed + STEP, STEP)
    refused = tries["job"] == ""
    above = _bars(top, tries.loc[~refused, "sent"] - killed, edges, "accepted", BLUE, "", 0)
    _bars(top, tries.loc[refused, "sent"] - killed, edges, "refused", RED, "xx", above)
    _bars(bottom, done - killed, edges, "done", GREEN, "..", 0)
    for ax, title in ((top, "Tries to enqueue a job, when they were sent"), (bottom, "Jobs, when they were done")):
        if first < again:
            ax.axvspan(first - killed, min(again - killed, edges[-1]), color=PALE, zorder=0, label="no job is accepted")
        ax.axvline(0, color="black", linewidth=0.8, linestyle=":")
        ax.set(ylabel="per 0.2 s", ylim=(0, None))
        ax.set_title(title, fontsize=9)
        whole_numbers(ax.yaxis)
        ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    bottom.set_xlabel("seconds since the primary was killed")
    seen = table.counts(tries, attempts)
    away = again - first if first < again else 0.0
    finding = (
        f"No job is accepted for {away:.1f} s. {seen.refused} × refused, {seen.accepted} × accepted; "
        f"of these {seen.lost} × lost, {seen.repeated} × repeated"
    )
    figure.suptitle(finding, fontweight="bold", fontsize=11)
    print(finding)
    return np.array([top, bottom])


def _bars(
    ax: Axes,
    moments: "pd.Series[float]",
    edges: np.ndarray,
    label: str,
    colour: str,
    hatch: str,
    base: np.ndarray | int,
) -> np.ndarray:
    """Draw how many moments fall between two edges, on top of `base`; return the tops."""
    heights, _ = np.histogram(moments, edges)
    ax.bar(edges[:-1], heights, STEP, base, align="edge", label=label, facecolor=colour, hatch=hatch, **EDGE)
    return base + heights
