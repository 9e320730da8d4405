"""How a store to link is written: straight into the tables of SQLite or PostgreSQL, indices made afterwards."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.world import Installation


@dataclass
class Column:
    """`kind`: bigint, integer, smallint, bool, bytes, text or time (days since 2026 began). Texts of one width."""

    kind: str
    values: NDArray[Any]


class Table(NamedTuple):
    name: str
    columns: dict[str, Column]


_WRITTEN = (
    "reports_entity",
    "reports_identifier",
    "reports_report",
    "reports_version",
    "reports_mention",
    "linking_noted",
    "linking_clue",
)
_EPOCH_DAYS = 9_497  # 2026-01-01 since PostgreSQL's own beginning, 2000-01-01
_FIRST = ("reports_entity", "reports_identifier", "reports_report", "reports_version")


class Sqlite:
    def __init__(self, held: Installation) -> None:
        self._db = sqlite3.connect(held.folder / "home" / "amaan.sqlite3", isolation_level=None)
        for pragma in (
            "foreign_keys=OFF",
            "synchronous=OFF",
            "cache_size=-1000000",
            "wal_autocheckpoint=200000",
        ):
            self._db.execute(f"PRAGMA {pragma}")
        one = self._db.execute
        self.first = {t: one(f"SELECT coalesce(max(id), 0) + 1 FROM {t}").fetchone()[0] for t in _FIRST}
        self.first["unit"] = one("SELECT min(id) FROM accounts_unit").fetchone()[0]
        self._indices = one(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql NOT LIKE '%UNIQUE%' AND tbl_name IN"
            f" ({','.join('?' * len(_WRITTEN))})",
            _WRITTEN,
        ).fetchall()
        for name, _ in self._indices:
            one(f'DROP INDEX "{name}"')

    def put(self, table: Table) -> None:
        names = ", ".join(f'"{name}"' for name in table.columns)
        marks = ", ".join("?" * len(table.columns))
        columns = [self._values(column) for column in table.columns.values()]
        self._db.execute("BEGIN")
        self._db.executemany(
            f"INSERT INTO {table.name} ({names}) VALUES ({marks})", zip(*columns, strict=True)
        )
        self._db.execute("COMMIT")

    @staticmethod
    def _values(column: Column) -> list[Any]:
        if column.kind == "text":
            return list(column.values.astype(str).tolist())
        if column.kind == "time":
            days = np.datetime64("2026-01-01") + column.values.astype("m8[D]")
            return [f"{day} 09:00:00" for day in days.astype(str).tolist()]
        if column.kind == "bytes":
            return [bytes(value) for value in column.values.tolist()]
        return list(column.values.astype(np.int64).tolist())

    def settle(self) -> None:
        for _, sql in self._indices:
            self._db.execute(sql)
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._db.execute("PRAGMA analysis_limit=1000")
        self._db.execute("ANALYZE")

    def close(self) -> None:
        self._db.close()


_WIDTHS = {"bigint": ">i8", "integer": ">i4", "smallint": ">i2", "bool": ">i1", "time": ">i8"}


class Postgres:
    def __init__(self, held: Installation) -> None:
        import psycopg

        assert held.database
        self._db = psycopg.connect(held.database, autocommit=True)
        one = self._db.execute
        one("SET session_replication_role = replica")
        one("SET synchronous_commit = off")
        one("SET maintenance_work_mem = '1GB'")
        self.first = {t: self._one(f"SELECT coalesce(max(id), 0) + 1 FROM {t}") for t in _FIRST}
        self.first["unit"] = self._one("SELECT min(id) FROM accounts_unit")
        self._indices = one(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexdef NOT LIKE '%%UNIQUE%%'",
            [list(_WRITTEN)],
        ).fetchall()
        for name, _ in self._indices:
            one(f'DROP INDEX "{name}"'.encode())

    def _one(self, sql: str) -> int:
        row = self._db.execute(sql.encode()).fetchone()
        assert row
        return int(row[0])

    def put(self, table: Table) -> None:
        fields: list[tuple[str, Any]] = [("fields", ">i2")]
        for name, column in table.columns.items():
            width = _WIDTHS.get(column.kind, column.values.dtype)
            fields += [(f"{name} length", ">i4"), (name, width)]
        count = len(next(iter(table.columns.values())).values)
        rows = np.zeros(count, np.dtype(fields))
        rows["fields"] = len(table.columns)
        for name, column in table.columns.items():
            length = rows.dtype[name].itemsize
            values = column.values
            if column.kind == "text" and not values.any():
                length = 0
            if column.kind == "time":
                values = ((values + _EPOCH_DAYS) * 24 + 9) * 3_600_000_000
            rows[f"{name} length"] = length
            rows[name] = values
        if any(column.kind == "text" and not column.values.any() for column in table.columns.values()):
            rows = self._without_empty(rows, table)
        names = ", ".join(f'"{name}"' for name in table.columns)
        sql = f"COPY {table.name} ({names}) FROM STDIN (FORMAT BINARY)"
        with self._db.cursor() as cursor, cursor.copy(sql.encode()) as copy:
            copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
            copy.write(rows.tobytes())
            copy.write(b"\xff\xff")

    @staticmethod
    def _without_empty(rows: NDArray[np.void], table: Table) -> NDArray[np.void]:
        """Empty texts take no bytes, which numpy's own have at least one of."""
        empty = {
            name
            for name, column in table.columns.items()
            if column.kind == "text" and not column.values.any()
        }
        kept = [(name, rows.dtype[name]) for name in rows.dtype.names or () if name not in empty]
        packed = np.empty(len(rows), np.dtype(kept))
        for name, _ in kept:
            packed[name] = rows[name]
        return packed

    def settle(self) -> None:
        for _, definition in self._indices:
            self._db.execute(definition.encode())
        for table in _FIRST:
            self._db.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))".encode()
            )
        self._db.execute("VACUUM ANALYZE")
        self._db.execute("CHECKPOINT")

    def close(self) -> None:
        self._db.close()
