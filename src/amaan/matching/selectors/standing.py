"""How matching stands: what a report's matches tell triage, how near the index is, which rounds are under way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from amaan.matching import index_files
from amaan.matching.domain.facts import MatchFacts, Standing, match_facts
from amaan.matching.domain.lists import Category, ListKind, ListState, MemberState, SignalType
from amaan.matching.models import Match, Rematch
from amaan.reports.selectors import comparable_contents, newest_versions
from amaan.store.rows import select_in


def facts_of_matches(report_ids: Sequence[int]) -> dict[int, MatchFacts]:
    """The match facts of those of these reports whose newest telling matches anything that counts now."""
    rows = select_in(
        "SELECT x.report_id, x.version_id, x.content, x.type, l.id, l.kind, m.category, m.tags"  # noqa: S608 - words of ours
        " FROM matching_match x JOIN matching_signallist l ON l.id = x.list_id"
        " JOIN matching_member m ON m.id = x.member_id"
        f" WHERE l.state = '{ListState.APPROVED}' AND l.enabled AND m.state = '{MemberState.ACTIVE}'"
        " AND x.report_id IN {values}",
        list(report_ids),
    )
    return _facts_of(rows)


def facts_of_matches_at(moments: Mapping[int, datetime]) -> dict[int, MatchFacts]:
    """`facts_of_matches` as far as they were known at each report's moment, for whoever learns from a decision then: by
    members that had come into lists of others by then. Our own banks are left out: what is decided fills them."""
    rows = Match.objects.filter(
        report_id__in=list(moments),
        list__state=ListState.APPROVED,
        list__enabled=True,
        member__state=MemberState.ACTIVE,
    ).exclude(list__kind=ListKind.OWN)
    found = rows.values_list(
        *(
            "report_id",
            "version_id",
            "content",
            "type",
            "list_id",
            "list__kind",
            "member__category",
            "member__tags",
        ),
        *("list__approved_at", "member__batch__ended_at"),
    )
    return _facts_of(
        [
            row
            for *row, approved, came in found
            if approved <= moments[row[0]] and came and came <= moments[row[0]]
        ]
    )


def _facts_of(rows: Sequence[Sequence[Any]]) -> dict[int, MatchFacts]:
    """By report; rows are (report, version, content, type, list, kind, category, tags), older tellings left out."""
    if not rows:
        return {}
    newest = newest_versions(sorted({row[0] for row in rows}))
    standing: dict[int, list[Standing]] = defaultdict(list)
    for report, version, content, type_, of_list, kind, category, tags in rows:
        if newest.get(report) == version:
            standing[report].append(
                Standing(
                    content,
                    SignalType(type_),
                    of_list,
                    ListKind(kind),
                    Category(category),
                    frozenset(tags.split()),
                )
            )
    contents: dict[int, list[int]] = defaultdict(list)
    for row in comparable_contents(list(standing)):
        contents[row.report_id].append(row.number)
    return {report: match_facts(found, contents[report]) for report, found in standing.items()}


def reports_that_match(members: Sequence[int], *, most: int = 1_000) -> list[int]:
    """Ids of reports that match any of these members, the newest matches first."""
    rows = Match.objects.filter(member__in=members).order_by("-pk").values_list("report_id", flat=True)
    return list(dict.fromkeys(rows[:most]))


def index_state() -> index_files.State:
    """How near the index file is to the lists; matching misses nothing in between, it is only slower."""
    return index_files.state()


@dataclass(frozen=True)
class Round:
    """Past reports being matched again with a list, since `began_at`: so many compared, so many of them matched."""

    slug: str
    began_at: datetime
    compared: int
    matched: int


def rounds_under_way() -> list[Round]:
    """What the worker is matching again, the oldest first."""
    rows = Rematch.objects.filter(ended_at=None).order_by("began_at", "pk")
    return [Round(*row) for row in rows.values_list("list__slug", "began_at", "compared", "matched")]
