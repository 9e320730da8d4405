"""Set-based writing: the ORM is not on the intake path (measured: it stops at 1,455 reports a second)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import chain, islice
from typing import Any, LiteralString

from django.db import connection, models, transaction

Row = Sequence[Any]

_ROWS_A_STATEMENT = (200, 50, 10, 1)  # few sizes, so that every statement stays known
BUSY_MS = 20_000
"""How long SQLite polls for a lock (`store.sqlite.base` queues writers before that)."""
_MOST_PARAMETERS = 30_000  # SQLite's limit is 32,766 in builds of 3.32 and later


def on_postgres() -> bool:
    return connection.vendor == "postgresql"


def allocate_ids(model: type[models.Model], count: int) -> list[int]:
    """`count` fresh primary keys of a table, increasing. Call it inside the transaction that inserts the rows."""
    if count == 0:
        return []
    table = model._meta.db_table
    if on_postgres():
        # OFFSET 0 keeps the sequence's name from being looked up anew for each number: measured, a seventh of what an
        # import costs the server.
        named = "SELECT pg_get_serial_sequence(%s::text, 'id')::regclass AS sequence OFFSET 0"
        sql = f"SELECT nextval(sequence) FROM ({named}) AS named, generate_series(1, %s::int)"  # noqa: S608
        return [row[0] for row in _bound(sql, [table, count])]
    with connection.cursor() as cursor:
        # One writer: between this read and the commit nobody else can number a row.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        row = cursor.fetchone()
        first = (row[0] if row else 0) + 1
        return list(range(first, first + count))


def insert_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Insert tuples whose values stand in the order of `columns` (database column names).

    Values are given as the database takes them: text, int, float, bytes, None, aware datetimes, JSON as text. Raises
    IntegrityError and the other errors of Django's own.
    """
    table = model._meta.db_table
    names = ", ".join(f'"{name}"' for name in columns)
    if on_postgres():
        # As binary: neither side writes and reads numbers, times and hexadecimal digits as text. Django wraps what
        # statements raise, not what COPY does, and callers know Django's errors.
        sql = f'COPY "{table}" ({names}) FROM STDIN (FORMAT BINARY)'
        with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(sql) as copy:
            copy.set_types(_types(model, tuple(columns)))
            for row in rows:
                copy.write_row(row)
        return
    for _ in _insert_into_sqlite(table, names, len(columns), rows):
        pass


@cache
def _types(model: type[models.Model], columns: tuple[str, ...]) -> list[str]:
    """PostgreSQL's names of the columns' types, without lengths."""
    types = {field.column: field.db_type(connection) or "" for field in model._meta.concrete_fields}
    return [types[column].partition("(")[0] for column in columns]


def insert_absent(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Row], unique: str
) -> set[int]:
    """The ids of the rows that were inserted; those whose `unique` column stands there already are left out.

    SQLite only. `columns` begin with `id`, and the rows with ids that `allocate_ids` gave, in its order. One walk of
    the unique index instead of two, which is what looking first costs.
    """
    names = ", ".join(f'"{name}"' for name in columns)
    table = model._meta.db_table
    new: set[int] = set()
    for part, inserted in _insert_into_sqlite(
        table, names, len(columns), rows, f' ON CONFLICT ("{unique}") DO NOTHING'
    ):
        if inserted == len(part):
            new.update(row[0] for row in part)
        elif inserted:
            # Nobody but this writer has these ids. RETURNING would tell as much, and costs what inserting does.
            sql = f'SELECT "id" FROM "{table}" WHERE "id" BETWEEN ? AND ?'  # noqa: S608 - a table's name
            with connection.wrap_database_errors:
                new.update(row[0] for row in connection.connection.execute(sql, (part[0][0], part[-1][0])))
    return new


def insert_new(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Sequence[Row],
    told: Sequence[str] = (),
    *,
    unique: Sequence[str] = (),
) -> list[tuple[Any, ...]]:
    """Insert rows, less those that stand there by any unique column; on PostgreSQL, the columns `told` of the new.

    `unique`: by these columns only, and IntegrityError for what another constraint refuses.
    PostgreSQL: whoever inserts rows that others may be inserting sorts them, or they wait for each other in a ring.
    """
    if not rows:
        return []
    table, names = model._meta.db_table, ", ".join(f'"{name}"' for name in columns)
    by = f" ({', '.join(unique)})" if unique else ""
    absent = f" ON CONFLICT{by} DO NOTHING"
    if not on_postgres():
        for _ in _insert_into_sqlite(table, names, len(columns), rows, absent):
            pass
        return []
    # Arrays and not a COPY, which knows no ON CONFLICT.
    arrays = ", ".join(f"%s::{kind}[]" for kind in _types(model, tuple(columns)))
    returning = f" RETURNING {', '.join(told)}" if told else ""
    sql = f'INSERT INTO "{table}" ({names}) SELECT * FROM unnest({arrays}){absent}{returning}'  # noqa: S608
    return _bound(sql, [list(values) for values in zip(*rows, strict=True)])


def _insert_into_sqlite(
    table: str, names: str, columns: int, rows: Iterable[Row], after: str = ""
) -> Iterator[tuple[list[Row], int]]:
    """The rows of each statement, and how many of them it inserted."""
    connection.ensure_connection()
    one = f"({', '.join('?' * columns)})"
    insert = f'INSERT INTO "{table}" ({names}) VALUES '  # noqa: S608 - names come from the model
    held, start = list(rows), 0
    execute = connection.connection.execute
    # Many rows a statement: measured, half of what a row costs by executemany is beginning a statement.
    for size in _ROWS_A_STATEMENT:
        many = insert + ", ".join([one] * size) + after
        while len(held) - start >= size:
            part = held[start : start + size]
            with connection.wrap_database_errors:
                inserted = execute(many, list(chain.from_iterable(part))).rowcount
            yield part, inserted
            start += size


def select_in(sql: str, values: Sequence[Any], before: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Rows of `sql`, which holds one set, written `IN {values}`; asked in safe slices.

    `before` are the parameters that stand ahead of the set.
    """
    found: list[tuple[Any, ...]] = []
    if not values:
        return found
    if on_postgres():
        return _select_any(sql.replace("IN {values}", "= ANY(%s)"), [*before, list(values)])
    with connection.cursor() as cursor:
        for part in slices(values, _MOST_PARAMETERS):
            cursor.execute(sql.format(values=f"({', '.join(['%s'] * len(part))})"), [*before, *part])
            found.extend(cursor.fetchall())
    return found


def _select_any(sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    """One array parameter, bound by the server: the statement walks the index.

    Django's own cursor writes parameters into the text, so that every array is parsed and planned again. And by the
    planner's reckoning, a thousand values are found more cheaply by reading the whole table, as long as that is not
    very large or was empty when it was last looked at: measured, a tenth of an import into an empty store.
    """
    from psycopg import Cursor

    with transaction.atomic(savepoint=False), connection.wrap_database_errors:
        cursor = Cursor(connection.connection)
        cursor.execute("SET LOCAL enable_seqscan = off")
        found = cursor.execute(sql, parameters).fetchall()
        cursor.execute("SET LOCAL enable_seqscan = on")
        return found


def _bound(sql: LiteralString, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """A statement whose parameters the server binds; it and its answer travel as binary.

    It isn't prepared: Django has psycopg prepare nothing, since a pooler may give each transaction another session.
    """
    from psycopg import Cursor

    connection.ensure_connection()
    with connection.wrap_database_errors:
        cursor = Cursor(connection.connection).execute(sql, parameters, binary=True)
        return cursor.fetchall() if cursor.description else []


def slices(values: Iterable[Any], size: int) -> Iterable[list[Any]]:
    iterator = iter(values)
    while part := list(islice(iterator, size)):
        yield part


@contextmanager
def durable() -> Iterator[None]:
    """Commits inside stand on the disk when they return, and with them all that was committed before.

    SQLite otherwise leaves the last moments to the operating system (decision 1). Outside a transaction only.
    """
    if on_postgres() or connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=FULL")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=NORMAL")


def checkpoint() -> None:
    """Carry SQLite's log into the database file as far as nobody is hindered; the worker's chore.

    Whoever writes much would otherwise do it between two of its slices, with everybody waiting.
    """
    if not on_postgres() and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
            cursor.fetchall()


def forget() -> None:
    """Take what was overwritten out of SQLite's log, so that a value sealed later stands nowhere in clear.

    Waits a moment for readers and otherwise leaves it to the next call, or to the last connection that closes.
    PostgreSQL does the same by its own VACUUM.
    """
    if on_postgres() or connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout=500")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.fetchall()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
