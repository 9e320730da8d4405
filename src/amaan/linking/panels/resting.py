"""What would break a ring apart: the few things and single links that it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from django.utils.translation import gettext as _

from amaan.linking.domain.breaking import bridges_of, parts_of
from amaan.linking.domain.communities import edges_of
from amaan.linking.domain.decisions import State
from amaan.linking.domain.evidence import Evidence
from amaan.linking.domain.frequency import Counts
from amaan.linking.domain.without import plain_without, rows_inside
from amaan.linking.panels.values import Holds, ThingShown
from amaan.linking.selectors.showing import SeenRing
from amaan.linking.selectors.showing.links import Linked

_MOST: Final = 5
_MOST_TRIED: Final = 6
"""Things without which the ring is weighed anew, those that most of its reports tell of."""


def holds_of(
    seen: SeenRing,
    told: tuple[Evidence, Counts],
    things: Mapping[int, ThingShown],
    links: Sequence[Linked],
    state: State,
) -> tuple[Holds, ...]:
    """Without which the ring falls into parts, what leaves the smallest largest part first. `things` by their keys.

    Of what somebody protected uses, and of links between two reports of other offices, nothing is told.
    """
    if seen.gone:
        return ()
    evidence, counts = told
    now = [(edge.low, edge.high) for edge in edges_of([link[:3] for link in links], state)]
    whole = parts_of(seen.ids, now)
    inside = rows_inside(evidence, counts, seen.ids)
    found = []
    tried = [thing for thing in things.values() if thing.links and not thing.held]
    for thing in tried[:_MOST_TRIED]:
        parts = parts_of(seen.ids, _edges_without(thing.keys, inside, counts, state))
        if len(parts) > len(whole):
            found.append(_holds(thing.kind, parts, mark=thing.mark))
    found.sort(key=lambda one: (one.parts[:1], one.alone))
    bridges = [one for one in bridges_of(seen.ids, now) if {one.low, one.high} & seen.seen.keys()]
    for bridge in bridges[:_MOST]:
        parts = tuple(sorted((bridge.beyond, len(seen.ids) - bridge.beyond), reverse=True))
        ends = [seen.seen[one].reference if one in seen.seen else "" for one in (bridge.low, bridge.high)]
        found.append(_holds(_("A single link"), parts, ends=ends))
    return tuple(found[:_MOST])


def _holds(name: str, parts: Sequence[int], *, mark: str = "", ends: Sequence[str] = ("", "")) -> Holds:
    groups = tuple(size for size in parts if size > 1)
    return Holds(name, mark, ends[0], ends[1], groups[:6], sum(size == 1 for size in parts))


def _edges_without(
    keys: Sequence[int], inside: Evidence, counts: Counts, state: State
) -> list[tuple[int, int]]:
    rows = plain_without(keys, inside, counts)
    if not state.pairs and not state.splits:
        return [(low, high) for low, high, _weight in rows]
    return [(edge.low, edge.high) for edge in edges_of(rows, state)]
