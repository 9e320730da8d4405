"""What a ring rests on: into which parts it falls without one thing, and single links that hold two parts. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import networkx as nx

Pair = tuple[int, int]


class Bridge(NamedTuple):
    """A link without which `beyond` reports, the lesser side, stand apart from the others."""

    low: int
    high: int
    beyond: int


def parts_of(reports: Iterable[int], links: Iterable[Pair]) -> tuple[int, ...]:
    """How many reports stand in each part, the largest first. A report that nothing holds is a part of one."""
    ids = np.unique(np.fromiter(reports, np.int64))
    pairs = np.array(list(links), dtype=np.int64).reshape(-1, 2)
    pairs = pairs[np.isin(pairs, ids).all(axis=1)]
    one, other = np.searchsorted(ids, pairs[:, 0]), np.searchsorted(ids, pairs[:, 1])
    part = np.arange(len(ids))
    while True:
        least = part.copy()
        np.minimum.at(least, one, part[other])
        np.minimum.at(least, other, part[one])
        least = least[least]
        if (least == part).all():
            sizes = np.unique(part, return_counts=True)[1]
            return tuple(sorted(sizes.tolist(), reverse=True))
        part = least


def bridges_of(reports: Iterable[int], links: Iterable[Pair], *, least: int = 2) -> list[Bridge]:
    """The links whose going cuts off at least `least` reports, those that cut off most first."""
    import networkx as nx  # here and below: read by whoever asks, not by every process

    graph = _graph(reports, links)
    found = []
    for one, other in nx.bridges(graph):
        whole = len(nx.node_connected_component(graph, one))
        graph.remove_edge(one, other)
        side = len(nx.node_connected_component(graph, one))
        graph.add_edge(one, other)
        beyond = min(side, whole - side)
        if beyond >= least:
            found.append(Bridge(min(one, other), max(one, other), beyond))
    return sorted(found, key=lambda bridge: (-bridge.beyond, bridge.low, bridge.high))


def _graph(reports: Iterable[int], links: Iterable[Pair]) -> nx.Graph:
    import networkx as nx

    graph = nx.Graph()
    graph.add_nodes_from(reports)
    graph.add_edges_from((low, high) for low, high in links if low in graph and high in graph)
    return graph
