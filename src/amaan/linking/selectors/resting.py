"""Which links of a ring rest on one shared value alone, and what is left of the ring without them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from hashlib import blake2b
from typing import Final, NamedTuple

import numpy as np

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, units_where
from amaan.linking.domain.decisions import Decided, DecisionKind, Pair, PairState, State
from amaan.linking.domain.keys import identifier_of
from amaan.linking.domain.ring_arrays import found_in
from amaan.linking.domain.strength import PLAIN_AT
from amaan.linking.domain.without import plain_without, rows_inside, tellers_of
from amaan.linking.selectors.around import evidence_around
from amaan.linking.selectors.components import around
from amaan.linking.selectors.showing.links import count_in, links_in
from amaan.linking.selectors.showing.seen import SeenRing
from amaan.linking.selectors.snapshots import held_snapshot
from amaan.linking.selectors.states import LinkTold, state_of_pairs
from amaan.reports.selectors.holding import held_among

MOST_WEIGHED: Final = 50_000
"""Links of a ring past which nobody works out what rests on one value: all of them are read, and weighed once."""


class Resting(NamedTuple):
    """`links`: those that the actor may reject, of the lowest reports first, so that who rejects a part of very many
    frees whole reports. `confirmed`: how many more rest on it that a person confirmed; those are judged one by one.

    `newest`: the newest decision about any pair that shares the value; `shown`: a digest of value and links. Both are
    handed back when somebody decides (`token`)."""

    links: tuple[LinkTold, ...]
    confirmed: int
    newest: int
    shown: str

    @property
    def token(self) -> str:
        return f"{self.newest}.{self.shown}"


class Left(NamedTuple):
    """How many reports of a ring each ring has that is found without some links, the largest first; and how many stand
    in none."""

    rings: tuple[int, ...]
    alone: int


def resting_on(actor: Actor, seen: SeenRing, keys: Collection[int]) -> Resting | None:
    """Links between two reports of the ring that the actor may decide, plain or stronger, and below it without `keys`.

    Of what somebody protected uses none. None: too many links hang together to ask.
    """
    mine = decidable_in(actor, seen)
    if seen.gone or not mine or held_among([key for key in keys if identifier_of(key) is not None]):
        return Resting((), 0, 0, _digest(keys, ()))
    if count_in(seen) > MOST_WEIGHED:
        return None
    counts = held_snapshot().counts
    inside = rows_inside(evidence_around(seen.ids), counts, seen.ids)
    tellers = tellers_of(keys, inside)
    sharing = [
        (link.low, link.high)
        for link in links_in(seen)
        if link.weight >= PLAIN_AT
        and link.low in mine
        and link.high in mine
        and tellers.get(link.low, set()) & tellers.get(link.high, set())
    ]
    still = {(low, high) for low, high, _weight in plain_without(keys, inside, counts)}
    told = state_of_pairs(sharing)
    resting = [told[pair] for pair in sorted(sharing) if pair not in still]
    proposed = tuple(one for one in resting if one.state is PairState.PROPOSED)
    return Resting(
        proposed,
        sum(one.state is PairState.CONFIRMED for one in resting),
        max((one.newest for one in told.values()), default=0),
        _digest(keys, [(one.low, one.high) for one in proposed]),
    )


def left_without(seen: SeenRing, pairs: Collection[Pair]) -> Left:
    """What rings the ring's reports would stand in if somebody rejected these pairs."""
    here = around(seen.ids)
    gone = set(pairs)
    rejected = {pair: Decided(0, DecisionKind.REJECT, pair) for pair in gone}
    ends = zip(here.links.low.tolist(), here.links.high.tolist(), strict=True)
    kept = np.fromiter((pair not in gone for pair in ends), np.bool_, len(here.links.low))
    state = State({**here.state.pairs, **rejected}, here.state.splits)
    members = here.held.get(seen.ring.pk, frozenset(seen.ids))
    found = [len(ring & members) for ring in found_in(here.links.part(kept), state).rings]
    rings = tuple(sorted((size for size in found if size), reverse=True))
    return Left(rings, len(members) - sum(rings))


def decidable_in(actor: Actor, seen: SeenRing) -> set[int]:
    """Those of its reports that the actor may open and decide."""
    units = units_where(actor, Action.DECIDE_REPORT)
    return {number for number, report in seen.seen.items() if report.unit.code in units}


def _digest(keys: Collection[int], pairs: Sequence[Pair]) -> str:
    told = repr((sorted(keys), list(pairs))).encode()
    return blake2b(told, digest_size=9).hexdigest()
