"""Time passes on a server, wherever a time is written."""

import time

import pytest

from labsupport.experiments.sweep import sweep_program
from labsupport.experiments.sweep.passing import an_hour_passes
from labsupport.experiments.sweep.steps import described


@pytest.fixture
def own(server):
    return server.redis


def test_whatever_holds_a_time_is_an_hour_older(own):
    now = int(time.time())
    own.zadd("leases", {"seconds": now, "milliseconds": now * 1000, "no time": 3})
    own.hset("ends", mapping={"a": now, "b": f'{{"until": {now}}}', "c": "id-1700000000x"})
    own.set("end", now, ex=7200)
    own.set("soon", "gone", ex=60)
    an_hour_passes(own)
    assert dict(own.zrange("leases", 0, -1, withscores=True)) == {
        b"seconds": now - 3600,
        b"milliseconds": (now - 3600) * 1000,
        b"no time": 3,
    }
    assert own.hgetall("ends") == {
        b"a": b"%d" % (now - 3600),
        b"b": b'{"until": %d}' % (now - 3600),
        b"c": b"id-1700000000x",
    }
    assert own.get("end") == b"%d" % (now - 3600)
    assert own.get("soon") is None


def test_what_a_group_has_given_out_is_pending_for_longer(own):
    own.xadd("events", {"n": 1})
    own.xgroup_create("events", "workers", id="0")
    own.xreadgroup("workers", "dead", {"events": ">"})
    assert not own.xautoclaim("events", "workers", "me", 3_000_000)[1]
    an_hour_passes(own)
    assert own.xpending_range("events", "workers", "-", "+", 1)[0]["times_delivered"] == 1
    assert own.xautoclaim("events", "workers", "me", 3_000_000)[1]


def test_a_script_is_told_by_its_first_key():
    def packed(*words):
        return f"*{len(words)}\r\n" + "".join(f"${len(word)}\r\n{word}\r\n" for word in words)

    assert described(packed("EVAL", "return\n1 | 2", "1", "taken", "x").encode()) == ("EVAL", "taken")
    assert described(packed("EVAL", "return\n1", "0", "x").encode()) == ("EVAL", "")
    assert described((packed("MULTI") + packed("SET", "a", "*1\r\n$3") + packed("EXEC")).encode()) == ("MULTI SET", "a")


def test_a_sweep_can_end_at_its_first_finding(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "moved.py").write_text(
        "def begin(redis, database):\n    redis.rpush('a', 1)\n\n\n"
        "def run(redis, database):\n"
        "    redis.ping()\n"
        "    if redis.lpop('a'):\n        redis.ping()\n        redis.ping()\n        redis.rpush('b', 1)\n\n\n"
        "def there(redis, database):\n    return redis.llen('a') + redis.llen('b')\n"
    )
    parts = {"begin": "moved.begin", "delivered": "moved.there"}
    everything = sweep_program("moved.run", **parts)
    first = sweep_program("moved.run", first_only=True, **parts)
    assert list(everything["became"]) == ["as promised"] * 2 + ["lost"] * 3
    assert list(first["became"]) == ["as promised"] * 2 + ["lost"]
