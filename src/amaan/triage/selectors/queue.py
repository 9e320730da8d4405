"""The queue: who waits, in which order, who holds what, and how many there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from heapq import merge
from itertools import islice
from typing import Final, NamedTuple

from django.db.models import QuerySet

from amaan.accounts.selectors import unit_ids
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, Units, may, units_where
from amaan.reports.selectors import decided_reports
from amaan.triage.domain.claims import CLAIM_HOLDS, abandoned
from amaan.triage.domain.engine import strongest
from amaan.triage.domain.queues import NO_QUEUE
from amaan.triage.domain.ruleset import Axis, Band, Words
from amaan.triage.models import Assessment, Claim
from amaan.triage.rulebook import rules_of
from amaan.triage.selectors.explaining import axes_of, reasons_of, whole
from amaan.triage.selectors.seen import Change, changes_since

MOST_HELD: Final = 200
"""Of somebody's own claims, as many are shown."""
MOST_PASSED_OVER: Final = 5000
"""In one walk of a band, no more are looked at for one that somebody does not leave to others; then the next band's."""


class HeldBy(StrEnum):
    """Whose reports a page of the queue shows."""

    ANYBODY = "all"
    NOBODY = "nobody"
    ME = "me"


@dataclass(frozen=True)
class Choice:
    """What a page of the queue is narrowed to. `unit` is a code; `due_after` is exclusive, `due_by` inclusive.

    `queue` is a named queue's number, or NO_QUEUE for what none catches. It narrows what the units show and never
    widens it. `avoid` are categories (bits of `care.domain`) that are passed over, `floors` keeps only what a floor
    holds in the first band, `turn_by` only those whose turn comes by then, inclusive.
    """

    band: Band | None = None
    unit: str | None = None
    held_by: HeldBy = HeldBy.ANYBODY
    due_after: datetime | None = None
    due_by: datetime | None = None
    queue: int | None = None
    avoid: int = 0
    floors: bool = False
    turn_by: datetime | None = None


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

    `claimable`: the actor who asked may claim it now. `changed`: what is new since they read it.
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
    changed: frozenset[Change] = frozenset()


@dataclass(frozen=True)
class QueuePage:
    """Lines by band, then by due time. `after` is where the next page begins, None at the queue's end."""

    lines: tuple[QueueLine, ...]
    after: Place | None = None

    @property
    def more(self) -> bool:
        return self.after is not None


class Lane(NamedTuple):
    """One walk: a unit's row id, and a queue's, NO_QUEUE, or None for all of the unit."""

    unit: int
    queue: int | None


@dataclass(frozen=True)
class _Walk:
    """The lanes to walk along, and the reports to pass over."""

    lanes: list[Lane]
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
    units: Units,
    choice: Choice,
    *,
    now: datetime,
    limit: int,
    after: Place | None = None,
    queues: Sequence[tuple[int, int]] = (),
) -> list[Place]:
    """At most `limit` places after `after`. `choice.held_by` is ANYBODY or NOBODY here.

    One short walk along the queue's index a band and unit, merged: one query over many units would sort them all.
    `queues`, as (unit id, queue id), are walked instead of the units; those of other units are left out.
    """
    chosen = narrowed(units, choice.unit)
    if not chosen:
        return []
    ids = unit_ids(chosen)
    lanes = [Lane(*one) for one in queues if one[0] in ids] or [Lane(unit, choice.queue) for unit in ids]
    through = _Walk(lanes, _held_in(ids, now) if choice.held_by is HeldBy.NOBODY else [])
    found: list[Place] = []
    for band in [choice.band] if choice.band else list(Band):
        if after and band < after.band:
            continue
        walks = [
            [Place(int(band), *row) for row in _first(rows, choice.avoid, limit - len(found))]
            for rows in _walks(through, choice, band, after if after and band == after.band else None)
        ]
        found.extend(islice(merge(*walks), limit - len(found)))
        if len(found) >= limit:
            break
    return found


def narrowed(units: Units, code: str | None) -> Units:
    """Those of the units that a code names; none where it names another one."""
    if code is None:
        return units
    return Units(codes=frozenset({code})) if code in units else Units()


def _walks(
    through: _Walk, choice: Choice, band: Band, after: Place | None
) -> Iterator[QuerySet[Assessment, tuple[datetime, int, int]]]:
    for lane in through.lanes:
        rows = _in_lane(lane).filter(waiting=True, folded=False, band=band)
        if choice.floors:
            rows = rows.filter(floor=int(Band.ONE_DAY))
        if through.held:
            rows = rows.exclude(report_id__in=through.held)
        if choice.turn_by is not None:
            rows = rows.filter(turn_at__lte=choice.turn_by)
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


def _first(
    keys: QuerySet[Assessment, tuple[datetime, int, int]], avoid: int, limit: int
) -> list[tuple[datetime, int, int]]:
    """The first of a walk, of those that are not to be passed over."""
    if not avoid:
        return list(keys[:limit])
    # Categories stand in no index: where nearly everything is passed over, the walk ends all the same.
    seen = keys.values_list("turn_at", "id", "report_id", "categories")[:MOST_PASSED_OVER]
    free = (row[:3] for row in seen.iterator(chunk_size=200) if not row[3] & avoid)
    return list(islice(free, limit))


def _in_lane(lane: Lane) -> QuerySet[Assessment]:
    rows = Assessment.objects.filter(unit_id=lane.unit)
    return rows if lane.queue is None else _queued(rows, lane.queue)


def _queued(rows: QuerySet[Assessment], queue: int) -> QuerySet[Assessment]:
    return rows.filter(queue__isnull=True) if queue == NO_QUEUE else rows.filter(queue_id=queue)


def _held_in(units: list[int], now: datetime) -> list[int]:
    """The reports that somebody works on; an abandoned claim holds nothing."""
    open_ = Claim.objects.filter(
        unit_id__in=units, released_at__isnull=True, claimed_at__gte=now - CLAIM_HOLDS
    )
    return list(open_.values_list("report_id", flat=True))


def _held_places(actor: Actor, units: Units, choice: Choice, after: Place | None) -> list[Place]:
    """A person holds few reports: these are sorted here."""
    chosen = narrowed(units, choice.unit)
    if not chosen:
        return []
    held = Claim.objects.filter(by=actor.key, released_at__isnull=True).values_list("report_id", flat=True)
    rows = Assessment.objects.filter(
        current=True,
        waiting=True,
        report_id__in=list(held[: 10 * MOST_HELD]),
        unit_id__in=unit_ids(chosen),
    )
    if choice.band is not None:
        rows = rows.filter(band=choice.band)
    if choice.queue is not None:
        rows = _queued(rows, choice.queue)
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
    changed = changes_since(actor, [(row.report_id, row.version_id, row.band) for row in held.values()])
    return tuple(
        _line(actor, held[place.id], holders.get(place.report_id), changed.get(place.report_id, frozenset()))
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


def _line(actor: Actor, row: Assessment, holder: Holder | None, changed: frozenset[Change]) -> QueueLine:
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
        changed=changed,
    )
