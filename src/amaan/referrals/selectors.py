"""Reading imports, quarantine and receipts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, units_where
from amaan.keyring.services import opener
from amaan.referrals.domain.receipts import Receipt, in_words
from amaan.referrals.models import Batch, Quarantined, Shape
from amaan.reports.selectors import access_report, newest_telling


@dataclass(frozen=True)
class QuarantineLine:
    id: int
    batch: str
    code: str
    detail: str
    entity: str
    number: str
    names: tuple[str, ...]
    received_at: datetime
    retries: int


@dataclass(frozen=True)
class ImportLine:
    id: int
    unit: str
    started_at: datetime
    finished: bool
    received: int
    stored: int
    versions: int
    duplicates: int
    quarantined: int


def imports_for(actor: Actor, *, limit: int = 50) -> list[ImportLine]:
    """The newest imports of the actor's units."""
    units = units_where(actor, Action.VIEW_IMPORT)
    mine = Q() if units.all else Q(unit__code__in=units.codes)
    return [
        ImportLine(
            b.pk,
            b.unit.code,
            b.started_at,
            b.finished_at is not None,
            b.received,
            b.stored,
            b.versions,
            b.duplicates,
            b.quarantined,
        )
        for b in Batch.objects.filter(mine).select_related("unit").order_by("-id")[:limit]
    ]


def quarantine_for(actor: Actor) -> list[QuarantineLine]:
    """What waits in the actor's units, oldest first."""
    units = units_where(actor, Action.VIEW_IMPORT)
    mine = Q() if units.all else Q(unit__code__in=units.codes)
    items = Quarantined.objects.filter(mine, resolved_at__isnull=True).order_by("received_at", "id")
    open_ = opener().open
    lines = []
    for item in items:
        kept = json.loads(
            open_(f"referrals_quarantined/{bytes(item.digest).hex()}/sealed", bytes(item.sealed))
        )
        lines.append(
            QuarantineLine(
                item.pk,
                f"import:{item.batch_id}",
                item.code,
                kept["detail"],
                kept["entity"],
                kept["number"],
                tuple(kept["names"]),
                item.received_at,
                item.retries,
            )
        )
    return lines


def receipts_of(actor: Actor, reference: str) -> list[Receipt]:
    """The completeness receipts of a report's newest telling, one a document. Raises ReportNotFound."""
    report = access_report(actor, reference)
    stored = json.loads(newest_telling(report).receipt)
    names = {
        s.digest: tuple(json.loads(s.names)) for s in Shape.objects.filter(digest__in=[r[1] for r in stored])
    }
    return [in_words(one, names[one[1]]) for one in stored]
