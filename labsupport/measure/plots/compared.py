"""Libraries side by side: how fast they are, and what they promise."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter

from labsupport.measure.plots.style import BLUE, ORANGE, Style

PROMISES: dict[str, Style] = {
    "late": {"marker": "o", "color": BLUE, "label": "acknowledged late: when the job is done"},
    "early": {"marker": "^", "color": ORANGE, "label": "acknowledged early: when it is taken"},
}


def compared(rows: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """A mark per way to run workers, on logarithmic axes: small jobs per second at the left, jobs that sleep at the right.

    rows: as `labsupport.measure.compared.read` gives them. Thin lines reach from the slowest round to the fastest.

    Prints its finding and a line per row; returns the two Axes.
    """
    figure, (left, right) = plt.subplots(1, 2, sharey=True, figsize=(8, 1.4 + 0.29 * len(rows)), layout="constrained")
    small, waiting = rows["small jobs per second"], rows["seconds for the waiting jobs"]
    for promise, look in PROMISES.items():
        chosen = np.flatnonzero(rows["acknowledged"] == promise)
        for ax, values in ((left, small), (right, waiting)):
            ax.plot(values.iloc[chosen], chosen, linestyle="none", markersize=8, **look)
        spans = np.array(rows["slowest and fastest round"].iloc[chosen].tolist()).reshape(-1, 2)
        left.hlines(chosen, spans[:, 0], spans[:, 1], color=look["color"], linewidth=1.2)
    number_small, number_waiting = rows.attrs["jobs"]
    left.set(xscale="log", xlabel="small jobs per second (log scale)")
    right.set(xscale="log", xlabel=f"seconds for {number_waiting} jobs of 0.1 s (log scale)")
    left.set_yticks(range(len(rows)), list(rows.index))
    left.set_ylim(len(rows) - 0.5, -0.5)
    for ax in (left, right):
        _plain(ax)
    left.set_title(f"{number_small:,} small jobs: right is better", fontsize=9)
    right.set_title(f"{number_waiting} jobs that sleep: left is better", fontsize=9)
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    others = rows[~rows.index.str.startswith("RQ")]
    times = others["times as fast, small"]
    finding = f"Other libraries do {times.min():.0f} to {times.max():.0f} times as many small jobs as {rows.index[0]}"
    figure.suptitle(finding, fontweight="bold", fontsize=11)
    print(finding)
    for name, row in rows.iterrows():
        speed = f"{row['small jobs per second']:,} small jobs per second"
        sleeping = f"{number_waiting} that sleep in {row['seconds for the waiting jobs']:.2f} s"
        print(f"{name}, {row['at once']} at once: {speed}, {sleeping}, acknowledged {row['acknowledged']}")
    return np.array([left, right])


def _plain(ax: Axes) -> None:
    """Numbers as one says them, and not as powers of ten."""
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")
    ax.xaxis.set_minor_formatter(NullFormatter())
