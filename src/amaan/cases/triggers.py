"""What the database refuses to do to a case's history. Whoever alters one of these tables calls `create` again."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

from amaan.store.append_only import refuse_all_but_ending, refuse_changes


def create(connection: BaseDatabaseWrapper) -> None:
    """An event stays as it was written; of a report in a case and a person at work, only the end is ever added."""
    refuse_changes(connection, "cases_caseevent")
    refuse_all_but_ending(
        connection, "cases_casereport", "left_id", ["case_id", "report_id", "also", "joined_id"]
    )
    refuse_all_but_ending(
        connection, "cases_assignment", "ended_id", ["case_id", "person_id", "lead", "begun_id"]
    )
