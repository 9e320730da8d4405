"""The list of rings, and the rings and links of one report, in the reader's language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from amaan.accounts.selectors import unit_ids, unit_list, unit_names
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, may, units_where
from amaan.linking.domain.strength import Strength
from amaan.linking.models import Alert, Ring, Side
from amaan.linking.panels.history import decisions_of
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
from amaan.linking.selectors.states import LinkTold, decisions_told
from amaan.linking.words import KEPT_APART, STATES, STRENGTHS, alert_word, kind_word, kinds_in
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
"""The kind of an alert whose detail is a case's reference, or the office that has it."""


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
class SetApart:
    """A split that counts and keeps a report apart from others of its ring. `ring`: "" where the reader may not open
    it. `left`: it was the others that were set apart."""

    by: str
    at: datetime
    reason: str
    ring: str
    left: bool


@dataclass(frozen=True, slots=True)
class LinksPanel:
    """Where a report stands among others. `ring` is "" outside any. The last `worded` of the links are weak and rest on
    a wording alone, of `worded_in_all` such. `rejected`: links that somebody rejected. `apart`: why it stands apart, as
    far as the reader may be told of it."""

    ring: str
    size: int
    links: tuple[LinkLine, ...]
    more: int
    worded: int
    worded_in_all: int
    rejected: int
    elsewhere: tuple[Office, ...]
    apart: tuple[SetApart, ...]

    @property
    def telling(self) -> tuple[LinkLine, ...]:
        """Those that rest on more than a wording."""
        return self.links[: len(self.links) - self.worded]

    @property
    def by_wording(self) -> tuple[LinkLine, ...]:
        return self.links[len(self.links) - self.worded :]


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
    apart = _apart(actor, report.pk, in_ring=bool(ring))
    if not (beside.standing or beside.worded_in_all or beside.rejected or beside.elsewhere or ring or apart):
        return None
    offices = offices_by_row()
    shown = [_beside(report, link, there) for link, there in (*beside.links, *beside.worded)]
    return LinksPanel(
        ring=ring,
        size=size,
        links=tuple(shown),
        more=beside.standing - len(beside.links),
        worded=len(beside.worded),
        worded_in_all=beside.worded_in_all,
        rejected=beside.rejected,
        elsewhere=tuple(
            Office(offices.get(unit, "–"), n) for unit, n in Counter(beside.elsewhere).most_common()
        ),
        apart=apart,
    )


def _beside(report: Report, link: LinkTold, there: Report) -> LinkLine:
    strength = link.strength or Strength.WEAK
    return LinkLine(
        one=report.reference,
        other=there.reference,
        entity=there.entity.name,
        received_at=there.received_at,
        weight=round(link.weight or 0.0),
        strength=strength,
        strength_word=str(STRENGTHS[strength]) if link.weight is not None else "",
        kinds=tuple(kind_word(kind) for kind in kinds_in(link.kinds)),
        state=link.state,
        state_word=str(STATES[link.state] if link.split is None else KEPT_APART),
        more_since=link.more_since,
    )


def _apart(actor: Actor, report_id: int, *, in_ring: bool) -> tuple[SetApart, ...]:
    """The newest first. Those that others were taken from matter only where too few of them are left for a ring."""
    sides = dict(Side.objects.filter(report_id=report_id).values_list("decision_id", "apart"))
    if not sides:
        return ()
    told = {
        one.number: one
        for one in decisions_told(numbers=list(sides))
        if one.number in sides and one.counts and (sides[one.number] or not in_ring)
    }
    decided = decisions_of(actor, told.values())
    of = {told[one.number].ring for one in decided}
    may_open = rings_open(actor, {ring for ring in of if ring is not None})
    names = dict(Ring.objects.filter(pk__in=may_open).values_list("pk", "reference"))
    return tuple(
        SetApart(
            by=one.by,
            at=one.at,
            reason=one.reason,
            ring=names.get(told[one.number].ring or 0, ""),
            left=not sides[one.number],
        )
        for one in decided
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
    """What a unit should know of a ring. `number`: the newest of those that this line tells, which are seen together.

    `cases`: references of open cases that the reader may open; `with_offices`: names of offices that have one too.
    `detail`: a country, "" else.
    """

    number: int
    ring: str
    what: str
    detail: str
    cases: tuple[str, ...]
    with_offices: tuple[str, ...]
    office: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AlertsPanel:
    """`more`: how many lines there are beside these; `cut`: or even more than that."""

    lines: tuple[AlertShown, ...]
    more: int
    cut: bool


def alerts_panel(
    actor: Actor, cases: Callable[[Collection[str]], Collection[str]] = frozenset
) -> AlertsPanel:
    """What nobody of the reader's units has seen yet of rings that the reader may open, the newest first.

    `cases`: which of some cases' references the reader may open; the others are left out of what is told.
    """
    rows = list(_unseen(actor).select_related("ring")[:_MOST_ALERTS_READ])
    rings = rings_open(actor, {row.ring_id for row in rows})
    lines: dict[tuple[object, ...], list[Alert]] = {}
    for row in rows:
        if row.ring_id in rings:
            lines.setdefault(_line_of(row.pk, row.ring_id, row.unit_id, row.kind), []).append(row)
    shown = list(lines.values())[:_MOST_ALERTS]
    named = {row.detail for told in shown for row in told if row.kind == _CASE}
    may_open = set(cases(named))
    offices, names = offices_by_row(), unit_names()
    return AlertsPanel(
        tuple(_alert(told, may_open, offices, names) for told in shown),
        more=len(lines) - len(shown),
        cut=len(rows) == _MOST_ALERTS_READ,
    )


def _line_of(number: int, ring: int, unit: int, kind: str) -> tuple[object, ...]:
    """Alerts of one key are one line: a ring's cases, which a reader who may open none could not tell apart."""
    return (ring, unit, kind) if kind == _CASE else (number,)


def _alert(
    told: Sequence[Alert], may_open: Collection[str], offices: Mapping[int, str], names: Mapping[str, str]
) -> AlertShown:
    newest = told[0]
    of_cases = newest.kind == _CASE
    details = [one.detail for one in told if one.detail]
    return AlertShown(
        number=newest.pk,
        ring=newest.ring.reference,
        what=alert_word(newest.kind, newest.detail, of=len(told), size=newest.ring.size),
        detail="" if of_cases or newest.detail.isdigit() else newest.detail,
        cases=tuple(sorted(one for one in details if of_cases and one in may_open)),
        with_offices=tuple(names[one] for one in details if of_cases and one in names),
        office=offices.get(newest.unit_id, "–"),
        at=newest.at,
    )


def alerts_counted(actor: Actor, *, most: int) -> int:
    """How many lines `alerts_panel` would show, `most` at most."""
    rows = _unseen(actor).values_list("pk", "ring_id", "unit_id", "kind")[:_MOST_ALERTS_READ]
    of = list(rows)
    rings = rings_open(actor, {ring for _number, ring, _unit, _kind in of})
    return min(len({_line_of(*row) for row in of if row[1] in rings}), _MOST_ALERTS, most)


def alerts_beside(actor: Actor, number: int) -> list[int]:
    """The numbers of all that the line of an unseen alert tells, and none that came since it was shown."""
    row = _unseen(actor).filter(pk=number).first()
    if row is None:
        return []
    if row.kind != _CASE:
        return [number]
    beside = _unseen(actor).filter(ring_id=row.ring_id, unit_id=row.unit_id, kind=_CASE, pk__lte=number)
    return list(beside.values_list("pk", flat=True))


def _unseen(actor: Actor) -> QuerySet[Alert]:
    units = unit_ids(units_where(actor, Action.EXPLAIN_TRIAGE))
    return Alert.objects.filter(unit_id__in=units, seen_at=None).order_by("-at", "-pk")


def is_alert(actor: Actor, number: int) -> bool:
    """Whether there is such an alert of the reader's units, seen or not."""
    units = unit_ids(units_where(actor, Action.EXPLAIN_TRIAGE))
    return Alert.objects.filter(pk=number, unit_id__in=units).exists()
