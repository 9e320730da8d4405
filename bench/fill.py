"""A store of a million reports, made from twenty thousand imported ones by copying their rows under new keys.

Every copy has rows of the real shape in every table that an import reads or writes by key, with fresh random keys,
so that the indices are as large and as scattered as real ones. The ledger is not copied: its entries are appended
by number whatever their count, and copies would be forgeries that it refuses.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from bench.world import Installation

# Table → its columns that are shifted, each by the table whose ids it holds; and what makes keys fresh.
SHIFTED: dict[str, dict[str, str]] = {
    "evidence_exhibit": {"id": "evidence_exhibit", "offset": "places"},
    "reports_report": {"id": "reports_report"},
    "reports_version": {"id": "reports_version", "report_id": "reports_report"},
    "reports_incident": {"id": "reports_incident", "version_id": "reports_version"},
    "reports_party": {"id": "reports_party", "version_id": "reports_version"},
    "reports_identifier": {"id": "reports_identifier"},
    "reports_contentitem": {"id": "reports_contentitem", "version_id": "reports_version"},
    "reports_mention": {
        "id": "reports_mention",
        "identifier_id": "reports_identifier",
        "report_id": "reports_report",
        "version_id": "reports_version",
    },
    "reports_place": {"id": "reports_place", "version_id": "reports_version"},
    "triage_assessment": {
        "id": "triage_assessment",
        "report_id": "reports_report",
        "version_id": "reports_version",
    },
}
FRESH = {
    ("evidence_exhibit", "address"): 32,
    ("reports_report", "reference"): 0,
    ("reports_report", "number"): -1,
    ("reports_identifier", "key"): 16,
    ("reports_contentitem", "md5"): 16,
    ("reports_contentitem", "sha1"): 20,
    ("reports_contentitem", "sha256"): 32,
}

_COUNTED = "UPDATE linking_snapshot SET reports = {}"


def fill(held: Installation, reports: int) -> None:
    """Copy what is there until about `reports` are held.

    Links are said to have been weighed by a count of so many: a rebuild beside the import would be another measurement.
    """
    held.amaan("links", "rebuild")
    if held.database is None:
        _fill_sqlite(sqlite3.connect(held.folder / "home" / "amaan.sqlite3", isolation_level=None), reports)
    else:
        import psycopg

        with psycopg.connect(held.database, autocommit=True) as connection:
            _fill_postgres(connection, reports)


def _selected(table: str, columns: list[str], postgres: bool) -> str:
    chosen = []
    for column in columns:
        size = FRESH.get((table, column))
        if column in SHIFTED[table]:
            mark = f"%({SHIFTED[table][column]})s" if postgres else f":{SHIFTED[table][column]}"
            chosen.append(f'"{column}" + {mark}')
        elif size is None:
            chosen.append(f'"{column}"')
        elif size == 0:
            chosen.append(
                "'B-' || substr(md5(random()::text), 1, 16)" if postgres else "'B-' || hex(randomblob(8))"
            )
        elif size == -1:
            mark = "%(reports_report)s::text" if postgres else ":reports_report"
            chosen.append(f"\"{column}\" || '-' || {mark}")
        elif postgres:
            half = "decode(md5(random()::text), 'hex')"
            chosen.append(
                f'CASE WHEN "{column}" IS NULL THEN NULL ELSE substring({half} || {half} FROM 1 FOR {size}) END'
            )
        else:
            chosen.append(f'CASE WHEN "{column}" IS NULL THEN NULL ELSE randomblob({size}) END')
    return ", ".join(chosen)


def _copies(count: int, reports: int) -> range:
    return range(1, max(1, reports // max(1, count)))


def _fill_sqlite(db: sqlite3.Connection, reports: int) -> None:
    for pragma in ("foreign_keys=OFF", "synchronous=OFF", "cache_size=-4000000", "wal_autocheckpoint=200000"):
        db.execute(f"PRAGMA {pragma}")
    spans: dict[str, int] = {
        t: db.execute(f"SELECT coalesce(max(id), 0) + 1 FROM {t}").fetchone()[0] for t in SHIFTED
    }
    counted = db.execute("SELECT count(*) FROM reports_report").fetchone()[0]
    dropped = db.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN"
        f" ({','.join('?' * len(SHIFTED))})",
        list(SHIFTED),
    ).fetchall()
    for name, sql in dropped:
        if "UNIQUE" not in sql:
            db.execute(f'DROP INDEX "{name}"')
    for table in SHIFTED:
        columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
        names = ", ".join(f'"{c}"' for c in columns)
        db.execute("BEGIN")
        for copy in _copies(counted, reports):
            db.execute(
                f"INSERT INTO {table} ({names}) SELECT {_selected(table, columns, False)} FROM {table}"
                f" WHERE id < {spans[table]}",
                {t: span * copy for t, span in {**spans, "places": 10**12}.items()},
            )
        db.execute("COMMIT")
    for _, sql in dropped:
        if "UNIQUE" not in sql:
            db.execute(sql)
    db.execute(_COUNTED.format(reports))
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.execute("ANALYZE")
    db.close()


def _fill_postgres(db: Any, reports: int) -> None:
    db.execute("SET session_replication_role = replica")  # foreign keys hold by construction
    db.execute("SET synchronous_commit = off")
    db.execute("SET maintenance_work_mem = '1GB'")
    spans = {t: db.execute(f"SELECT coalesce(max(id), 0) + 1 FROM {t}").fetchone()[0] for t in SHIFTED}
    counted = db.execute("SELECT count(*) FROM reports_report").fetchone()[0]
    for table in SHIFTED:
        columns = [
            row[0]
            for row in db.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position",
                [table],
            )
        ]
        indices = db.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexdef NOT LIKE '%%UNIQUE%%'",
            [table],
        ).fetchall()
        for name, _ in indices:
            db.execute(f'DROP INDEX "{name}"')
        names = ", ".join(f'"{c}"' for c in columns)
        for copy in _copies(counted, reports):
            db.execute(
                f"INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE"
                f" SELECT {_selected(table, columns, True)} FROM {table} WHERE id < {spans[table]}",
                {t: span * copy for t, span in {**spans, "places": 10**12}.items()},
            )
        for _, definition in indices:
            db.execute(definition)
        db.execute(
            "SELECT setval(pg_get_serial_sequence(%s, 'id'), (SELECT max(id) FROM " + table + "))", [table]
        )
    db.execute(_COUNTED.format(reports))
    db.execute("VACUUM ANALYZE")
    db.execute("CHECKPOINT")
