"""How many wait in each band, how many are overdue or soon will be; of everything, or of one named queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection
from django.db.models import Sum

from amaan.accounts.selectors import unit_ids
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, units_where
from amaan.triage.domain.ruleset import Band, Words
from amaan.triage.models import QueueTally
from amaan.triage.rulebook import NoRulesAdopted, in_force
from amaan.triage.selectors.queue import narrowed


@dataclass(frozen=True)
class BandCount:
    """How many reports wait in a band, in the units that the actor may see."""

    band: Band
    name: Words
    hours: int
    count: int


@dataclass(frozen=True)
class Deadlines:
    """How many of a band are overdue, and how many soon will be. Nobody counts further than `capped`."""

    overdue: int
    due_soon: int
    capped: int


def counts_for(actor: Actor, *, unit: str | None = None) -> list[BandCount]:
    """How many wait in each band, every band named, from the tally. Raises NoRulesAdopted."""
    adopted = in_force()
    if adopted is None:
        raise NoRulesAdopted
    units = unit_ids(narrowed(units_where(actor, Action.VIEW_QUEUE), unit))
    rows = QueueTally.objects.filter(unit_id__in=units).values_list("band").annotate(Sum("count"))
    found = dict(rows)
    return [
        BandCount(spec.band, spec.name, spec.hours, found.get(int(spec.band), 0))
        for spec in adopted[1].bands.values()
    ]


def deadlines_for(
    actor: Actor,
    *,
    now: datetime,
    soon: timedelta,
    at_most: int = 1000,
    unit: str | None = None,
    queue: int | None = None,
) -> dict[Band, Deadlines]:
    """What is overdue and what is due within `soon`, by band, every band named; of one queue, if it is given.

    Each count is a walk along the queue's index that ends at `at_most`: a backlog must not slow the page.
    """
    units = unit_ids(narrowed(units_where(actor, Action.VIEW_QUEUE), unit))
    only = "" if queue is None else f" AND queue_id = {int(queue)}" if queue else " AND queue_id IS NULL"
    asked: list[int | datetime] = []
    for band in Band:
        for unit_id in units:
            by = now + soon
            asked += [unit_id, int(band), now, now, at_most, unit_id, int(band), by, now, by, at_most]
    if not asked:
        return {band: Deadlines(0, 0, at_most) for band in Band}
    with connection.cursor() as cursor:
        # One statement: sixteen small questions cost more in asking than in answering.
        cursor.execute(_asking([_OVERDUE, _SOON] * (len(Band) * len(units)), only), asked)
        counts = iter(cursor.fetchone())
    found = {}
    for band in Band:
        pairs = [(next(counts), next(counts)) for _ in units]
        overdue, due_soon = (sum(column) for column in zip(*pairs, strict=True))
        found[band] = Deadlines(min(overdue, at_most), min(due_soon, at_most), at_most)
    return found


def waiting_in(actor: Actor, *, queue: int, unit: str | None = None, at_most: int = 1000) -> dict[Band, int]:
    """How many of a queue, or of NO_QUEUE, wait in each band, every band named; counted no further than `at_most`."""
    units = unit_ids(narrowed(units_where(actor, Action.VIEW_QUEUE), unit))
    only = f" AND queue_id = {int(queue)}" if queue else " AND queue_id IS NULL"
    counted = {}
    for band in Band:
        asked = [one for unit_id in units for one in (unit_id, int(band), at_most)]
        if not asked:
            return dict.fromkeys(Band, 0)
        with connection.cursor() as cursor:
            cursor.execute(_asking([_WAITING] * len(units), only), asked)
            counted[band] = min(sum(cursor.fetchone()), at_most)
    return counted


def _asking(counts: Sequence[str], only: str) -> str:
    """One statement that counts. `only` is made of numbers, by the callers above."""
    return f"SELECT {', '.join(counts)}".replace("{only}", only)


_COUNT: Final = (
    "(SELECT count(*) FROM (SELECT 1 FROM triage_assessment WHERE waiting AND NOT folded AND unit_id = %s"
    " AND band = %s{{only}}{due} LIMIT %s) AS capped)"
)
# A turn comes before what is due, so it is the turn that ends the walk.
_OVERDUE: Final = _COUNT.format(due=" AND turn_at <= %s AND due_at <= %s")
_SOON: Final = _COUNT.format(due=" AND turn_at <= %s AND due_at > %s AND due_at <= %s")
_WAITING: Final = _COUNT.format(due="")
