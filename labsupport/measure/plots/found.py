"""Which tests find which bug, as a grid."""

import pandas as pd
from matplotlib.axes import Axes

from labsupport.measure.plots.style import BLUE, GREY, Figure, count


def _found(ax: Axes, outcomes: pd.DataFrame) -> str:
    """One row per version, one column per file of tests: a disc where a test failed on it, a small ring where all passed.

    outcomes: as `labsupport.experiments.mutation.outcomes` gives them.
    """
    failed = outcomes["outcome"].eq("failed")
    grid = failed.groupby([outcomes["version"], outcomes["file"]], sort=False).any().unstack()
    grid = grid.loc[outcomes["version"].unique(), outcomes["file"].unique()].fillna(False).astype(bool)
    for row, version in enumerate(grid.index):
        for column, file in enumerate(grid.columns):
            if grid.loc[version, file]:
                ax.plot(column, row, "o", color=BLUE, markersize=12)
            else:
                ax.plot(column, row, "o", markerfacecolor="none", color=GREY, markersize=5)
    ax.set_xticks(range(len(grid.columns)), list(grid.columns))
    ax.set_yticks(range(len(grid.index)), list(grid.index))
    ax.xaxis.tick_top()
    ax.set(xlim=(-0.5, len(grid.columns) - 0.5), ylim=(len(grid.index) - 0.5, -0.5))
    ax.tick_params(length=0)
    last = str(grid.columns[-1])
    alone = grid.index[grid[last] & ~grid.drop(columns=last).any(axis=1)]
    nobody = grid.index[~grid.any(axis=1)]
    said = f"{count(len(grid), 'bug')}: "
    said += f"only {last} finds {' and '.join(alone)}" if len(alone) else f"{last} finds none that no other finds"
    return said + (f"; nothing finds {' and '.join(nobody)}" if len(nobody) else "")


found = Figure(_found)
