"""By which other links two reports of one ring hold together. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Weighed(NamedTuple):
    """A link between two reports, by its weight in bits."""

    low: int
    high: int
    weight: float


def ways_between(links: Iterable[Weighed], one: int, other: int) -> list[tuple[int, ...]]:
    """Ways from one report to the other, both named, without the link between the two: by each report that both are
    linked with, the way whose weaker link is heaviest first; where there is no such report, one shortest way."""
    weights: dict[int, dict[int, float]] = defaultdict(dict)
    for link in links:
        if {link.low, link.high} != {one, other}:
            weights[link.low][link.high] = weights[link.high][link.low] = link.weight
    thirds = weights[one].keys() & weights[other].keys()
    if not thirds:
        return _shortest(weights, one, other)
    held = {third: min(weights[one][third], weights[other][third]) for third in thirds}
    return [(one, third, other) for third in sorted(held, key=lambda third: (-held[third], third))]


def _shortest(weights: Mapping[int, Mapping[int, float]], one: int, other: int) -> list[tuple[int, ...]]:
    import networkx as nx  # read by whoever asks, not by every process

    graph = nx.Graph([(low, high) for low, beside in weights.items() for high in beside])
    if one not in graph or other not in graph or not nx.has_path(graph, one, other):
        return []
    return [tuple(nx.shortest_path(graph, one, other))]
