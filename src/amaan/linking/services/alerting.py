"""What a unit should know of a ring: one word of each kind, ever. It wakes nobody; it stands where rings are listed.

The desk's first page says how many of them nobody has seen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from amaan.accounts.selectors import unit_list
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, NotAllowed, units_where
from amaan.linking.domain.noticing import sizes_passed
from amaan.linking.models import Alert
from amaan.linking.permissions import require_system
from amaan.linking.selectors.showing.seen import units_of
from amaan.linking.services.ring_turn import take_ring_turn
from amaan.reports.selectors.recurring import cases_of, countries_of
from amaan.store.rows import select_in

_CASE: Final = "case"


def alert_of_rings(changed: Mapping[int, tuple[int, int]], now: datetime) -> None:
    """In the caller's transaction. `changed`: ring → (reports before, reports now). To each unit that holds a report
    of it: that a ring stands, how large it grew, that it crosses units or countries, that a case is at work on it.

    Of another unit's case it says no more than which unit, and countries as far as the unit's own reports name them.
    """
    rings = sorted(ring for ring, (_, size) in changed.items() if size)
    held: dict[int, list[int]] = defaultdict(list)
    unit: dict[int, int] = {}
    for ring, report, of in select_in(
        "SELECT ring_id, report_id, unit_id FROM linking_member WHERE ring_id IN {values} ORDER BY report_id",
        rings,
    ):
        held[ring].append(report)
        unit[report] = of
    reports = sorted(unit)
    countries, cases = countries_of(reports), cases_of(reports)
    codes = {one.pk: one.code for one in unit_list()}
    found: list[tuple[int, str, int, str]] = []
    for ring, members in held.items():
        units = sorted({unit[report] for report in members})
        common = [("formed", "")]
        before, size = changed[ring]
        if before:
            common += [("grew", str(passed)) for passed in sizes_passed(before, size)]
        if len(units) > 1:
            common.append(("units", ""))
        named: dict[int, set[str]] = {one: set() for one in units}
        for report in members:
            named[unit[report]] |= countries.get(report, set())
        if len(set().union(*named.values())) > 1:
            # Which ones an office is told as far as its own reports name them.
            for one, own in named.items():
                known = sorted(own) if len(own) > 1 else [""]
                found += [(ring, "country", one, country) for country in known]
        found += [(ring, kind, one, detail) for one in units for kind, detail in common]
        for report in members:
            for case in cases.get(report, ()):
                mine = unit[report]
                found += [(ring, _CASE, one, case if one == mine else codes[mine]) for one in units]
    _write(found, now)


def alert_of_reports(actor: Actor, *, report_ids: Sequence[int]) -> None:
    """What was decided upon reports may be that a case is at work on a ring."""
    require_system(actor)
    with transaction.atomic(savepoint=False):
        take_ring_turn()
        rows = select_in(
            "SELECT DISTINCT m.ring_id, r.size FROM linking_member m JOIN linking_ring r ON r.id = m.ring_id"
            " WHERE m.report_id IN {values}",
            list(report_ids),
        )
        alert_of_rings({ring: (size, size) for ring, size in rows}, timezone.now())


def see_alerts(actor: Actor, *, alerts: Iterable[int]) -> int:
    """Note that these were seen, for everybody of their units; how many were new. Raises NotAllowed."""
    units = units_where(actor, Action.DECIDE_REPORT)
    if not units:
        raise NotAllowed(actor, Action.DECIDE_REPORT)
    rows = Alert.objects.filter(pk__in=list(alerts), seen_at=None)
    if not units.all:
        rows = rows.filter(unit_id__in=[one.pk for one in unit_list() if one.code in units])
    return rows.update(seen_at=timezone.now(), seen_by=actor.key)


def note_case_from_ring(actor: Actor, *, ring: int, case: str, report_ids: Sequence[int]) -> None:
    """A case was opened from a ring's page: the offices of these reports need no word of it, since they did it.

    In the caller's transaction, before the worker hears of the case. `ring`: a row id. Raises NotAllowed.
    """
    units = units_where(actor, Action.DECIDE_REPORT)
    if not units:
        raise NotAllowed(actor, Action.DECIDE_REPORT)
    codes = {one.pk: one.code for one in unit_list()}
    offices = {unit for unit in units_of(report_ids).values() if codes[unit] in units}
    _write([(ring, _CASE, unit, case) for unit in sorted(offices)], timezone.now(), seen_by=actor.key)


def _write(found: Iterable[tuple[int, str, int, str]], now: datetime, *, seen_by: str = "") -> None:
    """What stands already stays as it is. `seen_by`: who has seen it by having done it."""
    seen_at = now if seen_by else None
    rows = [(*one, now, seen_by, seen_at) for one in dict.fromkeys(found)]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO linking_alert (ring_id, kind, unit_id, detail, at, seen_by, seen_at)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
                rows,
            )
