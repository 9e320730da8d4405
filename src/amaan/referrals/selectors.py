"""Reading imports, quarantine, receipts, and the platforms' wire."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, require, units_where
from amaan.keyring.services import opener
from amaan.referrals.domain.receipts import Receipt, in_words
from amaan.referrals.domain.wire import NOBODY, Arrived, Sender, secret_fits
from amaan.referrals.models import Batch, OpenFile, OpenReport, Platform, Quarantined, Shape
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
    platform: str = ""  # of a day of the wire: what this platform finished
    origin: str = ""  # what the reports that came this way name as their origin


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
            b.platform.name if b.platform else "",
            str(b),
        )
        for b in Batch.objects.filter(mine).select_related("unit", "platform").order_by("-id")[:limit]
    ]


def quarantine_for(actor: Actor) -> list[QuarantineLine]:
    """What waits in the actor's units, oldest first."""
    units = units_where(actor, Action.VIEW_IMPORT)
    mine = Q() if units.all else Q(unit__code__in=units.codes)
    items = Quarantined.objects.select_related("batch").filter(mine, resolved_at__isnull=True)
    open_ = opener().open
    lines = []
    for item in items.order_by("received_at", "id"):
        kept = json.loads(
            open_(f"referrals_quarantined/{bytes(item.digest).hex()}/sealed", bytes(item.sealed))
        )
        lines.append(
            QuarantineLine(
                item.pk,
                str(item.batch),
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


def verified_sender(user: str, secret: str) -> Sender | None:
    """The platform whose credential this is, if it stands. One look-up, and one comparison in any case."""
    held = Platform.objects.select_related("unit").filter(user=user[:64]).first()
    fits = secret_fits(bytes(held.secret) if held else NOBODY, user, secret)
    if held is None or not fits or held.revoked_at is not None:
        return None
    return Sender(held.pk, held.user, held.name, held.entity, held.unit.code)


@dataclass(frozen=True)
class PlatformLine:
    name: str
    user: str
    entity: str
    unit: str
    made_at: datetime
    rotated_at: datetime | None
    revoked_at: datetime | None


def platforms_for(actor: Actor) -> list[PlatformLine]:
    """Every credential, by name. Raises NotAllowed."""
    require(actor, Action.MANAGE_PLATFORMS)
    return [
        PlatformLine(p.name, p.user, p.entity, p.unit.code, p.made_at, p.rotated_at, p.revoked_at)
        for p in Platform.objects.select_related("unit").order_by("name")
    ]


@dataclass(frozen=True)
class Preservation:
    """Until when the platform that sent a report must preserve what it reported, and what it is called there."""

    platform: str
    number: str
    received_at: datetime
    until: datetime
    files: tuple[Arrived, ...]


def preservation_of(actor: Actor, reference: str) -> Preservation | None:
    """None for a report that did not come over the wire, or was never finished there. Raises ReportNotFound."""
    report = access_report(actor, reference)
    came = (
        OpenReport.objects.select_related("platform")
        .filter(reference=report.reference, preserve_until__isnull=False)
        .first()
    )
    if came is None or came.ended_at is None or came.preserve_until is None:
        return None
    files = tuple(file.arrived() for file in OpenFile.objects.filter(report=came).order_by("id"))
    return Preservation(came.platform.name, str(came.number), came.ended_at, came.preserve_until, files)
