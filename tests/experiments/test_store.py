"""The store that refuses what comes too late."""

import pytest

from labsupport.experiments import store


@pytest.fixture
def redis(server):
    return server.redis


def test_an_older_token_is_refused(redis):
    assert store.write(redis, "first", 1)
    assert store.write(redis, "second", 3)
    assert not store.write(redis, "first", 2)
    assert [one.message for one in store.written(redis)] == ["first", "second"]
    assert [(one.message, one.token) for one in store.refused(redis)] == [("first", 2)]


def test_no_token_is_never_refused(redis):
    store.write(redis, "second", 3)
    assert store.write(redis, b"first", 0)
    assert store.written(redis)[-1].message == "first"


def test_the_newest_counts_even_if_one_without_a_token_came_after_it(redis):
    for message, token in (("second", 3), ("first", 0)):
        store.write(redis, message, token)
    assert not store.write(redis, "third", 2)


def test_a_token_is_a_number(redis):
    with pytest.raises(ValueError, match="could not convert"):
        store.write(redis, "first", "mine")
    assert store.written(redis) == []
