"""Which ring keeps its name when rings grow, fall apart and become one. Pure.

A ring that has members gives its name to the part that holds most of its own reports; what it took over from a ring
that joined it is not its own, so that an undone joining gives each its name back. A part that no such ring names takes
back the name of a ring without members, if most of those who stood in that one last are there; otherwise it is a new
ring. No name is ever given to others, and a ring whose reports went on with another one leads there.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

Members = frozenset[int]


class Past(NamedTuple):
    """Who stood last in a ring that has no members now; `into`: the ring with members that it leads to, if any."""

    members: Members
    into: int | None


class Named(NamedTuple):
    """A part and its ring; `ring` is None for a new one. `back`: the ring had no members before.

    `came_from`: where the ring had none, the ring in which most of its reports stood.
    """

    members: Members
    ring: int | None
    back: bool
    came_from: int | None


class Ended(NamedTuple):
    """A ring without members from now on. `into`: the place in `named` that holds half of them or more, or None."""

    ring: int
    into: int | None


class Naming(NamedTuple):
    """`named` stands in the order of the parts."""

    named: list[Named]
    ended: list[Ended]


def name_rings(held: Mapping[int, Members], parts: Sequence[Members], past: Mapping[int, Past]) -> Naming:
    """`held`: rings that have members, disjoint. `parts`: the rings as they are now, disjoint. Older rings have lower
    numbers. What comes out does not depend on any order."""
    at = {report: place for place, part in enumerate(parts) for report in part}
    kept = _keep(held, parts, past, at)
    free = {report: place for report, place in at.items() if place not in kept}
    back = _come_back(past, parts, free)
    ring_of = {report: ring for ring, members in held.items() for report in members}
    named = [
        Named(part, kept[place], False, None)
        if place in kept
        else Named(part, back.get(place), place in back, _most(ring_of.get(report) for report in part))
        for place, part in enumerate(parts)
    ]
    stay = set(kept.values())
    ended = [
        Ended(ring, _where_half_is(members, parts, at))
        for ring, members in sorted(held.items())
        if ring not in stay
    ]
    return Naming(named, ended)


def _keep(
    held: Mapping[int, Members],
    parts: Sequence[Members],
    past: Mapping[int, Past],
    at: Mapping[int, int],
) -> dict[int, int]:
    """Place → the ring that goes on there."""
    taken_over: dict[int, set[int]] = defaultdict(set)
    for one in past.values():
        if one.into is not None:
            taken_over[one.into] |= one.members
    offers = []
    for ring, members in held.items():
        # One that came back while the ring that had taken it over ended in it has nothing but what was taken over.
        its_own = members - taken_over[ring] or members
        own = Counter(at[report] for report in its_own if report in at)
        every = Counter(at[report] for report in members if report in at)
        offers += [(-count, -every[place], ring, min(parts[place]), place) for place, count in own.items()]
    kept: dict[int, int] = {}
    given = set()
    for *_, ring, _, place in sorted(offers):
        if ring not in given and place not in kept:
            kept[place] = ring
            given.add(ring)
    return kept


def _come_back(past: Mapping[int, Past], parts: Sequence[Members], free: Mapping[int, int]) -> dict[int, int]:
    """Place → the ring without members that comes back there; `free`: report → place that has no name."""
    offers = []
    for ring, one in past.items():
        found = Counter(free[report] for report in one.members if report in free)
        offers += [
            (-count, ring, min(parts[place]), place)
            for place, count in found.items()
            if 2 * count > len(one.members)
        ]
    back: dict[int, int] = {}
    for _, ring, _, place in sorted(offers):
        back.setdefault(place, ring)  # more than half of a ring's reports stand in one place only
    return back


def _where_half_is(members: Members, parts: Sequence[Members], at: Mapping[int, int]) -> int | None:
    found = Counter(at[report] for report in members if report in at)
    if not found:
        return None
    place = min(found, key=lambda one: (-found[one], min(parts[one])))
    return place if 2 * found[place] >= len(members) else None


def _most(rings: Iterable[int | None]) -> int | None:
    found = Counter(ring for ring in rings if ring is not None)
    return min(found, key=lambda ring: (-found[ring], ring)) if found else None
