"""What is right in the quiz of 08-survive is what RQ and Redis do."""

import sqlite3
from contextlib import suppress

import pandas as pd
import pytest
from rq import Queue, Retry
from rq.exceptions import DuplicateJobError

from labsupport.exercises.lab08 import quiz
from labsupport.exercises.quizzes.question import evaluated
from labsupport.experiments import durability
from labsupport.experiments.sweep import sweep
from tests.experiments import swept_jobs

ROUND_THE_SENDING = range(29, 34)
"""Crash points, without a key and with one."""


def swept(job, **options) -> pd.DataFrame:
    sweeping = {"delivered": swept_jobs.delivered, "retry": Retry(max=1), "inside": True, "points": ROUND_THE_SENDING}
    return sweep(job, "hello", **sweeping, **options)


@pytest.fixture(scope="module")
def crashes() -> dict[str, pd.DataFrame]:
    """The job → a crash of worker and work-horse at each of these points."""
    return {quiz.PLAIN: swept(swept_jobs.deliver), quiz.WITH_KEY: swept(swept_jobs.with_key)}


@pytest.mark.parametrize(
    "case", quiz.CRASHES, ids=lambda case: case[1] + (" with a key" if case[0] == quiz.WITH_KEY else "")
)
def test_sent(crashes, case):
    job, moment = case
    rows = crashes[job]
    (sends,) = rows.index[rows["command"] == "RPUSH"]
    row = rows.loc[sends + moment.startswith("after it has sent")]
    assert row["delivered"] == evaluated(quiz.sent(case).right)
    assert row["status"] == "finished"


@pytest.mark.parametrize(("killed", "kill"), [*zip(quiz.SECOND_STARTS, ("work-horse", "worker", "both"), strict=True)])
def test_second_start(crashes, killed, kill):
    rows = crashes[quiz.PLAIN] if kill == "both" else swept(swept_jobs.deliver, kill=kill)
    (row,) = rows[rows["command"] == "RPUSH"].itertuples()  # in the middle of the function
    workers = [worker for worker, step in row.history if step.command == "RPUSH"]
    seen = "never" if row.runs == 1 else "at once" if workers == [1] else "at maintenance"
    assert seen == evaluated(quiz.second_start(killed, seconds=3).right)


@pytest.fixture(scope="module")
def kept() -> pd.DataFrame:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(durability, "JOBS", 20)
        return durability.kept()


@pytest.mark.parametrize("signal", ["SIGTERM", "SIGKILL"])
def test_restart(kept, signal):
    assert [*kept.index] == ["no file", "RDB", "AOF everysec", "AOF always"]
    assert kept[signal].tolist() == evaluated(quiz.restart(jobs=20, signal=signal).right)


class Killed(Exception):
    """Takes the place of a kill: nothing is committed, and nothing is enqueued after it."""


class Shop:
    """Takes orders in one of three ways, and is killed once between its two systems."""

    def __init__(self, file, queue: Queue, way: str):
        self.file, self.queue, self.way = file, queue, way
        self.database = sqlite3.connect(file)
        self.database.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, item TEXT)")
        self.database.execute("CREATE TABLE outbox (number INTEGER)")
        self.database.commit()

    def take(self, *, dies: bool = False) -> None:
        number = self.database.execute("INSERT INTO orders (item) VALUES ('tea')").lastrowid
        if self.way == "outbox":
            self.database.execute("INSERT INTO outbox VALUES (?)", [number])
            self.database.commit()
            self.relay(dies=dies)
        else:
            first, second = (self.database.commit, lambda: self.queue.enqueue("mails.send", number))[
                :: 1 if self.way == "commit first" else -1
            ]
            first()
            if dies:
                self.die()
            second()

    def relay(self, *, dies: bool = False) -> None:
        for (number,) in self.database.execute("SELECT number FROM outbox").fetchall():
            with suppress(DuplicateJobError):
                self.queue.enqueue("mails.send", number, job_id=f"order-{number}", unique=True)
            if dies:
                self.die()
            self.database.execute("DELETE FROM outbox WHERE number = ?", [number])
            self.database.commit()

    def die(self) -> None:
        self.database.close()  # without a commit
        self.database = sqlite3.connect(self.file)
        raise Killed


@pytest.mark.parametrize("way", quiz.WAYS)
def test_left(queue, tmp_path, way):
    shop = Shop(tmp_path / "shop", queue, way)
    for _ in range(3):
        shop.take()
    with pytest.raises(Killed):
        shop.take(dies=True)
    shop.relay()
    (orders,) = shop.database.execute("SELECT count(*) FROM orders").fetchone()
    assert shop.database.execute("SELECT count(*) FROM outbox").fetchone() == (0,)
    shop.database.close()
    assert [orders, queue.count] == evaluated(quiz.left(orders=4, way=way).right)
