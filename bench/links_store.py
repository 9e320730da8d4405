"""A store to link: reports with twenty mentions and six clues each, written straight into the tables.

How often values recur is drawn like the real thing: most are told once; accounts, devices and numbers in groups whose
sizes follow a power law; addresses of carriers and known sites by Zipf's law, the first of them in a tenth of all
reports; wallets in rings of 3 to 40; families' numbers by twos; viral files.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from amaan.linking.domain.evidence import Stance, Trust
from amaan.linking.domain.kinds import EvidenceKind
from bench.world import Installation

_A_BLOCK = 50_000
_ENTITIES = 40
_DAYS = 365
_DIGITS = 10
_EPOCH_DAYS = 9_497  # 2026-01-01 since PostgreSQL's own beginning, 2000-01-01


class Slot(NamedTuple):
    """One mention of every report. `shared`: the share of reports whose value others tell too; `how`: `groups` by a
    power law with this exponent, `rings`, or `zipf` over so many values a report."""

    type: str
    role: str
    how: str = "alone"
    shared: float = 0.0
    of: float = 0.0


SLOTS = (
    *[Slot("ip", "reported", "zipf", 1.0, 0.5)] * 6,
    Slot("domain", "content", "zipf", 1.0, 0.0025),
    Slot("email", "reported", "groups", 0.08, 2.5),
    Slot("phone", "reported", "groups", 0.08, 2.5),
    Slot("handle", "reported", "groups", 0.08, 2.5),
    Slot("platform_account", "reported", "groups", 0.08, 2.5),
    Slot("device", "reported", "groups", 0.04, 3.0),
    Slot("mobile_wallet", "reported", "rings", 0.05),
    *[Slot("url", "content")] * 5,
    Slot("phone", "victim", "groups", 0.02, 3.5),
    Slot("email", "reporter"),
)
ROLES = sorted({slot.role for slot in SLOTS})


@dataclass
class Column:
    """`kind`: bigint, integer, smallint, bool, bytes, text or time (days since 2026 began). Texts of one width."""

    kind: str
    values: NDArray[Any]


class Table(NamedTuple):
    name: str
    columns: dict[str, Column]


def fill_with_links(held: Installation, reports: int, seed: int = 7) -> None:
    """Write `reports` reports behind the one that stands there, and the indices again."""
    write = _Sqlite(held) if held.database is None else _Postgres(held)
    with closing(write):
        for table in _tables(reports, np.random.default_rng(seed), write.first):
            write.put(table)
        write.settle()


# ---------------------------------------------------------------- what is told


def _tables(reports: int, chance: np.random.Generator, first: dict[str, int]) -> Iterator[Table]:
    entities = np.arange(_ENTITIES) + first["reports_entity"]
    names = _numbered(b"bench entity ", entities)
    yield Table("reports_entity", _of(id=("bigint", entities), key=("text", names), name=("text", names)))
    next_identifier = first["reports_identifier"]
    pools: list[NDArray[np.int64]] = []
    for slot in SLOTS:
        values, count = _shared(slot, reports, chance)
        yield from _identifiers(np.arange(count) + next_identifier, slot.type, chance)
        pools.append(np.where(values >= 0, values + next_identifier, -1))
        next_identifier += count
    viral = _log_uniform(reports, max(1, reports // 100), chance)
    files, _ = _groups(reports, 0.1, 2.5, chance)
    for start in range(0, reports, _A_BLOCK):
        block = np.arange(start, min(start + _A_BLOCK, reports))
        yield from _reports(block, chance, first, entities)
        told = np.empty((len(block), len(SLOTS)), np.int64)
        for place, slot in enumerate(SLOTS):
            told[:, place] = pools[place][block]
            alone = np.flatnonzero(told[:, place] < 0)
            numbers = np.arange(len(alone)) + next_identifier
            next_identifier += len(alone)
            told[alone, place] = numbers
            yield from _identifiers(numbers, slot.type, chance)
        yield from _mentions(block, told, first)
        yield _clues(block, viral[block], files[block], first, chance)


def _shared(slot: Slot, reports: int, chance: np.random.Generator) -> tuple[NDArray[np.int64], int]:
    """By report the number of a value that others tell too, -1 for none; and how many values there are."""
    if slot.how == "zipf":
        pool = max(10, int(reports * slot.of))
        return _log_uniform(reports, pool, chance), pool
    if slot.how == "groups":
        return _groups(reports, slot.shared, slot.of, chance)
    if slot.how == "rings":
        return _dealt(reports, chance.integers(3, 41, max(1, int(reports * slot.shared / 21))), chance)
    return np.full(reports, -1, np.int64), 0


def _log_uniform(reports: int, pool: int, chance: np.random.Generator) -> NDArray[np.int64]:
    """Zipf's law: of a pool of n values the first one is told 1 / ln n of the time."""
    return (pool ** chance.random(reports)).astype(np.int64) - 1


def _groups(
    reports: int, share: float, exponent: float, chance: np.random.Generator
) -> tuple[NDArray[np.int64], int]:
    sizes = np.minimum(chance.zipf(exponent, max(4, int(reports * share))), 2_000) + 1
    kept = np.searchsorted(np.cumsum(sizes), reports * share) + 1
    return _dealt(reports, sizes[:kept], chance)


def _dealt(
    reports: int, sizes: NDArray[np.int64], chance: np.random.Generator
) -> tuple[NDArray[np.int64], int]:
    values = np.full(reports, -1, np.int64)
    members = np.repeat(np.arange(len(sizes)), sizes)[:reports]
    values[chance.permutation(reports)[: len(members)]] = members
    return values, len(sizes)


def _reports(
    block: NDArray[np.int64], chance: np.random.Generator, first: dict[str, int], entities: NDArray[np.int64]
) -> Iterator[Table]:
    report, version = block + first["reports_report"], block + first["reports_version"]
    entity, day = chance.choice(entities, len(block)), chance.integers(0, _DAYS, len(block))
    public = chance.random(len(block)) < 0.1
    count = len(block)
    yield Table(
        "reports_report",
        _of(
            id=("bigint", report),
            reference=("text", _numbered(b"B-", report)),
            entity_id=("bigint", entity),
            number=("text", _numbered(b"", report)),
            unit_id=("bigint", np.full(count, first["unit"])),
            received_at=("time", day),
            version=("integer", np.ones(count, np.int64)),
            public_status=("text", np.full(count, b"received")),
        ),
    )
    for door, of in ((b"portal", public), (b"cybertipline_xml", ~public)):
        some = int(of.sum())
        empty = np.full(some, b"[]")
        yield Table(
            "reports_version",
            _of(
                id=("bigint", version[of]),
                report_id=("bigint", report[of]),
                number=("integer", np.ones(some, np.int64)),
                digest=("bytes", _random_bytes(some, 32, chance)),
                source=("text", np.full(some, door)),
                origin=("text", np.full(some, b"import:1")),
                received_at=("time", day[of]),
                exhibits=("text", empty),
                receipt=("text", empty),
                facts=("text", np.full(some, b"{}")),
                sealed=("bytes", _random_bytes(some, 32, chance)),
            ),
        )
    yield Table(
        "linking_noted",
        _of(
            report_id=("bigint", report),
            version_id=("bigint", version),
            source=("bigint", entity * 2 + public << 26 | day),
            trust=("smallint", np.where(public, int(Trust.PUBLIC), 0)),
        ),
    )


def _identifiers(numbers: NDArray[np.int64], type_: str, chance: np.random.Generator) -> Iterator[Table]:
    for start in range(0, len(numbers), 1_000_000):
        some = numbers[start : start + 1_000_000]
        yield Table(
            "reports_identifier",
            _of(
                id=("bigint", some),
                key=("bytes", _random_bytes(len(some), 16, chance)),
                type=("text", np.full(len(some), type_.encode())),
                links=("bool", np.full(len(some), type_ not in {"ip", "url", "domain"})),
                clear=("text", _numbered(b"https://site.example/", some)),
            ),
        )


def _mentions(block: NDArray[np.int64], told: NDArray[np.int64], first: dict[str, int]) -> Iterator[Table]:
    for role in ROLES:
        places = [place for place, slot in enumerate(SLOTS) if slot.role == role]
        count = len(block) * len(places)
        yield Table(
            "reports_mention",
            _of(
                identifier_id=("bigint", told[:, places].ravel()),
                report_id=("bigint", np.repeat(block + first["reports_report"], len(places))),
                version_id=("bigint", np.repeat(block + first["reports_version"], len(places))),
                role=("text", np.full(count, role.encode())),
                event=("text", np.full(count, b"")),
                verified=("text", np.full(count, b"not_said")),
            ),
        )


def _clues(
    block: NDArray[np.int64],
    viral: NDArray[np.int64],
    files: NDArray[np.int64],
    first: dict[str, int],
    chance: np.random.Generator,
) -> Table:
    """Two files and four moments of addresses; digests have the highest bit set, and are negative as they're stored."""
    keys = chance.integers(-(1 << 62), 0, (len(block), 6))
    seen = chance.random(len(block)) < 0.3
    keys[seen, 0] = -(1 << 63) + viral[seen]
    keys[files >= 0, 1] = -(1 << 63) + (1 << 40) + files[files >= 0]
    kinds = np.array([EvidenceKind.SAME_FILE] * 2 + [EvidenceKind.IP_MOMENT] * 4)
    return Table(
        "linking_clue",
        _of(
            report_id=("bigint", np.repeat(block + first["reports_report"], 6)),
            kind=("smallint", np.tile(kinds, len(block))),
            key=("bigint", keys.ravel()),
            stance=(
                "smallint",
                np.tile([int(Stance.SUPPORTS)] * 2 + [int(Stance.LINKS)] * 4, len(block)),
            ),
        ),
    )


def _of(**columns: tuple[str, NDArray[Any]]) -> dict[str, Column]:
    return {name: Column(kind, values) for name, (kind, values) in columns.items()}


def _numbered(prefix: bytes, numbers: NDArray[np.int64]) -> NDArray[np.bytes_]:
    """Texts of one width: the prefix and ten digits."""
    digits = numbers[:, None] // 10 ** np.arange(_DIGITS - 1, -1, -1) % 10 + ord("0")
    begun = np.tile(np.frombuffer(prefix, np.uint8), (len(numbers), 1))
    width = len(prefix) + _DIGITS
    return np.ascontiguousarray(np.hstack((begun, digits.astype(np.uint8)))).view(f"S{width}").ravel()


def _random_bytes(count: int, size: int, chance: np.random.Generator) -> NDArray[np.void]:
    return np.frombuffer(chance.bytes(count * size), np.dtype(f"V{size}"))


# ---------------------------------------------------------------- how it is written

_WRITTEN = (
    "reports_entity",
    "reports_identifier",
    "reports_report",
    "reports_version",
    "reports_mention",
    "linking_noted",
    "linking_clue",
)
_FIRST = ("reports_entity", "reports_identifier", "reports_report", "reports_version")


class _Sqlite:
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


class _Postgres:
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
