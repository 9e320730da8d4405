"""Snapshots: how often each value was told, counted once and held until the next count."""

from __future__ import annotations

from typing import Final

from django.utils import timezone

from amaan.linking.domain.frequency import Counts, digest_of_weights
from amaan.linking.models import Snapshot
from amaan.linking.selectors.snapshots import Held
from amaan.reports.selectors import report_count

GROWTH: Final = 1.5
"""A snapshot is outgrown when there are so many times the reports that it counted."""


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
