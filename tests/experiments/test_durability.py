"""What is left of accepted jobs after a server has ended, and what that costs."""

import pandas as pd
import pytest

from labsupport.experiments import durability
from labsupport.measure import turns
from labsupport.processes.redis_server import EmbeddedServer


@pytest.fixture
def servers(monkeypatch):
    """The servers that were started."""
    started = []

    class Noted(EmbeddedServer):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            started.append(self)

    monkeypatch.setattr(durability, "EmbeddedServer", Noted)
    return started


def test_what_each_configuration_keeps(servers):
    table = durability.kept()
    assert table.loc["no file"].tolist() == [0, 0]
    assert table.loc["RDB"].tolist() == [100, 0]
    assert table.loc["AOF everysec"].tolist() == table.loc["AOF always"].tolist() == [100, 100]
    assert list(table.columns) == ["SIGTERM", "SIGKILL"]
    assert len(servers) == 8
    assert not any(server.running for server in servers)


def test_an_id_without_its_hash_is_no_job_that_is_left(monkeypatch):
    enqueue = durability._enqueue

    def and_lose_one(redis, jobs):
        enqueue(redis, jobs)
        redis.delete(next(redis.scan_iter("*:job:*")))

    monkeypatch.setattr(durability, "_enqueue", and_lose_one)
    monkeypatch.setattr(durability, "CONFIGURATIONS", {"AOF always": durability.DURABLE})
    assert durability.kept().loc["AOF always"].tolist() == [99, 99]


def test_a_server_that_holds_back_is_waited_for():
    class Busy:
        sizes = [700, 700, 0]

        def info(self, section):
            return {"aof_buffer_length": self.sizes.pop(0)}

    durability._wait_until_written(busy := Busy())
    assert busy.sizes == []


def test_a_machine_that_is_slow_for_a_while_does_not_change_the_ratios(servers, monkeypatch):
    def rates(ways, calls, rounds):
        assert (calls, rounds) == (durability.TURN, durability.TURNS)
        quick = pd.DataFrame({name: [100.0] * rounds for name in ways})
        quick[list(ways)[-1]] /= 2
        return quick.div([10 if turn % 2 else 1 for turn in range(rounds)], axis=0)

    monkeypatch.setattr(turns, "rates", rates)
    speed = durability.speed()
    assert speed["to the first"].tolist() == [1, 1, 1, 0.5]
    assert not any(server.running for server in servers)


def test_side_by_side(monkeypatch):
    monkeypatch.setattr(durability, "TURNS", 2)
    configurations = {name: durability.CONFIGURATIONS[name] for name in ("no file", "AOF always")}
    monkeypatch.setattr(durability, "CONFIGURATIONS", configurations)
    table = durability.side_by_side()
    assert list(table.index) == ["no file", "AOF always"]
    assert table["accepted"].tolist() == [100, 100]
    assert (table["per second"] > 0).all()
    assert table.loc["no file", "to the first"] == 1
