"""The live panel: what it draws, that it keeps its pace, and that it ends."""

import io
import threading
import time
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from labsupport.measure import panel
from labsupport.waiting import comes_true

NAN = float("nan")
NONE = pd.DataFrame({"job": [], "enqueued": [], "started": []}, dtype=float)


def table(*rows: tuple[str, float, float]) -> pd.DataFrame:
    """Rows of (job, seconds ago when enqueued, seconds ago when started)."""
    now = time.time()
    return pd.DataFrame(
        [(job, now - came, now - taken) for job, came, taken in rows], columns=["job", "enqueued", "started"]
    )


@pytest.fixture
def opened():
    panels = []

    def make(*arguments) -> panel.Panel:
        panels.append(panel.Panel(*arguments))
        return panels[-1]

    yield make
    for one in panels:
        one.end()


def test_depth_and_waits_by_hand():
    picture = panel.Picture()
    enqueued, started = np.array([90.0, 95, 96, 98]), np.array([91.0, 99, NAN, NAN])
    drawn = Image.open(io.BytesIO(picture.draw(enqueued, started, 100.0)))
    assert drawn.size == (640, 256)
    assert picture.said == "2 waiting, the oldest for 4.0 s"
    seconds, depth = picture._depth.get_data()
    assert list(zip(seconds, depth, strict=True)) == [(-10, 1), (-9, 0), (-5, 1), (-4, 2), (-2, 3), (-1, 2), (0, 2)]
    assert [list(data) for data in picture._waits.get_data()] == [[-9, -1], [1, 4]]


def test_many_points_in_one_column_are_the_highest():
    seconds, values = panel._thinned(np.linspace(-20, 0, 10_000), np.arange(10_000) % 50)
    assert len(seconds) <= panel.COLUMNS + 1
    assert set(values) <= {48, 49} | set(range(50))
    assert values.max() == 49


def test_the_labs_own_style_does_not_disturb_it():
    with plt.rc_context({"figure.constrained_layout.use": True}), warnings.catch_warnings():
        warnings.simplefilter("error")
        assert panel.Picture().draw(np.array([90.0]), np.array([NAN]), 100.0)


def test_nothing_yet():
    assert panel.Picture().draw(np.array([]), np.array([]), 100.0)


def test_a_job_that_ended_meanwhile_is_there_once(opened):
    one = opened(lambda: table(("a", 3, 2)), lambda: table(("a", 3, NAN), ("b", 1, NAN)), lambda: None)
    one.end()  # a picture is drawn by one thread
    one.draw()
    assert one._picture.said.startswith("1 waiting")


def test_it_draws_on_and_adds_as_the_slider_says(opened):
    added = []
    one = opened(lambda: NONE, lambda: NONE, lambda: added.append(1))
    assert comes_true(lambda: one.drawings >= 3, 20)
    assert not added
    one.load.value = 50
    assert comes_true(lambda: len(added) > 10, 20)
    one.load.value = 0
    assert bytes(one._image.value).startswith(b"\x89PNG")
    assert " waiting, the oldest for " in one._said.value


def test_it_says_its_own_text(opened):
    shown = opened(lambda: NONE, lambda: NONE, lambda: None)._repr_mimebundle_()
    assert shown["text/plain"] == "The live panel. Run this cell, and it is here."
    assert "application/vnd.jupyter.widget-view+json" in shown


def test_it_ends_with_the_lab(lab, queue):
    before = threading.active_count()
    one = lab.panel(queue, lambda: queue.enqueue("operator.truth", 1))
    one.load.value = 20
    assert comes_true(lambda: len(queue) > 0 and one.drawings > 0, 20)
    lab._stop_all()
    assert threading.active_count() == before
    left = len(queue)
    time.sleep(0.2)
    assert len(queue) == left


def test_a_panel_whose_redis_is_gone_stands_still(opened, capsys):
    def away():
        raise ConnectionError("Redis is away")

    one = opened(away, lambda: NONE, lambda: None)
    assert comes_true(lambda: one.error is not None, 20)
    one.stop()
    assert capsys.readouterr().out == "the panel stopped: Redis is away\n"
