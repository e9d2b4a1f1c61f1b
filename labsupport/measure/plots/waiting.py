"""Waiting in figures: how it grows with the load, and whether a model foresaw it."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from labsupport.measure.plots.style import BLUE, GREY, ORANGE, PALE, entitle

STOP = 0.8
"""The utilisation at which people stop."""


def hockey_stick(measured: pd.Series, lines: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Mean waits against utilisation: points that were measured, and lines that were computed.

    measured: seconds, by utilisation from 0 to 1. lines: the same, a column per line, at most three; the finding is of the
    first one.
    """
    ax = ax or plt.subplots()[1]
    ax.axvspan(STOP, 1, color=PALE, alpha=0.5, linewidth=0)
    looks = ((BLUE, "-"), (ORANGE, "--"), (GREY, ":"))
    for name, (colour, style) in zip(lines, looks, strict=False):
        ax.plot(lines.index, lines[name], style, color=colour, label=name)
    ax.plot(measured.index, measured, "o", color="black", markersize=7, label="measured")
    top = 1.15 * max(measured.max(), lines.iloc[:, 0].max())
    ax.set(xlabel="utilisation: the share of their time that the workers work", ylabel="mean wait (s)", ylim=(0, top))
    ax.set_xlim(min(0.25, measured.index.min() - 0.05), max(1.0, measured.index.max() + 0.02))
    ax.xaxis.set_major_formatter(PercentFormatter(1))
    ax.legend(loc="upper left")
    line = lines.iloc[:, 0]
    below, at, above = (float(np.interp(share, line.index, line)) for share in (STOP / 2, STOP, 0.97))
    finding = f"Modelled waits grow {at / below:.0f} times from 40 % to 80 %, {above / at:.0f} times more to 97 %"
    entitle(ax, finding)
    print(finding)
    return ax


def foreseen(predicted: np.ndarray, measured: np.ndarray, *, ax: Axes | None = None) -> Axes:
    """Each job's wait as the model had it and as it was. On the line, the model is right."""
    ax = ax or plt.subplots(figsize=(4.8, 4.2))[1]
    top = 1.05 * max(float(np.max(predicted)), float(np.max(measured)), 0.01)
    ax.plot([0, top], [0, top], color=GREY, linewidth=1, label="as predicted")
    ax.plot(predicted, measured, "o", markersize=4, color=BLUE, label="one job")
    ax.set(xlabel="predicted wait (s)", ylabel="measured wait (s)", xlim=(0, top), ylim=(0, top), aspect="equal")
    ax.legend(loc="lower right")
    off = float(np.mean(np.abs(np.asarray(measured) - np.asarray(predicted))))
    means = f"Predicted {np.mean(predicted):.2f} s, measured {np.mean(measured):.2f} s"
    finding = f"{means}; a job is off by {1000 * off:.0f} ms in the mean"
    entitle(ax, finding)
    print(finding)
    return ax
