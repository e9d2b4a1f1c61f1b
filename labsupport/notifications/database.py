"""The application's database: its users, and the events for its analytics. SQLite, in one file."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, version INTEGER);
CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY, batch TEXT, name TEXT, user INTEGER);
INSERT OR IGNORE INTO users VALUES (1, 'Ada', 'ada@example.org', 0), (2, 'Grace', 'grace@example.org', 0),
    (3, 'Alan', 'alan@example.org', 0);
"""


class Database:
    """The database in the file `path`, which is made if it is not there.

    timeout: seconds to wait for another's lock; then sqlite3.OperationalError.
    """

    def __init__(self, path: str, timeout: float = 5):
        self._path = path
        self._timeout = timeout
        with self._open() as connection:
            connection.execute("PRAGMA journal_mode=WAL")  # who reads does not wait for who writes
            connection.executescript(SCHEMA)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        # One connection per use, since the API's threads and the workers' processes share the file, not a connection.
        connection = sqlite3.connect(self._path, timeout=self._timeout)
        connection.row_factory = sqlite3.Row
        try:
            with connection:  # a transaction
                yield connection
        finally:
            connection.close()

    def users(self) -> list[dict[str, Any]]:
        """All users, as {"id": …, "name": …, "email": …}."""
        with self._open() as connection:
            return [dict(row) for row in connection.execute("SELECT id, name, email FROM users ORDER BY id")]

    def user(self, number: int) -> dict[str, Any] | None:
        with self._open() as connection:
            row = connection.execute("SELECT id, name, email FROM users WHERE id = ?", (number,)).fetchone()
            return dict(row) if row else None

    def update_user(self, number: int, name: str, email: str, version: int) -> bool:
        """Write a user's data, unless a newer version is there already. Returns whether it was written."""
        with self._open() as connection:
            changed = connection.execute(
                "UPDATE users SET name = ?, email = ?, version = ? WHERE id = ? AND version < ?",
                (name, email, version, number, version),
            )
            return changed.rowcount == 1

    def add_events(self, batch: str, events: Sequence[dict[str, Any]]) -> None:
        """Add a batch of events, {"id": …, "name": …, "user": …} each. One that is there already changes nothing."""
        rows = [(event["id"], batch, event["name"], event["user"]) for event in events]
        with self._open() as connection:
            connection.executemany("INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?)", rows)

    def count_events(self) -> dict[str, int]:
        """Events in each batch."""
        with self._open() as connection:
            return dict(map(tuple, connection.execute("SELECT batch, count(*) FROM events GROUP BY batch")))
