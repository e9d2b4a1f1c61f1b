"""What becomes of a job whose worker is killed with SIGKILL in the middle of it, when the workers are started again."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import product

from redis import Redis

from labsupport.errors import LabError
from labsupport.waiting import comes_true
from tools.compare.group import Group
from tools.compare.row import Row

PATIENCE = 150
"""Seconds in which a job must come back whose row promises it. RQ's takes 70 s: its timeout, here 10 s, and a minute."""

LOST = 30
"""Seconds after which a job that no row promises to bring back is not waited for. No other row's takes as long."""

DEATHS = ("process", "all")
"""Who is killed: the process that runs the job, or all that came of the workers, as when a machine dies."""


def back_after(row: Row, url: str, death: str) -> float | None:
    """Seconds from the kill until the job is done, after all, or None if it is not."""
    with Group(row, url, to_be_killed=True) as group:
        group.enqueue("waiting", 1)
        group.wait_for("waiting", 1)
        group.enqueue("killed", 1)
        victim = group.wait_for("begun", 1)[0].pid
        if row.taken and not row.late:
            # Celery's job may begin before its parent has told Redis so; one that is killed in between comes back.
            redis = Redis.from_url(url)
            if not comes_true(lambda: not redis.exists(row.taken), within=PATIENCE):
                raise LabError(f"{row.name}: the job runs, and is not acknowledged.")
        moment = time.monotonic()
        if death == "process":
            os.kill(victim, signal.SIGKILL)
        else:
            group.end()
        group.start()
        # A job after it, so that one that does not come back has met workers that work.
        group.enqueue("small", 1)
        group.wait_for("small", 1, though_some_died=True)

        def done() -> list[float]:
            return [line.end for line in group.ran() if line.job == "killed"]

        end = time.monotonic() + (PATIENCE if row.late else LOST)
        while not done() and time.monotonic() < end:
            # Taskiq's stream broker looks for such jobs only after it has got a new one (taskiq-redis 1.2.4,
            # redis_broker.py, `listen`), so the queue is never quiet for long here.
            group.enqueue("small", 1)
            comes_true(lambda: bool(done()), within=1)
        return done()[0] - moment if done() else None


def after_each(rows: list[Row], url: str) -> dict[str, dict[str, float | None]]:
    """The same for every row and both deaths, {row: {death: seconds}}, at one time: mostly they wait. Each has a
    database of its own on the server, which is emptied."""
    Redis.from_url(url).flushall()
    cases = list(product(rows, DEATHS))
    with ThreadPoolExecutor(len(cases)) as pool:
        futures = [pool.submit(back_after, row, f"{url}/{number}", death) for number, (row, death) in enumerate(cases)]
        found: dict[str, dict[str, float | None]] = {row.name: {} for row in rows}
        for (row, death), future in zip(cases, futures, strict=True):
            found[row.name][death] = future.result()
    return found
