"""Who may see a report: one object, and the filter for many. A test proves that the two agree."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, may, units_where
from amaan.reports.models import Report


def may_on(actor: Actor, action: Action, report: Report) -> bool:
    return may(actor, action, report.unit.code)


def reports_where(actor: Actor, action: Action) -> QuerySet[Report]:
    units = units_where(actor, action)
    return Report.objects.filter(Q() if units.all else Q(unit__code__in=units.codes))
