"""What somebody with the database, and without AMAAN_KEYS, could do. Lives in the tests only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction


def drop_triggers(room: str = "ledger") -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT tgname, tgrelid::regclass::text FROM pg_trigger"
                " WHERE NOT tgisinternal AND tgrelid::regclass::text LIKE %s",
                [f"{room}\\_%"],
            )
            for name, table in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name} ON {table}")
        else:
            cursor.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s", [f"{room}_%"]
            )
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")


def settle() -> None:
    """As after a commit: PostgreSQL alters and truncates no table on which deferred constraints still
    wait."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def flush_past_the_ledger(operations: Any, statements: list[str]) -> None:
    """Stands in for `execute_sql_flush`: the tables are emptied, and the head that knew them goes too.

    Whatever room has triggers: they are put back as they stood.
    """
    with transaction.atomic(using=operations.connection.alias), operations.connection.cursor() as cursor:
        if operations.connection.vendor == "postgresql":
            cursor.execute(
                "SELECT tgname, tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
            )
        else:
            cursor.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, table, _ in triggers:
            on = f" ON {table}" if operations.connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER {name}{on}")
        for statement in statements:
            cursor.execute(statement)
        for _, _, made in triggers:
            cursor.execute(made)
    (Path(settings.AMAAN_KEYS) / "ledger.head").unlink(missing_ok=True)
