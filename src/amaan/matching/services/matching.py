"""Compare what reports tell of files with every list in force, and write down what is known.

Searching reads and may take time; writing is short. So `search_ahead` searches before the transaction, and
`match_reports` takes what it found where the reports and the lists still are the same, and searches again where not.
What counts is always asked inside the transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from django.db import transaction
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.ledger.domain.merkle import leaf_hash, root_of
from amaan.ledger.services import Act, append
from amaan.matching import index_files
from amaan.matching.domain.comparing import (
    STRONGER,
    WEAK,
    Candidate,
    Content,
    Found,
    Hits,
    InForce,
    best_of,
    bits_apart,
    contradicted,
    equal,
    near_enough,
    still_counting,
    words_of,
)
from amaan.matching.domain.lists import ListKind, SignalType
from amaan.matching.models import Match
from amaan.matching.permissions import require_system
from amaan.matching.selectors.comparing import known_signals, lists_in_force, signals_equal_to
from amaan.outbox.services import publish
from amaan.reports.selectors import Comparable, comparable_contents, newest_versions
from amaan.store.rows import select_in

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RUN: Final = "matching.run"
CRYPTOGRAPHIC: Final = tuple(type_ for type_ in SignalType if type_.cryptographic)
ALGORITHMS: Final = {
    SignalType.SHA256: "sha-256",
    SignalType.SHA1: "sha-1",
    SignalType.MD5: "md5",
    SignalType.PDQ: f"pdq, {index_files.PROGRAM}",
}


FEWEST_AT_ONCE: Final = 16
MOST_AT_ONCE: Final = 1_024
"""PDQ hashes that are asked together: as many as seem to give `MOST_HITS`."""
MOST_HITS: Final = 500_000
"""24 bytes each, and some five times as much while they are sorted."""
Asked = tuple[bytes, int | None]
"""A PDQ hash and its quality, where somebody said it."""


class Source(Protocol):
    """Where signals are searched: everything that is known, or a part of it held in memory."""

    def equal(self, type_: SignalType, values: Sequence[bytes]) -> dict[bytes, list[int]]: ...

    def near(self, values: NDArray[np.uint64], radius: int) -> Hits: ...


class Everything:
    """All signals: by the database's index, and by the index file with what came after it."""

    def equal(self, type_: SignalType, values: Sequence[bytes]) -> dict[bytes, list[int]]:
        return signals_equal_to(type_, values)

    def near(self, values: NDArray[np.uint64], radius: int) -> Hits:
        return index_files.near(values, radius)


@dataclass(frozen=True)
class MatchRun:
    """`compared` reports had something to compare, `matched` of them have a new match."""

    compared: int
    matched: int


class Searched(NamedTuple):
    """What a search hit, before it was asked what of it counts.

    `same`: by type, each value with the ids of the signals that hold it. `near`: each PDQ hash that met something,
    with the quality it was asked with, and the nearest members of each list.
    """

    contents: list[Content]
    references: dict[int, str]
    lists: tuple[InForce, ...]
    same: dict[SignalType, dict[bytes, list[int]]]
    near: dict[tuple[bytes, int | None], list[Candidate]]


class _Ahead(NamedTuple):
    versions: dict[int, int]
    searched: Searched


_ahead: list[_Ahead] = []
"""What this process searched before its turn to write; at most one."""


def search_ahead(*, report_ids: Sequence[int]) -> None:
    """Search without writing, so that the transaction that follows is short."""
    _ahead.clear()
    lists = lists_in_force()
    if lists:
        ids = sorted(set(report_ids))
        _ahead.append(_Ahead(newest_versions(ids), search(ids, lists)))


@transaction.atomic(savepoint=False)
def match_reports(actor: Actor, *, report_ids: Sequence[int]) -> MatchRun:
    """Compare the newest tellings of these reports with the lists in force.

    New matches are written and told as `report.matched`; what stands already is left alone. One ledger entry a run that
    compared anything: by which thresholds, how many, the Merkle root over their sorted references, how many matched.
    """
    require_system(actor)
    lists = lists_in_force()
    if not lists:
        return MatchRun(0, 0)
    ids = sorted(set(report_ids))
    return write_matches(actor, _searched_ahead(ids, lists) or search(ids, lists))


def _searched_ahead(ids: Sequence[int], lists: tuple[InForce, ...]) -> Searched | None:
    ahead = _ahead.pop() if _ahead else None
    if ahead is None or ahead.searched.lists != lists or ahead.versions != newest_versions(ids):
        return None
    return ahead.searched


def search(report_ids: Sequence[int], lists: tuple[InForce, ...], source: Source | None = None) -> Searched:
    """Every hit of the newest tellings of these reports."""
    contents, references = contents_of(comparable_contents(report_ids))
    return search_contents(contents, lists, references, source)


def contents_of(rows: Iterable[Comparable]) -> tuple[list[Content], dict[int, str]]:
    """Content items as the comparison takes them, and the references of their reports."""
    contents, references = [], {}
    for row in rows:
        references[row.report_id] = row.reference
        held = (
            (SignalType.SHA256, row.sha256),
            (SignalType.SHA1, row.sha1),
            (SignalType.MD5, row.md5),
            (SignalType.PDQ, row.pdq),
        )
        values = {type_: bytes(value) for type_, value in held if value and len(value) == type_.size}
        contents.append(Content(row.report_id, row.version_id, row.number, values, row.pdq_quality))
    return contents, references


def search_contents(
    contents: list[Content],
    lists: tuple[InForce, ...],
    references: dict[int, str] | None = None,
    source: Source | None = None,
) -> Searched:
    """Every hit of these content items; each distinct value is asked once."""
    source = source or Everything()
    same = {}
    for type_ in CRYPTOGRAPHIC:
        if values := {content.values[type_] for content in contents if type_ in content.values}:
            same[type_] = source.equal(type_, sorted(values))
    asked = sorted(
        {(c.values[SignalType.PDQ], c.quality) for c in contents if SignalType.PDQ in c.values}, key=str
    )
    return Searched(contents, references or {}, lists, same, _near(asked, lists, source))


def _near(asked: list[Asked], lists: tuple[InForce, ...], source: Source) -> dict[Asked, list[Candidate]]:
    """The nearest members of each list, a few values at a time: of a family of ten thousand each hits all of them.

    Where a signal in the database is not as near as the index said, the file speaks for another database: it goes, and
    everything is searched again by brute force.
    """
    found: dict[Asked, list[Candidate]] = {}
    start, size = 0, FEWEST_AT_ONCE
    while start < len(asked):
        part = asked[start : start + size]
        try:
            hits, nearest = _nearest(part, lists, source)
        except index_files.SpeaksForAnother:
            index_files.mistrust()
            return _near(asked, lists, Everything())
        found.update(nearest)
        start += len(part)
        size = max(1, min(4 * size, MOST_AT_ONCE, MOST_HITS * len(part) // max(1, hits)))
    return found


def _nearest(
    asked: list[Asked], lists: tuple[InForce, ...], source: Source
) -> tuple[int, dict[Asked, list[Candidate]]]:
    """How many hits there were, and what is kept of them."""
    import numpy as np

    rules = {rule.id: rule for rule in lists}
    hits = source.near(words_of([value for value, _ in asked]), max(rule.distance for rule in lists))
    known = known_signals(np.unique(hits.signal).tolist(), rules)
    found = near_enough(hits, [quality for _, quality in asked], known, rules)
    for row, candidates in found.items():
        if any(bits_apart(asked[row][0], one.theirs) != one.distance for one in candidates):
            raise index_files.SpeaksForAnother
    return len(hits.signal), {asked[row]: candidates for row, candidates in found.items()}


def candidates_of(searched: Searched) -> list[tuple[Content, list[Candidate]]]:
    """What of a search counts now, for each content item that has any."""
    by_value = _counting(searched)
    told = []
    for content in searched.contents:
        found: list[Candidate] = []
        for type_, value in content.values.items():
            found += by_value.get((type_, value, None if type_.cryptographic else content.quality), ())
        if found:
            told.append((content, found))
    return _not_belied(told)


def _not_belied(
    told: list[tuple[Content, list[Candidate]]],
) -> list[tuple[Content, list[Candidate]]]:
    """Without the equal MD5s and SHA-1s that a stronger digest of both sides belies."""
    members = {
        one.member
        for content, found in told
        for one in found
        if one.type in WEAK and any(type_ in content.values for type_ in STRONGER[SignalType(one.type)])
    }
    if not members:
        return told
    stronger: dict[tuple[int, int], set[bytes]] = defaultdict(set)
    # `+type` keeps SQLite from the index of values.
    for member, type_, value in select_in(
        "SELECT s.member_id, s.type, s.value FROM matching_signal s JOIN matching_batch b ON b.id = s.batch_id"  # noqa: S608 - numbers
        f" WHERE +s.type IN ({SignalType.SHA256.value}, {SignalType.SHA1.value})"
        " AND b.ended_at IS NOT NULL AND s.member_id IN {values}",
        sorted(members),
    ):
        stronger[member, type_].add(bytes(value))
    left = [
        (content, [one for one in found if not contradicted(content, one, stronger)])
        for content, found in told
    ]
    return [(content, found) for content, found in left if found]


def _counting(searched: Searched) -> dict[tuple[SignalType, bytes, int | None], list[Candidate]]:
    """The candidates of each value that was asked; a PDQ hash with the quality it was asked with."""
    lists = {rule.id: rule for rule in searched.lists}
    hit = set(chain.from_iterable(chain.from_iterable(held.values()) for held in searched.same.values()))
    hit.update(one.signal for candidates in searched.near.values() for one in candidates)
    if not hit:
        return {}
    known = known_signals(hit, lists)
    found: dict[tuple[SignalType, bytes, int | None], list[Candidate]] = {}
    for type_, held in searched.same.items():
        values = list(held)
        holders = {n: [known[one] for one in held[value] if one in known] for n, value in enumerate(values)}
        for row, candidates in equal(holders, type_, lists).items():
            found[type_, values[row], None] = candidates
    for (value, quality), candidates in searched.near.items():
        found[SignalType.PDQ, value, quality] = still_counting(candidates, known)
    return found


def write_matches(actor: Actor, searched: Searched, *, always: bool = True) -> MatchRun:
    """Write what of a search counts and is new, in the caller's transaction, with one entry in the ledger.

    Without `always`, a search that found nothing leaves none.
    """
    if not searched.contents:
        return MatchRun(0, 0)
    found = _new(searched)
    _insert(found, {rule.id: rule for rule in searched.lists})
    matched = sorted({one.content.report for one in found})
    publish("report.matched", matched)
    references = sorted(searched.references.values())
    if not (found or always):
        return MatchRun(len(references), 0)
    body: dict[str, object] = {
        "count": len(references),
        "references_root": root_of([leaf_hash(reference.encode()) for reference in references]).hex(),
        "lists": {rule.slug: [rule.distance, rule.quality] for rule in searched.lists},
        "matched": len(matched),
        "matches": len(found),
    }
    slugs = [rule.slug for rule in searched.lists]
    append(actor, [Act(RUN, f"list/{slugs[0]}" if len(slugs) == 1 else "lists", "", body)])
    return MatchRun(len(references), len(matched))


def _new(searched: Searched) -> list[Found]:
    """The matches to be written: what counts, less what stands already, at most so many of a list."""
    told = candidates_of(searched)
    versions = sorted({content.version for content, _ in told})
    held: dict[tuple[int, int], dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for version, number, of_list, member in select_in(
        "SELECT version_id, content, list_id, member_id FROM matching_match WHERE version_id IN {values}",
        versions,
    ):
        held[version, number][of_list].add(member)
    return [
        Found(content, one)
        for content, candidates in told
        for one in best_of(candidates, held.get((content.version, content.number), {}))
    ]


def _insert(found: Sequence[Found], lists: dict[int, InForce]) -> None:
    now = timezone.now()
    rows = [
        Match(
            report_id=content.report,
            version_id=content.version,
            content=content.number,
            member_id=one.member,
            list_id=one.list,
            type=one.type,
            distance=one.distance,
            ours=content.values[SignalType(one.type)],
            # A survivor may take the hash back; it stands in their list alone.
            theirs=b"" if lists[one.list].kind is ListKind.SURVIVOR else one.theirs,
            quality=content.quality if one.type == SignalType.PDQ else None,
            threshold=lists[one.list].distance,
            more=one.more,
            algorithm=ALGORITHMS[SignalType(one.type)],
            at=now,
        )
        for content, one in found
    ]
    # Two workers may find the same at once, on PostgreSQL: the second's rows are left out.
    Match.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)


__all__ = [
    "MatchRun",
    "candidates_of",
    "match_reports",
    "search",
    "search_ahead",
    "search_contents",
    "write_matches",
]
