"""Prometheus' alert rules, held against numbers that were recorded: which would have fired, and when.

For a notebook, which has no Prometheus. It understands as much of PromQL as the rules of the service need: a metric with
its labels, `deriv` and `min_over_time` of one over a range, a difference, a comparison with a number, `absent`, and `and on
(…)` for numbers of one queue. `make test-promtool` holds its answers against Prometheus' own.

Read from Prometheus 3.5's documentation: *Alerting rules*, *Functions*. A rule fires when its expression has been true at
every evaluation for as long as its `for` says. A metric that nobody reports is never true.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from labsupport.errors import LabError

Rule = dict[str, Any]
"""A rule as the file has it: alert, expr, and perhaps for, labels, annotations."""

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}

METRIC = r"""[a-zA-Z_:][\w:]*(?:\{[^}]*\})?"""
RANGED = re.compile(rf"(deriv|min_over_time)\(({METRIC})\[(\w+)\]\)")
COMPARED = re.compile(r"(.+?)\s*(==|!=|>=|<=|>|<)\s*(-?[\d.]+)")
COMPARE: dict[str, Callable[[Any, float], Any]] = {
    "==": operator.eq, "!=": operator.ne, ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt,
}  # fmt: skip


def read(file: Path | str) -> list[Rule]:
    """The alert rules of a file of Prometheus'."""
    content = yaml.safe_load(Path(file).read_text(encoding="utf8"))
    return [rule for group in content["groups"] for rule in group["rules"] if "alert" in rule]


def firing(rules: list[Rule], series: pd.DataFrame) -> pd.DataFrame:
    """Which rules fire when: a column per rule, True where it fires.

    series: a row per scrape, each followed at once by an evaluation. Index: seconds, rising. Columns: metrics as the rules
    have them, `rq_jobs{status="queued"}`.

    Raises LabError if a rule needs more of PromQL than is understood here.
    """
    return pd.DataFrame({rule["alert"]: _fires(rule, series) for rule in rules}, index=series.index)


def first(rules: list[Rule], series: pd.DataFrame) -> pd.Series[float]:
    """When each rule fires first, by the index of `series`; NaN for one that never does."""
    fires = firing(rules, series)
    moments = series.index.to_numpy(dtype=float)
    return pd.Series(
        {name: moments[column.argmax()] if column.any() else np.nan for name, column in fires.items()}, dtype=float
    )


def seconds(duration: str) -> float:
    """Of a duration in Prometheus' words: `90s`, `1m30s`, `1h`."""
    parts = re.findall(r"(\d+)([smhd])", str(duration))
    if "".join(number + unit for number, unit in parts) != str(duration):
        raise LabError(f"{duration!r} is no duration that is understood here; 90s, 5m and 1h are.")
    return float(sum(int(number) * UNITS[unit] for number, unit in parts))


def _fires(rule: Rule, series: pd.DataFrame) -> pd.Series[bool]:
    true = _truth(str(rule["expr"]), series)
    least = seconds(rule["for"]) if rule.get("for") else 0.0
    moments = series.index.to_numpy(dtype=float)
    since = np.nan
    fires = []
    for moment, holds in zip(moments, true, strict=True):
        since = (moment if np.isnan(since) else since) if holds else np.nan
        fires.append(bool(holds) and moment - since >= least)
    return pd.Series(fires, index=series.index)


def _truth(expression: str, series: pd.DataFrame) -> pd.Series[bool]:
    both = re.split(r"\s+and\s+(?:on\s*\([^)]*\)\s*)?", " ".join(expression.split()))
    true = pd.Series(True, index=series.index)
    for part in both:
        if absent := re.fullmatch(rf"absent\(({METRIC})\)", part):
            true &= _metric(absent[1], series).isna()
        elif compared := COMPARED.fullmatch(part):
            true &= COMPARE[compared[2]](_number(compared[1], series), float(compared[3])).astype(bool)
        else:
            raise _unknown(part)
    return true


def _number(expression: str, series: pd.DataFrame) -> pd.Series[float]:
    terms = [_term(term, series) for term in re.split(r"\s+-\s+", expression)]
    number = terms[0]
    for term in terms[1:]:
        number = number - term
    return number


def _term(term: str, series: pd.DataFrame) -> pd.Series[float]:
    if re.fullmatch(METRIC, term):
        return _metric(term, series)
    if ranged := RANGED.fullmatch(term):
        over = {"deriv": _slope, "min_over_time": lambda _, values: values.min()}[ranged[1]]
        values = _metric(ranged[2], series)
        return _rolled(values, seconds(ranged[3]), over)
    raise _unknown(term)


def _metric(name: str, series: pd.DataFrame) -> pd.Series[float]:
    if name in series:
        return series[name].astype(float)
    return pd.Series(np.nan, index=series.index)


def _rolled(values: pd.Series[float], over: float, what: Callable[[Any, Any], float]) -> pd.Series[float]:
    moments, numbers = values.index.to_numpy(dtype=float), values.to_numpy()
    found = []
    for moment in moments:
        # A range is open to the left: one of 3m reaches back by less than three minutes.
        inside = (moments > moment - over) & (moments <= moment) & ~np.isnan(numbers)
        found.append(what(moments[inside], numbers[inside]) if inside.any() else np.nan)
    return pd.Series(found, index=values.index, dtype=float)


def _slope(moments: Any, numbers: Any) -> float:
    """The slope of the straight line that fits best, which is what `deriv` is; NaN for fewer than two points."""
    if len(moments) < 2:
        return float("nan")
    away = moments - moments.mean()
    return float((away * (numbers - numbers.mean())).sum() / (away**2).sum())


def _unknown(part: str) -> LabError:
    return LabError(f"This part of a rule is not understood here: {part}")
