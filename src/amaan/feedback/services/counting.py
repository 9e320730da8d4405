"""How entities' reports fare, counted month by month beside the work, never in a request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.bundles.selectors import fronts_of
from amaan.feedback.domain.codes import derived, vocabulary
from amaan.feedback.domain.quality import Counted
from amaan.feedback.models import EntityMonth, MonthCounted
from amaan.feedback.permissions import require_system
from amaan.feedback.selectors import is_partners
from amaan.reports.selectors import StandingOutcome, standing_outcomes
from amaan.reports.selectors.referring import first_received, referred_between
from amaan.triage.selectors.turns import axes_of

MONTHS: Final = 24
"""How far back months are counted again: decisions come late."""
SLICE: Final = 2000
_NEWEST: Final = timedelta(hours=1)
_OLDER: Final = timedelta(days=1)


def count_month(actor: Actor, *, month: date) -> int:
    """Count one month anew (its first day, UTC); how many reports. Reads in slices, writes once."""
    require_system(actor)
    begin = datetime(month.year, month.month, 1, tzinfo=UTC)
    end = datetime.combine(following(month), datetime.min.time(), UTC)
    counted: dict[tuple[int, int], Counted] = {}
    after = reports = 0
    while rows := referred_between(begin, end, after=after, limit=SLICE):
        ids = [row.report_id for row in rows]
        axes, outcomes = axes_of(ids), _worth(standing_outcomes(ids))
        for row in filter(is_partners, rows):
            axis, outcome = axes.get(row.report_id), outcomes.get(row.report_id)
            useful = None
            if outcome is not None:
                useful = vocabulary().codes[derived(outcome.decision, outcome.stage)].useful
            held = counted.setdefault((row.unit_id, row.entity_id), Counted())
            held.add(row.facts, quality=axis.quality if axis else None, useful=useful)
            reports += 1
        after = ids[-1]
    with transaction.atomic():
        EntityMonth.objects.filter(month=month).delete()
        EntityMonth.objects.bulk_create(
            [
                EntityMonth(unit_id=unit, entity_id=entity, month=month, counted=json.dumps(asdict(held)))
                for (unit, entity), held in sorted(counted.items())
            ]
        )
        MonthCounted.objects.update_or_create(month=month, defaults={"at": timezone.now()})
    return reports


def _worth(outcomes: Mapping[int, StandingOutcome]) -> dict[int, StandingOutcome]:
    """Of what was settled with another report, that one's outcome: who told the same second told no less."""
    fronts = fronts_of([report for report, outcome in outcomes.items() if outcome.followed])
    decided = standing_outcomes(sorted(set(fronts.values())))
    return {report: decided.get(fronts.get(report, 0), outcome) for report, outcome in outcomes.items()}


def count_some(actor: Actor) -> int:
    """The worker's chore: the month whose figures are oldest, if they are too old. The current one goes first."""
    first = first_received()
    if first is None:
        return 0
    now = timezone.now()
    held = dict(MonthCounted.objects.values_list("month", "at"))
    month, oldest = now.astimezone(UTC).date().replace(day=1), first.astimezone(UTC).date().replace(day=1)
    for n in range(MONTHS):
        at = held.get(month)
        if at is None or now - at >= (_OLDER if n else _NEWEST):
            count_month(actor, month=month)
            return 0
        month = (month - timedelta(days=1)).replace(day=1)
        if month < oldest:
            break
    return 0


def following(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)
