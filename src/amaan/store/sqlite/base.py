"""Django's SQLite backend, with manners: write-ahead log, and a turnstile before the one writer's lock.

SQLite lets a process that commits and begins again overtake everybody who waits, because waiting is polling. So
whoever begins a write transaction first passes two file locks: `door` (held while queueing) and `room` (held while
writing). A greedy importer that comes back finds a waiting page in the door and queues behind it.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from django.db.backends.sqlite3 import base

_TWO_DIGITS = tuple(f"{number:02d}" for number in range(60))
_day = lru_cache(maxsize=4096)(date.isoformat)


def _utc_text(at: datetime) -> str:
    """Django's own form for SQLite: UTC without an offset. `store.rows` hands datetimes to sqlite3 as they are.

    Put together from parts that repeat: `isoformat` takes four times as long, and a report has twelve times.
    """
    if at.tzinfo is not UTC and at.tzinfo is not None:
        at = at.astimezone(UTC)
    text = f"{_day(at.date())} {_TWO_DIGITS[at.hour]}:{_TWO_DIGITS[at.minute]}:{_TWO_DIGITS[at.second]}"
    return f"{text}.{at.microsecond:06d}" if at.microsecond else text


sqlite3.register_adapter(datetime, _utc_text)
# For a type without an adapter, sqlite3 raises and drops an AttributeError at every value it binds: measured, that
# was a third of what binding an identifier's row costs. None of these is a function of Python's own making.
sqlite3.register_adapter(bytes, bytes.__bytes__)
sqlite3.register_adapter(bool, int)
_NONE: dict[None, None] = {}
sqlite3.register_adapter(type(None), _NONE.get)  # gives None, whatever it is asked for

PRAGMAS = (
    # NORMAL survives the death of any process; a power cut may cost the last second, which the importer then
    # reads again because its documents are found again by digest. FULL costs one fsync a slice (see performance.md).
    "PRAGMA synchronous=NORMAL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=20000",
    # What is overwritten or deleted is zeroed: a value that was clear and is sealed now must not stay in a free page.
    "PRAGMA secure_delete=ON",
    "PRAGMA cache_size=-65536",
    "PRAGMA mmap_size=268435456",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA wal_autocheckpoint=64000",
    "PRAGMA journal_size_limit=536870912",
)


class Turnstile:
    """Two advisory locks beside the database file; each connection holds descriptors of its own."""

    def __init__(self, database: str) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        self._door = os.open(f"{database}.door", flags, 0o600)
        self._room = os.open(f"{database}.room", flags, 0o600)
        self._inside = False

    def enter(self) -> None:
        if self._inside:
            return
        fcntl.flock(self._door, fcntl.LOCK_EX)
        try:
            fcntl.flock(self._room, fcntl.LOCK_EX)
            self._inside = True
        finally:
            fcntl.flock(self._door, fcntl.LOCK_UN)

    def leave(self) -> None:
        if self._inside:
            fcntl.flock(self._room, fcntl.LOCK_UN)
            self._inside = False

    def close(self) -> None:
        self.leave()
        os.close(self._door)
        os.close(self._room)


class DatabaseWrapper(base.DatabaseWrapper):
    """`atomic()` begins a write transaction at once: a read that becomes a write half-way could not wait its turn."""

    turnstile: Turnstile | None = None

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        for pragma in PRAGMAS:
            connection.execute(pragma)
        if self.settings_dict.get("DURABLE"):
            connection.execute("PRAGMA synchronous=FULL")
        name = str(self.settings_dict["NAME"])
        if not self.is_in_memory_db():
            self.turnstile = Turnstile(name)
            self._write_ahead(connection)
        return connection

    def _write_ahead(self, connection: sqlite3.Connection) -> None:
        """Once in the life of a file. SQLite waits for nobody there: two that open a new file would fail at once."""
        if connection.execute("PRAGMA journal_mode").fetchone() == ("wal",):
            return
        assert self.turnstile is not None
        self.turnstile.enter()
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        finally:
            self.turnstile.leave()

    def _start_transaction_under_autocommit(self) -> None:
        if self.turnstile:
            self.turnstile.enter()
        try:
            self.cursor().execute("BEGIN IMMEDIATE")
        except BaseException:  # whatever ends the wait, also Ctrl-C: nobody else may find the room locked
            self._leave()
            raise

    def _leave(self) -> None:
        if self.turnstile:
            self.turnstile.leave()

    def _commit(self) -> Any:
        try:
            return super()._commit()  # type: ignore[misc] # the stubs lack it
        finally:
            self._leave()

    def _rollback(self) -> Any:
        try:
            return super()._rollback()  # type: ignore[misc] # the stubs lack it
        finally:
            self._leave()

    def _close(self) -> Any:
        if self.turnstile:
            self.turnstile.close()
            self.turnstile = None
        return super()._close()  # type: ignore[misc] # the stubs lack it
