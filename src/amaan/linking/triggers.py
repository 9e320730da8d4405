"""What the database refuses to do to decisions and a ring's history. Whoever alters them calls `create` again."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

from amaan.store.append_only import refuse_changes


def create(connection: BaseDatabaseWrapper) -> None:
    """Nothing that somebody decided is rewritten: it is undone by a later decision."""
    refuse_changes(connection, "linking_decision")
    refuse_changes(connection, "linking_side")
    refuse_changes(connection, "linking_ringchange")
