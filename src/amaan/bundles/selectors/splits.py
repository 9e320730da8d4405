"""What an analyst took apart, as far as bundling must know it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from amaan.store.rows import select_in


def ignored_keys(report_ids: Sequence[int]) -> dict[int, frozenset[int]]:
    """Of each report that was split from its bundle, the evidence that was looked at then."""
    rows = select_in(
        "SELECT report_id, keys FROM bundles_split WHERE undone_at IS NULL AND report_id IN {values}",
        list(report_ids),
    )
    return {report: frozenset(json.loads(keys)) for report, keys in rows}


def apart_pairs(bundles: Iterable[int]) -> set[frozenset[int]]:
    """Pairs of bundles that a split keeps apart, of those that have to do with these."""
    rows = select_in(
        "SELECT a.bundle, b.bundle FROM bundles_split s JOIN bundles_pile a ON a.id = s.pile_id"
        " JOIN bundles_pile b ON b.id = s.apart_id WHERE s.undone_at IS NULL AND a.bundle IN {values}",
        sorted(bundles),
    )
    return {frozenset(pair) for pair in rows if pair[0] != pair[1]}
