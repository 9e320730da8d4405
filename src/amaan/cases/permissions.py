"""Who may see and work on a case: one object, and the filter for many. A test proves that the two agree."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, may, units_where
from amaan.cases.models import Case


def may_on(actor: Actor, action: Action, case: Case) -> bool:
    return may(actor, action, case.unit.code)


def cases_where(actor: Actor, action: Action) -> QuerySet[Case]:
    units = units_where(actor, action)
    return Case.objects.filter(Q() if units.all else Q(unit__code__in=units.codes))
