"""What can't wait for anybody's rest: a floor in the first band that nobody holds, and how many could take it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, F, OuterRef, QuerySet

from amaan.accounts.selectors import colleagues, unit_ids
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, units_where
from amaan.care.selectors import able_for
from amaan.triage.domain.claims import CLAIM_HOLDS
from amaan.triage.domain.ruleset import Band
from amaan.triage.models import Assessment, Claim, Shift

AT_WORK: Final = timedelta(minutes=15)
"""Who did something so lately, and did not end their shift, is at work."""


def passed_over(actor: Actor, *, avoid: int | None, now: datetime) -> int | None:
    """Of the emergencies that nobody has claimed and that the actor is not given, how many colleagues at work could be
    given the one that fewest could; None: there is no such emergency.

    An emergency is what a floor holds in the first band. `avoid`: the categories (bits of `care.domain`) that a pull
    passes over for the actor; None: they are given nothing, so that every one counts.
    """
    rows = unclaimed_floors(unit_ids(units_where(actor, Action.DECIDE_REPORT)), now=now)
    if avoid is not None:
        rows = rows.annotate(hard=F("categories").bitand(avoid)).exclude(hard=0)
    kinds: dict[str, set[int]] = {}
    for unit, categories in rows.order_by().values_list("unit__code", "categories").distinct():
        kinds.setdefault(unit, set()).add(categories)
    found = [
        able
        for unit, here in kinds.items()
        for able in able_at_work(unit, here, within=AT_WORK, now=now, beside=actor).values()
    ]
    return min(found, default=None)


def unclaimed_floors(units: Sequence[int], *, now: datetime) -> QuerySet[Assessment]:
    """What a floor holds in the first band of these units (row ids), and nobody works on."""
    held = Claim.objects.filter(
        report_id=OuterRef("report_id"), released_at__isnull=True, claimed_at__gte=now - CLAIM_HOLDS
    )
    day = int(Band.ONE_DAY)
    rows = Assessment.objects.filter(waiting=True, folded=False, unit_id__in=units, band=day, floor=day)
    return rows.filter(~Exists(held))


def able_at_work(
    unit: str, kinds: Collection[int], *, within: timedelta, now: datetime, beside: Actor | None = None
) -> dict[int, int]:
    """By kind (bits of `care.domain`), how many of a unit who did something `within` this time could be given such a
    report; `beside` is not counted."""
    keys = {f"staff:{one.id}" for one in colleagues(Action.DECIDE_REPORT, unit)}
    here = Shift.objects.filter(by__in=keys, ended_at__isnull=True, last_at__gte=now - within)
    at_work = set(here.values_list("by", flat=True)) - ({beside.key} if beside else set())
    people = [int(key.removeprefix("staff:")) for key in at_work]
    return able_for(Actor.system("triage"), kinds, people=people, now=now)


def categories_beside(report_id: int) -> int:
    """Care's categories of a report (bits), as they were found when it was banded; 0 before that."""
    row = (
        Assessment.objects.filter(report_id=report_id, current=True)
        .values_list("categories", flat=True)
        .first()
    )
    return row or 0
