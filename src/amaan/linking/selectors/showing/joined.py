"""Whether two reports stand in one ring, and by which links beside their own, as far as somebody may see them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from amaan.accounts.selectors import unit_ids
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, units_where
from amaan.linking.domain.decisions import Pair, PairState
from amaan.linking.domain.strength import PLAIN_AT, STRONG_AT
from amaan.linking.domain.ways import Weighed, ways_between
from amaan.linking.models import Link, Member
from amaan.linking.selectors.states import state_around
from amaan.reports.selectors import reports_among

MOST_LINKS: Final = 20_000
"""Links of a ring past which no way is looked for: the page says that they stand together, and not by what."""
MOST_WAYS: Final = 3


@dataclass(frozen=True)
class Joined:
    """Two reports of one ring. `ways`: from the first to the second over reports that the actor may see, each as the
    pairs of references whose links it takes; `more`: how many further ways there are over one report each."""

    ways: tuple[tuple[tuple[str, str], ...], ...]
    more: int


def joined_by(actor: Actor, pair: Pair) -> Joined | None:
    """Of two reports that the caller was given by `access_report`; None where they do not stand in one ring."""
    held = list(Member.objects.filter(pk__in=pair).select_related("ring"))
    if len({row.ring_id for row in held}) != 1 or len(held) != len(set(pair)):
        return None
    ring = held[0].ring
    units = unit_ids(units_where(actor, Action.VIEW_REPORT))
    mine = Member.objects.filter(ring=ring, unit_id__in=units)
    least = STRONG_AT if ring.narrow else PLAIN_AT
    among = Link.objects.filter(low__in=mine.values("pk"), high__in=mine.values("pk"), weight__gte=least)
    links = list(among.values_list("low_id", "high_id", "weight")[: MOST_LINKS + 1])
    if len(links) > MOST_LINKS:
        return Joined((), 0)
    state = state_around(list(mine.values_list("pk", flat=True)))
    weighed = {(low, high): Weighed(low, high, weight) for low, high, weight in links}
    for (low, high), decided in state.pairs.items():
        if state.of(low, high) is PairState.REJECTED:
            weighed.pop((low, high), None)
        else:
            weighed.setdefault((low, high), Weighed(low, high, decided.weight or 0.0))
    ways = ways_between(weighed.values(), *pair)
    shown = reports_among(actor, {report for way in ways[:MOST_WAYS] for report in way})
    named = [
        tuple((shown[one].reference, shown[other].reference) for one, other in pairwise(way))
        for way in ways[:MOST_WAYS]
        if shown.keys() >= set(way)
    ]
    return Joined(tuple(named), len(ways) - len(named))
