"""Marks for the analyst: a flood, the same story again, many accusations that stand on nothing. No band changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
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
_MOST_STANDING: Final = 3_000
_MOST_LOOKED_AT: Final = 400
"""Unsupported accusations of the last days that a new one is compared with: a flood does not make this slow."""


@dataclass(frozen=True)
class Told:
    """A report that is new, and what told it. `story`: its signature; `many`: it came among very many."""

    report_id: int
    reference: str
    telling: Telling
    story: bytes | None
    many: bool = False


def story_signature(telling: Telling, seal: Seal) -> bytes | None:
    """By what the story is known again; None where it is too short. It needs no database."""
    return signature(story_of(telling.answers), story_key(seal.index.references))


def mark_told(told: Sequence[Told], seal: Seal, now: datetime) -> None:
    """In the transaction that received them."""
    flood = [(one.report_id, one.reference) for one in told if one.many]
    _mark(flood, FlagKind.FLOOD, {}, seal, now)
    _compare_stories([one for one in told if one.story is not None], seal, now)
    for one in told:
        if is_unsupported(one.telling.answers, len(one.telling.hashes)):
            _look_for_campaign(one, seal, now)


def _compare_stories(told: Sequence[Told], seal: Seal, now: datetime) -> None:
    """Each with what stands already, and with those that came beside it. A copy gets no row of its own: thousands of
    them are compared with one story, not with each other."""
    key = story_key(seal.index.references)
    found = [(one, one.story, bands(one.story, key)) for one in told if one.story is not None]
    standing = _standing({digest for _, _, digests in found for digest in digests})
    fresh: list[tuple[Story, list[bytes]]] = []
    for one, story, digests in found:
        near = {number: kept for digest in digests for number, kept in standing.get(digest, {}).items()}
        same = most_alike(story, sorted(near.items())[:_MOST_COMPARED])
        if same is not None:
            detail: dict[str, object] = {"report": references_of([same])[same]}
            _mark([(one.report_id, one.reference)], FlagKind.SAME_STORY, detail, seal, now)
            continue
        fresh.append((Story(report_id=one.report_id, signature=story, at=now), digests))
        for digest in digests:
            standing.setdefault(digest, {})[one.report_id] = story
    Story.objects.bulk_create(story for story, _ in fresh)
    StoryBand.objects.bulk_create(
        StoryBand(story=story, digest=digest) for story, digests in fresh for digest in digests
    )


def _standing(digests: Collection[bytes]) -> dict[bytes, dict[int, bytes]]:
    """Stories that share one of these bands: by band, the report's id and the signature."""
    rows = StoryBand.objects.filter(digest__in=list(digests)).order_by("story_id")
    found: dict[bytes, dict[int, bytes]] = {}
    for row in rows.select_related("story")[:_MOST_STANDING]:
        found.setdefault(bytes(row.digest), {})[row.story.report_id] = bytes(row.story.signature)
    return found


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
    if not named:
        return
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
