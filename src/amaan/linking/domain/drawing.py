"""Where a ring's reports and what they share stand in a picture: without overlap, and the same each time. Pure.

A report is a circle, a shared thing a box; what two reports share, and no third one, is a line between them and needs
no box. In a small ring each stands by itself, in a picture as wide as there is room, and of several layouts that one is
taken in which lines run over the fewest nodes and across the fewest lines. In a large one reports that tell of one
thing only stand in circles around it, and those that tell of several between them, reports of the very same things
close together. What stands together is laid out by networkx, with seeds, pushed apart until nothing overlaps, and moved
into the view box. Units: CSS pixels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from math import ceil, cos, hypot, inf, pi, sin, sqrt
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from networkx import Graph

REPORT: Final = 26.0
"""A report's circle, across: wide enough for a finger and three digits."""
BOX: Final = (46.0, 28.0)
"""A thing's box: width and height."""
GAP: Final = 6.0
MARGIN: Final = 16.0
_SEED: Final = 7
_ROUNDS: Final = 40
_PUSHED: Final = 12
_PUSH: Final = 0.3
_MORE_ROOM: Final = np.array([1.06, 1.04])
"""Groups are pushed so many rounds, by so much of what they lack; then the picture grows, so many times at most."""
_PULL: Final = 240
"""Rounds of the spring layout, for few groups; many get fewer."""
_FILLED: Final = 1.2
"""How much of the first picture its groups would take; pushed apart, they stand close and not far from their like."""
_LANDSCAPE: Final = 1.45
SMALL: Final = 32
"""So many circles and boxes have room enough to stand each by itself."""
_SMALL_GAP: Final = 22.0
_ROOM: Final = (600.0, 380.0)
_NARROWER: Final = (150.0, 40.0)
"""A small picture's room: as wide as stands beside a node's card; of a few nodes, so much and so much for each."""
_SEEDS: Final = (_SEED, 1, 2, 3, 4)
_SMALL_PULL: Final = 60
_FLAT: Final = 0.05
"""What is no higher than so much of its width is a line of nodes: stretched, its height would be chance."""


class Spot(NamedTuple):
    """The middle of a node."""

    x: float
    y: float


@dataclass(frozen=True)
class Drawing:
    """`reports` and `things` by the numbers that the caller gave them."""

    width: int
    height: int
    reports: Mapping[int, Spot]
    things: Mapping[int, Spot]


@dataclass(frozen=True)
class _Group:
    """A thing with the reports that tell of nothing else, or reports of the very same things, around a middle."""

    thing: int | None
    reports: tuple[int, ...]
    touches: frozenset[int]
    spots: tuple[Spot, ...]
    radius: float


def drawing_of(
    reports: Iterable[int], things: Mapping[int, frozenset[int]], pairs: Iterable[tuple[int, int]] = ()
) -> Drawing:
    """`things`: of each shared thing the reports that tell of it; `pairs`: reports with a line of their own."""
    pairs = list(pairs)
    told_by = sorted(set(reports))
    small = len(told_by) + len(things) <= SMALL
    groups = _singles(told_by, things) if small else _groups(told_by, things, pairs)
    if not groups:
        return Drawing(round(2 * MARGIN), round(2 * MARGIN), {}, {})
    radii = np.array([group.radius for group in groups])
    middles = _roomy(groups, pairs, radii) if small else _apart(_sprung(groups, pairs), radii)
    edges = np.array([group.radius for group in groups])[:, None] + MARGIN
    middles -= (middles - edges).min(axis=0)
    width, height = (middles + edges).max(axis=0)
    told: dict[int, Spot] = {}
    boxes: dict[int, Spot] = {}
    for group, (x, y) in zip(groups, middles.tolist(), strict=True):
        if group.thing is not None:
            boxes[group.thing] = _rounded(x, y)
        for report, spot in zip(group.reports, group.spots, strict=True):
            told[report] = _rounded(x + spot.x, y + spot.y)
    return Drawing(ceil(width), ceil(height), told, boxes)


def _rounded(x: float, y: float) -> Spot:
    return Spot(round(x, 1), round(y, 1))


def _singles(reports: Sequence[int], things: Mapping[int, frozenset[int]]) -> list[_Group]:
    tells = {report: frozenset(n for n, told in things.items() if report in told) for report in reports}
    boxes = [_group(thing, (), frozenset()) for thing in sorted(things)]
    return boxes + [_group(None, (report,), told) for report, told in tells.items()]


def _groups(
    reports: Sequence[int], things: Mapping[int, frozenset[int]], pairs: Sequence[tuple[int, int]]
) -> list[_Group]:
    tells: dict[int, set[int]] = {report: set() for report in reports}
    for thing, tellers in things.items():
        for report in tellers & tells.keys():
            tells[report].add(thing)
    paired = {one for pair in pairs if tells.get(pair[0]) != tells.get(pair[1]) for one in pair}
    alike: dict[tuple[frozenset[int], int | None], list[int]] = {}
    for report, told in tells.items():
        # Whoever shares nothing in a box stands alone, and whoever has a line to another group.
        alone = report if report in paired or not told else None
        alike.setdefault((frozenset(told), alone), []).append(report)
    found = []
    for thing in sorted(things):
        leaves = alike.pop((frozenset({thing}), None), [])
        found.append(_group(thing, leaves, frozenset()))
    return found + [_group(None, told, touched) for (touched, _alone), told in alike.items()]


def _group(thing: int | None, reports: Sequence[int], touches: frozenset[int]) -> _Group:
    step = REPORT + GAP
    inner = hypot(*BOX) / 2 + REPORT / 2 if thing is not None else 0.0
    spots: list[Spot] = []
    radius = hypot(*BOX) / 2 if thing is not None else REPORT / 2
    ring = 0
    while len(spots) < len(reports):
        out = inner + GAP + ring * step if thing is not None else ring * step
        room = 1 if out == 0 else int(2 * pi / (2 * np.arcsin(min(1.0, step / (2 * out)))))
        here = min(room, len(reports) - len(spots))
        turned = ring * 0.5 * step / max(out, step)
        spots += [
            Spot(out * cos(turned + 2 * pi * n / here), out * sin(turned + 2 * pi * n / here))
            for n in range(here)
        ]
        radius = out + REPORT / 2
        ring += 1
    return _Group(thing, tuple(reports), touches, tuple(spots), radius)


def _graph(groups: Sequence[_Group], pairs: Sequence[tuple[int, int]]) -> Graph[int]:
    import networkx as nx

    at_thing = {group.thing: n for n, group in enumerate(groups) if group.thing is not None}
    at_report = {report: n for n, group in enumerate(groups) for report in group.reports}
    graph: Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(groups)))
    for n, group in enumerate(groups):
        graph.add_edges_from((n, at_thing[thing]) for thing in sorted(group.touches))
    graph.add_edges_from(
        (at_report[low], at_report[high]) for low, high in pairs if low in at_report and high in at_report
    )
    return graph


def _roomy(
    groups: Sequence[_Group], pairs: Sequence[tuple[int, int]], radii: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Of a small ring: the layout whose lines are read best, stretched over the room that there is."""
    import networkx as nx

    graph = _graph(groups, pairs)
    lines = np.array(sorted(graph.edges), dtype=np.int64).reshape(-1, 2)
    room = np.array(_ROOM) * min(1.0, (_NARROWER[0] + _NARROWER[1] * len(groups)) / _ROOM[0])
    best, least = None, inf
    flat, begun = nx.check_planarity(graph)
    for seed in _SEEDS:
        # Begun without a crossing, where that can be, it mostly ends so.
        start = nx.combinatorial_embedding_to_pos(begun) if flat and seed == _SEED else None
        found = nx.spring_layout(graph, pos=start, seed=seed, iterations=_SMALL_PULL)
        middles = np.array([found[n] for n in range(len(groups))], dtype=np.float64).reshape(-1, 2)
        middles = _apart(_stretched(middles, room), radii + _SMALL_GAP / 2)
        faults = _faults(middles, radii, lines)
        if faults < least:
            best, least = middles, faults
        if not faults:
            break
    assert best is not None
    return best


def _stretched(middles: NDArray[np.float64], room: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turned so that its length lies along the picture's, and as large as the room."""
    middles = middles - middles.mean(axis=0)
    turned = middles @ np.linalg.svd(middles, full_matrices=False)[2].T if len(middles) > 1 else middles
    spread = np.ptp(turned, axis=0)
    flat = spread <= _FLAT * spread.max()
    by = np.where(flat, room[0] / max(spread.max(), 1e-9), room / np.maximum(spread, 1e-9))
    # Two nodes on one spot could not be pushed apart.
    aside = np.column_stack([np.cos(np.arange(len(middles))), np.sin(np.arange(len(middles)))]) * 1e-3
    return np.asarray(turned * by + aside)


def _faults(middles: NDArray[np.float64], radii: NDArray[np.float64], lines: NDArray[np.int64]) -> float:
    """How badly lines are read: each that runs over a node which is not its own, and, less, each crossing."""
    if not len(lines):
        return 0.0
    begin, end = middles[lines[:, 0]], middles[lines[:, 1]]
    along = end - begin
    to = middles[:, None, :] - begin[None, :, :]
    share = np.clip((to * along).sum(axis=2) / np.maximum((along**2).sum(axis=1), 1e-9), 0.0, 1.0)
    far = np.hypot(*np.moveaxis(to - share[..., None] * along, 2, 0))
    foreign = (np.arange(len(middles))[:, None, None] != lines[None, :, :]).all(axis=2)
    over = np.count_nonzero(foreign & (far < radii[:, None] + 3))
    apart = (lines[:, None, :, None] != lines[None, :, None, :]).all(axis=(2, 3))
    return float(over) + 0.05 * np.count_nonzero(apart & _cross(begin, end) & _cross(begin, end).T)


def _cross(begin: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Of each two lines whether the ends of the second lie on both sides of the first."""
    along = (end - begin)[:, None, :]
    one, other = begin[None, :, :] - begin[:, None, :], end[None, :, :] - begin[:, None, :]
    sides = [along[..., 0] * to[..., 1] - along[..., 1] * to[..., 0] for to in (one, other)]
    return np.asarray(sides[0] * sides[1] < 0)


def _sprung(groups: Sequence[_Group], pairs: Sequence[tuple[int, int]]) -> NDArray[np.float64]:
    """A first place for each group: near what it shares."""
    import networkx as nx  # read by whoever draws, not by every process

    graph = _graph(groups, pairs)
    rounds = max(30, _PULL - len(groups))
    found = nx.spring_layout(graph, seed=_SEED, iterations=rounds)
    middles = np.array([found[n] for n in range(len(groups))], dtype=np.float64).reshape(-1, 2)
    # Two groups on one spot could not be pushed apart.
    middles += np.column_stack([np.cos(np.arange(len(groups))), np.sin(np.arange(len(groups)))]) * 1e-3
    area = sum(pi * (group.radius + GAP) ** 2 for group in groups) / _FILLED
    spread = np.maximum(np.ptp(middles, axis=0), 1e-6)
    side = np.array([sqrt(area * _LANDSCAPE), sqrt(area / _LANDSCAPE)])
    return np.asarray((middles - middles.min(axis=0)) / spread * side)


def _apart(middles: NDArray[np.float64], radii: NDArray[np.float64]) -> NDArray[np.float64]:
    """Moved until no two groups overlap: pushed, and where that does not end, given more room and pushed again."""
    least = radii[:, None] + radii[None, :] + GAP
    np.fill_diagonal(least, 0.0)
    for turn in count():
        for _round in range(_ROUNDS):
            between = middles[:, None, :] - middles[None, :, :]
            far = np.hypot(between[..., 0], between[..., 1])
            np.fill_diagonal(far, 1.0)
            lacking = np.maximum(least - far, 0.0)
            if not lacking.any():
                return middles
            if turn > _PUSHED:  # growing alone ends surely
                break
            middles = middles + (between * (lacking / np.maximum(far, 1e-9))[..., None]).sum(axis=1) * _PUSH
        middles = middles * _MORE_ROOM
    return middles
