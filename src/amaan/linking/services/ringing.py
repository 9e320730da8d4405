"""Rings: found anew where something changed, or everywhere. Many ids in, a fixed number of statements a step."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from typing import Final

from django.db import transaction

from amaan.authority.actors import Actor
from amaan.ledger.services import Act, append
from amaan.linking.permissions import require_system
from amaan.linking.selectors.components import around, past_rings
from amaan.linking.selectors.whole_rings import is_as_read, newest_decision, out_of_place
from amaan.linking.services.ring_turn import take_ring_turn
from amaan.linking.services.ring_writing import RingRun, write_rings

_log = logging.getLogger(__name__)
RUN: Final = "ring.run"
_ROUNDS: Final = 3
"""How often a whole run looks again for what changed under it."""


def ring_reports(actor: Actor, *, report_ids: Sequence[int]) -> RingRun:
    """Find the rings of the components that these reports stand in, or stood in, anew.

    One ledger entry a run in which a ring changed. What comes out equals `ring_all`.
    """
    require_system(actor)
    with transaction.atomic(savepoint=False):
        take_ring_turn()
        run = ring_around(report_ids)
        _record(actor, run)
    return run


def ring_all(actor: Actor) -> RingRun:
    """Look at all links, and write the rings that are not what they should be, slice by slice. One ledger entry.

    Each slice is a transaction of its own, so that others write between two. Where rings or decisions are not what was
    read, the slice is found anew. Links may have changed too: so it looks again until nothing is out of place.
    """
    require_system(actor)
    run = RingRun()
    for first in (True, *[False] * _ROUNDS):
        newest = newest_decision()
        slices = out_of_place()
        if not slices:
            break
        for part in slices:
            with transaction.atomic(savepoint=False):
                take_ring_turn()
                if first and newest_decision() == newest and is_as_read(part):
                    past = past_rings(part.reports, part.held)
                    run.add(write_rings(part.held, part.found, past, None))
                else:
                    run.add(ring_around(part.reports))
    else:
        _log.warning("Rings still moved when they had been looked at %d times.", _ROUNDS + 1)
    with transaction.atomic(savepoint=False):
        _record(actor, run)
    return run


def ring_around(report_ids: Collection[int], decision: int | None = None) -> RingRun:
    """In the caller's transaction, who has taken the turn. `decision`: what somebody decided, where that is why."""
    here = around(report_ids)
    return write_rings(here.held, here.found, here.past, decision)


def _record(actor: Actor, run: RingRun) -> None:
    if run.changed:
        body: dict[str, object] = {"changed": len(run.changed), "formed": run.formed, "ended": run.ended}
        append(actor, [Act(RUN, "linking", "", body)])
