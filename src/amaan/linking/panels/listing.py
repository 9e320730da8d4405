"""The list of rings, and the rings and links of one report, in the reader's language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from amaan.accounts.selectors import unit_ids, unit_list, unit_names
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, may, units_where
from amaan.linking.domain.strength import Strength
from amaan.linking.models import Alert
from amaan.linking.panels.values import LinkLine, Office
from amaan.linking.selectors.showing import (
    Place,
    RingLine,
    RingsAsked,
    links_beside,
    rings_open,
    rings_seen,
    rings_with,
)
from amaan.linking.words import ALERTS, STATES, STRENGTHS, kind_word, kinds_in
from amaan.reports import words
from amaan.reports.selectors.referring import entity_names

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from amaan.reports.models import Report

MOST_LINKS: Final = 12
_MOST_WHY: Final = 3
_MOST_ALERTS: Final = 12
_MOST_ALERTS_READ: Final = 200
_CASE: Final = "case"
"""The kind of an alert whose detail is a case's reference."""


@dataclass(frozen=True, slots=True)
class RingShown:
    """A ring in the list. `reports`: ids of those that the reader may open; `offices`: names of all that hold one."""

    reference: str
    size: int
    changed_at: datetime
    strength: Strength
    strength_word: str
    why: tuple[str, ...]
    reports: tuple[int, ...]
    offices: tuple[str, ...]
    first: date
    last: date
    places: tuple[str, ...]
    platforms: tuple[str, ...]
    senders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LinksPanel:
    """Where a report stands among others. `ring` is "" outside any. `rejected`: links that somebody rejected."""

    ring: str
    size: int
    links: tuple[LinkLine, ...]
    more: int
    rejected: int
    elsewhere: tuple[Office, ...]


def offices_by_row() -> dict[int, str]:
    """Names of offices in the reader's language by row id."""
    names = unit_names()
    return {unit.pk: names.get(unit.code, unit.code) for unit in unit_list()}


def rings_panel(
    actor: Actor, asked: RingsAsked, *, after: Place | None = None
) -> tuple[list[RingShown], Place | None]:
    """One page of the list, and where it goes on."""
    lines, further = rings_seen(actor, asked, after=after)
    offices = offices_by_row()
    senders = entity_names({number for line in lines for number in line.entities})
    return [_line(line, offices, senders) for line in lines], further


def links_panel(actor: Actor, report: Report) -> LinksPanel | None:
    """Of a report that the caller was given by `access_report`; None where nothing links it."""
    if not may(actor, Action.EXPLAIN_TRIAGE, report.unit.code):
        return None
    beside = links_beside(actor, report, most=MOST_LINKS)
    ring, size = rings_with([report.pk]).get(report.pk, ("", 0))
    if not beside.standing and not beside.rejected and not beside.elsewhere and not ring:
        return None
    offices = offices_by_row()
    shown = []
    for link, there in beside.links:
        strength = link.strength or Strength.WEAK
        shown.append(
            LinkLine(
                one=report.reference,
                other=there.reference,
                entity=there.entity.name,
                received_at=there.received_at,
                weight=round(link.weight or 0.0),
                strength=strength,
                strength_word=str(STRENGTHS[strength]) if link.weight is not None else "",
                kinds=tuple(kind_word(kind) for kind in kinds_in(link.kinds)),
                state=link.state,
                state_word=str(STATES[link.state]),
                more_since=link.more_since,
            )
        )
    return LinksPanel(
        ring=ring,
        size=size,
        links=tuple(shown),
        more=beside.standing - len(shown),
        rejected=beside.rejected,
        elsewhere=tuple(
            Office(offices.get(unit, "–"), n) for unit, n in Counter(beside.elsewhere).most_common()
        ),
    )


def _line(line: RingLine, offices: Mapping[int, str], senders: Mapping[int, str]) -> RingShown:
    return RingShown(
        reference=line.reference,
        size=line.size,
        changed_at=line.changed_at,
        strength=line.strength,
        strength_word=str(STRENGTHS[line.strength]),
        why=tuple(dict.fromkeys(kind_word(kind) for kind in kinds_in(line.kinds)))[:_MOST_WHY],
        reports=line.reports,
        offices=tuple(offices.get(unit, "–") for unit in line.units),
        first=line.first,
        last=line.last,
        places=tuple(words.district_word(code) for code in line.districts),
        platforms=tuple(words.word(words.CHANNELS, code) for code in line.channels),
        senders=tuple(senders.get(number, "–") for number in line.entities),
    )


@dataclass(frozen=True, slots=True)
class AlertShown:
    """What a unit should know of a ring. `detail`: a size, an office's name, a country or a case's reference, "" of a
    case that the reader may not open."""

    number: int
    ring: str
    what: str
    detail: str
    office: str
    at: datetime


def alerts_panel(
    actor: Actor, cases: Callable[[Collection[str]], Collection[str]] = frozenset
) -> tuple[AlertShown, ...]:
    """What nobody of the reader's units has seen yet of rings that the reader may open, the newest first.

    `cases`: which of some cases' references the reader may open; the others are left out of what is told.
    """
    rows = list(_unseen(actor).select_related("ring")[:_MOST_ALERTS_READ])
    rings = rings_open(actor, {row.ring_id for row in rows})
    rows = [row for row in rows if row.ring_id in rings][:_MOST_ALERTS]
    named = {row.detail for row in rows if row.kind == _CASE}
    closed = named - set(cases(named))
    offices, names = offices_by_row(), unit_names()
    return tuple(
        AlertShown(
            number=row.pk,
            ring=row.ring.reference,
            what=str(ALERTS.get(row.kind, row.kind)),
            detail="" if row.detail in closed else names.get(row.detail, row.detail),
            office=offices.get(row.unit_id, "–"),
            at=row.at,
        )
        for row in rows
    )


def alerts_counted(actor: Actor, *, most: int) -> int:
    """How many `alerts_panel` would show, `most` at most."""
    of = list(_unseen(actor).values_list("ring_id", flat=True)[:_MOST_ALERTS_READ])
    rings = rings_open(actor, set(of))
    return min(sum(ring in rings for ring in of), _MOST_ALERTS, most)


def _unseen(actor: Actor) -> QuerySet[Alert]:
    units = unit_ids(units_where(actor, Action.EXPLAIN_TRIAGE))
    return Alert.objects.filter(unit_id__in=units, seen_at=None).order_by("-at", "-pk")


def is_alert(actor: Actor, number: int) -> bool:
    """Whether there is such an alert of the reader's units, seen or not."""
    units = unit_ids(units_where(actor, Action.EXPLAIN_TRIAGE))
    return Alert.objects.filter(pk=number, unit_id__in=units).exists()
