"""Compares how fast several ways to do something are: they take turns, so that whatever else this machine does meets all."""

import time
from collections.abc import Callable

import pandas as pd


def rates(ways: dict[str, Callable[[], object]], calls: int, rounds: int) -> pd.DataFrame:
    """Calls per second: a row per round, a column per way. In each round, each way is called so many times in a row.

    Trust the ratios within a round, and their median.
    """
    rows = []
    for _ in range(rounds):
        row = {}
        for name, way in ways.items():
            begin = time.perf_counter()
            for _ in range(calls):
                way()
            row[name] = calls / (time.perf_counter() - begin)
        rows.append(row)
    return pd.DataFrame(rows)
