"""From evidence to pairs of reports with their weights. Pure.

Bits of log-odds add up over the shared values: of each family the heaviest in full and a share of the others. What
only supports counts for no more than what it supports; alone it stays below plain. Two tellings of one source have
one heaviest value and no more. Two reports of the public stay below plain. Everything is counted in whole parts of a
bit, so that no order of rows, and no order of arrival, changes a digit.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from amaan.linking.domain import strength
from amaan.linking.domain.evidence import Evidence, Stance, Trust
from amaan.linking.domain.frequency import (
    FAMILY,
    LINKS,
    OF_ACCOUNTS,
    PARTS,
    POINTS,
    Counts,
    Told,
    is_crowded,
    is_hub,
    parts_of,
    told_of,
)
from amaan.linking.domain.kinds import KINDS, EvidenceKind, Family

_PRIOR: Final = parts_of(strength.PRIOR)
_LEAST: Final = parts_of(strength.WEAK_AT)
_MOST_OF_SUPPORT: Final = parts_of(strength.MOST_OF_SUPPORT)
_MOST_OF_PUBLIC: Final = parts_of(strength.MOST_OF_PUBLIC)
_LOST: Final = parts_of(strength.LOST_BY_COMPROMISE)
_OF_ONE_HAND: Final = parts_of(strength.OF_ONE_HAND)
_RULES: Final = np.array(
    [
        *(_PRIOR, _MOST_OF_SUPPORT, _MOST_OF_PUBLIC, _LOST, _LEAST),
        *(Family.WEB, Family.ACCOUNT),
    ],
    np.int64,
)
_OF_ACCOUNT: Final = np.isin(np.arange(len(FAMILY)), [int(kind) for kind in OF_ACCOUNTS])
_A_BLOCK: Final = 1 << 14
"""Reports whose pairs one thread makes at a time."""
_FEWEST_BLOCKS: Final = 2
_MOST_THREADS: Final = 8
_Block = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.uint64]]


class Pairs(NamedTuple):
    """`low`, `high`: positions in the evidence's `reports`, low < high, ascending by both. `weight` in bits; `kinds`:
    bit k where a shared value of kind k counted."""

    low: NDArray[np.int32]
    high: NDArray[np.int32]
    weight: NDArray[np.float32]
    kinds: NDArray[np.uint64]


NO_PAIRS: Final = Pairs(
    np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.float32), np.empty(0, np.uint64)
)


def sources_of(told: Told, counts: Counts) -> NDArray[np.int64]:
    """Of each value its independent sources, at least 2."""
    return np.maximum(counts.of(told.keys), 2)


def points_of(told: Told, counts: Counts) -> NDArray[np.int32]:
    """What each value weighs, in parts; 0 where it is a hub."""
    sources = sources_of(told, counts)
    weighs = POINTS[told.kind, np.minimum(sources, POINTS.shape[1] - 1)]
    weighs = np.where(counts.of_one_hand(told.keys), _OF_ONE_HAND, weighs)
    return np.where(is_hub(told.kind, sources, told.reports), 0, weighs).astype(np.int32)


def links_of(told: Told, counts: Counts) -> NDArray[np.bool_]:
    """Whether an equal one links: by its kind, or since one hand carries it."""
    return LINKS[told.kind] | counts.of_one_hand(told.keys)


def weigh(evidence: Evidence, counts: Counts, *, touching: NDArray[np.bool_] | None = None) -> Pairs:
    """Every pair at WEAK_AT or above; with `touching` (by position) those that touch one of these reports."""
    told = told_of(evidence)
    points = points_of(told, counts)
    kept = (told.reports > 1) & (points > 0)
    sizes = told.reports[kept]
    if not len(sizes):
        return NO_PAIRS
    rows = np.repeat(kept, told.reports)
    member, stance = evidence.report[rows], evidence.stance[rows]
    points, kind, crowded = points[kept], told.kind[kept], is_crowded(sizes)
    can_link = links_of(told, counts)[kept]
    del rows, told, kept
    start = np.concatenate(([0], np.cumsum(sizes)))
    group_of = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    links = (stance >= Stance.LINKS) & can_link[group_of]
    beside = stance == Stance.BESIDE
    del stance
    # Compiled: read by whoever weighs, not by every process.
    from amaan.linking.domain.kernels import pairs_of, rows_by_report, widest_reach

    reports = len(evidence.reports)
    own_start, own_row = rows_by_report(member, reports)
    whole = touching is None
    touched = np.ones(reports, np.bool_) if touching is None else touching
    chosen = np.flatnonzero(touched & (np.diff(own_start) > 0)).astype(np.int32)
    # Of other layouts the loops would be compiled anew.
    source = np.require(evidence.source, requirements=("C", "W"))
    public = (evidence.trust & Trust.PUBLIC) > 0
    compromised = (evidence.trust & Trust.COMPROMISED) > 0

    def of_block(block: NDArray[np.int32]) -> _Block:
        reach = min(widest_reach(block, own_start, own_row, group_of, start), reports)
        return pairs_of(
            block,
            touched,
            start,
            member,
            links,
            beside,
            points,
            crowded,
            _OF_ACCOUNT[kind],
            FAMILY[kind],
            kind,
            group_of,
            own_start,
            own_row,
            source,
            public,
            compromised,
            int(FAMILY.max()) + 1,
            max(1, reach),
            whole,
            _RULES,
        )

    blocks = [chosen[at : at + _A_BLOCK] for at in range(0, len(chosen), _A_BLOCK)]
    return _put_together(_each(of_block, blocks), whole)


def _each(work: Callable[[NDArray[np.int32]], _Block], blocks: Sequence[NDArray[np.int32]]) -> list[_Block]:
    if len(blocks) < _FEWEST_BLOCKS:
        return [work(block) for block in blocks]
    with ThreadPoolExecutor(min(_MOST_THREADS, len(os.sched_getaffinity(0)))) as pool:
        return list(pool.map(work, blocks))


def _put_together(blocks: Sequence[_Block], whole: bool) -> Pairs:
    if not blocks:
        return NO_PAIRS
    low, high, parts, kinds = (np.concatenate(column) for column in zip(*blocks, strict=True))
    weight = (parts / np.float32(PARTS)).astype(np.float32)
    if not whole:
        order = np.lexsort((high, low))
        low, high, weight, kinds = low[order], high[order], weight[order], kinds[order]
    return Pairs(low, high, weight, kinds.astype(np.uint64))


# ---------------------------------------------------------------- the same, one pair at a time


@dataclass(frozen=True)
class Piece:
    """A value that two reports share, as it counts between them. `parts`: after rarity and trust, 0 for nothing."""

    key: int
    kind: int
    family: int
    parts: int
    links: bool


class Between(NamedTuple):
    """How two reports stand. `compromised`: of each, whether its account may be somebody else's doing."""

    same_source: bool
    public: bool
    compromised: tuple[bool, bool]


def between(evidence: Evidence, low: int, high: int) -> Between:
    trust = int(evidence.trust[low]), int(evidence.trust[high])
    return Between(
        same_source=bool(evidence.source[low] == evidence.source[high]),
        public=bool(trust[0] & trust[1] & Trust.PUBLIC),
        compromised=(bool(trust[0] & Trust.COMPROMISED), bool(trust[1] & Trust.COMPROMISED)),
    )


def _doubtful(stances: tuple[int, int], how: Between) -> bool:
    """Whether either tells it of an account that was taken over or is imitated; not what it tells of one beside."""
    told = zip(stances, how.compromised, strict=True)
    return any(compromised and stance != Stance.BESIDE for stance, compromised in told)


def piece_of(
    key: int, kind: int, points: int, stances: tuple[int, int], how: Between, *, can_link: bool
) -> Piece:
    """One shared value, as it counts in this pair: what names an account that may be somebody else's doing supports.
    `can_link`: `links_of` it."""
    family = KINDS[EvidenceKind(kind)].family
    lost = _LOST if _OF_ACCOUNT[kind] and _doubtful(stances, how) else 0
    if can_link and family is Family.WEB and stances == (Stance.LINKS, Stance.LINKS):
        family = Family.ACCOUNT
    links = can_link and min(stances) >= Stance.LINKS and not lost
    return Piece(key, kind, int(family), max(0, points - lost), links)


def parts_of_pair(pieces: Sequence[Piece], how: Between, *, capped: bool = True) -> int:
    """The weight in parts. `capped` False: without the public's cap."""
    by_links, by_all = _sums(pieces, how)
    total = max(by_links, min(by_all, _MOST_OF_SUPPORT))
    return min(total, _MOST_OF_PUBLIC) if capped and how.public else total


def _sums(pieces: Sequence[Piece], how: Between) -> tuple[int, int]:
    """The weight by what links, with as much support at most, and the weight by everything as if it linked."""
    everything = _sum(pieces, how)
    linking = _sum([piece for piece in pieces if piece.links], how)
    support = 0 if how.same_source else min(everything - linking, linking)
    return _PRIOR + linking + support, _PRIOR + everything


def _sum(pieces: Sequence[Piece], how: Between) -> int:
    if how.same_source:
        return max((piece.parts for piece in pieces), default=0)
    families: dict[int, list[int]] = defaultdict(list)
    for piece in pieces:
        families[piece.family].append(piece.parts)
    return sum(
        max(parts) + min((sum(parts) - max(parts)) // strength.FURTHER, max(parts) // strength.MOST_FURTHER)
        for parts in families.values()
    )


def kinds_of_pair(pieces: Sequence[Piece], how: Between) -> int:
    """Bits of the kinds that counted."""
    counted = [piece for piece in pieces if piece.parts > 0]
    if how.same_source and counted:
        by_links, by_all = _sums(counted, how)
        linking = [piece for piece in counted if piece.links]
        among = linking if linking and by_links >= min(by_all, _MOST_OF_SUPPORT) else counted
        counted = [max(among, key=lambda piece: (piece.parts, -piece.kind))]
    bits = 0
    for piece in counted:
        bits |= 1 << piece.kind
    return bits


def shared_by_reference(evidence: Evidence) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Each value, by its place among the values, with its reports and stances."""
    told = told_of(evidence)
    for group in range(len(told.keys)):
        rows = range(int(told.start[group]), int(told.start[group + 1]))
        yield group, [(int(evidence.report[row]), int(evidence.stance[row])) for row in rows]


def weigh_reference(
    evidence: Evidence, counts: Counts, *, touching: NDArray[np.bool_] | None = None
) -> Pairs:
    """What `weigh` is held to: pair by pair, value by value."""
    told = told_of(evidence)
    points, crowded = points_of(told, counts), is_crowded(told.reports)
    can_link = links_of(told, counts)
    found: dict[tuple[int, int], list[Piece]] = defaultdict(list)
    for group, told_by in shared_by_reference(evidence):
        for one, his in told_by:
            for other, theirs in told_by:
                how = between(evidence, one, other)
                if one < other and points[group] and not (crowded[group] and how.public):
                    kind, key = int(told.kind[group]), int(told.keys[group])
                    piece = piece_of(
                        key, kind, int(points[group]), (his, theirs), how, can_link=bool(can_link[group])
                    )
                    found[one, other].append(piece)
    kept = []
    for (low, high), pieces in sorted(found.items()):
        how = between(evidence, low, high)
        weight = parts_of_pair(pieces, how)
        if weight >= _LEAST and (touching is None or touching[low] or touching[high]):
            kept.append((low, high, weight / PARTS, kinds_of_pair(pieces, how)))
    columns = list(zip(*kept, strict=True)) or [(), (), (), ()]
    return Pairs(
        np.array(columns[0], np.int32),
        np.array(columns[1], np.int32),
        np.array(columns[2], np.float32),
        np.array(columns[3], np.uint64),
    )
