"""Where a ring's reports and what they share stand in a picture: without overlap, and the same each time. Pure.

A report is a circle, a shared thing a box. Reports that tell of one thing only stand in circles around it; those that
tell of several stand between them, reports of the very same things close together. What two reports share, and no
third one, is a line between them and needs no box. Those groups are laid out by
networkx's spring layout with a seed, pushed apart until none overlaps, and moved into the view box. Units: CSS pixels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from math import ceil, cos, hypot, pi, sin, sqrt
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

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
    groups = _groups(sorted(set(reports)), things, list(pairs))
    if not groups:
        return Drawing(round(2 * MARGIN), round(2 * MARGIN), {}, {})
    middles = _apart(_sprung(groups, list(pairs)), np.array([group.radius for group in groups]))
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


def _sprung(groups: Sequence[_Group], pairs: Sequence[tuple[int, int]]) -> NDArray[np.float64]:
    """A first place for each group: near what it shares."""
    import networkx as nx  # read by whoever draws, not by every process

    at_thing = {group.thing: n for n, group in enumerate(groups) if group.thing is not None}
    at_report = {report: n for n, group in enumerate(groups) for report in group.reports}
    graph = nx.Graph()
    graph.add_nodes_from(range(len(groups)))
    for n, group in enumerate(groups):
        graph.add_edges_from((n, at_thing[thing]) for thing in sorted(group.touches))
    graph.add_edges_from(
        (at_report[low], at_report[high]) for low, high in pairs if low in at_report and high in at_report
    )
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
