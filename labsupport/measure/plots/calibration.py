"""How well somebody predicts: how sure they were, against how often they were right."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from labsupport.measure.plots.style import BLUE, GREY, Figure

WIDTH = 20
"""Percent: guesses that are about as sure are one point."""

ENOUGH = 10
"""Guesses, before it is said whether somebody is too sure."""

CLOSE = 10
"""Percent: as sure as right, or close to it."""


def _calibration(ax: Axes, guesses: pd.DataFrame) -> str:
    """A point for each 20 % of sureness: how sure, on average, and how many of these guesses were right. The line is where
    somebody is who is right as often as they are sure.

    guesses: as `labsupport.exercises.guesses` gives them; of the columns, `sure` (percent, or NaN) and `right` are needed.

    (It is a reliability diagram: https://en.wikipedia.org/wiki/Probabilistic_forecasting, calibration curve.)
    """
    said = guesses[guesses["sure"].notna()]
    ax.plot([0, 100], [0, 100], "--", color=GREY, label="as sure as right")
    groups = said.groupby(((said["sure"].clip(upper=99.9)) // WIDTH).astype(int))
    points = groups.agg(sure=("sure", "mean"), right=("right", "mean"), number=("right", "size"))
    points["right"] *= 100
    ax.plot(points["sure"], points["right"], "o", color=BLUE, markersize=9, label="your guesses, and how many")
    for sure, right, number in points.itertuples(index=False):
        beside: Any = {"textcoords": "offset points", "va": "center", "ha": "left" if sure < 85 else "right"}
        ax.annotate(f"{number}", (sure, right), (10 if sure < 85 else -10, 0), **beside)
    ax.set(xlim=(0, 100), ylim=(-4, 104), xlabel="how sure you were, in percent", ylabel="right, in percent")
    ax.legend(loc="upper left")
    return _finding(guesses, said)


def _finding(guesses: pd.DataFrame, said: pd.DataFrame) -> str:
    if guesses.empty:
        return "No guesses yet"
    all_of_them = f"{int(guesses['right'].sum())} of {len(guesses)} guesses right"
    if said.empty:
        return all_of_them
    sure, right = said["sure"].mean(), 100 * said["right"].mean()
    means = f"{all_of_them}. Where you said how sure ({len(said)}): {sure:.0f} % sure, {right:.0f} % right"
    if len(said) < ENOUGH:
        return means
    if abs(sure - right) <= CLOSE:
        return f"{means}, as sure as right"
    return f"{means}, too {'sure' if sure > right else 'careful'}"


calibration = Figure(_calibration)
