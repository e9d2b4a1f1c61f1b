"""A live panel beside the notebook: how many jobs wait and how long, and a slider that changes the load.

It draws in a thread, ten times a second, while other cells run. Each attempt is read once. Only the last WINDOW seconds are
drawn, and of many points that would lie in one column of pixels, the highest. The axes, which take most of a drawing's
time, are kept as a picture until their limits change. Free of RQ: what it reads and adds, it is given.
"""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from typing import Any

import ipywidgets
import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from labsupport.measure.plots.style import BLUE, ORANGE, PALE

WINDOW = 20.0
"""Seconds that it looks back."""

COLUMNS = 400
"""Columns of the figure that can be told apart."""

EVERY = 0.1
"""Seconds from one drawing to the next."""

LONGEST_BURST = 20
"""Jobs that are added at once, at most, when the machine could not keep up with the slider."""


class Picture:
    """The figure: `draw` gives it as PNG. Above, jobs that wait, over time; below, the waits of those that were taken.

    `said` is what it shows, in words.
    """

    def __init__(self) -> None:
        # No layout engine, whatever the reader's settings say; matplotlib's own annotation does not know it.
        figure = Figure(figsize=(8, 3.2), dpi=80, layout="none")  # type: ignore[arg-type]
        self._canvas: Any = FigureCanvasAgg(figure)  # its methods have no annotations
        self._upper, self._lower = figure.subplots(2, 1, sharex=True)
        (self._depth,) = self._upper.step([], [], where="post", color=BLUE, animated=True)
        (self._waits,) = self._lower.plot([], [], "o", color=ORANGE, markersize=3, markeredgewidth=0, animated=True)
        self._upper.set(ylabel="jobs waiting", xlim=(-WINDOW, 0))
        self._lower.set(ylabel="wait in seconds", xlabel="seconds from now, when it was taken")
        for ax in (self._upper, self._lower):
            ax.grid(color=PALE, linewidth=0.5)
            ax.spines[["top", "right"]].set_visible(False)
        self.said = ""
        figure.subplots_adjust(left=0.09, right=0.98, top=0.97, bottom=0.17, hspace=0.15)
        self._limits = (0.0, 0.0)
        self._empty: Any = None

    def draw(self, enqueued: Any, started: Any, now: float) -> bytes:
        """Draw the attempts that were enqueued and started at these moments (NaN: not started) as they are `now`."""
        open_ = np.isnan(started)
        recent = open_ | (started > now - WINDOW)
        moments, depth = _depth(enqueued[recent], started[recent], now)
        self._depth.set_data(*_thinned(moments - now, depth))
        taken = recent & ~open_
        waits = started[taken] - enqueued[taken]
        self._waits.set_data(*_thinned(started[taken] - now, waits))
        oldest = now - np.min(enqueued[open_], initial=now)
        self.said = f"{depth[-1]:.0f} waiting, the oldest for {oldest:.1f} s"
        self._axes(_above(depth.max(), 10), _above(waits.max(initial=0.0), 1))
        for artist in (self._depth, self._waits):
            artist.axes.draw_artist(artist)
        picture = io.BytesIO()
        # A weak compression is three times as quick as the usual one.
        Image.fromarray(np.asarray(self._canvas.buffer_rgba())).save(picture, "png", compress_level=1)
        return picture.getvalue()

    def _axes(self, highest_depth: float, highest_wait: float) -> None:
        """Draw the axes with nothing in them."""
        if self._limits != (highest_depth, highest_wait):
            self._limits = highest_depth, highest_wait
            self._upper.set_ylim(0, highest_depth)
            self._lower.set_ylim(0, highest_wait)
            self._canvas.draw()
            self._empty = self._canvas.copy_from_bbox(self._canvas.figure.bbox)
        self._canvas.restore_region(self._empty)


def _depth(enqueued: Any, started: Any, now: float) -> tuple[Any, Any]:
    """How many wait, as steps from WINDOW seconds ago until now."""
    taken = started[~np.isnan(started)]
    moments = np.concatenate([enqueued, taken])
    changes = np.concatenate([np.ones(len(enqueued)), -np.ones(len(taken))])
    order = np.argsort(moments, kind="stable")
    moments, levels = moments[order], changes[order].cumsum()
    return np.append(moments, now), np.append(levels, levels[-1] if len(levels) else 0)


def _thinned(seconds: Any, values: Any) -> tuple[Any, Any]:
    """Of the points in each column of the figure, the highest."""
    if len(seconds) <= COLUMNS:
        return seconds, values
    column = np.clip((seconds + WINDOW) / WINDOW * COLUMNS, 0, COLUMNS).astype(int)
    order = np.lexsort((values, column))
    last = np.append(np.diff(column[order]) > 0, True)
    return seconds[order][last], values[order][last]


def _above(highest: float, least: float) -> float:
    """Where an axis ends: a power of two times `least`, so that it rarely changes."""
    return float(least * 2.0 ** max(0, np.ceil(np.log2(max(highest, least) * 1.05 / least))))


class Panel:
    """What a notebook shows. `load` is the slider: jobs per second that are enqueued. `stop()` ends it."""

    def __init__(
        self, read: Callable[[], pd.DataFrame], unended: Callable[[], pd.DataFrame], add: Callable[[], object]
    ):
        """Begin to draw, and to add jobs when the slider says so.

        read: the attempts that have ended. unended: those that wait or run. add: enqueues one job.
        """
        self._read, self._unended, self._add = read, unended, add
        self.load = ipywidgets.IntSlider(value=0, min=0, max=50, description="jobs a second")
        self.load.style.description_width = "initial"
        self._image = ipywidgets.Image(format="png")
        # A picture of ipywidgets has no alternative text: what it shows stands above it.
        self._said = ipywidgets.Label(style={"font_weight": "bold"})
        self._box = ipywidgets.VBox([self.load, self._said, self._image])
        self._picture = Picture()
        self.drawings = 0
        self.error: Exception | None = None
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._draw_on, self._add_on)]
        for thread in self._threads:
            thread.start()

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        # Its own text: the usual one has the picture's bytes in it.
        shown: dict[str, Any] = dict(self._box._repr_mimebundle_())
        return shown | {"text/plain": "The live panel. Run this cell, and it is here."}

    @property
    def running(self) -> bool:
        """It draws and adds."""
        return not self._stopping.is_set() and self.error is None

    def draw(self) -> bytes:
        """Read what is new, and draw."""
        ended, unended = self._read(), self._unended()
        now = time.time()
        # A job that ended between the two readings would be there twice.
        unended = unended[~unended["job"].isin(ended["job"].tail(len(unended) + 100))] if len(ended) else unended
        both = [frame[["enqueued", "started"]].to_numpy(dtype=float) for frame in (ended, unended)]
        enqueued, started = np.concatenate(both).T
        return self._picture.draw(enqueued, started, now)

    def _draw_on(self) -> None:
        due = time.monotonic()
        try:
            while not self._stopping.wait(max(0.0, due - time.monotonic())):
                self._image.value, self._said.value = self.draw(), self._picture.said
                self.drawings += 1
                due = max(due + EVERY, time.monotonic())
        except Exception as error:  # Redis is gone; the panel stands still, and the notebook goes on
            self.error = error

    def _add_on(self) -> None:
        due = time.monotonic()
        try:
            while not self._stopping.wait(EVERY / 2):
                rate = self.load.value
                due = max(due, time.monotonic() - LONGEST_BURST / max(rate, 1))
                while rate and due <= time.monotonic() and not self._stopping.is_set():
                    self._add()
                    due += 1 / rate
        except Exception as error:
            self.error = error

    def end(self) -> None:
        """Stop to draw and to add, and return when both have stopped. The last drawing stays."""
        self._stopping.set()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(timeout=10)

    def stop(self) -> None:
        """The same, and say so."""
        self.end()
        self.load.disabled = True
        print("the panel stands still" if self.error is None else f"the panel stopped: {self.error}")
