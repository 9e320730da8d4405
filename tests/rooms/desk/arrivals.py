"""Reports that came in whole: documents in the vault, receipts, bands."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from tests.rooms.referrals.reading import ARRIVED

from amaan.accounts.models import Unit
from amaan.authority.actors import Actor
from amaan.evidence.services import exhibit_sealer
from amaan.formats.table import ColumnMapping
from amaan.keyring.services import index_keys, new_sealer
from amaan.referrals.domain.intake import Context, read_documents
from amaan.referrals.domain.packages import Member, Package
from amaan.reports.domain.preparing import Prepared, Seals
from amaan.reports.models import Report
from amaan.reports.services import receive_reports
from amaan.triage.services import prepare_rules, triage_reports

SYSTEM = Actor.system("test")


def arrived(
    *documents: bytes,
    number: str = "70001",
    unit: str = "north",
    entity: str = "Example Platform",
    mapping: ColumnMapping | None = None,
    at: datetime | None = None,
) -> str:
    """One report of these documents, banded; its reference. Told again under the same number, it is a new telling."""
    sealer = new_sealer()
    context = Context(Seals(sealer, index_keys()), exhibit_sealer(sealer), ARRIVED, "", mapping)
    named = [(f"{entity}/{number}/{n}.xml", raw) for n, raw in enumerate(documents)]
    members = tuple(Member(name, "", len(raw)) for name, raw in named)
    row = documents[0].decode() if mapping else ""
    found = read_documents(Package(entity, number, members, row=row), named, context)
    assert isinstance(found, Prepared), found
    office = Unit.objects.get_or_create(code=unit, defaults={"name": unit.title()})[0]
    receipts = receive_reports(
        SYSTEM, [found], unit=office, received_at=at or timezone.now(), origin="import:1", sealer=sealer
    )
    prepare_rules()
    triage_reports(SYSTEM, report_ids=[Report.objects.get(reference=receipts[0].reference).pk])
    return receipts[0].reference
