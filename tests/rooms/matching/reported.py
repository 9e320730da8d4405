"""Reports that tell of files, laid straight into the spine's tables: how they come is another room's test."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from tests.rooms.matching.banks import value

from amaan.accounts.models import Unit
from amaan.reports.domain.references import derive_reference
from amaan.reports.models import ContentItem, Entity, Report, Version

ARRIVED = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
File = Mapping[str, bytes]


def a_report(*files: File, unit: str = "lahore", facts: Mapping[str, Any] | None = None) -> Report:
    """A report with a content item for each of `files` (hashes by their name)."""
    entity, _ = Entity.objects.get_or_create(key="exampleplatform", defaults={"name": "Example Platform"})
    office, _ = Unit.objects.get_or_create(code=unit, defaults={"name": unit.title()})
    number = str(Report.objects.count() + 1)
    report = Report.objects.create(
        reference=derive_reference(b"k" * 32, entity.key, number),
        entity=entity,
        number=number,
        unit=office,
        received_at=ARRIVED,
        version=1,
    )
    tell(report, files, facts)
    return report


def tell(report: Report, files: Sequence[File], facts: Mapping[str, Any] | None = None) -> Version:
    """A new telling, which counts from now on."""
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
        facts=json.dumps(dict(facts or {})),
        sealed=b"",
    )
    ContentItem.objects.bulk_create(
        ContentItem(version=version, number=n, viewed="not_said", public="not_said", **hashes)
        for n, hashes in enumerate(files)
    )
    report.version = number
    report.save()
    return version


def near(number: int, bits: int) -> bytes:
    """The hash of `banks.entry(number)` with its last `bits` bits turned."""
    return (int.from_bytes(value(number), "big") ^ ((1 << bits) - 1)).to_bytes(32, "big")
