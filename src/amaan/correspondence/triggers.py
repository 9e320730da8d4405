"""What the database refuses to do to a conversation. Whoever alters one of these tables calls `create` again."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

from amaan.store.append_only import refuse_changes


def create(connection: BaseDatabaseWrapper) -> None:
    """Messages, notes and marks stay as they were written."""
    for table in ("message", "note", "flag", "textmark"):
        refuse_changes(connection, f"correspondence_{table}")
