"""Who tells of the same material as a report: frozen values for its page, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.db.models import Q, QuerySet

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, may
from amaan.bundles.domain.folding import WIDE
from amaan.bundles.domain.references import bundle_reference
from amaan.bundles.models import Front, Member, Split
from amaan.bundles.words import NEW_BY_NAME, WHY_BY_NAME, in_words
from amaan.reports.selectors import reports_among

if TYPE_CHECKING:
    from amaan.reports.models import Report

MOST_LINES: Final = 12
MOST_COUNTED: Final = 500
"""Reports of a bundle that are looked at for a page; the newest of more are left out, and the page says so."""


@dataclass(frozen=True)
class BundleLine:
    """Another report. `same`: of the very same files. `folded`: it waits behind one that stands."""

    reference: str
    entity: str
    received_at: datetime
    same: bool
    folded: bool
    why: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True)
class BundlePanel:
    """A report among others. `same` counts the reports of its very files, itself too, `others` the bundle's rest.

    `canonical` and `behind` are references, "" where the actor may not see that report, or there is none; `folded`:
    this report waits behind `behind`; `settled`: it was settled with it. `sources` are independent ones, `many` more
    than are counted. `unseen` counts reports of offices that the actor doesn't see, among those looked at (`cut`: there
    are more). `split`: somebody took this report out of a bundle.
    """

    bundle: str
    same: int
    others: int
    platforms: int
    first: datetime
    last: datetime
    sources: int
    many: bool
    canonical: str
    behind: str
    folded: bool
    settled: bool
    why: tuple[str, ...]
    new: tuple[str, ...]
    lines: tuple[BundleLine, ...]
    more: int
    unseen: int
    cut: bool
    split: bool
    may_split: bool


def bundle_panel(actor: Actor, report: Report) -> BundlePanel | None:
    """Of a report that the caller was given by `access_report`; None for one that stands alone and always did."""
    member = Member.objects.select_related("pile").filter(pk=report.pk).first()
    if member is None:
        return None
    split = Split.objects.filter(report=report, undone_at=None).exists()
    root, size = _root(member)
    if size < 2 and not split:
        return None
    found = list(_others(member, root)[: MOST_COUNTED + 1])
    others, cut = found[:MOST_COUNTED], len(found) > MOST_COUNTED
    front = Front.objects.filter(pile=member.pile, unit_id=member.unit_id).first()
    named = {one.report_id for one in others} | {report.pk}
    named |= {number for number in (member.behind, front.report_id if front else None) if number}
    seen = reports_among(actor, named)
    shown = [one for one in others if one.report_id in seen]
    same = [seen[one.report_id] for one in shown if one.pile_id == member.pile_id] + [report]
    lines = _lines(shown[:MOST_LINES], member.pile_id, seen)
    new = list(member.new.split())
    return BundlePanel(
        bundle=bundle_reference(root),
        same=member.pile.count,
        others=max(0, size - member.pile.count),
        platforms=len({one.entity_id for one in same}),
        first=min(one.received_at for one in same),
        last=max(one.received_at for one in same),
        sources=member.pile.sources,
        many=member.pile.sources >= WIDE,
        canonical=_reference(seen, front.report_id if front else None),
        behind=_reference(seen, member.behind),
        folded=member.folded,
        settled=member.behind is not None and not member.folded,
        why=in_words(member.why.split(), WHY_BY_NAME),
        new=in_words(new, NEW_BY_NAME),
        lines=lines,
        more=max(0, len(shown) - MOST_LINES),
        unseen=len(others) - len(shown),
        cut=cut,
        split=split,
        may_split=may(actor, Action.DECIDE_REPORT, report.unit.code),
    )


def _root(member: Member) -> tuple[int, int]:
    """The bundle's number and its size."""
    root = type(member.pile).objects.get(pk=member.pile.bundle)
    return root.pk, root.size


def _others(member: Member, root: int) -> QuerySet[Member]:
    """The bundle's other reports: first those of the same files, what stands before what folds, oldest first."""
    rows = Member.objects.filter(pile__bundle=root).exclude(pk=member.pk)
    same = Q(pile=member.pile_id)
    return rows.alias(same=same).order_by("-same", "folded", "pk")


def _lines(rows: Sequence[Member], pile: int, seen: dict[int, Report]) -> tuple[BundleLine, ...]:
    return tuple(
        BundleLine(
            reference=seen[row.report_id].reference,
            entity=seen[row.report_id].entity.name,
            received_at=seen[row.report_id].received_at,
            same=row.pile_id == pile,
            folded=row.folded,
            why=in_words(row.why.split(), WHY_BY_NAME),
            new=in_words(row.new.split(), NEW_BY_NAME),
        )
        for row in rows
    )


def _reference(seen: dict[int, Report], number: int | None) -> str:
    return seen[number].reference if number in seen else ""
