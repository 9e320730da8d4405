"""What a bundle tells triage, and who stands with whom: set-based, many reports at once."""

from __future__ import annotations

from collections.abc import Sequence

from amaan.bundles.domain.fact_words import MOST_TOLD
from amaan.bundles.domain.references import bundle_reference
from amaan.store.rows import select_in

BundleFacts = dict[str, bool | int | str | list[str]]


def facts_of_bundles(report_ids: Sequence[int]) -> dict[int, BundleFacts]:
    """The facts of those reports of which more than one source told. A bundle's size is none of them."""
    rows = select_in(
        "SELECT m.report_id, m.told, p.sources FROM bundles_member m JOIN bundles_pile p ON p.id = m.pile_id"
        " WHERE (m.told > 1 OR p.sources > 1) AND m.report_id IN {values}",
        list(report_ids),
    )
    found: dict[int, BundleFacts] = {}
    for report, told, sources in rows:
        facts = found.setdefault(report, {})
        if sources > 1:
            facts["bundle.independent_sources"] = min(sources, MOST_TOLD)
        if told > 1:
            facts["reported.told_independently"] = min(told, MOST_TOLD)
    return found


def with_others(report_ids: Sequence[int]) -> set[int]:
    """Those of these reports whose folding is a question: their material is told by others too, or was until somebody
    took them out."""
    rows = select_in(
        "SELECT m.report_id FROM bundles_member m JOIN bundles_pile p ON p.id = m.pile_id"
        " WHERE (p.count > 1 OR m.folded OR m.stands) AND m.report_id IN {values}",
        list(report_ids),
    )
    return {row[0] for row in rows}


def fronts_of(report_ids: Sequence[int]) -> dict[int, int]:
    """The report behind which each of these folds, or folded until it was settled with it; without those that stand."""
    rows = select_in(
        "SELECT m.report_id, m.behind FROM bundles_member m"
        " WHERE m.behind IS NOT NULL AND NOT m.stands AND m.report_id IN {values}",
        list(report_ids),
    )
    return dict(rows)


def bundles_of(report_ids: Sequence[int]) -> dict[int, str]:
    """The bundle's reference of each of these reports that stands with others; who is alone is left out."""
    rows = select_in(
        "SELECT m.report_id, b.id FROM bundles_member m JOIN bundles_pile p ON p.id = m.pile_id"
        " JOIN bundles_pile b ON b.id = p.bundle WHERE b.size > 1 AND m.report_id IN {values}",
        list(report_ids),
    )
    return {report: bundle_reference(bundle) for report, bundle in rows}
