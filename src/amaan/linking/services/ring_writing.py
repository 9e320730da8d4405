"""Rings are named and written down: who stands where, who stood where, and what happened. Set-based."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Max, QuerySet
from django.utils import timezone

from amaan.linking.domain.communities import Found
from amaan.linking.domain.references import ring_reference
from amaan.linking.domain.ring_names import Members, Named, Naming, Past, name_rings
from amaan.linking.models import Former, Member, Ring, RingChange
from amaan.linking.services.alerting import alert_of_rings
from amaan.reports.selectors.recurring import units_of
from amaan.store.rows import allocate_ids, insert_rows, slices

_AT_ONCE: Final = 5_000
_NOBODY: Final[Members] = frozenset()


@dataclass
class RingRun:
    """`changed`: ring → (reports before, reports now), for every ring that is not as it was. `narrow`: rings in which
    so much hangs together that only strong links were counted."""

    changed: dict[int, tuple[int, int]] = field(default_factory=dict)
    formed: int = 0
    ended: int = 0
    narrow: int = 0

    def add(self, other: RingRun) -> None:
        for ring, (before, now) in other.changed.items():
            self.changed[ring] = (self.changed.get(ring, (before, now))[0], now)
        self.formed += other.formed
        self.ended += other.ended
        self.narrow += other.narrow


def write_rings(
    held: Mapping[int, Members], found: Found, past: Mapping[int, Past], decision: int | None
) -> RingRun:
    """In the caller's transaction, who has taken the turn. `held`: the rings that stand and may be others now, with all
    their members; `found`: what they are. `decision`: what somebody decided, where that is why."""
    naming = name_rings(held, found.rings, past)
    numbers = _numbers(naming.named)
    narrow = {
        ring for ring, one in zip(numbers, naming.named, strict=True) if min(one.members) in found.narrow
    }
    changed = _changed(naming, numbers, held)
    if changed:
        now = _moment(changed)
        _write_rings(naming, numbers, changed, narrow, now)
        _write_members(naming, numbers, held)
        _write_formers(naming, numbers, held)
        _write_changes(naming, numbers, held, decision, now)
        alert_of_rings(changed, now)
    formed = sum(one.ring is None for one in naming.named)
    return RingRun(changed, formed=formed, ended=len(naming.ended), narrow=len(narrow))


# ---------------------------------------------------------------- what changed


def _numbers(named: Sequence[Named]) -> list[int]:
    """Each part's ring, with numbers for those that are new."""
    fresh = iter(allocate_ids(Ring, sum(one.ring is None for one in named)))
    return [next(fresh) if one.ring is None else one.ring for one in named]


def _changed(
    naming: Naming, numbers: Sequence[int], held: Mapping[int, Members]
) -> dict[int, tuple[int, int]]:
    changed = {
        ring: (len(held.get(ring, ())), len(one.members))
        for ring, one in zip(numbers, naming.named, strict=True)
        if held.get(ring) != one.members
    }
    return changed | {one.ring: (len(held[one.ring]), 0) for one in naming.ended}


def _moment(changed: Collection[int]) -> datetime:
    """Now, and later than any of these rings changed before: a page tells by it whether a ring is as it was shown."""
    last = Ring.objects.filter(pk__in=list(changed)).aggregate(last=Max("changed_at"))["last"]
    now = timezone.now()
    return now if last is None else max(now, last + timedelta(microseconds=1))


# ---------------------------------------------------------------- writing


def _write_rings(
    naming: Naming,
    numbers: Sequence[int],
    changed: Mapping[int, tuple[int, int]],
    narrow: Collection[int],
    now: datetime,
) -> None:
    insert_rows(
        Ring,
        ("id", "reference", "formed_at", "changed_at", "size", "narrow", "into_id", "came_from_id"),
        [
            (ring, ring_reference(ring), now, now, len(one.members), ring in narrow, None, one.came_from)
            for ring, one in zip(numbers, naming.named, strict=True)
            if one.ring is None
        ],
    )
    stand = [
        (len(one.members), ring in narrow, now, ring)
        for ring, one in zip(numbers, naming.named, strict=True)
        if one.ring is not None and ring in changed
    ]
    gone = [(now, None if one.into is None else numbers[one.into], one.ring) for one in naming.ended]
    with connection.cursor() as cursor:
        if stand:
            cursor.executemany(
                "UPDATE linking_ring SET size = %s, narrow = %s, changed_at = %s, into_id = NULL WHERE id = %s",
                stand,
            )
        if gone:
            cursor.executemany(
                "UPDATE linking_ring SET size = 0, changed_at = %s, into_id = %s WHERE id = %s", gone
            )


def _write_members(naming: Naming, numbers: Sequence[int], held: Mapping[int, Members]) -> None:
    was = {report: ring for ring, members in held.items() for report in members}
    now = {report: ring for ring, one in zip(numbers, naming.named, strict=True) for report in one.members}
    _delete(
        Member.objects.filter, "pk__in", [report for report, ring in was.items() if now.get(report) != ring]
    )
    came = sorted(report for report, ring in now.items() if was.get(report) != ring)
    unit = units_of(came)
    insert_rows(
        Member, ("report_id", "ring_id", "unit_id"), [(report, now[report], unit[report]) for report in came]
    )


def _write_formers(naming: Naming, numbers: Sequence[int], held: Mapping[int, Members]) -> None:
    back = [ring for ring, one in zip(numbers, naming.named, strict=True) if one.back]
    _delete(Former.objects.filter, "ring__in", back)
    insert_rows(
        Former,
        ("ring_id", "report_id"),
        sorted((one.ring, report) for one in naming.ended for report in held[one.ring]),
    )


def _delete(of: Callable[..., QuerySet[Any]], field: str, values: Iterable[int]) -> None:
    for part in slices(sorted(values), _AT_ONCE):
        of(**{field: part}).delete()


def _write_changes(
    naming: Naming,
    numbers: Sequence[int],
    held: Mapping[int, Members],
    decision: int | None,
    now: datetime,
) -> None:
    ring_now = {
        report: ring for ring, one in zip(numbers, naming.named, strict=True) for report in one.members
    }
    told: list[tuple[int, str, int | None, Members, Members]] = []
    for place, (ring, one) in enumerate(zip(numbers, naming.named, strict=True)):
        if one.ring is None or one.back:
            told.append((ring, "back" if one.back else "formed", one.came_from, one.members, _NOBODY))
            continue
        came = one.members - held[ring]
        for other in naming.ended:
            if other.into == place:
                told.append((ring, "joined", other.ring, came & held[other.ring], _NOBODY))
                came -= held[other.ring]
        if came:
            told.append((ring, "grew", None, came, _NOBODY))
        went: dict[int | None, set[int]] = defaultdict(set)
        for report in held[ring] - one.members:
            went[ring_now.get(report)].add(report)
        for other_ring, reports in sorted(went.items(), key=lambda pair: pair[0] or 0):
            kind = "shrank" if other_ring is None else "split"
            told.append((ring, kind, other_ring, _NOBODY, frozenset(reports)))
    for gone in naming.ended:
        into = None if gone.into is None else numbers[gone.into]
        told.append((gone.ring, "gone" if into is None else "joined", into, _NOBODY, held[gone.ring]))
    insert_rows(
        RingChange,
        ("ring_id", "kind", "other_id", "came", "left", "decision_id", "at"),
        [
            (ring, kind, other, json.dumps(sorted(came)), json.dumps(sorted(left)), decision, now)
            for ring, kind, other, came, left in told
        ],
    )
