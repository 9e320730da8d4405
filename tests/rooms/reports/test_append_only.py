"""What became of a report is written once: the database itself refuses to change it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from amaan.accounts.models import Unit
from amaan.reports.domain.outcomes import Decision
from amaan.reports.models import Entity, Outcome, Report

AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def outcome(db: None) -> Outcome:
    report = Report.objects.create(
        reference="R-0000-0000-0000",
        entity=Entity.objects.create(key="exampleplatform", name="Example Platform"),
        number="1",
        unit=Unit.objects.create(code="lahore", name="Lahore"),
        received_at=AT,
        version=1,
    )
    return Outcome.objects.create(report=report, decision=Decision.REFERRED, reason=b"s", by="staff:1", at=AT)


def _sql(statement: str, *values: object) -> Callable[[], object]:
    def run() -> object:
        with connection.cursor() as cursor:
            return cursor.execute(statement, values)

    return run


def test_an_outcome_is_neither_changed_nor_removed(outcome: Outcome) -> None:
    attempts: list[Callable[[], object]] = [
        lambda: Outcome.objects.filter(pk=outcome.pk).update(stage="trial"),
        outcome.delete,
        _sql("UPDATE reports_outcome SET decision = 'closed' WHERE id = %s", outcome.pk),
        _sql("DELETE FROM reports_outcome"),
    ]
    if connection.vendor == "postgresql":
        attempts.append(_sql("TRUNCATE reports_outcome"))
    else:
        attempts.append(_sql("REPLACE INTO reports_outcome SELECT * FROM reports_outcome"))
    for attempt in attempts:
        with pytest.raises(DatabaseError, match=r"append-only|pending trigger"), transaction.atomic():
            attempt()
    left = Outcome.objects.get()
    assert (left.decision, left.stage) == (Decision.REFERRED, "")


def test_a_later_outcome_stands_beside_the_earlier_one(outcome: Outcome) -> None:
    Outcome.objects.create(report=outcome.report, decision=Decision.CLOSED, reason=b"s", by="staff:1", at=AT)
    assert Outcome.objects.count() == 2
