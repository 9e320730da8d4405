"""Rings by name, by report, and all of them: without asking who reads (`showing` and the services do).

A reference that was ever given leads somewhere: to the ring itself, to the one that it became part of, or to a ring
that is gone, with where its reports stand now.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Final, NamedTuple

from amaan.linking.domain.decisions import PairState
from amaan.linking.domain.errors import RingNotFound
from amaan.linking.domain.references import ring_number
from amaan.linking.domain.strength import STRONG_AT, Strength
from amaan.linking.models import Former, Member, Ring
from amaan.linking.selectors.leading import leads
from amaan.linking.selectors.states import links_among
from amaan.reports.domain.references import NotAReference
from amaan.reports.selectors.recurring import Standing, standing_of
from amaan.store.rows import select_in

_AT_ONCE: Final = 200


class RingAt(NamedTuple):
    """Where a reference leads. `asked` is the reference as it is written, `reference` that of the ring it leads to.

    `reports`: row ids, ascending; of a ring that is `gone` those who stood in it last, and `now_in` the references of
    the rings in which some of them stand now, most first.
    """

    ring: int
    asked: str
    reference: str
    reports: tuple[int, ...]
    gone: bool
    now_in: tuple[str, ...]
    narrow: bool
    formed_at: datetime
    changed_at: datetime


def ring_at(typed: str) -> RingAt:
    """Of a reference as typed by anybody. Raises RingNotFound."""
    try:
        number = ring_number(typed)
    except NotAReference:
        raise RingNotFound(typed) from None
    found = Ring.objects.in_bulk({number, *leads([number]).values()})
    if number not in found:
        raise RingNotFound(typed)
    ring = found[leads([number])[number]]
    members = Member.objects.filter(ring=ring).order_by("pk").values_list("pk", flat=True)
    reports, now_in = tuple(members), Counter[str]()
    gone = not reports
    if gone:
        reports = tuple(
            Former.objects.filter(ring=ring).order_by("report_id").values_list("report_id", flat=True)
        )
        now_in.update(rings_of_reports(reports).values())
    return RingAt(
        ring=ring.pk,
        asked=found[number].reference,
        reference=ring.reference,
        reports=reports,
        gone=gone,
        now_in=tuple(sorted(now_in, key=lambda reference: (-now_in[reference], reference))),
        narrow=ring.narrow,
        formed_at=ring.formed_at,
        changed_at=ring.changed_at,
    )


def ring_of_report(report_id: int) -> str | None:
    """The reference of the ring that a report stands in."""
    return rings_of_reports([report_id]).get(report_id)


def rings_of_reports(report_ids: Collection[int]) -> dict[int, str]:
    """The same of many; those in none are left out."""
    return dict(
        select_in(
            "SELECT m.report_id, r.reference FROM linking_member m JOIN linking_ring r ON r.id = m.ring_id"
            " WHERE m.report_id IN {values}",
            sorted(set(report_ids)),
        )
    )


class RingExported(NamedTuple):
    """A ring and its reports, by reference; `strength`: of the links that hold it, the one most of them have."""

    reference: str
    strength: Strength
    changed_at: datetime
    reports: tuple[Standing, ...]


def rings_exported() -> Iterator[RingExported]:
    """Every ring that stands, from the oldest: read part by part."""
    last = 0
    while rows := list(Ring.objects.filter(pk__gt=last, size__gt=0).order_by("pk")[:_AT_ONCE]):
        last = rows[-1].pk
        members: dict[int, list[int]] = defaultdict(list)
        held = Member.objects.filter(ring__in=rows).order_by("pk")
        for report, ring in held.values_list("pk", "ring_id"):
            members[ring].append(report)
        reports = sorted(report for ids in members.values() for report in ids)
        standing = standing_of(reports)
        strengths = _strengths(members)
        for row in rows:
            told = tuple(standing[report] for report in members[row.pk])
            yield RingExported(row.reference, strengths[row.pk], row.changed_at, told)


def _strengths(members: dict[int, list[int]]) -> dict[int, Strength]:
    """By ring: strong where at least half of the links inside it bind by themselves or were confirmed."""
    at = {report: ring for ring, ids in members.items() for report in ids}
    whole, strong = Counter[int](), Counter[int]()
    for link in links_among(at):
        if (
            at[link.low] != at[link.high]
            or link.state is PairState.REJECTED
            or link.strength is Strength.WEAK
        ):
            continue
        ring = at[link.low]
        whole[ring] += 1
        strong[ring] += link.state is PairState.CONFIRMED or (link.weight or 0.0) >= STRONG_AT
    return {
        ring: Strength.STRONG if 2 * strong[ring] >= whole[ring] > 0 else Strength.PLAIN for ring in members
    }
