"""The list of rings: those whose newest activity is latest come first, walked until a page is full."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple

from django.db.models import Exists, OuterRef, Q

from amaan.accounts.selectors import unit_ids
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, units_where
from amaan.linking.domain.strength import PLAIN_AT, STRONG_AT, Strength
from amaan.linking.models import Member, Ring
from amaan.linking.selectors.showing.seen import day_of, words_in
from amaan.reports.selectors import Told, told_now
from amaan.store.rows import select_in

Place = tuple[datetime, int]
"""Where the list goes on: the last ring's newest activity, and its row."""

PAGE: Final = 25
_AT_ONCE: Final = 50
_MOST_WALKED: Final = 500
"""Rings of the reader that are looked at for one page: a filter that few fit does not read them all."""
_MOST_TOLD: Final = 200
"""Reports of one ring that are read for its line: the newest that the reader may see."""


@dataclass(frozen=True)
class RingLine:
    """A ring in the list. `reports` are those that the actor may see, `units` the row ids of all offices with one.

    `first`, `last`: days of what the seen reports tell; `districts`, `channels`: codes, most told first.
    """

    reference: str
    size: int
    changed_at: datetime
    strength: Strength
    kinds: int
    reports: tuple[int, ...]
    units: tuple[int, ...]
    first: date
    last: date
    districts: tuple[str, ...]
    channels: tuple[str, ...]
    entities: tuple[int, ...]


@dataclass(frozen=True)
class RingsAsked:
    """What the list is narrowed to. `unit`: an office's row id. `cases`: which of some reports stand in a case."""

    unit: int | None = None
    strength: Strength | None = None
    crossing: bool = False
    cases: Callable[[Collection[int]], Collection[int]] | None = None


class _Walked(NamedTuple):
    """A ring that somebody may see. `mine`: its reports that they may, the newest first; `units`: all offices with one;
    `links`: kinds as bits → how many links have them, and how many of those are strong."""

    ring: Ring
    mine: list[int]
    units: tuple[int, ...]
    links: Mapping[int, tuple[int, int]]

    @property
    def strength(self) -> Strength:
        every = sum(count for count, _strong in self.links.values())
        strong = sum(strong for _count, strong in self.links.values())
        return Strength.STRONG if 2 * strong >= every > 0 else Strength.PLAIN


def rings_seen(
    actor: Actor, asked: RingsAsked, *, after: Place | None = None
) -> tuple[list[RingLine], Place | None]:
    """The lines, and where to go on, None at the end. Rings of which the actor may see no report are never walked."""
    mine = unit_ids(units_where(actor, Action.VIEW_REPORT))
    found: list[_Walked] = []
    walked, place = 0, after
    while walked < _MOST_WALKED and mine:
        rings = _next(mine, asked.unit, place)
        held = _walked(rings, mine)
        cases = asked.cases([report for one in held for report in one.mine]) if asked.cases else None
        for one in held:
            place = (one.ring.changed_at, one.ring.pk)
            walked += 1
            if _fits(one, asked, cases):
                found.append(one)
            if len(found) == PAGE:
                return _lines(found), place if _next(mine, asked.unit, place) else None
        if len(rings) < _AT_ONCE:
            return _lines(found), None
    return _lines(found), place if walked and _next(mine, asked.unit, place) else None


def _next(mine: Collection[int], unit: int | None, after: Place | None) -> list[Ring]:
    there = Member.objects.filter(ring=OuterRef("pk"))
    rings = Ring.objects.filter(Exists(there.filter(unit_id__in=mine)))
    if unit is not None:
        rings = rings.filter(Exists(there.filter(unit_id=unit)))
    if after is not None:
        rings = rings.filter(changed_at__lte=after[0]).filter(Q(changed_at__lt=after[0]) | Q(pk__lt=after[1]))
    return list(rings.order_by("-changed_at", "-pk")[:_AT_ONCE])


def _walked(rings: Sequence[Ring], mine: Collection[int]) -> list[_Walked]:
    members: dict[int, list[int]] = defaultdict(list)
    held = Member.objects.filter(ring__in=rings)
    own = held.filter(unit_id__in=mine).order_by("-report_id")
    for ring_id, report_id in own.values_list("ring_id", "report_id"):
        members[ring_id].append(report_id)
    units: dict[int, set[int]] = defaultdict(set)
    for ring_id, unit_id in held.order_by().values_list("ring_id", "unit_id").distinct():
        units[ring_id].add(unit_id)
    links = _links_in([ring.pk for ring in rings])
    return [
        _Walked(ring, members[ring.pk], tuple(sorted(units[ring.pk])), links.get(ring.pk, {}))
        for ring in rings
    ]


def _fits(one: _Walked, asked: RingsAsked, cases: Collection[int] | None) -> bool:
    return (
        bool(one.mine)  # else its last report went away a moment ago
        and (asked.strength is None or one.strength is asked.strength)
        and (not asked.crossing or len(one.units) > 1)
        and (cases is None or any(report in cases for report in one.mine))
    )


def _lines(found: Sequence[_Walked]) -> list[RingLine]:
    read = [report for one in found for report in one.mine[:_MOST_TOLD]]
    told = {one.report_id: one for one in told_now(read)}
    return [_line(one, [told[report] for report in one.mine[:_MOST_TOLD] if report in told]) for one in found]


def _line(one: _Walked, told: Sequence[Told]) -> RingLine:
    days = [day_of(report) for report in told]
    return RingLine(
        reference=one.ring.reference,
        size=one.ring.size,
        changed_at=one.ring.changed_at,
        strength=one.strength,
        kinds=_usual(one.links),
        reports=tuple(one.mine),
        units=one.units,
        first=min(days),
        last=max(days),
        districts=_most(words_in(told, "incident.districts", "victim.districts")),
        channels=_most(words_in(told, "incident.channels")),
        entities=tuple(number for number, _n in Counter(report.entity_id for report in told).most_common(3)),
    )


def _most(counted: Counter[str]) -> tuple[str, ...]:
    return tuple(word for word, _n in sorted(counted.items(), key=lambda one: (-one[1], one[0]))[:4])


def _usual(links: Mapping[int, tuple[int, int]]) -> int:
    """The kinds, as a link's bits, that count in a fifth of the links or more."""
    counted: Counter[int] = Counter()
    for bits, (count, _strong) in links.items():
        counted.update({bit: count for bit in range(bits.bit_length()) if bits >> bit & 1})
    least = max(1, sum(count for count, _strong in links.values()) / 5)
    return sum(1 << bit for bit, count in counted.items() if count >= least)


def _links_in(rings: Sequence[int]) -> dict[int, dict[int, tuple[int, int]]]:
    """Ring → kinds as bits → how many links have them, and how many of those are strong."""
    found: dict[int, dict[int, tuple[int, int]]] = defaultdict(dict)
    sql = (
        f"SELECT m.ring_id, l.kinds, count(*), sum(CASE WHEN l.weight >= {STRONG_AT} THEN 1 ELSE 0 END)"  # noqa: S608
        " FROM linking_member m JOIN linking_link l ON l.low_id = m.report_id"
        " JOIN linking_member h ON h.report_id = l.high_id AND h.ring_id = m.ring_id"
        f" WHERE l.weight >= {PLAIN_AT} AND m.ring_id IN {{values}} GROUP BY m.ring_id, l.kinds"
    )
    rows = select_in(sql, list(rings))
    for ring, kinds, count, strong in rows:
        found[ring][kinds] = (count, strong)
    return found
