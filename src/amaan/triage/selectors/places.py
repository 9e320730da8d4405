"""What is kept beside a report's band, so that a pull stays one walk: its queue, its categories, what is preserved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from amaan.care.domain.categories import categories_of
from amaan.triage.domain.preserving import preserved_until
from amaan.triage.domain.queues import first_fit
from amaan.triage.selectors.inputs import Input
from amaan.triage.selectors.queues import catching, facets_among

BESIDE: Final = ("queue_id", "categories", "preserve_until")
"""The columns, in the order of `Beside`."""


class Beside(NamedTuple):
    queue_id: int | None
    categories: int
    preserve_until: datetime | None


def beside(found: Sequence[Input]) -> dict[int, Beside]:
    """By report. Queries only where a unit has queues: one for them, one for the languages in which somebody told."""
    queues = catching({one.told.unit_id for one in found})
    facets = facets_among([one for one in found if one.told.unit_id in queues]) if queues else {}
    return {
        (told := one.told).report_id: Beside(
            first_fit(queues[told.unit_id], facets[told.report_id]) if told.unit_id in queues else None,
            int(categories_of(one.facts)),
            preserved_until(one.facts, told.received_at),
        )
        for one in found
    }
