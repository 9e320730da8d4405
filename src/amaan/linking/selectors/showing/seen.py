"""One ring, as far as somebody may see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from amaan.accounts.selectors import unit_ids
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, units_where
from amaan.linking.domain.errors import RingNotFound
from amaan.linking.models import Member, Ring
from amaan.linking.selectors.rings_of import ring_at
from amaan.reports.selectors import Told, reports_among, told_now
from amaan.store.rows import select_in

if TYPE_CHECKING:
    from amaan.reports.models import Report

MOST_READ: Final = 2000
"""Reports of a ring that a page reads, the reader's own first and the newest of them; of more it tells how many."""
_LEADS_TO_MINE: Final = """
way(ring, here) AS (
    SELECT id, id FROM linking_ring WHERE id IN {values}
    UNION SELECT way.ring, r.into_id FROM way JOIN linking_ring r ON r.id = way.here WHERE r.into_id IS NOT NULL
)
SELECT way.ring FROM way JOIN linking_ring e ON e.id = way.here WHERE e.into_id IS NULL AND (
    EXISTS (SELECT 1 FROM linking_member m WHERE m.ring_id = e.id AND m.unit_id IN (SELECT id FROM mine))
    OR EXISTS (SELECT 1 FROM linking_former f JOIN reports_report r ON r.id = f.report_id
               WHERE f.ring_id = e.id AND r.unit_id IN (SELECT id FROM mine))
)
"""
"""A ring has former members only while it has no others."""


@dataclass(frozen=True)
class SeenRing:
    """`ids`: every report of it. `seen` and `told`: those that the actor may see, by row id. `elsewhere`: how many lie
    with other offices, by the office's row id. `asked`: the ring of the reference that was typed, where that one
    became part of this one; `gone`: its reports stand together no more, `ids` are the last that did, `now_in` the
    rings in which some of those that the actor may see stand now. `came_from`: "" of a ring that they may not open."""

    ring: Ring
    asked: Ring | None
    gone: bool
    now_in: tuple[str, ...]
    came_from: str
    ids: tuple[int, ...]
    seen: Mapping[int, Report]
    told: Mapping[int, Told]
    elsewhere: Mapping[int, int]
    cut: int = 0

    @property
    def hidden(self) -> int:
        return sum(self.elsewhere.values())


def seen_ring(actor: Actor, typed: str) -> SeenRing:
    """Of a reference as typed by anybody; an old one leads on. Raises RingNotFound."""
    found = ring_at(typed)
    ring = Ring.objects.select_related("came_from").get(pk=found.ring)
    units = units_of(found.reports)
    mine = set(unit_ids(units_where(actor, Action.VIEW_REPORT)))
    # The reader's own come first: a ring that holds one of theirs is never one that they can't open.
    ids = sorted(units, key=lambda report: (units[report] in mine, report), reverse=True)
    read = ids[:MOST_READ]
    seen = reports_among(actor, [report for report in read if units[report] in mine])
    told = {one.report_id: one for one in told_now(sorted(seen))}
    seen = {report: seen[report] for report in told}
    if not seen:
        raise RingNotFound(typed)
    here = {reference for reference, _size in rings_with(seen).values()}
    asked = Ring.objects.get(reference=found.asked) if found.asked != found.reference else None
    return SeenRing(
        ring=ring,
        asked=asked,
        gone=found.gone,
        now_in=tuple(one for one in found.now_in if one in here),
        came_from=ring.came_from.reference
        if ring.came_from and rings_open(actor, [ring.came_from.pk])
        else "",
        ids=tuple(sorted(read)),
        seen=seen,
        told=told,
        elsewhere=Counter(units[report] for report in read if report not in seen),
        cut=len(ids) - len(read),
    )


def rings_open(actor: Actor, rings: Collection[int]) -> set[int]:
    """Those of these rings, by row id, whose reference leads the actor to a ring with a report that they may see.

    One statement: the desk's first page asks it, too.
    """
    mine = units_where(actor, Action.VIEW_REPORT)
    if not mine:
        return set()
    codes = sorted(mine.codes)
    where = "" if mine.all else f" WHERE code IN ({', '.join(['%s'] * len(codes))})"
    sql = f"WITH RECURSIVE mine(id) AS (SELECT id FROM accounts_unit{where}),{_LEADS_TO_MINE}"  # noqa: S608
    return {ring for (ring,) in select_in(sql, sorted(set(rings)), codes)}


def units_of(report_ids: Collection[int]) -> dict[int, int]:
    """Report → its office, both as row ids."""
    return dict(select_in("SELECT id, unit_id FROM reports_report WHERE id IN {values}", sorted(report_ids)))


def rings_with(report_ids: Collection[int]) -> dict[int, tuple[str, int]]:
    """Of reports that the caller was given by `access_report`: the ring's reference and size, where one is in one."""
    rows = Member.objects.filter(pk__in=set(report_ids)).values_list("pk", "ring__reference", "ring__size")
    return {report: (reference, size) for report, reference, size in rows}


def day_of(told: Told) -> date:
    """The day of what happened, where it was told; else of the receipt. In UTC."""
    before = told.facts.get("incident.days_before_receipt")
    day = told.received_at.date()
    return day - timedelta(days=before) if isinstance(before, int) and 0 <= before < 36_500 else day


def words_in(told: Iterable[Told], *names: str) -> Counter[str]:
    """In how many of these reports each word of these facts stands."""
    found: Counter[str] = Counter()
    for one in told:
        found.update({word for name in names for word in _list(one.facts.get(name))})
    return found


def _list(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
