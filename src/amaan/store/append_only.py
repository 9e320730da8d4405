"""Triggers that make a table append-only, on both databases: rows come in, and nothing changes or goes.

Danger: on SQLite, Django alters a table by making a new one and renaming it, and triggers go with the old one. A
later migration that alters such a table must call `refuse_changes` again (it is idempotent); a law test fails
otherwise. The ledger has triggers of its own, because one of its tables may be erased from.
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

_FUNCTION = """
    CREATE OR REPLACE FUNCTION store_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is append-only: %', TG_TABLE_NAME, TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END $$"""


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
