"""What became of a job that was struck by a crash: a cell per crash point, and the steps of one crash, in their order.

A sweep is a table with one row per point, as `labsupport.experiments.sweep` gives it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from labsupport.measure.plots.style import BLUE, GREY, ORANGE, PINK, entitle

FINE, UNKNOWN = "#CFE8DF", "#000000"

LOOKS = {
    "as promised": FINE,
    "too often": ORANGE,
    "delivered, and not finished": PINK,
    "not delivered, failed": BLUE,
    "not delivered, and nobody knows": UNKNOWN,
}
"""What a cell says; the number in it says how often it was delivered, where that is not as promised."""

DONE = ("finished", "completed", "")
"""What RQ and BullMQ call a job that is done; empty for a program."""

WIDE = 8
"""So many cells are wide enough for a command below each."""

Sweep = pd.DataFrame


def _says(row: pd.Series) -> str:
    if row["delivered"] > row["promised"]:
        return "too often"
    if row["delivered"] == row["promised"]:
        return "as promised" if row["status"] in DONE else "delivered, and not finished"
    return "not delivered, failed" if row["status"] == "failed" else "not delivered, and nobody knows"


def crashes(swept: Sweep, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """One sweep: a cell per crash point, with the command before which it struck below it."""
    wide = len(swept) <= WIDE
    ax = ax or plt.subplots(figsize=(9, 2.2 if wide else 3.4))[1]
    _cells(ax, swept, 0, range(len(swept)))
    labels = [_below(row) if wide else f"{_short(row)} {row['point']:2}" for _, row in swept.iterrows()]
    ax.set_xticks([place + 0.5 for place in range(len(swept))], labels, family="monospace", fontsize=6.5)
    ax.tick_params(axis="x", rotation=0 if wide else 90)
    horse = [place for place, sender in enumerate(swept["sender"]) if sender != "worker"]
    if horse and len(set(swept["sender"])) > 1:
        ax.plot(
            [horse[0], horse[-1] + 1], [-0.12, -0.12], color=GREY, linewidth=3, solid_capstyle="butt", clip_on=False
        )
        whose = "work-horse" if "work-horse" in set(swept["sender"]) else "job"
        ax.text((horse[0] + horse[-1] + 1) / 2, -0.2, whose, ha="center", va="bottom", fontsize=8)
    _finish(ax, [swept], len(swept))
    ax.set(yticks=[], ylim=(1, -0.6))
    finding = f"{len(swept)} crash points: {_counts(swept)}"
    entitle(ax, title or finding)
    print(finding)
    return ax


def sweeps(swept: Mapping[str, Sweep], *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Several sweeps, a row each: a cell per crash point, at its number. Points that were not swept stay empty."""
    ax = ax or plt.subplots(figsize=(9, 0.9 + 0.42 * len(swept)))[1]
    for row, one in enumerate(swept.values()):
        _cells(ax, one, row, one["point"] - 1)
    ax.set_yticks([row + 0.5 for row in range(len(swept))], list(swept))
    longest = max(one["point"].max() for one in swept.values())
    _finish(ax, list(swept.values()), longest)
    first = min(one["point"].min() for one in swept.values())
    ax.set_xlim(first - 1, longest)
    ax.set(ylim=(len(swept), 0), xlabel="crash point: before the n-th request")
    told = [point for point in range(first, longest + 1) if longest < 20 or point % 10 == 0]
    ax.set_xticks([point - 0.5 for point in told], [str(point) for point in told])
    fine = [name for name, one in swept.items() if all(_says(row) == "as promised" for _, row in one.iterrows())]
    finding = f"Right at every point swept: {', '.join(fine)}" if fine else "No row is right at every point"
    entitle(ax, title or finding)
    print(finding)
    for name, one in swept.items():
        print(f"{name}, {len(one)} points: {_counts(one)}")
    return ax


def _cells(ax: Axes, swept: Sweep, y: float, places: Iterable[int]) -> None:
    for place, (_, row) in zip(places, swept.iterrows(), strict=True):
        says = _says(row)
        ax.add_patch(Rectangle((place, y), 1, 1, facecolor=LOOKS[says], edgecolor="white", linewidth=0.8, label=says))
        if says != "as promised":
            colour = "white" if LOOKS[says] in (BLUE, UNKNOWN) else "black"
            ax.text(
                place + 0.5,
                y + 0.5,
                row["delivered"],
                ha="center",
                va="center",
                color=colour,
                fontsize=8,
                weight="bold",
            )


def _finish(ax: Axes, all_swept: list[Sweep], width: int) -> None:
    seen = {_says(row) for swept in all_swept for _, row in swept.iterrows()}
    figure = ax.get_figure(root=True)
    if figure:
        while figure.legends:  # of another sweep of this figure: one legend is for all
            seen |= {text.get_text() for text in figure.legends[0].get_texts()}
            figure.legends[0].remove()
        names = [says for says in LOOKS if says in seen]
        handles = [Rectangle((0, 0), 1, 1, color=LOOKS[says]) for says in names]
        figure.legend(handles, names, loc="outside lower center", ncols=len(handles), frameon=False, fontsize=8)
    ax.set_xlim(0, width)
    ax.tick_params(length=0)
    ax.grid(False)
    ax.spines[:].set_visible(False)


def _counts(swept: Sweep) -> str:
    """How often what became of it, the most frequent first."""
    counts = swept["became"].value_counts().items()
    return "; ".join(f"{number} {became}" for became, number in sorted(counts, key=lambda pair: (-pair[1], pair[0])))


def _short(step: Any, size: int = 26) -> str:
    return _cut(f"{step.command} {_bare(step.key)}", size)


def _below(step: pd.Series) -> str:
    """Below a cell that is wide: its number, the command and the key, a line each."""
    return "\n".join([str(step.point), _cut(step.command, 22), _cut(_bare(step.key), 22)])


def _bare(key: str) -> str:
    return key.removeprefix("rq:").removeprefix("bull:")


def _cut(text: str, size: int) -> str:
    return text if len(text) <= size else f"{text[: size - 1]}…"


def history(swept: Sweep, point: int, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """The steps around one crash, in their order: a column for each process, and where the first one was struck."""
    row = swept.set_index("point").loc[point]
    steps = [(number, step.sender, _short(step, 40)) for number, step in row["history"]]
    first = next(number for number, _, _ in steps) if steps else 1
    ax = ax or plt.subplots(figsize=(9, 0.8 + 0.2 * (len(steps) + 1)))[1]
    people = list(dict.fromkeys(number for number, _, _ in steps)) or [first]
    struck = max((place for place, (number, _, _) in enumerate(steps) if number == first), default=-1)
    if len(people) > 1 and struck > (other := next(place for place, one in enumerate(steps) if one[0] != first)):
        struck = other - 1  # it was stopped, and went on when the others had finished
    y = 0
    for place, (number, _, text) in enumerate([(first, "", "")] * (struck < 0) + steps):
        if text:
            ax.plot(people.index(number), y, "o", color=BLUE, markersize=4)
            ax.text(people.index(number) + 0.04, y, text, va="center", family="monospace", fontsize=7.5)
            y += 1
        if place == max(struck, 0):
            ax.plot(people.index(first), y, "X", color="#D55E00", markersize=9)
            ax.text(people.index(first) + 0.04, y, f"interrupted before {row['command']}", va="center", fontsize=8)
            y += 1
    names = [f"process {number}" for number in people]
    ax.set_xticks(range(len(people)), names)
    ax.xaxis.tick_top()
    ax.set(xlim=(-0.1, len(people)), ylim=(y - 0.5, -0.7), yticks=[])
    ax.grid(False)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    finding = f"Interrupted before {row['command']} {row['key']}: {row['became']}"
    entitle(ax, title or finding)
    print(finding)
    return ax
