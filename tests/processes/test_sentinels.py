"""A primary, a replica and three Sentinels: one is killed, one is cut off, and nothing is left of them."""

import os

import psutil
import pytest
import redis
from redis import Redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from labsupport.processes.sentinels import NAME, SentinelGroup
from tests.kernels import alive, family, soon


@pytest.fixture
def group():
    started = []

    def start(*arguments, **options) -> SentinelGroup:
        started.append(SentinelGroup(*arguments, **options))
        return started[-1]

    yield start
    for one in started:
        one.close()


def client(server) -> Redis:
    return Redis.from_url(server.url, socket_timeout=2, retry=Retry(ConstantBackoff(0), 0))


def test_the_replica_takes_over_from_a_primary_that_is_killed(group):
    one = group()
    primary = one.sentinel.master_for(NAME)
    primary.set("kept", 1)
    assert primary.wait(1, 2000) == 1
    assert one.sentinel.discover_master(NAME)[1] == one.primary.port
    one.kill_primary()
    one.wait_for_failover()
    assert client(one.replica).get("kept") == b"1"
    assert soon(lambda: client(one.replica).set("new", 1))


def test_a_primary_that_is_cut_off_takes_writes_that_are_gone_when_it_is_back(group):
    one = group(cable=True)
    old, new = client(one.primary), client(one.replica)
    old.set("kept", 1)
    assert old.wait(1, 2000) == 1
    one.cut_off()
    old.set("lost", 1)
    assert old.wait(1, 100) == 0
    one.wait_for_failover()
    assert old.info("replication")["role"] == "master"  # nobody could tell it
    assert (new.get("kept"), new.get("lost")) == (b"1", None)
    one.heal()

    def follows() -> bool:
        try:
            state = old.info("replication")
        except redis.ConnectionError:  # it closes its connections when it becomes a replica
            return False
        return (state["role"], state.get("master_link_status")) == ("slave", "up")

    assert soon(follows, within=20)
    assert (old.get("kept"), old.get("lost")) == (b"1", None)


def test_all_sentinels_know_when_a_fail_over_is_over(group):
    """One that does not would send a client to the old primary, as happened to a client of BullMQ."""
    one = group(cable=True)
    one.cut_off()
    one.wait_for_failover()
    late = one.sentinels[2].redis.pipeline(transaction=False)  # at once: it soon hears the news from the two others
    late.sentinel_remove(NAME)
    late.sentinel_monitor(NAME, "127.0.0.1", one._port, 2)
    late.sentinel_get_master_addr_by_name(NAME)
    assert late.execute()[-1][1] == one._port
    one.wait_for_failover()
    named = [sentinel.redis.sentinel_get_master_addr_by_name(NAME)[1] for sentinel in one.sentinels]
    assert named == [one.replica.port] * 3


def test_two_sentinels_of_three_are_enough(group):
    one = group()
    one.sentinels[0].kill()
    one.kill_primary()
    one.wait_for_failover()
    assert client(one.replica).set("new", 1)


def test_a_password_is_needed_everywhere(group):
    one = group()
    for server in (one.primary, one.replica, *one.sentinels):
        with pytest.raises(redis.AuthenticationError):
            Redis(port=server.port, retry=Retry(ConstantBackoff(0), 0)).ping()
        assert server.answers()


def valkeys() -> set[int]:
    """The servers of this process, those of its lab with them."""
    return {pid for pid in family(os.getpid()) if "valkey" in psutil.Process(pid).name()}


def test_nothing_is_left_of_it(group):
    before = valkeys()
    one = group(cable=True)
    below = sorted(valkeys() - before)
    assert len(below) == 5
    one.close()
    assert not alive(below)
    assert not one.folder.exists()
    with pytest.raises(redis.ConnectionError):
        Redis(port=one._port, retry=Retry(ConstantBackoff(0), 0)).ping()


def test_a_kernel_that_is_killed_leaves_none(kernel, tmp_path):
    code = "from labsupport.processes.sentinels import SentinelGroup\ngroup = SentinelGroup(cable=True)\nprint(group.folder)"
    notebook = kernel()
    folder = notebook.run(code).split()[-1]
    below = family(notebook.pid)
    notebook.signal(9)
    assert soon(lambda: not alive(below), within=10)
    assert soon(lambda: not os.path.exists(folder))
