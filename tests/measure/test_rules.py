"""Alert rules held against recorded numbers. (tests/needs/test_promtool.py holds the same against Prometheus.)"""

import math

import numpy as np
import pandas as pd
import pytest

from labsupport.errors import LabError
from labsupport.measure import rules
from labsupport.paths import CHECKOUT

ALERTS = CHECKOUT / "labsupport/notifications/alerts.yml"


def series(**columns: list[float]) -> pd.DataFrame:
    return pd.DataFrame(columns, dtype=float).set_index(pd.Index(np.arange(len(next(iter(columns.values())))) * 15.0))


def fires(expr: str, table: pd.DataFrame, **rule: str) -> list[int]:
    """The rows at which it fires."""
    column = rules.firing([{"alert": "A", "expr": expr, **rule}], table)["A"]
    return list(np.flatnonzero(column))


def test_all_rules_of_the_service_are_understood():
    known = rules.read(ALERTS)
    assert len(known) == 7
    rules.firing(known, series(rq_redis_up=[1, 1]))


def test_comparisons():
    table = series(a=[0, 1, 2])
    assert [fires(f"a {sign} 1", table) for sign in ("==", "!=", ">=", "<=", ">", "<")] == [
        [1],
        [0, 2],
        [1, 2],
        [0, 1],
        [2],
        [0],
    ]


def test_for_is_counted_from_the_first_time_and_begins_anew():
    table = series(a=[1, 1, 1, 0, 1, 1, 1, 1])
    assert fires("a > 0", table, **{"for": "30s"}) == [2, 6, 7]


def test_what_nobody_reports_is_never_true_but_absent():
    table = series(a=[1, math.nan, 1])
    assert fires("b < 100", table) == []
    assert fires("absent(b)", table) == [0, 1, 2]
    assert fires("a == 1 and on (queue) b == 1", table) == []
    assert fires("absent(a)", table) == [1]


def test_a_slope_is_a_straight_line_through_all_points_of_the_range():
    table = series(a=[0, 0, 30, 0, 0, 0])
    # By hand: the last three points, per 15 seconds. 0; 0; +15; 0; -15; 0.
    assert fires("deriv(a[45s]) > 0", table) == [2]
    assert fires("deriv(a[45s]) < 0", table) == [4]


def test_the_lowest_of_a_range():
    table = series(a=[9, 1, 3, 5, 14])
    assert fires("a - min_over_time(a[45s]) > 8", table) == [4]


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("5m", 300), ("1h30m", 5400), ("1d", 86400)])
def test_durations(text, seconds):
    assert rules.seconds(text) == seconds


@pytest.mark.parametrize("expr", ["rate(a[5m]) > 1", "a", "a > 1 or b > 1", "a > b"])
def test_what_is_not_understood_is_said(expr):
    with pytest.raises(LabError, match="not understood"):
        rules.firing([{"alert": "A", "expr": expr}], series(a=[1]))
    with pytest.raises(LabError, match="no duration"):
        rules.seconds("5 minutes")


def test_first():
    table = series(a=[0, 2, 2], b=[0, 0, 0])
    found = rules.first([{"alert": "A", "expr": "a > 1"}, {"alert": "B", "expr": "b > 1"}], table)
    assert found["A"] == 15
    assert math.isnan(found["B"])
