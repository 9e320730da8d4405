"""How often each value was told, and what that leaves of its weight. Pure.

Whole numbers only: what a value weighs is counted in `PARTS` of a bit, so that sums come out the same in any order, and
one report after the other gives what a rebuild gives, to the last digit.
"""

from __future__ import annotations

from hashlib import sha256
from math import floor, log2
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from amaan.linking.domain import strength
from amaan.linking.domain.evidence import Evidence
from amaan.linking.domain.kinds import KINDS, EvidenceKind, Family

PARTS: Final = 256
"""Parts of a bit."""
FEWEST_COUNTED: Final = 3
"""Values with fewer independent sources weigh alike, and stand in no snapshot."""
ONE_HAND: Final = 1 << 31
"""In a snapshot, beside the count of a similar user name: one hand carries it from account to account (`hands`)."""
OF_ACCOUNTS: Final = frozenset(
    kind for kind, told in KINDS.items() if told.family in {Family.PHONE, Family.EMAIL, Family.ACCOUNT}
) | {EvidenceKind.URL}
"""What names an account: it may be somebody else's doing where the account was taken over or imitated. Its own page
does; the page on which it happened stands beside (`Stance.BESIDE`)."""


class Counts(NamedTuple):
    """A snapshot: of each value its independent sources. `keys` uint64[k] ascending, `counts` uint32[k], of some with
    `ONE_HAND`, which is no part of the number."""

    keys: NDArray[np.uint64]
    counts: NDArray[np.uint32]

    def of(self, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        """int64[n]; 2 of those that are not held."""
        found = np.full(len(keys), FEWEST_COUNTED - 1, dtype=np.int64)
        if len(self.keys):
            at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
            held = self.keys[at] == keys
            found[held] = self.counts[at[held]] & (ONE_HAND - 1)
        return found

    def of_one_hand(self, keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """bool[n]: which of these similar user names one hand carries from account to account."""
        found = np.zeros(len(keys), dtype=np.bool_)
        if len(self.keys):
            at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
            found[:] = (self.keys[at] == keys) & (self.counts[at] >= ONE_HAND)
        return found


NO_KEYS: Final = np.empty(0, np.uint64)
NOTHING_COUNTED: Final = Counts(NO_KEYS, np.empty(0, np.uint32))


def parts_of(bits: float) -> int:
    """Bits in parts, rounded down."""
    return floor(bits * PARTS)


def _tabled() -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.uint8], NDArray[np.bool_]]:
    size = max(KINDS) + 1
    widest = max(kind.most for kind in KINDS.values())
    points = np.zeros((size, widest + 1), np.int32)
    most, family, links = np.zeros(size, np.int64), np.zeros(size, np.uint8), np.zeros(size, np.bool_)
    for number, kind in KINDS.items():
        most[number], family[number], links[number] = kind.most, kind.family, kind.links
        for count in range(kind.most + 1):
            bits = kind.base - kind.slope * log2(max(count, 2) / 2)
            points[number, count] = max(0, parts_of(bits))
    return points, most, family, links


POINTS, MOST, FAMILY, LINKS = _tabled()
"""By kind: what a value weighs by its count, `most`, the family, and whether an equal value links."""


def digest_of_weights() -> str:
    """Hex of what all weights are made of: where it differs, a snapshot's links were weighed by other rules."""
    rules = (
        strength.PRIOR,
        strength.MOST_OF_PUBLIC,
        strength.MOST_TOLD_OF_PUBLIC,
        strength.MOST_OF_SUPPORT,
        strength.LOST_BY_COMPROMISE,
        strength.OF_ONE_HAND,
        strength.FURTHER,
        strength.MOST_FURTHER,
        sorted(map(int, OF_ACCOUNTS)),
    )
    kinds = [(int(n), int(k.family), k.base, k.slope, k.most, k.links) for n, k in sorted(KINDS.items())]
    return sha256(repr((rules, kinds)).encode()).hexdigest()


class Told(NamedTuple):
    """The values of some evidence, in the order of its rows. `start` int64[g + 1]: where each one's rows begin."""

    start: NDArray[np.int64]
    keys: NDArray[np.uint64]
    kind: NDArray[np.uint8]

    @property
    def reports(self) -> NDArray[np.int64]:
        return np.diff(self.start)


def told_of(evidence: Evidence) -> Told:
    """Every value once."""
    key = evidence.key
    if not len(key):
        return Told(np.zeros(1, np.int64), key, evidence.kind)
    first = np.flatnonzero(key[1:] != key[:-1])
    first += 1
    start = np.concatenate(([0], first, [len(key)]))
    return Told(start, key[start[:-1]], evidence.kind[start[:-1]])


def is_hub(
    kind: NDArray[np.uint8], sources: NDArray[np.int64], reports: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whether so many told each value that it links nothing: by the snapshot's count, or by what stands there now."""
    return np.maximum(sources, reports) > MOST[kind]


def is_crowded(reports: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether so many reports tell each value now that it links no two of the public's."""
    return reports > strength.MOST_TOLD_OF_PUBLIC


def count_sources(evidence: Evidence, one_hand: NDArray[np.uint64] = NO_KEYS) -> Counts:
    """A new snapshot: the values of whole evidence that three or more independent sources told. `one_hand`: the similar
    user names that one hand carries; three sources told each."""
    from amaan.linking.domain.kernels import count_sources_of  # compiled: read by whoever counts

    told = told_of(evidence)
    many = np.flatnonzero(told.reports >= FEWEST_COUNTED)
    # Of other layouts the loop would be compiled anew.
    report = np.require(evidence.report, requirements=("C", "W"))
    source = np.require(evidence.source, requirements=("C", "W"))
    counts = count_sources_of(told.start[many], told.start[many + 1], report, source)
    kept = counts >= FEWEST_COUNTED
    keys, counts = told.keys[many[kept]], counts[kept]
    counts[np.isin(keys, one_hand)] |= np.uint32(ONE_HAND)
    return Counts(keys, counts)
