"""Whole tables as arrays of integers: what a rebuild reads, by the ten million rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from amaan.store.rows import on_postgres

_ROWS_AT_ONCE: Final = 200_000
_HEADER: Final = 19
"""Bytes before the first row of PostgreSQL's binary copy: its signature, flags, and the length of no extension."""
_BYTES_AT_ONCE: Final = 16 << 20


def columns(sql: str, count: int) -> Iterator[NDArray[np.int64]]:
    """The rows of a query of ours, in parts of shape (rows, count). Every column must be a bigint that is not null."""
    return _copied(sql, count) if on_postgres() else _fetched(sql, count)


def _fetched(sql: str, count: int) -> Iterator[NDArray[np.int64]]:
    connection.ensure_connection()
    cursor = connection.connection.execute(sql)
    try:
        while rows := cursor.fetchmany(_ROWS_AT_ONCE):
            flat = np.fromiter(
                (value for row in rows for value in row), dtype=np.int64, count=len(rows) * count
            )
            yield flat.reshape(-1, count)
    finally:
        cursor.close()


def _copied(sql: str, count: int) -> Iterator[NDArray[np.int64]]:
    """PostgreSQL's binary copy of equal columns is a table of records of one width, which numpy reads as it lies."""
    record = np.dtype([("fields", ">i2"), ("values", [("length", ">i4"), ("value", ">i8")], (count,))])
    held = bytearray()
    begun = False
    with connection.cursor() as cursor, connection.wrap_database_errors:
        with cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT BINARY)") as copy:
            for block in copy:
                held += block
                if len(held) < _BYTES_AT_ONCE:
                    continue
                if not begun:
                    begun = True
                    del held[:_HEADER]
                whole = len(held) // record.itemsize * record.itemsize
                # The last two bytes of all are the end's mark, so the last record waits for what follows it.
                whole -= record.itemsize if whole == len(held) else 0
                yield _values(bytes(held[:whole]), record)
                del held[:whole]
    if not begun:
        del held[:_HEADER]
    if len(held) > 2:
        yield _values(bytes(held[:-2]), record)


def _values(block: bytes, record: np.dtype[np.void]) -> NDArray[np.int64]:
    return np.frombuffer(block, dtype=record)["values"]["value"].astype(np.int64)
