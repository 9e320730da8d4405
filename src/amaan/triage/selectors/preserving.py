"""What others keep for a while longer: reports whose term ends soon, and which term that is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from amaan.accounts.selectors import unit_ids
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, units_where
from amaan.reports.selectors import decided_reports
from amaan.triage.domain.preserving import WARN
from amaan.triage.domain.ruleset import Band
from amaan.triage.models import Assessment


@dataclass(frozen=True)
class Ending:
    """A report that waits, and until when others keep what it speaks of."""

    reference: str
    unit: str
    entity: str
    band: Band
    until: datetime


def endings_for(actor: Actor, *, now: datetime, within: timedelta = WARN, limit: int = 100) -> list[Ending]:
    """In the actor's units, the term that ends soonest first; what ended already is left out."""
    units = units_where(actor, Action.VIEW_QUEUE)
    if not units:
        return []
    rows = Assessment.objects.filter(
        waiting=True,
        unit_id__in=unit_ids(units),
        preserve_until__gt=now,
        preserve_until__lte=now + within,
    )
    found = list(rows.select_related("report__entity", "unit").order_by("preserve_until", "id")[:limit])
    decided = decided_reports([row.report_id for row in found])
    return [
        Ending(
            row.report.reference, row.unit.code, row.report.entity.name, Band(row.band), row.preserve_until
        )
        for row in found
        if row.preserve_until is not None and not decided.get(row.report_id)
    ]
