"""One shared value of a ring: which links rest on it alone, and what is left of the ring without them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from amaan.authority.actors import Actor
from amaan.linking.domain.decisions import MOST_AT_ONCE
from amaan.linking.domain.strength import Strength, strength_of
from amaan.linking.panels.ring import thing_shown
from amaan.linking.panels.values import LinkLine, ThingShown
from amaan.linking.selectors.resting import decidable_in, left_without, resting_on
from amaan.linking.selectors.showing import SeenRing
from amaan.linking.selectors.states import LinkTold
from amaan.linking.words import STATES, STRENGTHS, kind_word, kinds_in

MOST_LINKS: Final = 100
"""Links that the page lists."""


@dataclass(frozen=True, slots=True)
class ValuePanel:
    """`links`: the first of `count` that rest on the value alone and that the reader may reject, `at_once` in one act;
    `confirmed` more were confirmed by people. `worked_out`: whether the ring is small enough to ask.

    `rings`: how many reports each ring has that would be left, the largest first; `alone`: reports in none. `token` is
    handed back when somebody decides. `theirs`: some of the ring's reports are others' to decide.
    """

    worked_out: bool
    links: tuple[LinkLine, ...] = ()
    count: int = 0
    at_once: int = 0
    confirmed: int = 0
    rings: tuple[int, ...] = ()
    alone: int = 0
    token: str = ""
    theirs: bool = False

    @property
    def more(self) -> int:
        return self.count - len(self.links)


def thing_of(actor: Actor, seen: SeenRing, mark: str) -> ThingShown | None:
    """Of a ring that the caller was given by `seen_ring`. None where nothing that links bears this mark, and where what
    does is held: of what somebody protected uses nothing is told here. Raises SealBroken, KeyMissing."""
    thing = thing_shown(actor, seen, mark)
    return None if thing is None or thing.held or not thing.links else thing


def value_panel(actor: Actor, seen: SeenRing, thing: ThingShown) -> ValuePanel:
    """What rests on a thing that `thing_of` gave."""
    found = resting_on(actor, seen, thing.keys)
    if found is None:
        return ValuePanel(worked_out=False)
    left = left_without(seen, {(one.low, one.high) for one in found.links}) if found.links else None
    return ValuePanel(
        worked_out=True,
        links=tuple(_line(seen, one) for one in found.links[:MOST_LINKS]),
        count=len(found.links),
        at_once=min(len(found.links), MOST_AT_ONCE),
        confirmed=found.confirmed,
        rings=left.rings if left else (),
        alone=left.alone if left else 0,
        token=found.token,
        theirs=len(decidable_in(actor, seen)) < len(seen.ids),
    )


def _line(seen: SeenRing, link: LinkTold) -> LinkLine:
    strength = strength_of(link.weight or 0.0) or Strength.WEAK
    return LinkLine(
        one=seen.seen[link.low].reference,
        other=seen.seen[link.high].reference,
        entity="",
        received_at=None,
        weight=round(link.weight or 0.0),
        strength=strength,
        strength_word=str(STRENGTHS[strength]),
        kinds=tuple(kind_word(kind) for kind in kinds_in(link.kinds)),
        state=link.state,
        state_word=str(STATES[link.state]),
        more_since=False,
    )
