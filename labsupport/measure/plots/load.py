"""A load in figures: what a queue changes as it rises, and a service under it, second by second."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from labsupport.measure import attempts as table
from labsupport.measure.plots.style import BLUE, EDGE, GREEN, GREY, ORANGE, RED, Style, count, entitle, whole_numbers

ALIKE = 1.1
"""Ratios up to this one are called equal: two runs of one load differ by as much."""


def who_waits(curves: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """What a queue changes as the load rises: how long callers wait at the left, how many are served at the right.

    curves: a row per load, whose index is the rate in requests per second, and six columns. `in request`, `queued` and
    `done` are seconds that 95 of 100 stay below: until the answer with the work in the request, until the answer with the
    work queued, and until the queued work is done. `in request per second`, `queued per second` and `done per second` are
    how many there were of each. `labsupport.measure.load.curves` gives such a table.

    Prints its finding; returns the two Axes.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.8), layout="constrained")
    lines = {
        "in request": ("s-", ORANGE, "in the request: answered"),
        "queued": ("o-", BLUE, "queued: answered"),
        "done": ("^--", GREEN, "queued: done"),
    }
    for name, (style, colour, label) in lines.items():
        left.plot(curves.index, curves[name], style, color=colour, label=label)
        right.plot(curves.index, curves[f"{name} per second"], style, color=colour, label=label)
    left.set(yscale="log", xlabel="requests per second", ylabel="seconds that 95 of 100 stay below")
    left.set_title("How long they wait (log scale: one step is × 10)", fontsize=9)
    left.yaxis.set_major_formatter("{x:g}")
    right.set(xlabel="requests per second", ylabel="answered, or done, per second", ylim=(0, None))
    right.set_title("How many are served", fontsize=9)
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    highest = curves.iloc[-1]
    answered = _sooner(highest["in request"] / highest["queued"])
    done = _sooner(highest["in request"] / highest["done"])
    finding = f"At {curves.index[-1]} per second: answered {answered} with a queue, done {done}"
    figure.suptitle(finding, fontweight="bold", fontsize=11)
    print(finding)
    return np.array([left, right])


def _sooner(ratio: float) -> str:
    """How much sooner something comes that takes a `ratio`th of the time."""
    if ratio <= ALIKE:
        return "no sooner"
    return f"{ratio:.0f} times sooner" if ratio >= 10 else f"{ratio:.1f} times sooner"


ANSWERS: dict[str, Style] = {
    "2xx": {"facecolor": BLUE},
    "429": {"facecolor": ORANGE, "hatch": "//"},
    "503": {"facecolor": RED, "hatch": "xx"},
    "other": {"facecolor": GREY, "hatch": ".."},
    "no answer": {"facecolor": "black"},
}


def service(
    requests: pd.DataFrame, attempts: pd.DataFrame, events: dict[float, str]
) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """A service under load on one timeline: its answers, the jobs that wait, and how long each job took to be done.

    requests: as `labsupport.measure.load.open_loop` gives them. attempts: those from before the load are left out.
    events: what happened, by the second.

    Prints its finding; returns the three Axes.
    """
    start = requests["due"].min()
    attempts = attempts[attempts["enqueued"] >= start]
    horizon = max(requests["due"].max(), attempts["ended"].max()) - start
    levels = _levels(events, horizon)
    high = 0.2 * (1 + max(levels.values(), default=0))  # inches
    figure, (strip, top, middle, bottom) = plt.subplots(
        4, 1, sharex=True, figsize=(8, 6.2 + high), height_ratios=[high, 1.6, 1.6, 1.6], layout="constrained"
    )
    kinds = requests["status"].map(_answer)
    _answers(top, requests["due"] - start, kinds)
    steps = table.depth(attempts)
    middle.step(steps.index.to_numpy() - start, steps, where="post", color=BLUE)
    middle.set(ylabel="jobs waiting", ylim=(0, None))
    whole_numbers(middle.yaxis)
    middle.set_title("The queue", fontsize=9)
    delays = table.delays(attempts)
    _delays(bottom, delays, start)
    strip.axis("off")
    strip.set_ylim(1 + max(levels.values(), default=0), 0)
    for second, name in events.items():
        for ax, upper in ((strip, 1 - levels[second] / strip.get_ylim()[0]), (top, 1), (middle, 1), (bottom, 1)):
            ax.axvline(second, 0, upper, color="black", linewidth=0.8, linestyle=":")
        place = (second, levels[second] + 0.5)
        strip.annotate(" ".join(name.split()), place, (3, 0), textcoords="offset points", va="center", fontsize=8)
    figure.align_ylabels([top, middle, bottom])
    tally = kinds.value_counts()
    said = ", ".join(f"{tally[kind]} × {kind}" for kind in ANSWERS if kind in tally)
    slowest, last = requests["latency"].max(), delays["delay"].max()
    finding = f"{said}; the slowest answer took {slowest:.2f} s, the slowest job {last:.1f} s"
    if undone := attempts["job"].nunique() - len(delays):
        finding += f"; {count(undone, 'job')} not done"
    entitle(strip, finding)
    print(finding)
    return np.array([top, middle, bottom])


def _answer(status: int) -> str:
    if 200 <= status < 300:
        return "2xx"
    return str(status) if status in (429, 503) else "no answer" if status <= 0 else "other"


def _answers(ax: Axes, due: "pd.Series[float]", kinds: "pd.Series[str]") -> None:
    edges = np.arange(0, due.max() + 0.5, 0.5)
    base = np.zeros(len(edges) - 1)
    for kind, style in ANSWERS.items():
        counts, _ = np.histogram(due[kinds == kind], edges)
        if counts.any():
            ax.bar(edges[:-1], counts, 0.5, base, align="edge", label=kind, **{**EDGE, **style})
            base += counts
    ax.set(ylabel="requests\nper half second", ylim=(0, base.max() * 1.1))
    whole_numbers(ax.yaxis)
    ax.set_title("Requests, at the moment they were sent, by the answer they got", fontsize=9)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))


def _delays(ax: Axes, delays: pd.DataFrame, start: float) -> None:
    again = delays["attempts"] > 1
    for chosen, marker, colour, label in (
        (~again, "o", BLUE, "at the first attempt"),
        (again, "^", ORANGE, "after a retry"),
    ):
        few = delays[chosen]
        ax.plot(few["enqueued"] - start, few["delay"], marker, color=colour, markersize=3.5, label=label)
    ax.set(xlabel="seconds since the first request", ylabel="seconds from\nenqueued to done", ylim=(0, None))
    ax.set_title("Jobs, at the moment they were enqueued", fontsize=9)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1), title="done")


LETTER = 0.012
"""How wide a letter of an event's name is, as a part of the axis."""


def _levels(events: dict[float, str], horizon: float) -> dict[float, int]:
    """How far down each event's name stands, so that no name and no line runs through another name.

    horizon: the seconds of the axis.
    """
    ends: list[float] = []  # of the last name on each level
    levels = {}
    for second, name in sorted(events.items()):
        level = max((n + 1 for n, end in enumerate(ends) if end > second), default=0)
        ends[level:] = [second + (len(name) + 1) * LETTER * horizon]
        levels[second] = level
    return levels
