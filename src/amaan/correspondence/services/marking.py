"""Marks for the analyst: a flood, the same story again, many accusations that stand on nothing. No band changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from amaan.correspondence.domain import places
from amaan.correspondence.domain.flooding import (
    CAMPAIGN,
    CAMPAIGN_DAYS,
    bands,
    is_unsupported,
    most_alike,
    signature,
    story_key,
    story_of,
)
from amaan.correspondence.domain.words import FlagKind
from amaan.correspondence.models import Conversation, Flag, Story, StoryBand
from amaan.correspondence.services.tellings import Seal
from amaan.portal.domain.envelopes import Telling
from amaan.reports.domain.preparing import dumps
from amaan.reports.selectors import accused_in_common, references_of

_MOST_COMPARED: Final = 60
_MOST_LOOKED_AT: Final = 400
"""Unsupported accusations of the last days that a new one is compared with: a flood does not make this slow."""


@dataclass(frozen=True)
class Told:
    """A report that is new, and what told it. `many`: it came among very many."""

    report_id: int
    reference: str
    telling: Telling
    many: bool


def mark_told(told: Sequence[Told], seal: Seal, now: datetime) -> None:
    """In the transaction that received them."""
    for one in told:
        if one.many:
            _mark([(one.report_id, one.reference)], FlagKind.FLOOD, {}, seal, now)
        _compare_story(one, seal, now)
        if is_unsupported(one.telling.answers, len(one.telling.hashes)):
            _look_for_campaign(one, seal, now)


def _compare_story(one: Told, seal: Seal, now: datetime) -> None:
    key = story_key(seal.index.references)
    found = signature(story_of(one.telling.answers), key)
    if found is None:
        return
    digests = bands(found, key)
    ids = (
        StoryBand.objects.filter(digest__in=digests)
        .order_by("story_id")
        .values_list("story_id", flat=True)
        .distinct()[:_MOST_COMPARED]
    )
    earlier = {
        row.report_id: bytes(row.signature) for row in Story.objects.filter(pk__in=list(ids)).order_by("pk")
    }
    same = most_alike(found, earlier.items())
    if same is not None:
        # Known by the earlier one already: thousands of copies are compared with one row, not with each other.
        about = references_of([same])[same]
        _mark([(one.report_id, one.reference)], FlagKind.SAME_STORY, {"report": about}, seal, now)
        return
    story = Story.objects.create(report_id=one.report_id, signature=found, at=now)
    StoryBand.objects.bulk_create(StoryBand(story=story, digest=digest) for digest in digests)


def _look_for_campaign(one: Told, seal: Seal, now: datetime) -> None:
    since = now - timedelta(days=CAMPAIGN_DAYS)
    others = (
        Conversation.objects.filter(unsupported=True, began_at__gte=since, report__isnull=False)
        .exclude(report_id=one.report_id)
        .order_by("-began_at")
        .values_list("report_id", flat=True)[:_MOST_LOOKED_AT]
    )
    common = accused_in_common(one.report_id, [number for number in others if number is not None])
    for reports in common.values():
        together = {one.report_id, *reports}
        if len(together) >= CAMPAIGN:
            named = references_of(together)
            detail: dict[str, object] = {"reports": len(together)}
            _mark(list(named.items()), FlagKind.POSSIBLE_CAMPAIGN, detail, seal, now)


def _mark(
    reports: Iterable[tuple[int, str]], kind: FlagKind, detail: dict[str, object], seal: Seal, now: datetime
) -> None:
    """Each once. What the mark rests on is sealed: it may name another report."""
    named = dict(reports)
    marked = set(Flag.objects.filter(report_id__in=named, kind=kind).values_list("report_id", flat=True))
    Flag.objects.bulk_create(
        Flag(
            report_id=number,
            kind=kind,
            detail=seal.sealer.seal(places.flag(reference, kind), dumps(detail)) if detail else None,
            at=now,
        )
        for number, reference in named.items()
        if number not in marked
    )
