"""Snapshots: how often each value was told, counted once and held until the next count."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

import numpy as np
from django.utils import timezone

from amaan.linking.domain.frequency import NOTHING_COUNTED, Counts, digest_of_weights
from amaan.linking.models import Snapshot
from amaan.reports.selectors import report_count

GROWTH: Final = 1.5
"""A snapshot is outgrown when there are so many times the reports that it counted."""


class Held(NamedTuple):
    """The newest snapshot; number 0 and no counts before the first."""

    number: int
    counts: Counts
    reports: int = 0
    weights: str = ""


_NONE: Final = Held(0, NOTHING_COUNTED)
_held: dict[tuple[int, datetime], Held] = {}
"""The newest one, read once a process: it is megabytes."""


def held_snapshot() -> Held:
    row = Snapshot.objects.order_by("-number").values_list("number", "made_at").first()
    if row is None:
        return _NONE
    if row not in _held:
        found = Snapshot.objects.get(number=row[0])
        counts = Counts(
            np.frombuffer(bytes(found.keys or b""), dtype="<u8").astype(np.uint64),
            np.frombuffer(bytes(found.counts or b""), dtype="<u4").astype(np.uint32),
        )
        _held.clear()
        _held[row] = Held(found.number, counts, found.reports, found.weights)
    return _held[row]


def outgrown(held: Held) -> bool:
    """Whether links should be weighed by a new count: there is none, the reports grew by half, or the rules changed."""
    if held.number == 0 or held.weights != digest_of_weights():
        return True
    return report_count() > held.reports * GROWTH


def keep_snapshot(number: int, counts: Counts, reports: int) -> Snapshot:
    """Write a new one, which weighs from now on; older ones keep their numbers only. In the caller's transaction."""
    Snapshot.objects.exclude(keys=None).update(keys=None, counts=None)
    return Snapshot.objects.create(
        number=number,
        made_at=timezone.now(),
        reports=reports,
        weights=digest_of_weights(),
        keys=counts.keys.astype("<u8").tobytes(),
        counts=counts.counts.astype("<u4").tobytes(),
    )
