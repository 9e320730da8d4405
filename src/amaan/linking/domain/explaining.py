"""Why a pair of reports weighs what it weighs, step by step. Pure; the words for it stand in `linking.words`.

Every step is what one more shared value adds to those before it, by the rules of `weighing` themselves; so the last
step's `total` is the link's weight.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import numpy as np

from amaan.linking.domain.evidence import Evidence
from amaan.linking.domain.frequency import FEWEST_COUNTED, PARTS, Counts, is_crowded, is_hub, told_of
from amaan.linking.domain.kinds import KINDS, EvidenceKind
from amaan.linking.domain.strength import MOST_TOLD_OF_PUBLIC, OF_ONE_HAND, PRIOR
from amaan.linking.domain.weighing import (
    Between,
    Piece,
    between,
    links_of,
    parts_of_pair,
    piece_of,
    points_of,
    sources_of,
)


class Reason(StrEnum):
    """Why a step adds what it adds, and not its kind's full weight."""

    PRIOR = "prior"  # the first step: two reports taken by chance do not belong together
    ONE_HAND = "one_hand"  # one hand was seen to carry this user name from account to account
    TOLD_OFTEN = "told_often"  # `sources` independent sources told it
    HUB = "hub"  # `reports` reports tell it, or `sources` sources did: more than `most`
    COMPROMISED = "compromised"  # the account may be somebody else's doing
    FAMILY = "family"  # something heavier of its family counts in full
    SUPPORTS = "supports"  # it adds no more than what links, and alone it stays below plain
    SAME_SOURCE = "same_source"  # one source told both: its heaviest value counts, and no other
    PUBLIC = "public"  # the last step: the public's reports alone stay below plain


class Step(NamedTuple):
    """One line of a waterfall, in bits. `base`: what its kind weighs; `bits`: what is left after rarity and trust;
    `adds`: what it adds here; `total`: the weight so far.

    `kind` is None, and `key` 0, of the first step and the public's. `key` is unsigned (`keys.identifier_of` finds what
    it stands for). `sources`: independent sources in the snapshot, at least 2; `reports`: how many tell it now, of
    a hub perhaps not all; `most`: in more it is a hub, between these two.
    """

    kind: EvidenceKind | None
    key: int
    base: float
    bits: float
    adds: float
    total: float
    sources: int
    reports: int
    most: int
    links: bool
    reasons: tuple[Reason, ...]


class NotAmongEvidence(Exception):
    """A waterfall needs the evidence around both of its reports."""

    def __init__(self, report: int) -> None:
        super().__init__(f"Report {report} is not among this evidence; read `evidence_around` both reports.")


class _Shared(NamedTuple):
    piece: Piece
    points: int
    sources: int
    reports: int
    hub: bool
    one_hand: bool


def waterfall(evidence: Evidence, counts: Counts, low: int, high: int) -> list[Step]:
    """The steps from PRIOR to the weight of the pair of these reports (ids), whether it is a link or below one.

    What links comes first, the heaviest first; then what supports; then hubs. Raises NotAmongEvidence.
    """
    one, other = (_position(evidence, report) for report in (low, high))
    how = between(evidence, one, other)
    shared = _shared(evidence, counts, one, other, how)
    shared.sort(key=lambda s: (s.hub, not s.piece.links, -s.piece.parts, s.piece.kind, s.piece.key))
    total = parts_of_pair((), how, capped=False)
    steps = [_plain(Reason.PRIOR, PRIOR, total)]
    counted: list[Piece] = []
    for held in shared:
        counted.append(held.piece)
        after = parts_of_pair(counted, how, capped=False)
        steps.append(_step(held, counted, how, after - total, after))
        total = after
    capped = parts_of_pair(counted, how)
    if capped != total:
        steps.append(_plain(Reason.PUBLIC, (capped - total) / PARTS, capped))
    return steps


def _position(evidence: Evidence, report: int) -> int:
    at = int(np.searchsorted(evidence.reports, report))
    if at == len(evidence.reports) or evidence.reports[at] != report:
        raise NotAmongEvidence(report)
    return at


def _shared(evidence: Evidence, counts: Counts, one: int, other: int, how: Between) -> list[_Shared]:
    told = told_of(evidence)
    points, sources = points_of(told, counts), sources_of(told, counts)
    hubs = is_hub(told.kind, sources, told.reports)
    can_link, of_one_hand = links_of(told, counts), counts.of_one_hand(told.keys)
    if how.public:
        hubs |= is_crowded(told.reports)
        points = np.where(hubs, 0, points)
    mine, theirs = np.flatnonzero(evidence.report == one), np.flatnonzero(evidence.report == other)
    places = {int(evidence.key[row]): int(row) for row in mine}
    found = []
    for row in theirs:
        key = int(evidence.key[row])
        if key not in places:
            continue
        group = int(np.searchsorted(told.keys, evidence.key[row]))
        stances = int(evidence.stance[places[key]]), int(evidence.stance[row])
        kind, weighs, can = int(evidence.kind[row]), int(points[group]), bool(can_link[group])
        piece = piece_of(key, kind, weighs, stances, how, can_link=can)
        reports = int(told.start[group + 1] - told.start[group])
        hub, one_hand = bool(hubs[group]), bool(of_one_hand[group])
        found.append(_Shared(piece, weighs, int(sources[group]), reports, hub, one_hand))
    return found


def _step(held: _Shared, counted: list[Piece], how: Between, adds: int, total: int) -> Step:
    piece = held.piece
    kind = EvidenceKind(piece.kind)
    told = KINDS[kind]
    return Step(
        kind,
        piece.key,
        OF_ONE_HAND if held.one_hand else told.base,
        piece.parts / PARTS,
        adds / PARTS,
        total / PARTS,
        held.sources,
        held.reports,
        min(told.most, MOST_TOLD_OF_PUBLIC) if how.public else told.most,
        piece.links,
        tuple(_reasons(held, counted, how, adds)),
    )


def _reasons(held: _Shared, counted: list[Piece], how: Between, adds: int) -> list[Reason]:
    piece = held.piece
    if held.hub:
        return [Reason.HUB]
    found = []
    if held.one_hand:
        found.append(Reason.ONE_HAND)
    elif held.sources >= FEWEST_COUNTED:
        found.append(Reason.TOLD_OFTEN)
    if piece.parts < held.points:
        found.append(Reason.COMPROMISED)
    if adds < piece.parts:
        others = counted[:-1]
        if how.same_source and others:
            found.append(Reason.SAME_SOURCE)
        elif any(one.family == piece.family for one in others):
            found.append(Reason.FAMILY)
    if not piece.links:
        found.append(Reason.SUPPORTS)
    return found


def _plain(reason: Reason, adds: float, total: int) -> Step:
    return Step(None, 0, 0.0, 0.0, adds, total / PARTS, 0, 0, 0, False, (reason,))
