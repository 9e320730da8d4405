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

if TYPE_CHECKING:
    from amaan.reports.models import Report

MOST_READ: Final = 2000
"""Reports of a ring that a page reads, the newest; of more it tells how many."""


@dataclass(frozen=True)
class SeenRing:
    """`ids`: every report of it. `seen` and `told`: those that the actor may see, by row id. `elsewhere`: how many lie
    with other offices, by the office's row id. `asked`: the ring of the reference that was typed, where that one
    became part of this one; `gone`: its reports stand together no more, `ids` are the last that did, `now_in` the
    rings in which some of them stand now."""

    ring: Ring
    asked: Ring | None
    gone: bool
    now_in: tuple[str, ...]
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
    ids = found.reports[::-1]
    read = ids[:MOST_READ]
    told = {one.report_id: one for one in told_now(read)}
    mine = set(unit_ids(units_where(actor, Action.VIEW_REPORT)))
    seen = reports_among(actor, [number for number, one in told.items() if one.unit_id in mine])
    if not seen:
        raise RingNotFound(typed)
    asked = Ring.objects.get(reference=found.asked) if found.asked != found.reference else None
    return SeenRing(
        ring=ring,
        asked=asked,
        gone=found.gone,
        now_in=found.now_in,
        ids=tuple(sorted(read)),
        seen=seen,
        told={number: told[number] for number in seen},
        elsewhere=Counter(one.unit_id for number, one in told.items() if number not in seen),
        cut=len(ids) - len(read),
    )


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
