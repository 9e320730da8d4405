"""Reading lists: what stands, what came when, how many members count."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Max, Q, Sum

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.matching.domain.errors import ListNotFound
from amaan.matching.domain.lists import ALWAYS_THERE, Category, ListKind, ListState
from amaan.matching.models import Batch, Exchange, SignalList
from amaan.matching.permissions import lists_where


@dataclass(frozen=True)
class ListLine:
    """A list as it stands. `by` fields are actors' keys; `members` are those of ended batches, less the withdrawn.

    `wanted` holds thresholds that wait for a second person, or nothing.
    """

    slug: str
    title: str
    kind: ListKind
    category: Category
    source: str
    ground: str
    exchange: str
    categories: dict[str, str]
    state: ListState
    enabled: bool
    distance: int
    quality: int
    revision: int
    proposed_by: str
    proposed_at: datetime
    set_by: str
    approved_by: str
    approved_at: datetime | None
    withdrawn_by: str
    withdrawn_at: datetime | None
    wanted: dict[str, int]
    wanted_by: str
    wanted_at: datetime | None
    members: int
    grown_at: datetime | None
    unfinished: bool
    exchange_ran_at: datetime | None
    exchange_fault: str

    @property
    def counts(self) -> bool:
        """Whether it matches anything."""
        return self.state is ListState.APPROVED and self.enabled

    @property
    def stays(self) -> bool:
        """Whether it comes with the program, and so is never withdrawn."""
        return self.slug in ALWAYS_THERE


@dataclass(frozen=True)
class BatchLine:
    """What came into a list at one time. Without `ended_at` it counts for nothing yet."""

    id: int
    origin: str
    digest: str
    by: str
    began_at: datetime
    ended_at: datetime | None
    read: int
    added: int
    known: int
    withdrawn: int
    invalid: int


@dataclass(frozen=True)
class Fault:
    """A line of a file that is no hash: its number, why, and what stood there, cut."""

    line: int
    code: str
    text: str


def access_list(actor: Actor, slug: str, action: Action = Action.VIEW_LISTS) -> SignalList:
    """The only way from a slug to a list. Raises ListNotFound."""
    found = lists_where(actor, action).filter(slug=slug).first()
    if found is None:
        raise ListNotFound(f"There is no list {slug} for you. See: amaan lists show")
    return found


def lists_for(actor: Actor) -> list[ListLine]:
    """Every list: what waits for a second person first, what was withdrawn last; then by title."""
    lines = _lines(lists_where(actor, Action.VIEW_LISTS))
    order = (ListState.PROPOSED, ListState.APPROVED, ListState.WITHDRAWN)
    return sorted(lines, key=lambda line: (order.index(line.state), line.title.casefold(), line.slug))


def list_line(actor: Actor, slug: str) -> ListLine:
    """One list. Raises ListNotFound."""
    return _lines([access_list(actor, slug)])[0]


def _lines(lists: Iterable[SignalList]) -> list[ListLine]:
    rows = list(lists)
    numbers = [row.pk for row in rows]
    sums: dict[int, dict[str, Any]] = {
        one["list"]: dict(one)
        for one in Batch.objects.filter(list__in=numbers)
        .values("list")
        .annotate(
            added=Sum("added", filter=Q(ended_at__isnull=False)),
            gone=Sum("withdrawn", filter=Q(ended_at__isnull=False)),
            grown=Max("ended_at"),
        )
    }
    open_ones = set(
        Batch.objects.filter(list__in=numbers, ended_at=None)
        .exclude(list__kind__in=[ListKind.OWN, ListKind.SURVIVOR])
        .values_list("list", flat=True)
    )
    readings = {one.list_id: one for one in Exchange.objects.filter(list__in=numbers)}
    lines = []
    for row in rows:
        counted = sums.get(row.pk, {})
        reading = readings.get(row.pk)
        lines.append(
            ListLine(
                slug=row.slug,
                title=row.title,
                kind=ListKind(row.kind),
                category=Category(row.category),
                source=row.source,
                ground=row.ground,
                exchange=row.exchange,
                categories=json.loads(row.categories) if row.categories else {},
                state=ListState(row.state),
                enabled=row.enabled,
                distance=row.distance,
                quality=row.quality,
                revision=row.revision,
                proposed_by=row.proposed_by,
                proposed_at=row.proposed_at,
                set_by=row.set_by,
                approved_by=row.approved_by,
                approved_at=row.approved_at,
                withdrawn_by=row.withdrawn_by,
                withdrawn_at=row.withdrawn_at,
                wanted=json.loads(row.wanted) if row.wanted else {},
                wanted_by=row.wanted_by,
                wanted_at=row.wanted_at,
                members=(counted.get("added") or 0) - (counted.get("gone") or 0),
                grown_at=counted.get("grown"),
                unfinished=row.pk in open_ones,
                exchange_ran_at=reading.ran_at if reading else None,
                exchange_fault=reading.fault if reading else "",
            )
        )
    return lines


def batches_of(actor: Actor, slug: str, *, before: int | None = None, limit: int = 50) -> list[BatchLine]:
    """What came into a list, the newest first; `before` is the last number seen. Raises ListNotFound."""
    held = access_list(actor, slug)
    rows = Batch.objects.filter(list=held).order_by("-id").defer("faults")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return [
        BatchLine(
            row.pk,
            row.origin,
            bytes(row.digest).hex() if row.digest else "",
            row.by,
            row.began_at,
            row.ended_at,
            row.read,
            row.added,
            row.known,
            row.withdrawn,
            row.invalid,
        )
        for row in rows[:limit]
    ]


def faults_of(actor: Actor, slug: str, batch: int | None = None) -> list[Fault]:
    """The first thousand lines of a batch (without a number: of the newest that has any) that were no hash.

    Raises ListNotFound.
    """
    held = access_list(actor, slug, Action.MANAGE_LISTS)
    rows = Batch.objects.filter(list=held).exclude(faults="").order_by("-id")
    text = (rows.filter(pk=batch) if batch is not None else rows).values_list("faults", flat=True).first()
    return [Fault(*one) for one in json.loads(text)] if text else []


ROUNDED_TO: Final = 100
"""What is told to the public of a number of members: enough to see a list, too little to see one hash come."""


@dataclass(frozen=True)
class PublicList:
    """A list as the public may know it."""

    source: str
    kind: ListKind
    category: Category
    counts: bool
    withdrawn: bool
    members: int


@dataclass(frozen=True)
class PublicLists:
    """All lists that a second person has approved, counted; of others only how many wait (`proposed`).

    What one person alone wrote, such as the source of a list that is only proposed, is told to nobody outside.
    `by_category` counts those in force.
    """

    lists: tuple[PublicList, ...]
    in_force: int
    others: int
    proposed: int
    members: int
    by_category: dict[Category, int]
    rounded_to: int = ROUNDED_TO


def public_lists() -> PublicLists:
    """What anybody may read. No person, no reason, no hash, no exact number."""
    lines = _lines(SignalList.objects.exclude(approved_at=None).order_by("source", "slug"))
    shown = tuple(
        PublicList(
            line.source,
            line.kind,
            line.category,
            line.counts,
            line.state is ListState.WITHDRAWN,
            line.members // ROUNDED_TO * ROUNDED_TO,
        )
        for line in lines
    )
    in_force = [one for one in shown if one.counts]
    return PublicLists(
        lists=shown,
        in_force=len(in_force),
        others=len(shown) - len(in_force),
        proposed=SignalList.objects.filter(state=ListState.PROPOSED).count(),
        members=sum(one.members for one in in_force),
        by_category=dict(Counter(one.category for one in in_force)),
    )
