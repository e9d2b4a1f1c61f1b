"""Figures, drawn with matplotlib from the table of attempts: Axes in, Axes out. Importing them changes nothing: `use` does.

Of attempts: `lanes`, `timeline`. Of a queue: `depth`, `states`, `waits`. Of a load: `service`, `who_waits`. Of
waiting: `foreseen`, `hockey_stick`. Of tests: `costs`, `found`. Of crashes: `crashes`, `history`, `sweeps`. Of a
server that ends: `durability`. Of a fail-over: `recovery`. Of other libraries: `compared`. Of your guesses: `calibration`.
`live` draws one of them again and again. `table(ax)` is what a figure shows as numbers, also one that you drew yourself.
"""

from labsupport.measure.plots.attempts import lanes, timeline
from labsupport.measure.plots.calibration import calibration
from labsupport.measure.plots.compared import compared
from labsupport.measure.plots.crashes import crashes, history, sweeps
from labsupport.measure.plots.durability import durability
from labsupport.measure.plots.found import costs, found
from labsupport.measure.plots.load import service, who_waits
from labsupport.measure.plots.numbers import table
from labsupport.measure.plots.queue import depth, states, waits
from labsupport.measure.plots.recovery import recovery
from labsupport.measure.plots.style import BLUE, GREEN, GREY, ORANGE, PALE, PINK, RED, SKY, use
from labsupport.measure.plots.waiting import foreseen, hockey_stick
from labsupport.measure.plots.watch import live

__all__ = [
    "BLUE", "GREEN", "GREY", "ORANGE", "PALE", "PINK", "RED", "SKY",
    "calibration", "compared", "costs", "crashes", "depth", "durability", "foreseen", "found", "history", "hockey_stick",
    "lanes", "live", "recovery", "service", "states", "sweeps", "table", "timeline", "use", "waits", "who_waits",
]  # fmt: skip
