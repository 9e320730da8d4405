"""Reading imports, quarantine, receipts, and the platforms' wire."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from amaan.accounts.selectors import unit_ids
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, Units, may, require, units_where
from amaan.evidence.services import exhibit_sizes
from amaan.keyring.services import opener
from amaan.referrals.domain.receipts import Receipt, ReceiptTally, counted, in_words
from amaan.referrals.domain.wire import NOBODY, Arrived, Sender, secret_fits
from amaan.referrals.models import Batch, OpenFile, OpenReport, Platform, Quarantined, Shape
from amaan.reports.selectors import access_report, newest_telling, tellings_of_origin


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
    by: str = ""  # an actor's key


class ImportNotFound(Exception):
    """No such import, or none that this actor may see: the answer is the same."""


def imports_for(actor: Actor, *, before: int | None = None, limit: int = 50) -> list[ImportLine]:
    """The newest imports of the actor's units; with `before`, those with a smaller number."""
    rows = _imports_of(actor)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return [_import_line(batch) for batch in rows[:limit]]


def access_import(actor: Actor, number: int) -> ImportLine:
    """One import. Raises ImportNotFound."""
    batch = _imports_of(actor).filter(pk=number).first()
    if batch is None:
        raise ImportNotFound(f"There is no import {number} that you may see.")
    return _import_line(batch)


def _imports_of(actor: Actor) -> QuerySet[Batch]:
    units = units_where(actor, Action.VIEW_IMPORT)
    mine = Q() if units.all else Q(unit__code__in=units.codes)
    return Batch.objects.filter(mine).select_related("unit", "platform").order_by("-id")


def _import_line(batch: Batch) -> ImportLine:
    return ImportLine(
        batch.pk,
        batch.unit.code,
        batch.started_at,
        batch.finished_at is not None,
        batch.received,
        batch.stored,
        batch.versions,
        batch.duplicates,
        batch.quarantined,
        batch.platform.name if batch.platform else "",
        str(batch),
        batch.by,
    )


@dataclass(frozen=True)
class RefusedCount:
    """How many packages of an import were set aside for one reason, and how many of them still wait."""

    code: str
    count: int
    waiting: int


def refusals_of(actor: Actor, number: int) -> list[RefusedCount]:
    """Why packages of an import were set aside, the most frequent reason first. Raises ImportNotFound."""
    access_import(actor, number)
    rows = Quarantined.objects.filter(batch_id=number).values_list("code")
    counted = rows.annotate(all=Count("id"), waiting=Count("id", filter=Q(resolved_at__isnull=True)))
    return [RefusedCount(*row) for row in sorted(counted, key=lambda row: (-row[1], row[0]))]


@dataclass(frozen=True)
class Arrival:
    """One report as an import brought it, with the receipts of its documents. `id` orders and pages."""

    id: int
    reference: str
    entity: str
    version: int
    receipts: tuple[ReceiptTally, ...]


def arrivals_of(actor: Actor, number: int, *, after: int = 0, limit: int = 50) -> list[Arrival]:
    """What an import brought, in the order of storing, as far as the actor may see. Raises ImportNotFound."""
    told = tellings_of_origin(actor, access_import(actor, number).origin, after=after, limit=limit)
    stored = [json.loads(one.receipt) for one in told]
    names = _names_of_shapes(receipt for receipts in stored for receipt in receipts)
    return [
        Arrival(
            one.id,
            one.reference,
            one.entity,
            one.version,
            tuple(counted(r, names.get(r[1], ())) for r in receipts),
        )
        for one, receipts in zip(told, stored, strict=True)
    ]


def _names_of_shapes(receipts: Iterable[list[Any]]) -> dict[str, tuple[str, ...]]:
    shapes = Shape.objects.filter(digest__in={receipt[1] for receipt in receipts})
    return {shape.digest: tuple(json.loads(shape.names)) for shape in shapes}


def quarantine_for(actor: Actor) -> list[QuarantineLine]:
    """What waits in the actor's units, oldest first."""
    units = units_where(actor, Action.VIEW_IMPORT)
    mine = Q() if units.all else Q(unit__code__in=units.codes)
    items = Quarantined.objects.select_related("batch").filter(mine, resolved_at__isnull=True)
    open_ = opener().open
    lines = []
    for item in items.order_by("received_at", "id"):
        kept = json.loads(open_(quarantine_place(item.digest), bytes(item.sealed)))
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


def quarantine_place(digest: bytes | memoryview) -> str:
    """Where what is known of a package in quarantine is sealed to."""
    return f"referrals_quarantined/{bytes(digest).hex()}/sealed"


class NotInQuarantine(Exception):
    """Nothing of this number was set aside, or nothing that this actor may see: the answer is the same."""


@dataclass(frozen=True)
class SetAside:
    """A package in quarantine, without anything that is sealed. `size` is in bytes; `unit` a code.

    `import_number` leads to the import that brought it; `platform` names the platform whose wire did, or is "".
    """

    id: int
    unit: str
    code: str
    received_at: datetime
    retries: int
    size: int
    documents: int
    import_number: int
    platform: str
    resolved_at: datetime | None
    reference: str
    may_retry: bool


@dataclass(frozen=True)
class Contents:
    """What is sealed of it: the reason in full, which may quote the document, and the names of its documents."""

    detail: str
    entity: str
    number: str
    names: tuple[str, ...]


def waiting_for(
    actor: Actor, *, unit: str | None = None, after: tuple[datetime, int] | None = None, limit: int = 50
) -> list[SetAside]:
    """What waits in quarantine, the oldest first, after the one that came at `after` with that number."""
    units = units_where(actor, Action.VIEW_IMPORT)
    if unit is not None:
        units = Units(codes=frozenset({unit})) if unit in units else Units()
    found: list[Quarantined] = []
    for unit_id in unit_ids(units):
        # One walk along the index a unit; merged below.
        rows = Quarantined.objects.filter(unit_id=unit_id, resolved_at__isnull=True)
        if after is not None:
            at, number = after
            rows = rows.filter(received_at__gte=at).exclude(received_at=at, pk__lte=number)
        found += (
            rows.select_related("unit", "batch__platform")
            .defer("sealed")
            .order_by("received_at", "id")[:limit]
        )
    found.sort(key=lambda item: (item.received_at, item.pk))
    return _set_aside(actor, found[:limit])


def access_quarantined(actor: Actor, number: int) -> SetAside:
    """One package that is or was in quarantine, its seal closed. Raises NotInQuarantine."""
    item = Quarantined.objects.select_related("unit", "batch__platform").filter(pk=number).first()
    if item is None or not may(actor, Action.VIEW_IMPORT, item.unit.code):
        raise NotInQuarantine(f"Nothing of number {number} is in quarantine that you may see.")
    return _set_aside(actor, [item])[0]


def contents_of(actor: Actor, number: int) -> Contents:
    """Open what is sealed of one package; the caller has recorded the reading. Raises NotInQuarantine, NotAllowed."""
    require(actor, Action.RETRY_QUARANTINE, access_quarantined(actor, number).unit)
    item = Quarantined.objects.get(pk=number)
    kept = json.loads(opener().open(quarantine_place(item.digest), bytes(item.sealed)))
    return Contents(kept["detail"], kept["entity"], kept["number"], tuple(kept["names"]))


def _set_aside(actor: Actor, items: Sequence[Quarantined]) -> list[SetAside]:
    exhibits = [json.loads(item.exhibits) for item in items]
    every = [number for numbers in exhibits for number in numbers]
    sizes = dict(zip(every, exhibit_sizes(every), strict=True))
    return [
        SetAside(
            id=item.pk,
            unit=item.unit.code,
            code=item.code,
            received_at=item.received_at,
            retries=item.retries,
            size=sum(sizes[number] for number in numbers),
            documents=len(numbers),
            import_number=item.batch_id,
            platform=item.batch.platform.name if item.batch.platform else "",
            resolved_at=item.resolved_at,
            reference=item.reference,
            may_retry=item.resolved_at is None and may(actor, Action.RETRY_QUARANTINE, item.unit.code),
        )
        for item, numbers in zip(items, exhibits, strict=True)
    ]


def receipts_of(actor: Actor, reference: str) -> list[Receipt]:
    """The completeness receipts of a report's newest telling, one a document. Raises ReportNotFound.

    Where the list of paths of an old shape is not kept, the receipt says only what was not understood.
    """
    report = access_report(actor, reference)
    stored = json.loads(newest_telling(report).receipt)
    names = _names_of_shapes(stored)
    return [in_words(one, names.get(one[1], ())) for one in stored]


def verified_sender(user: str, secret: str) -> Sender | None:
    """The platform whose credential this is, if it stands. One look-up, and one comparison in any case."""
    held = Platform.objects.select_related("unit").filter(user=user[:64]).first()
    fits = secret_fits(bytes(held.secret) if held else NOBODY, user, secret)
    if held is None or not fits or held.revoked_at is not None:
        return None
    return Sender(held.pk, held.user, held.name, held.entity, held.unit.code, held.may_look_up)


@dataclass(frozen=True)
class PlatformLine:
    name: str
    user: str
    entity: str
    unit: str
    made_at: datetime
    rotated_at: datetime | None
    revoked_at: datetime | None
    may_look_up: bool


def platforms_for(actor: Actor) -> list[PlatformLine]:
    """Every credential, by name. Raises NotAllowed."""
    require(actor, Action.MANAGE_PLATFORMS)
    return [
        PlatformLine(
            p.name, p.user, p.entity, p.unit.code, p.made_at, p.rotated_at, p.revoked_at, p.may_look_up
        )
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

    @property
    def exhibits(self) -> tuple[Arrived, ...]:
        """The files that are sealed; `amaan media export` takes their exhibits' numbers."""
        return tuple(file for file in self.files if file.exhibit is not None)

    @property
    def sealed(self) -> int:
        return len(self.exhibits)

    @property
    def discarded(self) -> int:
        return len(self.files) - self.sealed


def preservation_of(actor: Actor, reference: str) -> Preservation | None:
    """None for a report that did not come over the wire, or was never finished there. Raises ReportNotFound."""
    report = access_report(actor, reference)
    came = (
        OpenReport.objects.select_related("platform")
        .filter(reference=report.reference, preserve_until__isnull=False)
        .exclude(reference="")  # the index's own condition, without which it is no use to SQLite
        .first()
    )
    if came is None or came.ended_at is None or came.preserve_until is None:
        return None
    files = tuple(file.arrived() for file in OpenFile.objects.filter(report=came).order_by("id"))
    return Preservation(came.platform.name, str(came.number), came.ended_at, came.preserve_until, files)
