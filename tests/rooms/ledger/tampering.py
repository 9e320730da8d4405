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


_OF_THE_MIGRATIONS = ('"django_content_type"', '"auth_permission"')
"""Tables that a flush would fill again with what it took: nobody else writes there."""


def flush_past_the_ledger(operations: Any, statements: list[str]) -> None:
    """Stands in for `execute_sql_flush`: the tables are emptied, and the head that knew them goes too.

    Whatever room has triggers: on SQLite they are put back as they stood, on PostgreSQL they rest meanwhile. There
    nothing is truncated: that makes each table and index anew, a second's work where a few rows stand.
    """
    database = operations.connection
    with transaction.atomic(using=database.alias), database.cursor() as cursor:
        if database.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
            names = database.introspection.django_table_names(only_existing=True, include_views=False)
            statements = [f'DELETE FROM "{name}";' for name in names]
            triggers = []
        else:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            if not any(kept in statement for kept in _OF_THE_MIGRATIONS):
                cursor.execute(statement)
        for _, made in triggers:
            cursor.execute(made)
    (Path(settings.AMAAN_KEYS) / "ledger.head").unlink(missing_ok=True)
