"""What somebody with the database, and without AMAAN_KEYS, could do. Lives in the tests only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from amaan.cases import triggers as cases_triggers
from amaan.correspondence import triggers as correspondence_triggers
from amaan.ledger import triggers
from amaan.reports import triggers as reports_triggers
from amaan.store.append_only import refuse_changes


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
    """Stands in for `execute_sql_flush`: the tables are emptied, and the head that knew them goes too."""
    desk = operations.connection.alias == connection.alias
    with transaction.atomic(using=operations.connection.alias):
        for room in ("ledger", "reports", "cases", "correspondence", "feedback") if desk else ():
            drop_triggers(room)
        with operations.connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        for guards in (triggers, reports_triggers, cases_triggers, correspondence_triggers) if desk else ():
            guards.create(operations.connection)
        for table in ("feedback_told", "feedback_acknowledged") if desk else ():
            refuse_changes(operations.connection, table)
    (Path(settings.AMAAN_KEYS) / "ledger.head").unlink(missing_ok=True)
