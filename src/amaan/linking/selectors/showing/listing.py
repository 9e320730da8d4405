"""The list of rings: those whose newest activity is latest come first, walked until a page is full."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db.models import Q

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
"""Rings that are looked at for one page: a filter that few fit does not read them all."""
_MOST_TOLD: Final = 200
"""Reports of one ring that are read for its line."""


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


def rings_seen(
    actor: Actor, asked: RingsAsked, *, after: Place | None = None
) -> tuple[list[RingLine], Place | None]:
    """The lines, and where to go on, None at the end."""
    mine = set(unit_ids(units_where(actor, Action.VIEW_REPORT)))
    found: list[RingLine] = []
    walked, place = 0, after
    while walked < _MOST_WALKED and mine:
        rings = _next(place)
        for ring, line in _lines(rings, mine):
            place = (ring.changed_at, ring.pk)
            walked += 1
            if line is not None and _fits(line, asked):
                found.append(line)
                if len(found) == PAGE:
                    return found, place
        if len(rings) < _AT_ONCE:
            return found, None
    return found, place if walked else None


def _next(after: Place | None) -> list[Ring]:
    rings = Ring.objects.filter(size__gt=0)
    if after is not None:
        rings = rings.filter(changed_at__lte=after[0]).filter(Q(changed_at__lt=after[0]) | Q(pk__lt=after[1]))
    return list(rings.order_by("-changed_at", "-pk")[:_AT_ONCE])


def _fits(line: RingLine, asked: RingsAsked) -> bool:
    return (
        (asked.unit is None or asked.unit in line.units)
        and (asked.strength is None or line.strength is asked.strength)
        and (not asked.crossing or len(line.units) > 1)
        and (asked.cases is None or bool(asked.cases(line.reports)))
    )


def _lines(rings: Sequence[Ring], mine: Collection[int]) -> Iterator[tuple[Ring, RingLine | None]]:
    members: dict[int, list[int]] = defaultdict(list)
    held = Member.objects.filter(ring__in=rings).order_by("-report_id")
    for ring_id, report_id in held.values_list("ring_id", "report_id"):
        if len(members[ring_id]) < _MOST_TOLD:
            members[ring_id].append(report_id)
    told = {one.report_id: one for one in told_now([one for ids in members.values() for one in ids])}
    links = _links_in([ring.pk for ring in rings])
    for ring in rings:
        reports = [told[number] for number in members[ring.pk] if number in told]
        yield ring, _line(ring, reports, links.get(ring.pk, {}), mine)


def _line(
    ring: Ring, reports: Sequence[Told], links: Mapping[int, tuple[int, int]], mine: Collection[int]
) -> RingLine | None:
    seen = [one for one in reports if one.unit_id in mine]
    if not seen:
        return None
    all_links = sum(count for count, _strong in links.values())
    strong = sum(strong for _count, strong in links.values())
    days = [day_of(one) for one in seen]
    return RingLine(
        reference=ring.reference,
        size=ring.size,
        changed_at=ring.changed_at,
        strength=Strength.STRONG if 2 * strong >= all_links > 0 else Strength.PLAIN,
        kinds=_usual(links),
        reports=tuple(one.report_id for one in seen),
        units=tuple(sorted({one.unit_id for one in reports})),
        first=min(days),
        last=max(days),
        districts=_most(words_in(seen, "incident.districts", "victim.districts")),
        channels=_most(words_in(seen, "incident.channels")),
        entities=tuple(number for number, _n in Counter(one.entity_id for one in seen).most_common(3)),
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
