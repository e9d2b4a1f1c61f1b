"""Ways that take turns."""

import time

from labsupport.measure import turns


def test_rates_tell_the_slower_way():
    rates = turns.rates({"quick": lambda: None, "slow": lambda: time.sleep(0.002)}, calls=5, rounds=3).median()
    assert rates["quick"] > 10 * rates["slow"]


def test_each_way_is_called_in_each_round():
    called = []
    rates = turns.rates({name: lambda name=name: called.append(name) for name in "ab"}, calls=2, rounds=2)
    assert "".join(called) == "aabbaabb"
    assert rates.shape == (2, 2)


def test_a_round_is_compared_with_itself(monkeypatch):
    """A machine that is slow for a while is slow for all."""
    clock = iter([0, 1, 1, 3, 3, 13, 13, 33])
    monkeypatch.setattr(turns.time, "perf_counter", lambda: next(clock))
    rates = turns.rates({"one": lambda: None, "other": lambda: None}, calls=1, rounds=2)
    assert (rates["one"] / rates["other"]).tolist() == [2, 2]
