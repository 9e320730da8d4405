"""The queue: who waits, in which order, who holds what, and how many there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from heapq import merge
from itertools import islice
from typing import Final, NamedTuple

from django.db import connection
from django.db.models import QuerySet, Sum

from amaan.accounts.selectors import unit_ids
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, Units, may, units_where
from amaan.reports.selectors import decided_reports
from amaan.triage.domain.claims import CLAIM_HOLDS, abandoned
from amaan.triage.domain.engine import strongest
from amaan.triage.domain.ruleset import Axis, Band, Words
from amaan.triage.models import Assessment, Claim, QueueTally
from amaan.triage.rulebook import NoRulesAdopted, in_force, rules_of
from amaan.triage.selectors.explaining import axes_of, reasons_of, whole

MOST_HELD: Final = 200
"""Of somebody's own claims, as many are shown."""


class HeldBy(StrEnum):
    """Whose reports a page of the queue shows."""

    ANYBODY = "all"
    NOBODY = "nobody"
    ME = "me"


@dataclass(frozen=True)
class Choice:
    """What a page of the queue is narrowed to. `unit` is a code; `due_after` is exclusive, `due_by` inclusive."""

    band: Band | None = None
    unit: str | None = None
    held_by: HeldBy = HeldBy.ANYBODY
    due_after: datetime | None = None
    due_by: datetime | None = None


EVERYTHING: Final = Choice()


class Place(NamedTuple):
    """Where a report stands in the queue: by band, then turn, then number. `report_id` orders nothing."""

    band: int
    turn_at: datetime
    id: int
    report_id: int


@dataclass(frozen=True)
class Holder:
    """Who works on a report since when. `by` is an actor's key; what is abandoned may be taken over."""

    by: str
    since: datetime
    abandoned: bool


@dataclass(frozen=True)
class QueueLine:
    """One report in the queue. `reasons` are the three that weigh most; `axes` by name; `unit` a code.

    `claimable`: the actor who asked may claim it now.
    """

    reference: str
    band: Band
    due_at: datetime
    received_at: datetime
    unit: str
    entity: str
    axes: Mapping[Axis, int]
    floor: Band | None
    reasons: tuple[Words, ...]
    told_again: bool = False
    holder: Holder | None = None
    claimable: bool = False


@dataclass(frozen=True)
class QueuePage:
    """Lines by band, then by due time. `after` is where the next page begins, None at the queue's end."""

    lines: tuple[QueueLine, ...]
    after: Place | None = None

    @property
    def more(self) -> bool:
        return self.after is not None


@dataclass(frozen=True)
class BandCount:
    """How many reports wait in a band, in the units that the actor may see."""

    band: Band
    name: Words
    hours: int
    count: int


@dataclass(frozen=True)
class Deadlines:
    """How many of a band are overdue, and how many soon will be. Nobody counts further than `capped`."""

    overdue: int
    due_soon: int
    capped: int


@dataclass(frozen=True)
class _Walk:
    """The units to walk through, and the reports to pass over."""

    units: list[int]
    held: list[int] = field(default_factory=list)


def queue_for(
    actor: Actor,
    choice: Choice = EVERYTHING,
    *,
    now: datetime,
    after: Place | None = None,
    limit: int = 50,
) -> QueuePage:
    """The `limit` reports after a place that the actor should look at, soonest band first, then whose turn is soonest.

    What was decided in this moment, before the worker took it out of the queue, is left out: the page is shorter then.
    """
    units = units_where(actor, Action.VIEW_QUEUE)
    if choice.held_by is HeldBy.ME:
        places = _held_places(actor, units, choice, after)[: limit + 1]
    else:
        places = walk(units, choice, now=now, after=after, limit=limit + 1)
    shown = places[:limit]
    return QueuePage(_lines(actor, shown, now), shown[-1] if len(places) > limit else None)


def held_for(actor: Actor, *, now: datetime) -> tuple[QueueLine, ...]:
    """What the actor has claimed and not yet decided or let go: the first thing to see when they come back."""
    places = _held_places(actor, units_where(actor, Action.VIEW_QUEUE), EVERYTHING, None)
    return _lines(actor, places[:MOST_HELD], now)


def walk(
    units: Units, choice: Choice, *, now: datetime, limit: int, after: Place | None = None
) -> list[Place]:
    """At most `limit` places after `after`. `choice.held_by` is ANYBODY or NOBODY here.

    One short walk along the queue's index a band and unit, merged: one query over many units would sort them all.
    """
    chosen = _narrowed(units, choice.unit)
    if not chosen:
        return []
    ids = unit_ids(chosen)
    through = _Walk(ids, _held_in(ids, now) if choice.held_by is HeldBy.NOBODY else [])
    found: list[Place] = []
    for band in [choice.band] if choice.band else list(Band):
        if after and band < after.band:
            continue
        walks = [
            [Place(int(band), *row) for row in rows[: limit - len(found)]]
            for rows in _walks(through, choice, band, after if after and band == after.band else None)
        ]
        found.extend(islice(merge(*walks), limit - len(found)))
        if len(found) >= limit:
            break
    return found


def _narrowed(units: Units, code: str | None) -> Units:
    if code is None:
        return units
    return Units(codes=frozenset({code})) if code in units else Units()


def _walks(
    through: _Walk, choice: Choice, band: Band, after: Place | None
) -> Iterator[QuerySet[Assessment, tuple[datetime, int, int]]]:
    for unit_id in through.units:
        rows = Assessment.objects.filter(waiting=True, folded=False, unit_id=unit_id, band=band)
        if through.held:
            rows = rows.exclude(report_id__in=through.held)
        if choice.due_after is not None:
            rows = rows.filter(due_at__gt=choice.due_after)
        if choice.due_by is not None:
            rows = rows.filter(
                turn_at__lte=choice.due_by, due_at__lte=choice.due_by
            )  # the first ends the walk
        keys = rows.order_by("turn_at", "id").values_list("turn_at", "id", "report_id")
        if after is None:
            yield keys
        else:
            # Two ranges, each exact in the index: a whole import may share one turn.
            yield keys.filter(turn_at=after.turn_at, id__gt=after.id)
            yield keys.filter(turn_at__gt=after.turn_at)


def _held_in(units: list[int], now: datetime) -> list[int]:
    """The reports that somebody works on; an abandoned claim holds nothing."""
    open_ = Claim.objects.filter(
        unit_id__in=units, released_at__isnull=True, claimed_at__gte=now - CLAIM_HOLDS
    )
    return list(open_.values_list("report_id", flat=True))


def _held_places(actor: Actor, units: Units, choice: Choice, after: Place | None) -> list[Place]:
    """A person holds few reports: these are sorted here."""
    chosen = _narrowed(units, choice.unit)
    if not chosen:
        return []
    held = Claim.objects.filter(by=actor.key, released_at__isnull=True).values_list("report_id", flat=True)
    rows = Assessment.objects.filter(
        waiting=True, report_id__in=list(held[: 10 * MOST_HELD]), unit_id__in=unit_ids(chosen)
    )
    if choice.band is not None:
        rows = rows.filter(band=choice.band)
    if choice.due_after is not None:
        rows = rows.filter(due_at__gt=choice.due_after)
    if choice.due_by is not None:
        rows = rows.filter(due_at__lte=choice.due_by)
    places = sorted(Place(*row) for row in rows.values_list("band", "turn_at", "id", "report_id"))
    return [place for place in places if after is None or place > after]


def _lines(actor: Actor, places: Sequence[Place], now: datetime) -> tuple[QueueLine, ...]:
    held = whole().in_bulk([place.id for place in places])
    reports = [place.report_id for place in places]
    decided, holders = decided_reports(reports), holders_of(reports, now=now)
    return tuple(
        _line(actor, held[place.id], holders.get(place.report_id))
        for place in places
        if place.id in held and not decided.get(place.report_id)
    )


def holders_of(report_ids: Sequence[int], *, now: datetime) -> dict[int, Holder]:
    """Who works on these reports, by report; what nobody holds is left out."""
    claims = Claim.objects.filter(report_id__in=report_ids, released_at__isnull=True)
    return {
        claim.report_id: Holder(claim.by, claim.claimed_at, abandoned(claim.claimed_at, now))
        for claim in claims
    }


def _line(actor: Actor, row: Assessment, holder: Holder | None) -> QueueLine:
    ruleset = rules_of(row.ruleset)
    top = strongest(reasons_of(row, ruleset))
    free = holder is None or holder.abandoned
    return QueueLine(
        reference=row.report.reference,
        band=Band(row.band),
        due_at=row.due_at,
        received_at=row.received_at,
        unit=row.unit.code,
        entity=row.report.entity.name,
        axes=axes_of(row),
        floor=None if row.floor is None else Band(row.floor),
        reasons=tuple(ruleset.rule(reason.rule).reason for reason in top),
        told_again=row.told_again,
        holder=holder,
        claimable=free and may(actor, Action.DECIDE_REPORT, row.unit.code),
    )


def counts_for(actor: Actor, *, unit: str | None = None) -> list[BandCount]:
    """How many wait in each band, every band named, from the tally. Raises NoRulesAdopted."""
    adopted = in_force()
    if adopted is None:
        raise NoRulesAdopted
    units = unit_ids(_narrowed(units_where(actor, Action.VIEW_QUEUE), unit))
    rows = QueueTally.objects.filter(unit_id__in=units).values_list("band").annotate(Sum("count"))
    found = dict(rows)
    return [
        BandCount(spec.band, spec.name, spec.hours, found.get(int(spec.band), 0))
        for spec in adopted[1].bands.values()
    ]


def deadlines_for(
    actor: Actor, *, now: datetime, soon: timedelta, at_most: int = 1000, unit: str | None = None
) -> dict[Band, Deadlines]:
    """What is overdue and what is due within `soon`, by band, every band named.

    Each count is a walk along the queue's index that ends at `at_most`: a backlog must not slow the page.
    """
    units = unit_ids(_narrowed(units_where(actor, Action.VIEW_QUEUE), unit))
    asked: list[int | datetime] = []
    for band in Band:
        for unit_id in units:
            by = now + soon
            asked += [unit_id, int(band), now, now, at_most, unit_id, int(band), by, now, by, at_most]
    if not asked:
        return {band: Deadlines(0, 0, at_most) for band in Band}
    with connection.cursor() as cursor:
        # One statement: sixteen small questions cost more in asking than in answering.
        cursor.execute(f"SELECT {', '.join([_OVERDUE, _SOON] * (len(Band) * len(units)))}", asked)
        counts = iter(cursor.fetchone())
    found = {}
    for band in Band:
        pairs = [(next(counts), next(counts)) for _ in units]
        overdue, due_soon = (sum(column) for column in zip(*pairs, strict=True))
        found[band] = Deadlines(min(overdue, at_most), min(due_soon, at_most), at_most)
    return found


_COUNT: Final = (
    "(SELECT count(*) FROM (SELECT 1 FROM triage_assessment WHERE waiting AND NOT folded AND unit_id = %s"
    " AND band = %s AND {due} LIMIT %s) AS capped)"
)
# A turn comes before what is due, so it is the turn that ends the walk.
_OVERDUE: Final = _COUNT.format(due="turn_at <= %s AND due_at <= %s")
_SOON: Final = _COUNT.format(due="turn_at <= %s AND due_at > %s AND due_at <= %s")
