"""Reports with facts, laid straight into the spine's tables: the import is another room's test."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest

from amaan.accounts.models import Unit
from amaan.reports.domain.references import derive_reference
from amaan.reports.models import Entity, Report, Version

ARRIVED = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
Lay = Callable[..., Report]


def tell(report: Report, facts: Mapping[str, Any]) -> Version:
    """A new telling of a report, which counts from now on."""
    number = report.versions.count() + 1
    version = Version.objects.create(
        report=report,
        number=number,
        digest=sha256(f"{report.pk}/{number}".encode()).digest(),
        source="cybertipline_xml",
        origin="test",
        received_at=report.received_at,
        exhibits="[]",
        receipt="[]",
        facts=json.dumps(dict(facts)),
        sealed=b"",
    )
    report.version = number
    report.save()
    return version


@pytest.fixture
def lay(db: None) -> Lay:
    """`lay(facts, unit="lahore", received_at=…)` puts a report where triage finds it."""

    def _lay(
        facts: Mapping[str, Any] | None = None, *, unit: str = "lahore", received_at: datetime = ARRIVED
    ) -> Report:
        entity, _ = Entity.objects.get_or_create(key="exampleplatform", defaults={"name": "Example Platform"})
        office, _ = Unit.objects.get_or_create(code=unit, defaults={"name": unit.title()})
        number = str(Report.objects.count() + 1)
        report = Report.objects.create(
            reference=derive_reference(b"k" * 32, entity.key, number),
            entity=entity,
            number=number,
            unit=office,
            received_at=received_at,
            version=1,
        )
        tell(report, facts or {})
        return report

    return _lay
