"""All rings at once, from arrays: those that are not what they should be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
from django.db.models import Max
from numpy.typing import NDArray

from amaan.linking.domain.communities import LEAST, Edge, Found, Label, Parts, edges_of, rings_in, sides_of
from amaan.linking.domain.decisions import NOTHING_DECIDED, DecisionKind, State, replay
from amaan.linking.domain.evidence import Trust
from amaan.linking.domain.ring_names import Members
from amaan.linking.domain.strength import PLAIN_AT, STRONG_AT
from amaan.linking.models import Decision, Side
from amaan.linking.selectors.columns import columns
from amaan.linking.selectors.components import past_rings
from amaan.linking.selectors.states import decisions_about
from amaan.store.rows import select_in

_MICRO: Final = 1_000_000
"""Weights are read as whole millionths of a bit: finer than any evidence is counted."""


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


class Slice(NamedTuple):
    """Rings that are out of place, and can be written without looking at others: those that stand (`held`), and what
    they should be (`found`)."""

    held: dict[int, Members]
    found: Found

    @property
    def reports(self) -> set[int]:
        return set().union(*self.held.values(), *self.found.rings)


def out_of_place(most: int = 2_000) -> list[Slice]:
    """The rings that are not what links and decisions make of their reports, in slices of about `most` reports.

    About 60 bytes a link that counts are held on the way.
    """
    state = _every_decision()
    links = _counting(state)
    should, narrow = rings_by_arrays(links, sides_of(state))
    stand = _standing()
    fresh = should - set(stand.values())
    stale = {ring: members for ring, members in stand.items() if members not in should}
    return _sliced(sorted(fresh, key=min), stale, narrow, most)


def is_as_read(part: Slice) -> bool:
    """Whether its reports still stand in the rings that were read, and in no others, and with nobody else."""
    rows = select_in(
        "SELECT DISTINCT ring_id FROM linking_member WHERE report_id IN {values}", sorted(part.reports)
    )
    now: dict[int, set[int]] = defaultdict(set)
    for ring, report in select_in(
        "SELECT ring_id, report_id FROM linking_member WHERE ring_id IN {values}",
        sorted(part.held.keys() | {row[0] for row in rows}),
    ):
        now[ring].add(report)
    return now == part.held


def _sliced(
    fresh: Sequence[Members], stale: Mapping[int, Members], narrow: Collection[int], most: int
) -> list[Slice]:
    """What has a report in common, now or in a ring that was, stays together."""
    past = past_rings([report for ring in (*fresh, *stale.values()) for report in ring], stale)
    together = Parts({})
    involved = set().union(*fresh, *stale.values())
    for members in (*fresh, *stale.values(), *(one.members & involved for one in past.values())):
        first = min(members, default=0)
        for report in members:
            together.join(first, report)
    groups: dict[int, Slice] = {}

    def group(members: Members) -> Slice:
        return groups.setdefault(together.root(min(members)), Slice({}, Found([], frozenset())))

    for ring in fresh:
        group(ring).found.rings.append(ring)
    for number, members in stale.items():
        group(members).held[number] = members
    slices: list[Slice] = []
    room = 0
    for held in groups.values():
        if room <= 0:
            slices.append(Slice({}, Found([], frozenset(narrow))))
            room = most
        slices[-1].held.update(held.held)
        slices[-1].found.rings.extend(held.found.rings)
        room -= len(held.reports)
    return slices


def rings_by_arrays(links: Links, sides: Mapping[int, frozenset[Label]]) -> tuple[set[Members], set[int]]:
    """What `communities.rings_of` finds: the rings, and the lowest reports of narrow ones."""
    from amaan.linking.domain.kernels import components_of  # compiled: read by whoever rebuilds

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
    kept = ~bound & (split[one] | (part[one] != part[other]))
    thin = Links(*(np.concatenate([held[kept], new]) for held, new in zip(links, more, strict=True)))
    at = root[np.concatenate([one[kept], part[star]])]
    sizes = np.bincount(root, minlength=len(nodes))
    loose = np.zeros(len(nodes), np.bool_)
    loose[at[~thin.binds]] = True
    loose |= split
    # Where all links bind, the component is the ring.
    whole = np.flatnonzero((sizes[root] >= LEAST) & ~loose[root])
    found = {frozenset(part.tolist()) for part in _by(root[whole], nodes[whole])}
    narrow: set[int] = set()
    mixed = np.flatnonzero((sizes[at] >= LEAST) & loose[at])
    for places in _by(at[mixed], mixed):
        inside = rings_in(thin.edges(places), sides)
        found.update(inside.rings)
        narrow |= inside.narrow
    return found, narrow


def _by(group: NDArray[np.int32], values: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """The values of each group."""
    if not len(group):
        return []
    order = np.argsort(group, kind="stable")
    return np.split(values[order], np.flatnonzero(np.diff(group[order])) + 1)


def _counting(state: State) -> Links:
    """Every link that counts, after what people decided."""
    weight = f"CAST(round(t.weight * {_MICRO}) AS bigint)"
    where = f"t.weight >= {PLAIN_AT}"
    parts = list(columns("linking_link", ("t.low_id", "t.high_id", weight), where=where))
    rows = np.concatenate(parts) if parts else np.empty((0, 3), np.int64)
    low, high, bits = rows[:, 0], rows[:, 1], rows[:, 2] / _MICRO
    public = _told_by_public()
    strong, mine, theirs = bits >= STRONG_AT, np.isin(low, public), np.isin(high, public)
    told = np.where(strong & mine, low, np.where(strong & theirs, high, 0))
    links = Links(low, high, bits, strong & (told == 0), told)
    decided = {end for pair in state.pairs for end in pair} | set(sides_of(state))
    if not decided:
        return links
    # Links between two reports that somebody decided about are few: they are looked at one by one.
    ends = np.fromiter(decided, np.int64, len(decided))
    looked = np.isin(low, ends) & np.isin(high, ends)
    few = (low[looked].tolist(), high[looked].tolist(), bits[looked].tolist())
    again = edges_of(zip(*few, strict=True), state, decided & set(public.tolist()))
    more = Links.of(again)
    return Links(*(np.concatenate([held[~looked], new]) for held, new in zip(links, more, strict=True)))


def _told_by_public() -> NDArray[np.int64]:
    where = f"t.trust & {int(Trust.PUBLIC)} <> 0"
    parts = list(columns("linking_noted", ("t.report_id",), where=where, by="t.report_id"))
    return np.concatenate(parts)[:, 0] if parts else np.empty(0, np.int64)


def newest_decision() -> int:
    """Its number; 0 where nobody decided anything."""
    return Decision.objects.aggregate(newest=Max("pk"))["newest"] or 0


def _every_decision() -> State:
    rows = Decision.objects.exclude(kind=DecisionKind.UNDO)
    if not rows.exists():
        return NOTHING_DECIDED
    ends = {end for pair in rows.exclude(low_id=None).values_list("low_id", "high_id") for end in pair if end}
    ends |= set(Side.objects.values_list("report_id", flat=True))
    return replay(decisions_about(sorted(ends)))


def _standing() -> dict[int, Members]:
    rings: dict[int, list[int]] = defaultdict(list)
    for part in columns("linking_member", ("t.ring_id", "t.report_id"), by="t.report_id"):
        for ring, report in part.tolist():
            rings[ring].append(report)
    return {ring: frozenset(members) for ring, members in rings.items()}
