"""What a ring rests on: into which parts it falls without one thing, and single links that hold two parts. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

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
    import networkx as nx  # here and below: read by whoever asks, not by every process

    return tuple(sorted(map(len, nx.connected_components(_graph(reports, links))), reverse=True))


def bridges_of(reports: Iterable[int], links: Iterable[Pair], *, least: int = 2) -> list[Bridge]:
    """The links whose going cuts off at least `least` reports, those that cut off most first."""
    import networkx as nx

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
