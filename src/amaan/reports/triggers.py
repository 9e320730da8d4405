"""What keeps a request to unseal as it was made: it is answered once, and never changed, replaced or removed.

Danger: as with `store.append_only`, a later migration that alters the table on SQLite must call this again.
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

from amaan.store.append_only import refuse_changes

_ASKED = ("id", "report_id", "telling", "part", "party", "asked_by", "asked_at", "reason")
_TABLE = "reports_unsealing"


def create(connection: BaseDatabaseWrapper) -> None:
    """Create or renew the triggers of this room's append-only tables."""
    refuse_changes(connection, "reports_outcome")
    refuse_changes(connection, "reports_unsealedreading")
    let_be_answered_once(connection)


def let_be_answered_once(connection: BaseDatabaseWrapper) -> None:
    """A row comes in waiting; one update may answer it and touches nothing of what was asked."""
    if connection.vendor == "postgresql":
        old, new = (", ".join(f"{row}.{name}" for name in _ASKED) for row in ("OLD", "NEW"))
        statements = [
            f"""
            CREATE OR REPLACE FUNCTION reports_unsealing_once() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'INSERT' THEN
                    IF NEW.answer = '' THEN RETURN NEW; END IF;
                ELSIF TG_OP = 'UPDATE' THEN
                    IF OLD.answer = '' AND NEW.answer <> ''
                       AND ROW({old}) IS NOT DISTINCT FROM ROW({new}) THEN RETURN NEW; END IF;
                END IF;
                RAISE EXCEPTION 'reports_unsealing is answered once: %', TG_OP
                    USING ERRCODE = 'integrity_constraint_violation';
            END $$""",
            (
                f"CREATE OR REPLACE TRIGGER {_TABLE}_once BEFORE INSERT OR UPDATE OR DELETE ON {_TABLE}"
                " FOR EACH ROW EXECUTE FUNCTION reports_unsealing_once()"
            ),
            (
                f"CREATE OR REPLACE TRIGGER {_TABLE}_kept BEFORE TRUNCATE ON {_TABLE}"
                " FOR EACH STATEMENT EXECUTE FUNCTION reports_unsealing_once()"
            ),
        ]
    else:
        changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in _ASKED)
        same = f"SELECT 1 FROM {_TABLE} o WHERE o.id = NEW.id"  # noqa: S608 - a table of ours
        refused = f"BEGIN SELECT RAISE(ABORT, '{_TABLE} is answered once'); END"
        statements = [
            (
                f"CREATE TRIGGER IF NOT EXISTS {_TABLE}_update BEFORE UPDATE ON {_TABLE}"
                f" WHEN OLD.answer <> '' OR NEW.answer = '' OR {changed} {refused}"
            ),
            f"CREATE TRIGGER IF NOT EXISTS {_TABLE}_delete BEFORE DELETE ON {_TABLE} {refused}",
            # INSERT OR REPLACE deletes the old row without waking its delete trigger.
            (
                f"CREATE TRIGGER IF NOT EXISTS {_TABLE}_replace BEFORE INSERT ON {_TABLE}"
                f" WHEN NEW.answer <> '' OR EXISTS ({same}) {refused}"
            ),
        ]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
