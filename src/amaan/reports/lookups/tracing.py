"""Which searches led nowhere: for the auditor, who reads what was done and not what was told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, require, units_where
from amaan.ledger.selectors import body_of
from amaan.ledger.services import Act, append
from amaan.reports.domain.searching import LEADS_WITHIN, LOOKED_BACK, MARKED_FROM, Trace, trace_of
from amaan.reports.lookups.making import LookUpNotFound
from amaan.reports.models import LookUp

READ_TERMS: Final = "look_up.terms_read"
TRACED: Final = 100
"""Searches that are listed at once."""


@dataclass(frozen=True, slots=True)
class TracedLookUp:
    """A search without a consequence. `by` is a staff key; `closes_at` is until when it can still lead somewhere."""

    number: int
    by: str
    at: datetime
    purpose: str
    unit: str
    found: int
    trace: Trace
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Alert:
    """A person whose searches led nowhere within the last 30 days; `marked` from three on."""

    by: str
    count: int
    latest: datetime
    marked: bool


@dataclass(frozen=True, slots=True)
class Made:
    """How many searches a person made today."""

    by: str
    count: int


def led_nowhere(actor: Actor, *, since: datetime, limit: int = TRACED) -> list[TracedLookUp]:
    """Searches since then that led nowhere, or not yet, newest first. Raises NotAllowed."""
    require(actor, Action.READ_LEDGER)
    now = timezone.now()
    rows = LookUp.objects.filter(led_at=None, at__gte=since).order_by("-at")[:limit]
    return [
        TracedLookUp(
            row.pk,
            row.by,
            row.at,
            row.purpose,
            row.unit,
            row.found,
            trace_of(found=row.found, out_of_reach=row.held or row.elsewhere > 0, at=row.at, now=now),
            row.at + LEADS_WITHIN,
        )
        for row in rows
    ]


def alerts_for(actor: Actor) -> list[Alert]:
    """Persons with searches that led nowhere in the last 30 days, worst first. Raises NotAllowed.

    A search that found nothing counts at once; one that found something counts when its day is over.
    """
    require(actor, Action.READ_LEDGER)
    now = timezone.now()
    over = Q(at__lte=now - LEADS_WITHIN)
    nothing = Q(found=0, elsewhere=0, held=False)
    rows = (
        LookUp.objects.filter(over | nothing, led_at=None, at__gte=now - LOOKED_BACK)
        .values("by")
        .annotate(count=Count("id"), latest=Max("at"))
        .order_by("-count", "-latest", "by")
    )
    return [Alert(row["by"], row["count"], row["latest"], row["count"] >= MARKED_FROM) for row in rows]


def made_today(actor: Actor) -> list[Made]:
    """Who searched how often today, most first: a supervisor for their units, the auditor for all.

    Raises NotAllowed. A person's searches for purposes in several units are counted unit by unit.
    """
    require(actor, Action.VIEW_PEOPLE)
    units = units_where(actor, Action.VIEW_PEOPLE)
    rows = LookUp.objects.filter(day=timezone.localdate())
    if not units.all:
        rows = rows.filter(unit__in=units.codes)
    counted = rows.values("by").annotate(count=Count("id")).order_by("-count", "by")
    return [Made(row["by"], row["count"]) for row in counted]


def read_terms(actor: Actor, *, number: int) -> str:
    """What was typed. The auditor's reading is an entry of its own, committed before the words are opened.

    Raises NotAllowed, LookUpNotFound, and BodyErased where the ledger no longer holds them.
    """
    require(actor, Action.READ_LEDGER)
    row = LookUp.objects.filter(pk=number).first()
    if row is None or row.entry is None:
        raise LookUpNotFound(f"There is no look-up {number}.")
    with transaction.atomic(durable=True):
        append(actor, [Act(READ_TERMS, row.purpose, row.unit, {"look_up": number})])
    return str(body_of(actor, entry_id=row.entry)["terms"])
