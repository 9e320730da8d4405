"""How much waits in an office, how old it is, what is held since when. It ranks nobody: no count stands by a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Q

from amaan.accounts.selectors import names_of, unit_ids
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, Units, units_where
from amaan.reports.selectors import decided_reports
from amaan.triage.domain.claims import abandoned
from amaan.triage.domain.ruleset import Band
from amaan.triage.models import Assessment, Claim
from amaan.triage.rulebook import in_force

AGES: Final = (
    timedelta(days=1),
    timedelta(days=3),
    timedelta(days=7),
    timedelta(days=14),
    timedelta(days=30),
)
"""Where one age ends and the next begins; the last has no end."""
MOST_HELD: Final = 200


@dataclass(frozen=True)
class HeldReport:
    """A report in somebody's hands; the longest held stands first, whoever holds it."""

    reference: str
    by: str
    since: datetime
    abandoned: bool
    band: Band
    due_at: datetime


@dataclass(frozen=True)
class Load:
    """Of one unit (a code). `ages` by band: how many wait in each of the ages of AGES, from young to old."""

    unit: str
    ages: Mapping[Band, tuple[int, ...]]
    overdue: Mapping[Band, int]
    folded: int
    held: tuple[HeldReport, ...]

    @property
    def waiting(self) -> int:
        return sum(sum(counts) for counts in self.ages.values())


def loads_for(actor: Actor, *, now: datetime) -> list[Load]:
    """Of each unit that the actor answers for. Each band is one walk along the queue's index."""
    units = units_where(actor, Action.VIEW_LOAD)
    return [_load(code, now) for code in sorted(units.codes)]


def _load(unit: str, now: datetime) -> Load:
    (unit_id,) = unit_ids(Units(codes=frozenset({unit}))) or [0]
    adopted = in_force()
    ages, overdue = dict.fromkeys(Band, (0,) * (len(AGES) + 1)), dict.fromkeys(Band, 0)
    for band, spec in adopted[1].bands.items() if adopted else ():
        # A due time is the receipt and the band's span; the receipt itself is not in the index.
        span = timedelta(hours=spec.hours)
        edges = [now - age + span for age in AGES]
        within = [
            Q(due_at__gt=young) & Q(due_at__lte=old)
            for old, young in zip([now + span + timedelta(days=1), *edges], edges, strict=False)
        ]
        asked = {f"age{n}": Count("id", filter=q) for n, q in enumerate([*within, Q(due_at__lte=edges[-1])])}
        rows = Assessment.objects.filter(waiting=True, folded=False, unit_id=unit_id, band=int(band))
        found = rows.aggregate(late=Count("id", filter=Q(due_at__lte=now)), **asked)
        ages[band] = tuple(found[f"age{n}"] for n in range(len(AGES) + 1))
        overdue[band] = found["late"]
    folded = Assessment.objects.filter(waiting=True, folded=True, unit_id=unit_id)[:MOST_FOLDED].count()
    return Load(unit, ages, overdue, folded, _held(unit_id, now))


MOST_FOLDED: Final = 100_000


def _held(unit_id: int, now: datetime) -> tuple[HeldReport, ...]:
    claims = Claim.objects.filter(unit_id=unit_id, released_at__isnull=True).select_related("report")
    found = list(claims.order_by("claimed_at", "id")[:MOST_HELD])
    rows = Assessment.objects.filter(
        current=True, waiting=True, report_id__in=[one.report_id for one in found]
    )
    places = {
        report: (Band(band), due) for report, band, due in rows.values_list("report_id", "band", "due_at")
    }
    names, decided = names_of({one.by for one in found}), decided_reports(list(places))
    return tuple(
        HeldReport(
            one.report.reference,
            names.get(one.by, one.by),
            one.claimed_at,
            abandoned(one.claimed_at, now),
            *places[one.report_id],
        )
        for one in found
        if one.report_id in places and not decided.get(one.report_id)
    )
