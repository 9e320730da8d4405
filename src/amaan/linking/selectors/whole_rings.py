"""All rings at once, from arrays: those that are not what they should be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from django.db.models import Max
from numpy.typing import NDArray

from amaan.linking.domain.communities import Found, Parts, sides_of
from amaan.linking.domain.decisions import NOTHING_DECIDED, DecisionKind, State, replay
from amaan.linking.domain.evidence import Trust
from amaan.linking.domain.ring_arrays import Links, counting, rings_by_arrays
from amaan.linking.domain.ring_names import Members
from amaan.linking.domain.strength import PLAIN_AT
from amaan.linking.models import Decision, Side
from amaan.linking.selectors.columns import columns
from amaan.linking.selectors.components import MICRO, past_rings
from amaan.linking.selectors.states import decisions_about
from amaan.store.rows import select_in


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


def _counting(state: State) -> Links:
    """Every link that counts, after what people decided."""
    weight = f"CAST(round(t.weight * {MICRO}) AS bigint)"
    where = f"t.weight >= {PLAIN_AT}"
    parts = list(columns("linking_link", ("t.low_id", "t.high_id", weight), where=where))
    rows = np.concatenate(parts) if parts else np.empty((0, 3), np.int64)
    return counting(rows[:, 0], rows[:, 1], rows[:, 2] / MICRO, _told_by_public(), state)


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
