"""Figures, drawn with matplotlib from the table of attempts: Axes in, Axes out. Importing them changes nothing: `use` does.

Of attempts: `lanes`, `timeline`. Of a queue: `depth`, `waits`, `states`. Of a load: `who_waits`, `service`. Of tests:
`costs`, `found`. `live` draws one of them again and again.
"""

from labsupport.measure.plots.attempts import lanes, timeline
from labsupport.measure.plots.found import costs, found
from labsupport.measure.plots.load import service, who_waits
from labsupport.measure.plots.queue import depth, states, waits
from labsupport.measure.plots.style import BLUE, GREEN, GREY, ORANGE, PALE, PINK, RED, SKY, use
from labsupport.measure.plots.watch import live

__all__ = [
    "BLUE", "GREEN", "GREY", "ORANGE", "PALE", "PINK", "RED", "SKY",
    "costs", "depth", "found", "lanes", "live", "service", "states", "timeline", "use", "waits", "who_waits",
]  # fmt: skip
