"""A queue in figures: how many jobs wait, how long, and in which states they are."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from labsupport.measure import attempts as table
from labsupport.measure.plots.numbers import DECORATION
from labsupport.measure.plots.style import BLUE, GREEN, GREY, PALE, PINK, RED, SKY, Figure, count, whole_numbers


def _depth(ax: Axes, attempts: pd.DataFrame) -> str:
    """Jobs waiting over time, as steps; exact while jobs wait, given `lab.attempts(queue)`."""
    steps = table.depth(attempts)
    seconds = steps.index.to_numpy() - steps.index[0]
    ax.step(seconds, steps, where="post", color=BLUE)
    ax.fill_between(seconds, steps, step="post", color=PALE, alpha=0.6, label=DECORATION)
    ax.set(xlabel="seconds since the first job was enqueued", ylabel="jobs waiting", ylim=(0, None))
    whole_numbers(ax.yaxis)
    emptied = f"0 left after {seconds[-1]:.2f} s" if steps.iloc[-1] == 0 else f"{steps.iloc[-1]} left"
    return f"{count(steps.max(), 'job')} waiting at the peak, {emptied}"


def _waits(ax: Axes, attempts: pd.DataFrame) -> str:
    """Each attempt's wait, in the order in which they were enqueued."""
    ordered = table.waits(attempts.sort_values("enqueued", kind="stable")).dropna()
    ax.plot(range(1, len(ordered) + 1), ordered, "o", markersize=4, color=BLUE)
    ax.set(xlabel="attempt, in the order of enqueueing", ylabel="seconds in the queue", ylim=(0, None))
    whole_numbers(ax.xaxis)
    return f"waits: {ordered.median():.2f} s in the middle, {ordered.max():.2f} s at the longest"


STATES = {"queued": SKY, "started": GREEN, "scheduled": PINK, "deferred": GREY, "failed": RED, "finished": BLUE}


def _states(ax: Axes, counts: Any) -> str:
    """Bars of a queue's counts, as `labsupport.measure.peek.counts` gives them."""
    values = {state: getattr(counts, state) for state in STATES}
    bars = ax.barh(list(values), list(values.values()), color=list(STATES.values()), edgecolor="black", linewidth=0.4)
    ax.bar_label(bars, padding=3)
    ax.invert_yaxis()
    ax.set(xlabel="jobs")
    whole_numbers(ax.xaxis)
    ax.margins(x=0.08)
    ax.grid(axis="y", visible=False)
    seen = ", ".join(f"{number} {state}" for state, number in values.items() if number) or "no jobs"
    return f"{seen} · {count(counts.workers, 'worker')} listening"


depth, waits, states = Figure(_depth), Figure(_waits), Figure(_states)
