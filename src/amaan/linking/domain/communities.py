"""Rings: which reports of one component belong together. Pure; networkx finds the communities.

Links that bind (strong, or confirmed by a person) hold together whatever they join: a part. A report that came by the
public's door stands where a person confirmed it, or else binds itself to one part by its heaviest strong link: one
invented report that names two rings' accounts would otherwise make them one. All other links join parts to communities
(Louvain). Nothing ever joins the two sides of a split: links are taken in the order of their weight, and one that would
is passed over. What comes out depends on the component's links and the decisions about its reports alone: not on their
order, nor on what else there is.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from math import log2
from typing import Final, NamedTuple

from amaan.linking.domain.decisions import DecisionKind, Pair, State, pair_of
from amaan.linking.domain.strength import PLAIN_AT, STRONG_AT

LEAST: Final = 3
"""Reports that make a ring. Two are a link."""
MOST_PARTS: Final = 5_000
MOST_PLAIN: Final = 100_000
"""Past either, plain links of a component make no communities: links that bind alone do."""
APARTNESS: Final = 0.39
"""Bits that links between two communities must outweigh for each pair of reports that would stand together by it.

This is the constant Potts model (Traag, Van Dooren and Nesterov, 2011): unlike with modularity, what else there is in
the component changes nothing, and more links never part what fewer joined. One plain link joins a report to any ring,
and two rings of three; two rings of five or more it does not, nor all the plain links between them."""
MOST_COUNTED: Final = 8
"""Reports of a part that count for it: a large ring is no harder to join than one of these many."""
CONFIRMED_FIRST: Final = 1000.0
"""Bits by which a confirmed link stands before all that nobody confirmed, where a split lets only some of them join."""
_SEED: Final = 7

Label = tuple[int, bool]
"""A split's number, and whether a report stands apart by it."""
_NONE: Final[frozenset[Label]] = frozenset()
_NO_REPORTS: Final[frozenset[int]] = frozenset()


class Edge(NamedTuple):
    """A link that may make a ring, as it counts after what people decided. `binds`: it makes one by itself; `public`:
    the report of its two that came by the public's door, where it is strong by that one and nobody confirmed it."""

    low: int
    high: int
    weight: float
    binds: bool
    public: int | None = None


class Found(NamedTuple):
    """`rings`: sets of `LEAST` or more, by their lowest report. `narrow`: the lowest reports of those in components so
    large that plain links were left out."""

    rings: list[frozenset[int]]
    narrow: frozenset[int]


def edges_of(
    links: Iterable[tuple[int, int, float]], state: State, public: Collection[int] = ()
) -> list[Edge]:
    """Links as they count: plain or stronger and not rejected, confirmed ones before all others, none across a split.

    `public`: the reports that came by the public's door.
    """
    weights = {(low, high): weight for low, high, weight in links}
    sides = sides_of(state)
    found = []
    for pair in weights.keys() | state.pairs.keys():
        held = state.pairs.get(pair)
        weight = weights.get(pair, 0.0)
        confirmed = held is not None and held.kind is DecisionKind.CONFIRM
        if confirmed:
            weight = max(weight, STRONG_AT) + CONFIRMED_FIRST
        elif held is not None:
            continue
        if weight < PLAIN_AT or _apart(sides.get(pair[0], _NONE), sides.get(pair[1], _NONE)):
            continue
        told = None if confirmed or weight < STRONG_AT else next((end for end in pair if end in public), None)
        found.append(Edge(*pair, weight, weight >= STRONG_AT and told is None, told))
    return sorted(found, key=lambda edge: edge[:2])


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
    for edge in sorted(edges, key=lambda edge: edge[:2]):
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
        if edge.binds:
            parts.join(edge.low, edge.high)
    placed = {end for edge in ordered if edge.binds for end in (edge.low, edge.high)}
    for edge in ordered:
        if edge.public is not None and edge.public not in placed and parts.join(edge.low, edge.high):
            placed.add(edge.public)
    group = {node: parts.root(node) for node in nodes}
    others = [edge for edge in ordered if not edge.binds and group[edge.low] != group[edge.high]]
    community = _communities(nodes, group, others) if others else {}
    for edge in others:
        if community and community[group[edge.low]] == community[group[edge.high]]:
            parts.join(edge.low, edge.high)
    by_root: dict[int, set[int]] = defaultdict(set)
    for node in nodes:
        by_root[parts.root(node)].add(node)
    rings = sorted((frozenset(ring) for ring in by_root.values() if len(ring) >= LEAST), key=min)
    return Found(rings, _NO_REPORTS if community is not None else frozenset(map(min, rings)))


def _communities(
    nodes: Sequence[int], group: Mapping[int, int], edges: Sequence[Edge]
) -> dict[int, int] | None:
    """Group → community; None where there is too much to tell. Groups are numbered by their lowest report, so that
    what comes out does not depend on which numbers reports have."""
    numbers: dict[int, int] = {}
    for node in nodes:
        numbers.setdefault(group[node], len(numbers))
    if len(nodes) <= LEAST:
        return dict.fromkeys(numbers, 0)
    heaviest: dict[Pair, float] = {}
    times: Counter[Pair] = Counter()
    for edge in edges:
        pair = pair_of(numbers[group[edge.low]], numbers[group[edge.high]])
        heaviest[pair] = max(heaviest.get(pair, 0.0), min(edge.weight, STRONG_AT))
        times[pair] += 1
    counted = Counter(group.values())
    sizes = [min(counted[root], MOST_COUNTED) for root in numbers]
    # The same value may make all the links between two parts: each doubling of them adds one bit, not as much again.
    between = {pair: weight + log2(times[pair]) for pair, weight in heaviest.items()}
    if len(between) == len(sizes) * (len(sizes) - 1) // 2 and all(
        weight > APARTNESS * sizes[one] * sizes[other] for (one, other), weight in between.items()
    ):  # each two gain by each other, as one value's reports do: no way of parting them weighs more
        return dict.fromkeys(numbers, 0)
    if len(numbers) > MOST_PARTS or len(heaviest) > MOST_PLAIN:
        return None
    at = _louvain(sizes, between)
    return {root: at[number] for root, number in numbers.items()}


def _louvain(sizes: Sequence[int], between: Mapping[Pair, float]) -> list[int]:
    """The community of each of some nodes.

    Louvain weighs a link against the product of its ends' degrees. By loops at each node these are made equal to the
    nodes' sizes, times the least factor that leaves no loop below zero; and the resolution takes that factor out again.
    """
    if len(sizes) == 2:  # Louvain's own gain, without a graph: most components have no more parts
        return [0, int(between[0, 1] <= APARTNESS * sizes[0] * sizes[1])]
    degree = [0.0] * len(sizes)
    for (one, other), weight in between.items():
        degree[one] += weight
        degree[other] += weight
    factor = max(held / size for held, size in zip(degree, sizes, strict=True))
    import networkx as nx  # read by whoever names rings, not by every process

    graph = nx.Graph()
    graph.add_nodes_from(range(len(sizes)))
    graph.add_weighted_edges_from((*pair, between[pair]) for pair in sorted(between))
    graph.add_weighted_edges_from(
        (n, n, max(0.0, factor * size - degree[n]) / 2) for n, size in enumerate(sizes)
    )
    whole = factor * sum(sizes)  # twice the weight of all edges, loops included
    found = nx.community.louvain_communities(graph, resolution=APARTNESS * whole / factor**2, seed=_SEED)
    at = [0] * len(sizes)
    for place, members in enumerate(found):
        for node in members:
            at[node] = place
    return at


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
