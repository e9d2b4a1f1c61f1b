"""A figure that is drawn again while the work goes on."""

import time
from collections.abc import Callable

import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import display
from matplotlib.axes import Axes

from labsupport.errors import LabError
from labsupport.measure.plots.style import Figure, entitle


def live(
    figure: Figure,
    read: Callable[[], pd.DataFrame],
    until: Callable[[], bool],
    *,
    every: float = 0.4,
    timeout: float = 60,
) -> Axes:
    """Draw `figure(read())` again every `every` seconds, in place, until `until()` is true; then print its finding.

    figure: `plots.depth`, `plots.waits`, `plots.lanes` or `plots.timeline`.

    Raises LabError after `timeout` seconds, with the last drawing left to be seen.
    """
    picture, ax = plt.subplots()
    plt.close(picture)  # shown by the handle below, and not once more at the end of the cell
    handle = display(picture, display_id=True)
    end = time.monotonic() + timeout
    while True:
        # Asked before the data are read, so that the last drawing has everything.
        done = until()
        data = read()
        ax.clear()
        finding = figure.draw(ax, data) if len(data) else "nothing yet"
        entitle(ax, finding)
        handle.update(picture)
        if done:
            print(finding)
            return ax
        if time.monotonic() > end:
            raise LabError(f"Gave up after {timeout:.0f} s: {finding}. Is a worker running?")
        time.sleep(every)
