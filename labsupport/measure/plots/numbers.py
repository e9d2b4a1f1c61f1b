"""The numbers that a figure shows, as a table: for readers who don't see it, and for whoever wants them elsewhere."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.category import StrCategoryLocator
from matplotlib.container import BarContainer
from matplotlib.ticker import FixedLocator, ScalarFormatter

DECORATION = "_nolegend_"
"""The label of what shows no number of its own: matplotlib's word for what has no place in a legend."""


def table(ax: Axes) -> pd.DataFrame:
    """A row for each point and bar on the Axes: what it is, and where. Bars have an end, too, in the columns `until`.

    Any Axes will do, also those that you drew on yourself. `plots.table(ax).to_csv("figure.csv")` makes a file of it.
    """
    rows = pd.DataFrame([(what, *place) for what, place in _drawn(ax)], columns=["drawn", "x", "y", "x1", "y1"])
    shown: dict[str, Any] = {"drawn": rows["drawn"]} if rows["drawn"].any() else {}
    for axis, begin, end in ((ax.xaxis, rows["x"], rows["x1"]), (ax.yaxis, rows["y"], rows["y1"])):
        name = " ".join(axis.get_label_text().split()) or axis.axis_name
        if names := _names(axis):
            shown[name] = ((begin + end) / 2).round().map(names)
        else:
            shown[name] = begin
            if not begin.equals(end):
                shown[f"{name}, until"] = end
    return pd.DataFrame(shown)


def _drawn(ax: Axes) -> Iterator[tuple[str, Any]]:
    """What is drawn, with its label: from x and y, to x and y. Of a line across the whole figure, x or y is no number."""
    for line in ax.lines:
        if line.get_label() != DECORATION:
            points, numbers = np.asarray(line.get_xydata()), _numbers(line, ax)
            for point in points if numbers.all() else points[:1]:
                yield _label(line), np.where([*numbers, *numbers], [*point, *point], np.nan)
    bars = {bar: _label(group) for group in ax.containers if isinstance(group, BarContainer) for bar in group}
    for patch in ax.patches:
        box, numbers = patch.get_path().get_extents(patch.get_patch_transform()), _numbers(patch, ax)
        yield bars.get(patch) or _label(patch), np.where([*numbers, *numbers], box.extents, np.nan)
    for collection in ax.collections:
        if collection.get_label() != DECORATION:
            for path in collection.get_paths():
                yield _label(collection), path.get_extents().extents


def _numbers(artist: Any, ax: Axes) -> Any:
    """Whether its x and its y are numbers on the axis, and not shares of the Axes' width and height."""
    return np.array(artist.get_transform().contains_branch_seperately(ax.transData))


def _label(artist: Any) -> str:
    """What it is called in a legend; nothing, if it was given no name."""
    label = str(artist.get_label())
    return "" if label.startswith("_") else label


def _names(axis: Axis) -> dict[int, str]:
    """What the rows or columns of a figure are called at the axis: workers, say, or jobs by their number."""
    if not isinstance(axis.get_major_locator(), FixedLocator | StrCategoryLocator) or axis.get_scale() != "linear":
        return {}
    if isinstance(axis.get_major_formatter(), ScalarFormatter):
        return {}
    at = [round(place) for place in axis.get_ticklocs()]
    texts = axis.get_major_formatter().format_ticks(list(axis.get_ticklocs()))
    if texts and all(
        text.isdigit() for text in texts
    ):  # they are counted, and perhaps only the first and the last have a tick
        return {place: str(int(texts[0]) + place - at[0]) for place in range(at[0], at[-1] + 1)}
    return dict(zip(at, texts, strict=True))
