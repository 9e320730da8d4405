"""What hangs together with some reports: the whole components that they stand in, read step by step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import NamedTuple

from amaan.linking.domain.communities import Edge, edges_of
from amaan.linking.domain.decisions import Decided, Pair, State, replay
from amaan.linking.domain.evidence import Trust
from amaan.linking.domain.ring_names import Members, Past
from amaan.linking.domain.strength import PLAIN_AT
from amaan.linking.selectors.states import decisions_about
from amaan.store.rows import select_in


class Around(NamedTuple):
    """Components, whole: every report that counting links reach from the first ones, and the rings that they stand in
    with all their members. `past`: rings without members in which some of these reports stood last."""

    reports: frozenset[int]
    edges: list[Edge]
    state: State
    held: dict[int, Members]
    past: dict[int, Past]


def around(report_ids: Collection[int]) -> Around:
    """A number of statements that grows with how far the components reach, not with how many there are."""
    reports: set[int] = set()
    edges: dict[Pair, Edge] = {}
    decisions: dict[int, Decided] = {}
    held: dict[int, set[int]] = defaultdict(set)
    todo = set(report_ids)
    while todo:
        reports |= todo
        ids = sorted(todo)
        links = [
            row
            for end in ("low_id", "high_id")
            for row in select_in(
                f"SELECT low_id, high_id, weight FROM linking_link WHERE weight >= {PLAIN_AT}"  # noqa: S608  constant
                f" AND {end} IN {{values}}",
                ids,
            )
        ]
        about = decisions_about(ids)
        decisions.update((one.number, one) for one in about)
        rings = select_in("SELECT DISTINCT ring_id FROM linking_member WHERE report_id IN {values}", ids)
        unread = sorted(row[0] for row in rings if row[0] not in held)
        for ring, report in select_in(
            "SELECT ring_id, report_id FROM linking_member WHERE ring_id IN {values}", unread
        ):
            held[ring].add(report)
        # All that was decided about a pair is read with either of its two.
        public = told_by_public({end for low, high, _ in links for end in (low, high)})
        fresh = edges_of(links, replay(about), public)
        edges.update(((edge.low, edge.high), edge) for edge in fresh)
        reached = {end for edge in fresh for end in (edge.low, edge.high)}
        reached.update(*(held[ring] for ring in unread))
        todo = reached - reports
    members = {ring: frozenset(held[ring]) for ring in held}
    state = replay(list(decisions.values()))
    return Around(frozenset(reports), list(edges.values()), state, members, past_rings(reports, members))


def told_by_public(report_ids: Collection[int]) -> set[int]:
    """Those of these reports whose evidence came by the public's door."""
    rows = select_in(
        f"SELECT report_id FROM linking_noted WHERE trust & {int(Trust.PUBLIC)} <> 0 AND report_id IN {{values}}",  # noqa: S608
        sorted(report_ids),
    )
    return {row[0] for row in rows}


def past_rings(reports: Collection[int], held: Collection[int]) -> dict[int, Past]:
    """The rings without members in which some of these reports stood last; those that lead to one of `held` say so."""
    rings = select_in(
        "SELECT DISTINCT ring_id FROM linking_former WHERE report_id IN {values}", sorted(reports)
    )
    numbers = sorted(row[0] for row in rings)
    members: dict[int, set[int]] = defaultdict(set)
    for ring, report in select_in(
        "SELECT ring_id, report_id FROM linking_former WHERE ring_id IN {values}", numbers
    ):
        members[ring].add(report)
    into = leads(numbers)
    return {
        ring: Past(frozenset(members[ring]), root if (root := into[ring]) in held else None)
        for ring in numbers
    }


def leads(rings: Collection[int]) -> dict[int, int]:
    """Where each ring leads to by `into`: itself, where it leads nowhere."""
    into: dict[int, int] = {}
    todo = sorted(rings)
    while todo:
        rows = select_in(
            "SELECT id, into_id FROM linking_ring WHERE into_id IS NOT NULL AND id IN {values}", todo
        )
        into.update(rows)
        todo = sorted({row[1] for row in rows} - into.keys())
    found = {}
    for ring in rings:
        end = ring
        while end in into:
            end = into[end]
        found[ring] = end
    return found
