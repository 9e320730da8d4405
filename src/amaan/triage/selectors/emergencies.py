"""What can't wait for anybody's rest: a floor in the first band that nobody holds, and who else is at work."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from amaan.accounts.selectors import colleagues
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, units_where
from amaan.triage.domain.ruleset import Band
from amaan.triage.models import Assessment, Shift
from amaan.triage.selectors.queue import Choice, HeldBy, walk

AT_WORK: Final = timedelta(minutes=15)
"""Who did something so lately, and did not end their shift, is at work."""


def emergency_waits(actor: Actor, *, now: datetime) -> bool:
    """Whether something that a floor holds in the first band waits, in the actor's units, and nobody has claimed it."""
    choice = Choice(Band.ONE_DAY, held_by=HeldBy.NOBODY, floors=True)
    return bool(walk(units_where(actor, Action.DECIDE_REPORT), choice, now=now, limit=1))


def others_at_work(actor: Actor, *, now: datetime) -> int:
    """How many colleagues who may decide the same units' reports did something in the last minutes."""
    units = sorted(units_where(actor, Action.DECIDE_REPORT).codes)
    keys = {f"staff:{one.id}" for unit in units for one in colleagues(Action.DECIDE_REPORT, unit)} - {
        actor.key
    }
    return Shift.objects.filter(by__in=keys, ended_at__isnull=True, last_at__gte=now - AT_WORK).count()


def categories_beside(report_id: int) -> int:
    """Care's categories of a report (bits), as they were found when it was banded; 0 before that."""
    row = (
        Assessment.objects.filter(report_id=report_id, current=True)
        .values_list("categories", flat=True)
        .first()
    )
    return row or 0
