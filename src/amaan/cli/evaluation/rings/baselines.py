"""The groups that a simpler product would make of the same reports. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

RARE: Final = 10
"""Above so many reports `without_hubs` takes a value for a hub."""


def components(reports: int, pairs: Iterable[tuple[int, int]]) -> list[str]:
    """The group of each of so many reports, by what joins two of them; "" where nothing does."""
    import networkx as nx  # read by whoever measures, not by every command

    graph = nx.Graph()
    graph.add_edges_from(pairs)
    found = [""] * reports
    for members in nx.connected_components(graph):
        if len(members) > 1:
            name = str(min(members))
            for one in members:
                found[one] = name
    return found


def shared(reports: int, told: Sequence[tuple[int, int]], *, most: int | None = None) -> list[str]:
    """Groups by equal values. `told`: (place of the report, value), each once; above `most` it is left out."""
    counts = Counter(value for _, value in told)
    first: dict[int, int] = {}
    pairs = []
    for report, value in told:
        if most is None or counts[value] <= most:
            pairs.append((first.setdefault(value, report), report))
    return components(reports, pairs)
