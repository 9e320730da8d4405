"""What a report's files match, and what a list matched: frozen values for pages, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, may
from amaan.matching.domain.comparing import WEAK
from amaan.matching.domain.lists import Category, ListKind, ListState, MemberState, SignalType
from amaan.matching.models import Match
from amaan.matching.selectors import access_list
from amaan.matching.words import CATEGORIES, KINDS, source_of, title_of
from amaan.reports.selectors import newest_telling, reports_among

if TYPE_CHECKING:
    from amaan.reports.models import Report

MOST_ROWS: Final = 500
OF_A_LIST: Final = 3
"""Lines of one file and list on a report's page, the nearest; the rest is counted, and stands on the list's page."""
BITS: Final = 256


@dataclass(frozen=True)
class MatchLine:
    """One match as it was found. `content` is the file's number on the page, from 1; hashes are in hex.

    `same`: the very bytes (`weak`: by a digest that can be forged); else `distance` of 256 bits differ, where the list
    took up to `threshold`. `gone` says why it counts no longer, if so; `slug` is "" for whoever may not see lists.
    `theirs` is "" for a survivor's hash.
    """

    content: int
    same: bool
    weak: bool
    distance: int
    threshold: int
    kind: str
    ours: str
    theirs: str
    quality: int | None
    quality_asked: bool
    algorithm: str
    at: datetime
    title: str
    slug: str
    source: str
    whose: str
    category: str
    tags: tuple[str, ...]
    entry: str
    more: int
    gone: str
    survivor: bool
    reference: str = ""


@dataclass(frozen=True)
class MatchPanel:
    """The matches of a report's newest telling: with lists, and, apart from them, with what people sent of themselves
    (survivors' own hashes, StopNCII's)."""

    known: tuple[MatchLine, ...]
    survivors: tuple[MatchLine, ...]
    left_out: int


@dataclass(frozen=True)
class ListMatches:
    """What a list matched, the newest first. `before` is the next page's first number, None where nothing is left."""

    lines: tuple[MatchLine, ...]
    before: int | None


def match_panel(actor: Actor, report: Report) -> MatchPanel:
    """Of a report that the caller was given by `access_report`."""
    rows = _rows().filter(version_id=newest_telling(report).pk).order_by("content", "type", "distance", "pk")
    found = list(rows[: MOST_ROWS + 1])
    seen: set[tuple[int, int]] = set()
    best = [row for row in found[:MOST_ROWS] if not _seen(seen, (row.content, row.member_id))]
    lines = list(_nearest(zip(best, _lines(actor, best), strict=True)))
    left_out = rows.count() - MOST_ROWS if len(found) > MOST_ROWS else 0
    return MatchPanel(
        tuple(line for line in lines if not line.survivor),
        tuple(line for line in lines if line.survivor),
        left_out,
    )


def _nearest(told: Iterable[tuple[Match, MatchLine]]) -> Iterator[MatchLine]:
    """Of each file and list the first few, and on the first of them how many more there are."""
    groups: dict[tuple[int, int], list[MatchLine]] = {}
    for row, line in told:
        groups.setdefault((row.content, row.list_id), []).append(line)
    for lines in groups.values():
        cut = max(line.more for line in lines) + max(0, len(lines) - OF_A_LIST)
        yield replace(lines[0], more=cut)
        yield from (replace(line, more=0) for line in lines[1:OF_A_LIST])


def list_matches(actor: Actor, slug: str, *, before: int | None = None, limit: int = 50) -> ListMatches:
    """What a list matched in reports that the actor may see. Raises ListNotFound."""
    held = access_list(actor, slug)
    rows = _rows().filter(list=held).order_by("-pk")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: limit + 1])
    seen = reports_among(actor, (row.report_id for row in found))
    shown = [row for row in found[:limit] if row.report_id in seen]
    lines = tuple(_lines(actor, shown, {number: report.reference for number, report in seen.items()}))
    return ListMatches(lines, found[limit - 1].pk if len(found) > limit else None)


def _rows() -> QuerySet[Match]:
    return Match.objects.select_related("list", "member")


def _seen(seen: set[tuple[int, int]], key: tuple[int, int]) -> bool:
    if key in seen:
        return True
    seen.add(key)
    return False


def _lines(
    actor: Actor, rows: Iterable[Match], references: dict[int, str] | None = None
) -> Iterator[MatchLine]:
    links = may(actor, Action.VIEW_LISTS)
    for row in rows:
        kind, type_ = ListKind(row.list.kind), SignalType(row.type)
        yield MatchLine(
            content=row.content + 1,
            same=type_.cryptographic,
            weak=type_ in WEAK,
            distance=row.distance,
            threshold=row.threshold,
            kind=type_.label,
            ours=bytes(row.ours).hex(),
            theirs=bytes(row.theirs).hex(),
            quality=row.quality,
            quality_asked=not type_.cryptographic,
            algorithm=row.algorithm,
            at=row.at,
            title=title_of(kind, row.list.title),
            slug=row.list.slug if links else "",
            source=source_of(kind, row.list.source),
            whose=str(KINDS[kind]),
            category=str(CATEGORIES[Category(row.member.category)]),
            tags=tuple(row.member.tags.split()),
            entry="" if kind is ListKind.SURVIVOR else row.member.name,
            more=row.more,
            gone=_gone(row),
            survivor=Category(row.member.category) is Category.SURVIVOR,
            reference=(references or {}).get(row.report_id, ""),
        )


def _gone(row: Match) -> str:
    """Why a match counts no longer; "" where it does."""
    if row.list.state == ListState.WITHDRAWN:
        return _("The list was withdrawn since, so this counts no longer.")
    if row.member.state == MemberState.WITHDRAWN:
        return _("This entry was withdrawn from the list since, so this counts no longer.")
    if not row.list.enabled:
        return _("The list is switched off, so this does not count now.")
    return ""
