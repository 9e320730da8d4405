"""The triggers that make the ledger append-only, for both databases. Migration 0002 runs them.

Danger: on SQLite, Django alters a table by making a new one and renaming it, and triggers go with the old
one. A later migration that alters a ledger table must call `create` again (it is idempotent); the room's
tests fail otherwise. Nothing here takes triggers down: no part of Amaan has a reason to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper

KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "entry": ("id",),
    "about": ("entry_id",),
    "leaf": ("index", "entry_id"),
    "tile": ("level, n",),
    "checkpoint": ("size",),
    "erasure": ("entry_id", "by_id"),
    "body": ("entry_id",),
}
"""Each table's unique keys, for SQLite's REPLACE."""


def create(connection: BaseDatabaseWrapper) -> None:
    """Create or renew the triggers, on the tables that this migration already has."""
    there = set(connection.introspection.table_names())
    tables = [table for table in KEYS if f"ledger_{table}" in there]
    statements = _postgres(tables) if connection.vendor == "postgresql" else _sqlite(tables)
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _sqlite(tables: Sequence[str]) -> Iterator[str]:
    for table in tables:
        keys = KEYS[table]
        refused = f"SELECT RAISE(ABORT, 'the ledger is append-only: ledger_{table}');"
        unless = " WHEN NOT EXISTS (SELECT 1 FROM ledger_erasure e WHERE e.entry_id = OLD.entry_id)"
        yield (
            f"CREATE TRIGGER IF NOT EXISTS ledger_{table}_update BEFORE UPDATE ON ledger_{table}"
            f" BEGIN {refused} END"
        )
        yield (
            f"CREATE TRIGGER IF NOT EXISTS ledger_{table}_delete BEFORE DELETE ON ledger_{table}"
            f"{unless if table == 'body' else ''} BEGIN {refused} END"
        )
        # INSERT OR REPLACE deletes the old row without waking its delete trigger.
        for n, key in enumerate(keys):
            columns = [f'"{c.strip()}"' for c in key.split(",")]
            same = " AND ".join(f"o.{c} = NEW.{c}" for c in columns)
            there = f"SELECT 1 FROM ledger_{table} o WHERE {same}"  # noqa: S608 - names from KEYS
            yield (
                f"CREATE TRIGGER IF NOT EXISTS ledger_{table}_replace{n} BEFORE INSERT ON ledger_{table}"
                f" WHEN EXISTS ({there}) BEGIN {refused} END"
            )
    yield (
        "CREATE TRIGGER IF NOT EXISTS ledger_entry_waits AFTER INSERT ON ledger_entry"
        " BEGIN INSERT INTO ledger_pending (entry_id, refused) VALUES (NEW.id, ''); END"
    )


def _postgres(tables: Sequence[str]) -> Iterator[str]:
    yield """
        CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'the ledger is append-only: % on %', TG_OP, TG_TABLE_NAME
                USING ERRCODE = 'integrity_constraint_violation';
        END $$"""
    yield """
        CREATE OR REPLACE FUNCTION ledger_refuse_unless_erased() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT 1 FROM ledger_erasure e WHERE e.entry_id = OLD.entry_id) THEN
                RETURN OLD;
            END IF;
            RAISE EXCEPTION 'the ledger is append-only: body of entry % has no erasure', OLD.entry_id
                USING ERRCODE = 'integrity_constraint_violation';
        END $$"""
    yield """
        CREATE OR REPLACE FUNCTION ledger_wait() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO ledger_pending (entry_id, refused) SELECT id, '' FROM arrived;
            RETURN NULL;
        END $$"""
    for table in tables:
        events = "UPDATE OR TRUNCATE" if table == "body" else "UPDATE OR DELETE OR TRUNCATE"
        yield (
            f"CREATE OR REPLACE TRIGGER ledger_{table}_refuse BEFORE {events} ON ledger_{table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()"
        )
    yield (
        "CREATE OR REPLACE TRIGGER ledger_body_erase BEFORE DELETE ON ledger_body"
        " FOR EACH ROW EXECUTE FUNCTION ledger_refuse_unless_erased()"
    )
    yield (
        "CREATE OR REPLACE TRIGGER ledger_entry_waits AFTER INSERT ON ledger_entry"
        " REFERENCING NEW TABLE AS arrived FOR EACH STATEMENT EXECUTE FUNCTION ledger_wait()"
    )
