"""What hangs together with some reports: the whole components that they stand in, read step by step."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from amaan.linking.domain.communities import Found
from amaan.linking.domain.decisions import Decided, State, replay
from amaan.linking.domain.evidence import Trust
from amaan.linking.domain.ring_arrays import Links, counting, found_in, reports_in
from amaan.linking.domain.ring_names import Members, Past
from amaan.linking.domain.strength import PLAIN_AT
from amaan.linking.selectors.leading import leads
from amaan.linking.selectors.states import decisions_about
from amaan.store.rows import on_postgres, select_in

MICRO: Final = 1_000_000
"""Weights are read as whole millionths of a bit: finer than any evidence is counted."""


class Around(NamedTuple):
    """Components, whole: every report that counting links reach from the first ones, and the rings that they stand in
    with all their members. `past`: rings without members in which some of these reports stood last."""

    reports: frozenset[int]
    links: Links
    state: State
    held: dict[int, Members]
    past: dict[int, Past]

    @property
    def found(self) -> Found:
        """What rings they should be."""
        return found_in(self.links, self.state)


def around(report_ids: Collection[int]) -> Around:
    """A number of statements that grows with how far the components reach, not with how many there are."""
    reports: set[int] = set()
    rows = np.empty((0, 3), np.int64)
    decisions: dict[int, Decided] = {}
    held: dict[int, set[int]] = defaultdict(set)
    todo = set(report_ids)
    while todo:
        links = _links_of(todo, reports)
        rows = np.concatenate([rows, links])
        reports |= todo
        ids = sorted(todo)
        about = decisions_about(ids)
        decisions.update((one.number, one) for one in about)
        rings = select_in("SELECT DISTINCT ring_id FROM linking_member WHERE report_id IN {values}", ids)
        unread = sorted(row[0] for row in rings if row[0] not in held)
        for ring, report in select_in(
            "SELECT ring_id, report_id FROM linking_member WHERE ring_id IN {values}", unread
        ):
            held[ring].add(report)
        # All that was decided about a pair is read with either of its two.
        reached = reports_in(_counting(links, (), replay(about)))
        reached.update(*(held[ring] for ring in unread))
        todo = reached - reports
    members = {ring: frozenset(held[ring]) for ring in held}
    state = replay(list(decisions.values()))
    return Around(
        frozenset(reports),
        _counting(rows, told_by_public(reports), state),
        state,
        members,
        past_rings(reports, members),
    )


def _links_of(fresh: Collection[int], before: Collection[int]) -> NDArray[np.int64]:
    """Plain or stronger links of some reports but for those to reports `before`: low, high, weight in `MICRO`.

    A ring around one value has a link for each two of its reports: each is read once, and as numbers in one text.
    """
    ids = sorted(fresh)
    lows = _gathered("low_id", ids, "high_id", sorted(before))
    highs = _gathered("high_id", ids, "low_id", sorted({*before, *ids}))
    return np.concatenate([lows, highs])


def _gathered(end: str, ids: Sequence[int], other: str, without: Sequence[int]) -> NDArray[np.int64]:
    held: list[object]
    columns = ("low_id", "high_id", f"CAST(round(weight * {MICRO}) AS bigint)")
    if on_postgres():
        told = ", ".join(f"string_agg(CAST({column} AS text), ',')" for column in columns)
        among, held = "unnest(CAST(%s AS bigint[]))", [list(without)]
    else:
        told = ", ".join(f"group_concat({column})" for column in columns)
        among, held = "value FROM json_each(%s)", [json.dumps(without)]
    texts = select_in(
        f"SELECT {told} FROM linking_link WHERE {other} NOT IN (SELECT {among}) AND weight >= {PLAIN_AT}"  # noqa: S608
        f" AND {end} IN {{values}}",
        ids,
        held,
    )
    parts = [
        np.stack([np.fromstring(text, dtype=np.int64, sep=",") for text in row], axis=1)
        for row in texts
        if row[0] is not None
    ]
    return np.concatenate([np.empty((0, 3), np.int64), *parts])


def _counting(rows: NDArray[np.int64], public: Collection[int], state: State) -> Links:
    return counting(rows[:, 0], rows[:, 1], rows[:, 2] / MICRO, np.array(sorted(public), np.int64), state)


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
