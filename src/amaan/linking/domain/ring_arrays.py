"""What `communities` finds, by arrays: of a component of some hundred reports around one value, each two have a link.

What every link between them would do one by one is done by compiled loops, so that few are left to be looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from amaan.linking.domain.communities import (
    APARTNESS,
    LEAST,
    MOST_COUNTED,
    Edge,
    Found,
    Label,
    edges_of,
    rings_in,
    sides_of,
)
from amaan.linking.domain.decisions import NOTHING_DECIDED, State
from amaan.linking.domain.ring_names import Members
from amaan.linking.domain.strength import STRONG_AT

_WORD: Final = 64
"""Splits whose sides lie in one number."""


class Links(NamedTuple):
    """As `communities.Edge`, by arrays; `public` is 0 for none."""

    low: NDArray[np.int64]
    high: NDArray[np.int64]
    weight: NDArray[np.float64]
    binds: NDArray[np.bool_]
    public: NDArray[np.int64]

    @staticmethod
    def of(edges: Sequence[Edge]) -> Links:
        return Links(
            np.array([edge.low for edge in edges], np.int64),
            np.array([edge.high for edge in edges], np.int64),
            np.array([edge.weight for edge in edges], np.float64),
            np.array([edge.binds for edge in edges], np.bool_),
            np.array([edge.public or 0 for edge in edges], np.int64),
        )

    def edges(self, places: NDArray[np.intp]) -> list[Edge]:
        columns = (column[places].tolist() for column in self)
        return [
            Edge(low, high, weight, binds, public or None)
            for low, high, weight, binds, public in zip(*columns, strict=True)
        ]

    def part(self, chosen: NDArray[np.bool_]) -> Links:
        low, high, weight, binds, public = self
        return Links(low[chosen], high[chosen], weight[chosen], binds[chosen], public[chosen])

    def beside(self, other: Links) -> Links:
        return Links(*(np.concatenate(both) for both in zip(self, other, strict=True)))


class _Places(NamedTuple):
    """The reports of some links, ascending; each link's two by their places there; each report's component and part,
    by the place of its lowest."""

    nodes: NDArray[np.int64]
    one: NDArray[np.int32]
    other: NDArray[np.int32]
    root: NDArray[np.int32]
    part: NDArray[np.int32]


class _Sides:
    """On which sides of splits some reports stand, as bits. Others stand on none."""

    def __init__(self, sides: Mapping[int, frozenset[Label]]) -> None:
        self.reports = np.array(sorted(sides), np.int64)
        splits = sorted({split for labels in sides.values() for split, _ in labels})
        bit = {split: place for place, split in enumerate(splits)}
        shape = len(sides) + 1, max(1, -(-len(splits) // _WORD))
        self._bits = {side: np.zeros(shape, np.uint64) for side in (True, False)}  # the last row: on none
        for row, report in enumerate(self.reports.tolist()):
            for split, apart in sides[report]:
                self._bits[apart][row, bit[split] // _WORD] |= np.uint64(1 << bit[split] % _WORD)

    def of(self, reports: NDArray[np.int64]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        """`apart` and `others`, uint64[n, words]."""
        at = np.minimum(np.searchsorted(self.reports, reports), len(self.reports) - 1)
        at[self.reports[at] != reports] = len(self.reports)
        return self._bits[True][at], self._bits[False][at]

    def between(self, low: NDArray[np.int64], high: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether a split keeps these apart."""
        (mine, mine_too), (theirs, theirs_too) = self.of(low), self.of(high)
        return np.asarray(((mine & theirs_too) | (mine_too & theirs)).any(axis=1), np.bool_)


def counting(
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    bits: NDArray[np.float64],
    public: NDArray[np.int64],
    state: State = NOTHING_DECIDED,
) -> Links:
    """What `communities.edges_of` makes of plain or stronger links, each given once, in another order."""
    strong, mine, theirs = bits >= STRONG_AT, np.isin(low, public), np.isin(high, public)
    told = np.where(strong & mine, low, np.where(strong & theirs, high, 0))
    links = Links(low, high, bits, strong & (told == 0), told)
    if state.pairs:  # they are few: looked at one by one
        ends = np.array(list(state.pairs), np.int64)
        looked = np.isin(low, ends[:, 0]) & np.isin(high, ends[:, 1])
        few = zip(low[looked].tolist(), high[looked].tolist(), bits[looked].tolist(), strict=True)
        again = edges_of(few, State(state.pairs, ()), set(np.intersect1d(public, ends).tolist()))
        links = links.part(~looked).beside(Links.of(again))
    sides = sides_of(state)
    if not sides:
        return links
    held = _Sides(sides)
    split = np.isin(links.low, held.reports) & np.isin(links.high, held.reports)
    split[split] = held.between(links.low[split], links.high[split])
    return links.part(~split)


def found_in(links: Links, state: State) -> Found:
    """What `communities.rings_of` finds."""
    rings, narrow = rings_by_arrays(links, sides_of(state))
    return Found(sorted(rings, key=min), frozenset(narrow))


def rings_by_arrays(links: Links, sides: Mapping[int, frozenset[Label]]) -> tuple[set[Members], set[int]]:
    """What `communities.rings_of` finds: the rings, and the lowest reports of narrow ones."""
    from amaan.linking.domain.kernels import components_of  # compiled: read by whoever names rings

    nodes, ends = np.unique(np.concatenate([links.low, links.high]), return_inverse=True)
    one, other = ends[: len(links.low)].astype(np.int32), ends[len(links.low) :].astype(np.int32)
    root = components_of(one, other, len(nodes))
    split = np.zeros(len(nodes), np.bool_)
    split[root[np.isin(nodes, list(sides))]] = True
    split = split[root]
    # Where nobody split anything, all links that bind a part together come to one for each of its reports.
    bound = links.binds & ~split[one]
    part = components_of(one[bound], other[bound], len(nodes))
    star = np.flatnonzero(part != np.arange(len(nodes)))
    bind = np.ones(len(star), np.bool_)
    more = Links(nodes[part[star]], nodes[star], np.where(bind, STRONG_AT, 0.0), bind, 0 * star)
    places = _Places(nodes, one, other, root, part)
    kept = _joining(links, places, split, sides) if split.any() else np.zeros_like(bound)
    kept |= ~links.binds & (part[one] != part[other])
    thin = links.part(kept).beside(more)
    at = root[np.concatenate([one[kept], part[star]])]
    sizes = np.bincount(root, minlength=len(nodes))
    loose = np.zeros(len(nodes), np.bool_)
    loose[at[~thin.binds]] = True
    loose[_close(links, kept, places)] = False
    loose |= split
    # Where all links bind, or each two parts gain by each other, the component is the ring.
    whole = np.flatnonzero((sizes[root] >= LEAST) & ~loose[root])
    found = {frozenset(part.tolist()) for part in _by(root[whole], nodes[whole])}
    narrow: set[int] = set()
    mixed = np.flatnonzero((sizes[at] >= LEAST) & loose[at])
    for rows in _by(at[mixed], mixed):
        inside = rings_in(thin.edges(rows), sides)
        found.update(inside.rings)
        narrow |= inside.narrow
    return found, narrow


def _joining(
    links: Links, places: _Places, split: NDArray[np.bool_], sides: Mapping[int, frozenset[Label]]
) -> NDArray[np.bool_]:
    """Where something was split: the binding links that join two parts, in the order of their weights; all others would
    change nothing. `part` is set for these reports."""
    from amaan.linking.domain.kernels import parts_apart

    nodes, one, other, _root, part = places
    here = np.flatnonzero(split)
    place = np.full(len(nodes), -1, np.int32)
    place[here] = np.arange(len(here), dtype=np.int32)
    chosen = np.flatnonzero(links.binds & split[one])
    chosen = chosen[np.lexsort((links.high[chosen], links.low[chosen], -links.weight[chosen]))]
    apart, others = _Sides(sides).of(nodes[here])
    mine, theirs = place[one[chosen]], place[other[chosen]]
    roots, joined = parts_apart(mine, theirs, apart, others)
    part[here] = here[roots]
    # A report all of whose binding links were passed over is one that has such links.
    has = np.zeros(len(here), np.bool_)
    has[mine[joined]] = has[theirs[joined]] = True
    kept = np.zeros(len(one), np.bool_)
    kept[chosen] = joined | ~has[mine] | ~has[theirs]
    return kept


def _close(links: Links, kept: NDArray[np.bool_], places: _Places) -> NDArray[np.int64]:
    """Components (by their roots) in which each two parts have plain links that outweigh their apartness, and where no
    report of the public's binds itself to a part first: `communities` makes one of them."""
    _nodes, one, other, root, part = places
    loose = kept & ~links.binds
    nodes = len(root)
    mine, theirs = part[one[loose]].astype(np.int64), part[other[loose]].astype(np.int64)
    pair, at, times = np.unique(
        np.minimum(mine, theirs) * nodes + np.maximum(mine, theirs), return_inverse=True, return_counts=True
    )
    weight = np.zeros(len(pair))
    np.maximum.at(weight, at, np.minimum(links.weight[loose], STRONG_AT))
    first, second = pair // max(nodes, 1), pair % max(nodes, 1)
    sizes = np.minimum(np.bincount(part, minlength=nodes), MOST_COUNTED)
    gains = weight + np.log2(times) > APARTNESS * sizes[first] * sizes[second]
    parts = np.bincount(root[part == np.arange(nodes)], minlength=nodes)
    pairs = np.bincount(root[first[gains]], minlength=nodes)
    close = (parts > 1) & (pairs == parts * (parts - 1) // 2)
    close[root[one[kept & (links.public > 0)]]] = False
    return np.flatnonzero(close)


def _by(group: NDArray[np.int32], values: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """The values of each group."""
    if not len(group):
        return []
    order = np.argsort(group, kind="stable")
    return np.split(values[order], np.flatnonzero(np.diff(group[order])) + 1)


def reports_in(links: Links) -> set[int]:
    """Every report of these links."""
    return set(np.concatenate([links.low, links.high]).tolist())
