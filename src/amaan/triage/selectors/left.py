"""Reports that somebody has claimed who works here no more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from amaan.accounts.selectors import colleagues, unit_list
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, units_where
from amaan.triage.models import Claim


@dataclass(frozen=True)
class LeftClaim:
    """A report that waits in the hands of somebody who may decide none of its unit's (a code) any more.

    `by` is an actor's key.
    """

    reference: str
    unit: str
    by: str
    since: datetime


def claims_left(actor: Actor) -> list[LeftClaim]:
    """In the units whose work the actor assigns; the longest claimed first."""
    units, found = units_where(actor, Action.ASSIGN_CASE), []
    for unit in (one for one in unit_list() if one.code in units):
        here = [f"staff:{one.id}" for one in colleagues(Action.DECIDE_REPORT, unit.code)]
        held = Claim.objects.filter(released_at__isnull=True, unit=unit, by__startswith="staff:")
        left = held.exclude(by__in=here).order_by("claimed_at", "id")
        rows = left.values_list("report__reference", "by", "claimed_at")
        found += [LeftClaim(reference, unit.code, by, since) for reference, by, since in rows]
    return found
