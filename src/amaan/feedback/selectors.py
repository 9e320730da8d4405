"""Reading: what is told of a report, an entity's stream, and how entities' reports fare."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, QuerySet

from amaan.accounts.selectors import unit_ids
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, require, units_where
from amaan.feedback.domain.codes import Hold, vocabulary
from amaan.feedback.domain.errors import UnknownEntity
from amaan.feedback.domain.quality import Counted
from amaan.feedback.models import EntityMonth, Feedback, Stream, Told
from amaan.reports.domain.drafts import Source
from amaan.reports.selectors.referring import Referred, entity_named, entity_names, referred

if TYPE_CHECKING:
    from amaan.reports.models import Report

NO_PARTNERS = frozenset({str(Source.PORTAL), str(Source.STAFF)})
"""Ways by which the public tells. They get letters, and count among no entity's reports."""


def is_partners(report: Referred) -> bool:
    return report.source not in NO_PARTNERS


@dataclass(frozen=True)
class Item:
    """One item of an entity's stream, as it goes out: nothing of ours but the code."""

    number: int
    report_number: str
    revision: int
    code: str
    missing: tuple[str, ...]
    at: datetime
    acknowledged: bool


def stream_of(entity_id: int, *, after: int, limit: int) -> list[Item]:
    """The next items of one entity. Numbers have no gaps, so whoever goes on after the last one misses nothing."""
    rows = Told.objects.filter(entity_id=entity_id, number__gt=after).order_by("number")
    return _items(rows[:limit])


def told_to(
    actor: Actor, *, entity: str, since: datetime | None = None, until: datetime | None = None
) -> tuple[int, list[Item]]:
    """What was told to an entity of reports of the actor's units; its row id too. Raises NotAllowed, UnknownEntity."""
    require(actor, Action.EXPORT_FEEDBACK)
    number = entity_named(entity)
    if number is None:
        raise UnknownEntity(entity)
    units = units_where(actor, Action.EXPORT_FEEDBACK)
    rows = Told.objects.filter(entity_id=number)
    if not units.all:
        rows = rows.filter(report__unit__code__in=units.codes)
    if since is not None:
        rows = rows.filter(at__gte=since)
    if until is not None:
        rows = rows.filter(at__lt=until)
    return number, _items(rows.order_by("number"))


def _items(rows: QuerySet[Told]) -> list[Item]:
    return [
        Item(
            row.number,
            row.report_number,
            row.revision,
            row.code,
            tuple(row.missing.split()),
            row.at,
            hasattr(row, "acknowledged"),
        )
        for row in rows.select_related("acknowledged")
    ]


@dataclass(frozen=True)
class Standing:
    """What is to be told of a report. `told_at` is when the last revision went out; None if none did.

    `partner` is False where the public told it: then nothing else here counts.
    """

    partner: bool
    entity: str
    lacks: tuple[str, ...]
    code: str = ""
    missing: tuple[str, ...] = ()
    derived: bool = True
    revision: int = 0
    told: int = 0
    told_at: datetime | None = None
    told_code: str = ""
    acknowledged: bool = False
    hold: Hold = Hold.NONE
    withheld: bool = False
    tell_from: datetime | None = None
    by: str = ""


def standing_of(report: Report) -> Standing | None:
    """Of a report that the caller was given by `access_report`; None where nothing is decided yet."""
    (told,) = referred([report.pk])
    partner = is_partners(told)
    lacks = vocabulary().missing(told.facts)
    entity = entity_names([told.entity_id])[told.entity_id]
    row = Feedback.objects.filter(report_id=report.pk).first()
    if row is None and partner:
        return None
    if row is None:
        return Standing(partner=False, entity=entity, lacks=lacks)
    last = (
        Told.objects.select_related("acknowledged").filter(report_id=report.pk).order_by("-revision").first()
    )
    return Standing(
        partner=partner,
        entity=entity,
        code=row.code,
        missing=tuple(row.missing.split()),
        lacks=lacks,
        derived=row.derived,
        revision=row.revision,
        told=row.told,
        told_at=last.at if last else None,
        told_code=last.code if last else "",
        acknowledged=last is not None and hasattr(last, "acknowledged"),
        hold=Hold(row.hold),
        withheld=row.withheld,
        tell_from=row.tell_from,
        by=row.by,
    )


@dataclass(frozen=True)
class QualityLine:
    entity_id: int
    entity: str
    month: date
    counted: Counted


def quality_for(
    actor: Actor, *, month: date | None = None, entity_id: int | None = None
) -> list[QualityLine]:
    """Of the actor's units together, the newest month first, then by how much was sent. Raises NotAllowed."""
    require(actor, Action.VIEW_STATISTICS)
    rows = EntityMonth.objects.filter(unit_id__in=unit_ids(units_where(actor, Action.VIEW_STATISTICS)))
    if month is not None:
        rows = rows.filter(month=month)
    if entity_id is not None:
        rows = rows.filter(entity_id=entity_id)
    merged: dict[tuple[date, int], Counted] = {}
    for first, entity, counted in rows.values_list("month", "entity_id", "counted"):
        merged.setdefault((first, entity), Counted()).merge(Counted(**json.loads(counted)))
    names = entity_names(entity for _month, entity in merged)
    lines = [QualityLine(e, names[e], m, counted) for (m, e), counted in merged.items()]
    return sorted(lines, key=lambda one: (-one.month.toordinal(), -one.counted.reports, one.entity))


def months_counted(actor: Actor) -> list[date]:
    """Months that have figures for the actor, the newest first. Raises NotAllowed."""
    require(actor, Action.VIEW_STATISTICS)
    rows = EntityMonth.objects.filter(unit_id__in=unit_ids(units_where(actor, Action.VIEW_STATISTICS)))
    return list(rows.order_by("-month").values_list("month", flat=True).distinct())


def partners_of(actor: Actor) -> list[str]:
    """Names of the entities that were told anything of reports of the actor's units. Raises NotAllowed."""
    require(actor, Action.EXPORT_FEEDBACK)
    units = units_where(actor, Action.EXPORT_FEEDBACK)
    told = Told.objects.filter(entity=OuterRef("entity"))
    if not units.all:
        told = told.filter(report__unit__code__in=units.codes)
    # Of each stream the first item that counts, not all that were ever told.
    ids = Stream.objects.filter(Exists(told)).values_list("entity_id", flat=True)
    return sorted(entity_names(ids).values())


def most_missed(items: Sequence[Item]) -> list[tuple[str, int]]:
    """Fields that were named as missing, with how often, the most frequent first."""
    counted: dict[str, int] = {}
    for item in items:
        for name in item.missing:
            counted[name] = counted.get(name, 0) + 1
    return sorted(counted.items(), key=lambda one: (-one[1], one[0]))
