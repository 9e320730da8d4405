"""What the reports of a ring share, thing by thing, heaviest first: what its page draws and counts. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final, NamedTuple

import numpy as np

from amaan.linking.domain.evidence import Evidence, Stance
from amaan.linking.domain.frequency import PARTS, Counts, told_of
from amaan.linking.domain.kinds import EvidenceKind
from amaan.linking.domain.weighing import links_of, points_of

SHOWN_FROM: Final = 2.0
"""Bits. What adds less than that to a pair is left out of a picture."""

_LIKENESSES: Final = frozenset({EvidenceKind.WORDING, EvidenceKind.NEAR_FILE, EvidenceKind.IP_MOMENT})
_FILES: Final = frozenset({EvidenceKind.SAME_FILE})


class Thing(NamedTuple):
    """Something that two or more of the reports tell of. `links`: at least two of them tell of it so that it links;
    else it only supports. `bits`: what it adds to a pair at most. `told`: by how many reports in all.

    `keys`: one, `key`, but of what has several by its making: a text's likeness, a picture's, a moment.
    """

    key: int
    keys: tuple[int, ...]
    kind: EvidenceKind
    reports: frozenset[int]
    links: bool
    bits: float
    told: int


def things_among(evidence: Evidence, counts: Counts, reports: Collection[int]) -> list[Thing]:
    """`evidence` holds every row of every key that these reports tell of. Hubs are left out: they link nothing.

    What links comes first, then what most of the reports tell of, then what weighs most.
    """
    told = told_of(evidence)
    if not len(told.keys):
        return []
    bits = points_of(told, counts) / PARTS  # 0 of a hub
    can_link = links_of(told, counts)
    mine = np.isin(evidence.reports, np.fromiter(reports, np.int64))[evidence.report]
    here = np.add.reduceat(mine.astype(np.int64), told.start[:-1])
    found = []
    for n in np.flatnonzero((here >= 2) & (bits >= SHOWN_FROM)):
        rows = np.arange(told.start[n], told.start[n + 1])
        rows = rows[mine[rows]]
        tellers = evidence.reports[evidence.report[rows]].tolist()
        linking = int(np.count_nonzero(evidence.stance[rows] >= Stance.LINKS))
        found.append(
            Thing(
                int(told.keys[n]),
                (int(told.keys[n]),),
                EvidenceKind(int(told.kind[n])),
                frozenset(tellers),
                bool(can_link[n]) and linking >= 2,
                float(bits[n]),
                int(told.reports[n]),
            )
        )
    found = _as_one(found)
    return sorted(found, key=lambda one: (not one.links, -len(one.reports), -one.bits, one.kind, one.key))


def _as_one(things: list[Thing]) -> list[Thing]:
    """Keys of one kind that say the same: those of likenesses and moments where they meet in two reports, those of
    files where the very same reports have them."""
    kept: list[Thing] = []
    for thing in things:
        for n, other in enumerate(kept):
            alike = thing.kind in _LIKENESSES and len(thing.reports & other.reports) > 1
            if thing.kind is other.kind and (
                alike or (thing.kind in _FILES and thing.reports == other.reports)
            ):
                kept[n] = other._replace(
                    keys=(*other.keys, *thing.keys),
                    reports=other.reports | thing.reports,
                    links=other.links or thing.links,
                    bits=max(other.bits, thing.bits),
                    told=max(other.told, thing.told),
                )
                break
        else:
            kept.append(thing)
    return kept


def needed(things: Iterable[Thing]) -> list[Thing]:
    """What a picture needs: all that links, and of what only supports what joins parts that would stand apart.

    Of things that the very same reports tell of, the first one stands for all.
    """
    import networkx as nx  # read by whoever draws, not by every process

    kept: list[Thing] = []
    sets: set[frozenset[int]] = set()
    joined = nx.utils.UnionFind()
    for thing in things:
        if thing.reports in sets:
            continue
        if thing.links or len({joined[report] for report in thing.reports}) > 1:
            kept.append(thing)
            sets.add(thing.reports)
            joined.union(*thing.reports)
    return kept
