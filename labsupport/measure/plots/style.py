"""How figures look, and what every figure does: it states its finding in its title and prints it.

The finding is printed for readers who don't see the figure, and for the tests. Colours are Okabe and Ito's, which survive
colour blindness (https://jfly.uni-koeln.de/color/); kinds differ by hatch, place or marker as well.
"""

import textwrap
from collections.abc import Callable
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import MaxNLocator

from labsupport.paths import FIGURES

BLUE, ORANGE, RED, GREEN, PINK, SKY, GREY, PALE = (
    "#0072B2", "#E69F00", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#7F7F7F", "#C9D3DC",
)  # fmt: skip

Style = dict[str, Any]
"""What matplotlib draws a bar with: facecolor, hatch, edgecolor."""

LETTER = 8.0
"""Pixels: how wide a letter of a title is, about."""

EDGE: Style = {"edgecolor": "white", "linewidth": 0.4}


def use() -> None:
    """From now on, every figure of this process looks like those of the labs, also one that the reader draws."""
    matplotlib.rc_file(FIGURES)


class Figure:
    """A figure, made of a function that draws data on Axes and returns what there is to find.

    Without `ax` it makes its own; without `title` the finding is the title. It prints the finding, and returns the Axes.
    """

    def __init__(self, draw: Callable[[Axes, Any], str]):
        self.draw = draw
        self.__doc__ = draw.__doc__

    def __call__(self, data: Any, *, ax: Axes | None = None, title: str | None = None) -> Axes:
        ax = ax or plt.subplots()[1]
        finding = self.draw(ax, data)
        entitle(ax, title or finding)
        print(finding)
        return ax


def entitle(ax: Axes, title: str) -> None:
    """Set a title in as many lines as the Axes' width needs, so that it does not run into the figure beside it."""
    ax.set_title(textwrap.fill(title, int(ax.get_window_extent().width / LETTER)))


def whole_numbers(axis: Axis) -> None:
    """Ticks at whole numbers only: there is no half job."""
    axis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True))


def count(number: int, noun: str) -> str:
    """`1 job`, `2 jobs`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
