"""What a Redis keeps of its jobs when it ends, and what keeping them costs."""

import textwrap

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from labsupport.measure.plots.style import BLUE, EDGE, ORANGE, SKY, Style

ENDS: dict[str, Style] = {
    "SIGTERM": {"facecolor": SKY},
    "SIGKILL": {"facecolor": ORANGE, "hatch": "//"},
}
"""The signals that ended a server, which are columns of the table."""


WIDTH = 70
"""Letters of the title in a line."""


def durability(table: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """At the left what is left of the accepted jobs after each end, at the right what that costs.

    table: a row per configuration, the one that the others are compared with first. `SIGTERM` and `SIGKILL` are how many
    jobs were left, `accepted` how many there had been, `to the first` how fast it enqueues, as a part of the first one's
    speed. `labsupport.experiments.durability.side_by_side` gives such a table.

    Prints its finding; returns the two Axes.
    """
    figure, (left, right) = plt.subplots(
        1, 2, sharey=True, figsize=(8, 3.8), width_ratios=[1.6, 1], layout="constrained"
    )
    rows = np.arange(len(table))
    for place, (end, style) in enumerate(ENDS.items()):
        bars = left.barh(rows + 0.4 * (place - 0.5), table[end], 0.38, label=end, **{**EDGE, **style})
        left.bar_label(bars, padding=3)
    accepted = table["accepted"].max()
    left.set_yticks(rows, table.index)
    left.invert_yaxis()
    left.set(xlabel="jobs left", xlim=(0, accepted * 1.12))
    left.set_title(f"Of {accepted} accepted jobs", fontsize=9)
    right.plot(table["to the first"], rows, "o", color=BLUE, markersize=9)
    right.axvline(1, color="black", linewidth=0.8, linestyle=":")
    for row, ratio in enumerate(table["to the first"]):
        right.annotate(f"{ratio:.2f}", (ratio, row), (0, 9), textcoords="offset points", ha="center")
    right.set(
        xlabel=f'enqueued per second, "{table.index[0]}" = 1', xlim=(0, 1.2 * max(1, table["to the first"].max()))
    )
    right.set_title("Its price", fontsize=9)
    for ax in (left, right):
        ax.grid(axis="y", visible=False)
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    first, safest = table.index[0], table.index[-1]
    survives = list(table.index[table["SIGKILL"] == table["accepted"]])
    times = table.loc[safest, "to the first"]
    finding = f"{_kept(survives)} after SIGKILL; {safest} enqueues {times:.1f} times as fast as {first}"
    figure.suptitle(textwrap.fill(finding, WIDTH), fontweight="bold", fontsize=11)
    print(finding)
    for name, ends in table.iterrows():
        print(f"{name}: {ends['SIGTERM']:.0f} left after SIGTERM, {ends['SIGKILL']:.0f} after SIGKILL")
    return np.array([left, right])


def _kept(names: list[str]) -> str:
    if not names:
        return "Nothing keeps every job"
    return f"{' and '.join(names)} keep{'s' * (len(names) == 1)} every job"
