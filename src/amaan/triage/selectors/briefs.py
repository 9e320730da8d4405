"""Bands in brief, for lists that other rooms make of reports."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from amaan.triage.domain.engine import strongest
from amaan.triage.domain.ruleset import Band, BandSpec, Words
from amaan.triage.models import Assessment, RuleSet
from amaan.triage.rulebook import rules_of
from amaan.triage.selectors.explaining import reasons_of, whole


@dataclass(frozen=True)
class Brief:
    """A report's band, and the three reasons that weigh most."""

    band: BandSpec
    reasons: tuple[Words, ...]


def bands_of(report_ids: Collection[int]) -> dict[int, BandSpec]:
    """By report, without reasons; what has no band yet is left out. Who may read it is the caller's question."""
    rows = Assessment.objects.filter(current=True, report_id__in=report_ids).values_list(
        "report_id", "ruleset_id", "band"
    )
    found = list(rows)
    rules = RuleSet.objects.defer("body").in_bulk({ruleset for _report, ruleset, _band in found})
    return {report: rules_of(rules[ruleset]).bands[Band(band)] for report, ruleset, band in found}


def briefs_of(references: Iterable[str]) -> dict[str, Brief]:
    """By reference as written; what has no band yet is left out. Who may read it is the caller's question."""
    rows = whole().filter(current=True, report__reference__in=set(references))
    found = {}
    for row in rows:
        ruleset = rules_of(row.ruleset)
        top = strongest(reasons_of(row, ruleset))
        found[row.report.reference] = Brief(
            ruleset.bands[Band(row.band)], tuple(ruleset.rule(reason.rule).reason for reason in top)
        )
    return found
