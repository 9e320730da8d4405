"""Every waiting report in the queue's true order, one after another: for machines, and for measuring."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from amaan.bundles.selectors import bundles_of
from amaan.triage.domain.ruleset import Band
from amaan.triage.models import Assessment

_AT_ONCE = 2_000


@dataclass(frozen=True)
class Waiting:
    """One report that waits. `bundle` is the bundle's reference, None for who stands alone."""

    reference: str
    reporting_entity: str
    report_number: str
    band: Band
    bundle: str | None
    folded: bool

    def as_json(self) -> dict[str, Any]:
        """The shape that `amaan triage order --json` promises."""
        return {
            "reference": self.reference,
            "reporting_entity": self.reporting_entity,
            "report_number": self.report_number,
            "band": self.band.slug,
            "bundle": self.bundle,
            "folded": self.folded,
        }


def waiting_in_order(*, unit: str | None = None) -> Iterator[Waiting]:
    """By band, then by turn; those that fold come last, because they cost nobody's time. A million pass in one walk.

    Who may see it is the caller's question.
    """
    rows = Assessment.objects.filter(waiting=True)
    if unit is not None:
        rows = rows.filter(unit__code=unit)
    lines = (
        rows.order_by("folded", "band", "turn_at", "id")
        .values_list(
            "report_id", "report__reference", "report__entity__name", "report__number", "band", "folded"
        )
        .iterator(chunk_size=_AT_ONCE)
    )
    while part := list(islice(lines, _AT_ONCE)):
        bundles = bundles_of([line[0] for line in part])
        for report, reference, entity, number, band, folded in part:
            yield Waiting(reference, entity, number, Band(band), bundles.get(report), folded)
