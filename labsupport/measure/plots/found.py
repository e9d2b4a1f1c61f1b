"""What tests cost, and which of them find which bug."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes

from labsupport.measure.plots.style import BLUE, GREY, ORANGE, Figure, Style, count, entitle


def costs(outcomes: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """A dot per file of tests: milliseconds for one of its tests, the median; and what a hundred of them take.

    outcomes: as `labsupport.experiments.mutation.outcomes` gives them. The ratio is the one of the numbers that are shown.
    """
    ax = ax or plt.subplots()[1]
    each = outcomes.groupby("file", sort=False)["seconds"].median().mul(1000).round(2).clip(lower=0.01)
    each.index = each.index.map(_kind)
    for row, value in enumerate(each):
        ax.plot(value, row, "o", color=BLUE, markersize=9)
        beside = ax.annotate(f"{value:.2f} ms", (value, row), (10, 0), textcoords="offset points", va="center")
        beside.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1})
    hundred = [f"100 take {value / 10:.3f} s" for value in each]
    ax.set_yticks(range(len(each)), [f"{kind}\n{take}" for kind, take in zip(each.index, hundred, strict=True)])
    ax.set(xscale="log", xlabel="milliseconds for one test (the median, log scale)", ylim=(len(each) - 0.4, -0.6))
    ax.set_xlim(each.min() / 3, each.max() * 8)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    first, last = each.index[0], each.index[-1]
    finding = f"A {last} test takes {each[last] / each[first]:.0f} times as long as a {first} test"
    _lay_out(ax)
    entitle(ax, finding)
    print(finding)
    for (kind, value), take in zip(each.items(), hundred, strict=True):
        print(f"{kind}: {value:.2f} ms, {take}")
    return ax


def _kind(file: str) -> str:
    """What a file of tests is called in figures: `at once` for `test_at_once.py`."""
    return file.removeprefix("test_").removesuffix(".py").replace("_", " ")


def _found(ax: Axes, outcomes: pd.DataFrame) -> str:
    """One row per version, one column per file of tests: a mark where a test failed on it, a small ring where all passed.

    The mark is a diamond where no other file's test failed. outcomes: as `labsupport.experiments.mutation.outcomes` gives them.
    """
    failed = outcomes["outcome"].eq("failed")
    grid = failed.groupby([outcomes["version"], outcomes["file"]], sort=False).any().unstack()
    grid = grid.loc[outcomes["version"].unique(), outcomes["file"].unique()].fillna(False).astype(bool)
    alone = grid.sum(axis=1) == 1
    looks: dict[str, Style] = {
        "found": {"marker": "o", "color": BLUE, "markersize": 12},
        "found by this test alone": {"marker": "D", "color": ORANGE, "markersize": 11},
        "not found": {"marker": "o", "color": GREY, "markersize": 5, "markerfacecolor": "none"},
    }
    drawn = {what: ax.plot([], [], linestyle="none", **look)[0] for what, look in looks.items()}
    found, found_alone, not_found = looks.values()
    for row, version in enumerate(grid.index):
        for column, file in enumerate(grid.columns):
            mark = (found_alone if alone[version] else found) if grid.loc[version, file] else not_found
            ax.plot(column, row, **mark)
    ax.set_xticks(range(len(grid.columns)), [_kind(file) for file in grid.columns])
    ax.set_yticks(range(len(grid.index)), [f'"{version}"' for version in grid.index])
    ax.set(xlim=(-0.5, len(grid.columns) - 0.5), ylim=(len(grid.index) - 0.5, -0.5))
    ax.tick_params(length=0)
    ax.legend(drawn.values(), drawn.keys(), loc="upper center", bbox_to_anchor=(0.5, -0.08), ncols=3)
    said = [
        f"only the {_kind(file)} test finds {_quoted(grid.index[alone & grid[file]])}"
        for file in grid.columns
        if (alone & grid[file]).any()
    ]
    said = said or ["no test finds one that no other finds"]
    nobody = grid.index[~grid.any(axis=1)]
    said += [f"nothing finds {_quoted(nobody)}"] * bool(len(nobody))
    _lay_out(ax)
    return f"{count(len(grid), 'bug')}: {'; '.join(said)}"


found = Figure(_found)


def _lay_out(ax: Axes) -> None:
    """Let the names beside the Axes take what they need of the width that is left for the title."""
    if figure := ax.get_figure(root=True):
        figure.draw_without_rendering()


def _quoted(names: pd.Index) -> str:
    return " and ".join(f'"{name}"' for name in names)
