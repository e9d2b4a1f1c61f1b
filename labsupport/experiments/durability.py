"""What a Redis still has of the jobs that it accepted, after it ended; and what keeping them costs.

Each configuration has servers of its own, embedded ones, since they are killed.
"""

import signal
from contextlib import ExitStack
from functools import partial

import pandas as pd
from redis import Redis
from rq import Queue

from labsupport.measure import turns
from labsupport.processes.redis_server import DURABLE, EmbeddedServer
from labsupport.waiting import wait_until

CONFIGURATIONS: dict[str, dict[str, str]] = {
    "no file": {},
    "RDB": {"save": "3600 1 300 100 60 10000"},
    "AOF everysec": {"appendonly": "yes", "appendfsync": "everysec"},
    "AOF always": DURABLE,
}
"""Lines of valkey.conf. `RDB` is what a server does whose configuration says nothing of it: a snapshot after an hour if a
key changed, after 5 minutes if 100 changed, after a minute if 10,000 did (https://valkey.io/topics/persistence)."""

JOBS = 100
"""How many jobs are enqueued in a trial."""

TURN, TURNS = 25, 20
"""How many jobs a configuration enqueues in a turn, and in how many turns its speed is measured."""


def kept() -> pd.DataFrame:
    """How many of JOBS accepted jobs a worker can still find when the server has ended and was started again.

    A row per configuration, a column per signal that ended it, SIGTERM and SIGKILL. Either signal ends the process and not
    the machine: what the server has written is with the system, which writes it to the disk later. So SIGKILL does not show
    what a power failure takes: with `everysec`, about the last second, by the documentation of Redis.
    """
    return pd.DataFrame(
        {
            signal.Signals(number).name: {name: _left(config, number) for name, config in CONFIGURATIONS.items()}
            for number in (signal.SIGTERM, signal.SIGKILL)
        }
    )


def _left(config: dict[str, str], number: int) -> int:
    """Jobs whose id is in the list and whose hash is there: what a worker could run."""
    server = EmbeddedServer(config)
    try:
        _enqueue(server.redis, JOBS)
        with server.redis as redis:
            _wait_until_written(redis)
        if number == signal.SIGTERM:
            server.stop()
        else:
            server.kill()
        server.start()
        with server.redis as redis:
            return len(Queue(connection=redis).jobs)
    finally:
        server.close()


def _wait_until_written(redis: Redis) -> None:
    """A server writes to its file before it answers, but for `everysec` on a disk that is still busy with the last second.

    Then it holds back for up to two seconds, in its own memory. A kill in that moment is luck, so it is waited for.
    """
    wait_until(
        lambda: not redis.info("persistence").get("aof_buffer_length", 0),
        lambda: "the server has not written to its file yet",
        timeout=30,
    )


def speed() -> pd.DataFrame:
    """How fast one caller enqueues, job after job: a row per configuration.

    `per second` is the median of the turns, `to the first` the median of the ratios to the first configuration in the same
    turn. They take turns, so that whatever else this machine does meets all of them: trust the ratio. A run of seconds does
    not see what a snapshot costs, or a rewrite of the append-only file.
    """
    with ExitStack() as stack:
        ways = {}
        for name, config in CONFIGURATIONS.items():
            server = EmbeddedServer(config)
            stack.callback(server.close)
            ways[name] = partial(_enqueue, server.redis)
            ways[name](TURN)  # the first ones are slower: connections, caches
        rates = turns.rates(ways, TURN, TURNS)
    ratios = rates.div(rates.iloc[:, 0], axis=0)
    return pd.DataFrame({"per second": rates.median(), "to the first": ratios.median()})


def _enqueue(redis: Redis, jobs: int = 1) -> None:
    """Enqueue so many, one by one, each answered before the next."""
    queue = Queue(connection=redis)
    for _ in range(jobs):
        queue.enqueue("operator.truth", 1)


def side_by_side() -> pd.DataFrame:
    """`kept` and `speed` in one table, with how many jobs were `accepted`."""
    return kept().assign(accepted=JOBS).join(speed())
