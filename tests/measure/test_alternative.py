"""Every figure says in words what it shows, can be had as a table, and can be read by people who see less."""

import base64
import itertools
import re
import warnings
from html import unescape

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from matplotlib.colors import to_rgb
from matplotlib.text import Text

from labsupport.measure import plots
from labsupport.measure.alternative import give_figures_words, words
from labsupport.measure.peek import Counts
from labsupport.measure.plots import attempts as drawn
from labsupport.measure.plots.durability import ENDS
from labsupport.measure.plots.load import ANSWERS
from tests.measure.test_plots import KEPT, SOME, STICK, UNENDED, attempts, compared_rows, requests_at

FIND_ALT = re.compile(r'^<img alt="([^"]*)" style="min-width: 600px" src="data:image/png;base64,([^"]+)">$')

DRAWN = """
import matplotlib.pyplot as plt
fig, ax = plt.subplots()
ax.plot([1, 2], [3, 4], label="one & \\"two\\"")
ax.set(title="It <grows>", xlabel="seconds", ylabel="jobs")
l = ax.legend()
"""


@pytest.fixture(autouse=True)
def _as_in_a_lab():
    with plt.rc_context():
        plots.use()
        yield
    plt.close("all")


def shown_in(kernel, code: str) -> list[dict]:
    """The data of what a cell shows, as the notebook gets them."""
    seen = []

    def collect(message):
        if message["msg_type"] in ("display_data", "execute_result", "update_display_data"):
            seen.append(message["content"]["data"])

    reply = kernel._client.execute_interactive(code, timeout=60, output_hook=collect)
    assert reply["content"]["status"] == "ok", reply["content"]
    return seen


def test_a_notebook_shows_figures_with_their_words(kernel):
    """Also after the set-up cell ran twice, for a figure that is drawn again in place, and for one that is a cell's value."""
    one = kernel()
    one.run("from labsupport.lab import open_lab\nlab = open_lab()")
    one.run("lab = open_lab()")
    (figure,) = shown_in(one, DRAWN)
    alternative, picture = FIND_ALT.match(figure["text/html"]).groups()
    assert unescape(alternative) == 'It <grows>. Across: seconds. Up: jobs. Drawn: one & "two"'
    assert picture == figure["image/png"]
    assert base64.b64decode(picture).startswith(b"\x89PNG")
    assert figure["text/plain"] == "<Figure size 800x300 with 1 Axes>"
    read = "from labsupport.measure import plots\nax = plots.live(plots.depth, lambda: [], lambda: True)"
    assert [FIND_ALT.match(one_of["text/html"]).group(1) for one_of in shown_in(one, read)][-1] == "nothing yet"
    assert "image/png" in shown_in(one, "fig")[0]
    assert "text/html" in shown_in(one, "fig")[0]
    picture = f"import base64\nfrom IPython.display import Image\nImage(base64.b64decode({figure['image/png']!r}))"
    assert "text/html" not in shown_in(one, picture)[0]


def test_only_figures_get_words():
    shell = InteractiveShell()
    give_figures_words(shell)
    data, _ = shell.display_formatter.format(pd.DataFrame({"a": [1]}))
    assert "<table" in data["text/html"]


def test_words_of_several_axes_and_lines_are_said_once():
    figure, (left, right) = plt.subplots(1, 2)
    figure.suptitle("All of\nit")
    for ax in (left, right):
        ax.set(xlabel="seconds", title="half")
    assert words(figure) == "All of it. half. Across: seconds"
    assert words(plt.figure()) == "A figure without a title"


@pytest.mark.parametrize("figure", [plots.timeline, plots.lanes, plots.depth, plots.waits])
def test_words_begin_with_the_finding(figure, capsys):
    ax = figure(SOME)
    assert words(ax.figure).startswith(capsys.readouterr().out.strip())


def test_the_table_of_a_timeline_has_its_bars_by_kind_and_job():
    table = plots.table(plots.timeline(pd.concat([SOME, UNENDED], ignore_index=True)))
    begin, end, job = (
        "seconds since the first job was enqueued",
        "seconds since the first job was enqueued, until",
        "job",
    )
    assert list(table) == ["drawn", begin, end, job]
    failed = table[table["drawn"] == "failed"]
    assert failed[[begin, end, job]].values.tolist() == [[1.0, 1.5, "3"]]
    assert dict(table["drawn"].value_counts()) == {
        "waiting": 6, "finished": 2, "backoff": 1, "running": 1, "retried": 1, "failed": 1,
    }  # fmt: skip


def test_the_table_of_lanes_names_workers_and_that_of_many_jobs_counts_them():
    assert set(plots.table(plots.lanes(SOME))["y"]) == {"worker-1", "worker-2"}
    many = attempts(*[(str(n), "worker-1", 0.0, 0.1 * n, 0.1 * n + 0.05, "finished") for n in range(20)])
    assert plots.table(plots.timeline(many)).query("drawn == 'finished'")["job"].tolist() == [
        str(n + 1) for n in range(20)
    ]


def test_the_table_of_steps_bars_and_points():
    depth = plots.table(plots.depth(SOME))
    assert depth["jobs waiting"].tolist() == [3, 1, 0, 1, 0]
    states = plots.table(plots.states(Counts(3, 1, 0, 0, 0, 12, workers=2)))
    assert dict(zip(states["y"], states["jobs, until"], strict=True))["finished"] == 12
    left, right = plots.durability(KEPT)
    assert plots.table(left).query("y == 'RDB'")[["drawn", "jobs left, until"]].values.tolist() == [
        ["SIGTERM", 40],
        ["SIGKILL", 0],
    ]
    assert plots.table(right)["y"].tolist()[:3] == list(KEPT.index)


def test_the_table_of_a_readers_own_figure():
    """A line across the figure is a number on one axis only; a span, two numbers on one."""
    _, ax = plt.subplots()
    ax.hlines(range(2), [0, 1], [1, 3], label="run")
    ax.axhline(10, label="limit")
    ax.axvspan(2, 4, label="down")
    ax.set(xlabel="s", ylabel="job")
    table = plots.table(ax).set_index("drawn")
    assert table.loc["run", ["s", "s, until", "job"]].values.tolist() == [[0, 1, 0], [1, 3, 1]]
    assert np.isnan(table.loc["limit", "s"])
    assert table.loc["limit", "job"] == 10
    assert table.loc["down", ["s", "s, until"]].tolist() == [2, 4]
    assert np.isnan(table.loc["down", "job"])
    assert "run" in plots.table(ax).to_csv()


def test_the_table_of_an_empty_figure_is_empty():
    assert plots.table(plt.subplots()[1]).empty


def luminance(colour) -> float:
    channels = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return float(np.dot(channels, (0.2126, 0.7152, 0.0722)))


def contrast(one, other) -> float:
    """As WCAG 2.2 has it: from 1 to 21. Text needs 4.5, what else must be seen 3."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_that_of_wcag():
    assert contrast("black", "white") == pytest.approx(21)
    assert contrast("#777777", "white") == pytest.approx(4.48, abs=0.01)


def test_text_in_figures_has_contrast():
    """All text of every figure, on the white of the figure; and numbers in cells, on the colour of their cell."""
    both = pd.concat([SOME, UNENDED], ignore_index=True)
    figures = [draw(both).figure for draw in (plots.timeline, plots.lanes)]
    figures += [plots.depth(SOME).figure, plots.states(Counts(3, 1, 0, 0, 0, 12, workers=2)).figure]
    figures += [plots.durability(KEPT)[0].figure, plots.compared(compared_rows())[0].figure]
    figures += [plots.service(requests_at(0.0, 2.0), SOME, {1: "it broke"})[0].figure]
    figures += [plots.hockey_stick(pd.Series({0.5: 1.0}), STICK).figure]
    for figure in figures:
        assert to_rgb(figure.get_facecolor()) == (1, 1, 1)  # its own background, whatever the theme
        texts = [text for text in figure.findobj(Text) if text.get_text()]
        assert len(texts) >= 3
        assert min(contrast(text.get_color(), "white") for text in texts) >= 4.5
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # of a letter that the font has not
            figure.canvas.draw()


def test_numbers_in_cells_have_contrast():
    rows = [("finished", delivered, 1) for delivered in (0, 1, 2)] + [
        (s, d, 1) for s in ("failed", "lost") for d in (0, 1)
    ]
    swept = pd.DataFrame(rows, columns=["status", "delivered", "promised"]).assign(
        point=range(1, len(rows) + 1), became="x"
    )
    ax = plots.sweeps({"one": swept})
    numbers = {text.get_position()[0]: text.get_color() for text in ax.texts}
    cells = {cell.get_x() + 0.5: cell.get_facecolor() for cell in ax.patches}
    assert len({cells[place] for place in numbers}) == 4
    for place, colour in numbers.items():
        assert contrast(colour, cells[place]) >= 4.5


@pytest.mark.parametrize("kinds", [
    {**drawn.RUNS, "waiting": drawn.WAIT, "backoff": drawn.BACKOFF}, ANSWERS, ENDS,
])  # fmt: skip
def test_fills_that_touch_differ_by_contrast_or_by_hatch(kinds):
    """3 to 1, or another pattern, or a pattern in black and not in white: who sees no colour at all can tell them apart."""

    def pattern(style):
        return style.get("hatch"), style.get("edgecolor")

    for (one, first), (other, second) in itertools.combinations(kinds.items(), 2):
        apart = contrast(first["facecolor"], second["facecolor"]) >= 3
        assert apart or pattern(first) != pattern(second), (one, other)
