"""Triggers that make a table append-only, on both databases: rows come in, and nothing changes or goes.

Danger: on SQLite, Django alters a table by making a new one and renaming it, and triggers go with the old one. A
later migration that alters such a table must call `refuse_changes` again (it is idempotent); a law test fails
otherwise. The ledger has triggers of its own, because one of its tables may be erased from.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.backends.base.base import BaseDatabaseWrapper

_FUNCTION = """
    CREATE OR REPLACE FUNCTION store_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is append-only: %', TG_TABLE_NAME, TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END $$"""


def refuse_all_but_ending(connection: BaseDatabaseWrapper, table: str, end: str, kept: Sequence[str]) -> None:
    """Triggers of a table whose rows last for a while: the column `end` is filled once, and nothing else happens.

    `kept` are all other columns but `id`. The danger above holds here too.
    """
    same = " AND ".join(f"NEW.{c} IS NOT DISTINCT FROM OLD.{c}" for c in ("id", *kept))
    ending = f"OLD.{end} IS NULL AND NEW.{end} IS NOT NULL AND {same}"
    if connection.vendor == "postgresql":
        execute = "EXECUTE FUNCTION store_refuse()"
        statements = [
            _FUNCTION,
            (
                f"CREATE OR REPLACE TRIGGER {table}_refuse BEFORE DELETE OR TRUNCATE ON {table}"
                f" FOR EACH STATEMENT {execute}"
            ),
            (
                f"CREATE OR REPLACE TRIGGER {table}_end BEFORE UPDATE ON {table}"
                f" FOR EACH ROW WHEN (NOT ({ending})) {execute}"
            ),
        ]
    else:
        ending = ending.replace("IS NOT DISTINCT FROM", "IS")
        exists = f"SELECT 1 FROM {table} o WHERE o.id = NEW.id"  # noqa: S608 - a table of ours
        refused = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only but for its end'); END"
        statements = [
            f"CREATE TRIGGER IF NOT EXISTS {table}_update BEFORE UPDATE ON {table} WHEN NOT ({ending}) {refused}",
            f"CREATE TRIGGER IF NOT EXISTS {table}_delete BEFORE DELETE ON {table} {refused}",
            f"CREATE TRIGGER IF NOT EXISTS {table}_replace BEFORE INSERT ON {table} WHEN EXISTS ({exists}) {refused}",
        ]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def refuse_changes(connection: BaseDatabaseWrapper, table: str) -> None:
    """Create or renew the triggers of a table whose primary key is `id`."""
    if connection.vendor == "postgresql":
        statements = [
            _FUNCTION,
            (
                f"CREATE OR REPLACE TRIGGER {table}_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION store_refuse()"
            ),
        ]
    else:
        same = f"SELECT 1 FROM {table} o WHERE o.id = NEW.id"  # noqa: S608 - a table of ours
        refused = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        statements = [
            f"CREATE TRIGGER IF NOT EXISTS {table}_update BEFORE UPDATE ON {table} {refused}",
            f"CREATE TRIGGER IF NOT EXISTS {table}_delete BEFORE DELETE ON {table} {refused}",
            # INSERT OR REPLACE deletes the old row without waking its delete trigger.
            f"CREATE TRIGGER IF NOT EXISTS {table}_replace BEFORE INSERT ON {table} WHEN EXISTS ({same}) {refused}",
        ]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
