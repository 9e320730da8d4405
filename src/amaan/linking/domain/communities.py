"""Rings: which reports of one component belong together. Pure; networkx finds the communities.

Links that are strong or confirmed bind: whatever they hold together is one part. Plain links join parts into
communities (Louvain). Nothing ever joins the two sides of a split: links are taken in the order of their weight, and
one that would is passed over. What comes out depends on the component's links and the decisions about its reports
alone: not on their order, nor on what else there is.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import networkx as nx

from amaan.linking.domain.decisions import DecisionKind, Pair, State, pair_of
from amaan.linking.domain.strength import PLAIN_AT, STRONG_AT

LEAST: Final = 3
"""Reports that make a ring. Two are a link."""
MOST_PARTS: Final = 5_000
MOST_PLAIN: Final = 100_000
"""Past either, plain links of a component make no communities: strong and confirmed ones alone do."""
APARTNESS: Final = 0.004
"""Two communities join where the weight between them is more than this times the product of what each holds (bits).

Louvain's resolution by itself makes small rings part of larger ones where there is much else (the resolution limit,
Fortunato and Barthélemy, 2007); so it is scaled by the component's weight, and what else there is changes nothing.
At 0.004 a report joins a ring by one plain link; two rings of five do not, nor by plain links between all of them."""
MOST_HELD: Final = 8
"""A part of n reports holds n - 1 strong links' worth, up to so many: a large ring is no harder to join than that."""
_SEED: Final = 7

Label = tuple[int, bool]
"""A split's number, and whether a report stands apart by it."""
_NONE: Final[frozenset[Label]] = frozenset()
_NO_REPORTS: Final[frozenset[int]] = frozenset()


class Edge(NamedTuple):
    """A link that may make a ring, as it counts after what people decided."""

    low: int
    high: int
    weight: float


class Found(NamedTuple):
    """`rings`: sets of `LEAST` or more, by their lowest report. `narrow`: the lowest reports of those in components so
    large that plain links were left out."""

    rings: list[frozenset[int]]
    narrow: frozenset[int]


def edges_of(links: Iterable[tuple[int, int, float]], state: State) -> list[Edge]:
    """Links as they count: plain or stronger and not rejected, confirmed ones at least strong, none across a split."""
    weights = {(low, high): weight for low, high, weight in links}
    sides = sides_of(state)
    found = []
    for pair in weights.keys() | state.pairs.keys():
        held = state.pairs.get(pair)
        weight = weights.get(pair, 0.0)
        if held is not None:
            weight = max(weight, STRONG_AT) if held.kind is DecisionKind.CONFIRM else 0.0
        if weight >= PLAIN_AT and not _apart(sides.get(pair[0], _NONE), sides.get(pair[1], _NONE)):
            found.append(Edge(*pair, weight))
    return sorted(found)


def sides_of(state: State) -> dict[int, frozenset[Label]]:
    """Report → the splits that it stands in, and on which side."""
    found: dict[int, set[Label]] = defaultdict(set)
    for split in state.splits:
        for report in split.apart:
            found[report].add((split.number, True))
        for report in split.others:
            found[report].add((split.number, False))
    return {report: frozenset(labels) for report, labels in found.items()}


def rings_of(edges: Iterable[Edge], state: State) -> Found:
    """The rings of any edges, component by component."""
    sides = sides_of(state)
    held = list(edges)
    found = [rings_in(component, sides) for component in components_of(held)]
    rings = sorted((ring for one in found for ring in one.rings), key=min)
    return Found(rings, frozenset().union(*(one.narrow for one in found)))


def components_of(edges: Sequence[Edge]) -> list[list[Edge]]:
    """The edges of each component, by its lowest report."""
    parts = Parts({})
    for edge in edges:
        parts.join(edge.low, edge.high)
    found: dict[int, list[Edge]] = defaultdict(list)
    for edge in sorted(edges):
        found[parts.root(edge.low)].append(edge)
    return list(found.values())


def rings_in(edges: Collection[Edge], sides: Mapping[int, frozenset[Label]]) -> Found:
    """The rings of one component, whose reports stand on these `sides`."""
    nodes = sorted({end for edge in edges for end in (edge.low, edge.high)})
    if len(nodes) < LEAST:
        return Found([], _NO_REPORTS)
    ordered = sorted(edges, key=lambda edge: (-edge.weight, edge.low, edge.high))
    parts = Parts({node: sides[node] for node in nodes if node in sides})
    for edge in ordered:
        if edge.weight >= STRONG_AT:
            parts.join(edge.low, edge.high)
    group = {node: parts.root(node) for node in nodes}
    plain = [edge for edge in ordered if edge.weight < STRONG_AT and group[edge.low] != group[edge.high]]
    community = _communities(nodes, group, ordered) if plain else {}
    for edge in plain:
        if community and community[group[edge.low]] == community[group[edge.high]]:
            parts.join(edge.low, edge.high)
    by_root: dict[int, set[int]] = defaultdict(set)
    for node in nodes:
        by_root[parts.root(node)].add(node)
    rings = sorted((frozenset(ring) for ring in by_root.values() if len(ring) >= LEAST), key=min)
    return Found(rings, _NO_REPORTS if community is not None else frozenset(map(min, rings)))


def _communities(
    nodes: Sequence[int], group: Mapping[int, int], edges: Iterable[Edge]
) -> dict[int, int] | None:
    """Group → community; None where there is too much to tell. Groups are numbered by their lowest report, so that
    what comes out does not depend on which numbers reports have."""
    numbers: dict[int, int] = {}
    for node in nodes:
        numbers.setdefault(group[node], len(numbers))
    if len(nodes) <= LEAST:
        return dict.fromkeys(numbers, 0)
    between: dict[Pair, float] = defaultdict(float)
    for edge in edges:
        if (one := numbers[group[edge.low]]) != (other := numbers[group[edge.high]]):
            between[pair_of(one, other)] += edge.weight
    if len(numbers) > MOST_PARTS or len(between) > MOST_PLAIN:
        return None
    sizes = Counter(group.values())
    for root, number in numbers.items():
        between[number, number] = STRONG_AT * min(sizes[root] - 1, MOST_HELD)
    if len(numbers) == 2:  # Louvain's own gain, without a graph: most components have no more parts
        mine, theirs = (2 * between[n, n] + between[0, 1] for n in (0, 1))
        return dict(zip(numbers, (0, int(between[0, 1] <= APARTNESS * mine * theirs)), strict=True))
    graph = nx.Graph()
    graph.add_nodes_from(range(len(numbers)))
    graph.add_weighted_edges_from((one, other, between[one, other]) for one, other in sorted(between))
    resolution = APARTNESS * 2 * sum(between.values())
    found = nx.community.louvain_communities(graph, resolution=resolution, seed=_SEED)
    at = {number: place for place, members in enumerate(found) for number in members}
    return {root: at[number] for root, number in numbers.items()}


def _apart(mine: frozenset[Label], theirs: frozenset[Label]) -> bool:
    return bool(mine) and any((split, not apart) in mine for split, apart in theirs)


class Parts:
    """Which reports stand together, where sides of a split never come to (disjoint sets)."""

    def __init__(self, sides: Mapping[int, frozenset[Label]]) -> None:
        self._above: dict[int, int] = {}
        self._size: dict[int, int] = {}
        self._labels: dict[int, frozenset[Label]] = dict(sides)

    def root(self, one: int) -> int:
        above = self._above
        while (higher := above.get(one, one)) != one:
            above[one] = above.get(higher, higher)
            one = above[one]
        return one

    def join(self, one: int, other: int) -> bool:
        """Whether they stand together now."""
        one, other = self.root(one), self.root(other)
        if one == other:
            return True
        if self._size.get(one, 1) < self._size.get(other, 1):
            one, other = other, one
        mine, theirs = self._labels.get(one, _NONE), self._labels.get(other, _NONE)
        if _apart(mine, theirs):
            return False
        self._above[other] = one
        self._size[one] = self._size.get(one, 1) + self._size.get(other, 1)
        if mine or theirs:
            self._labels[one] = mine | theirs
        return True
