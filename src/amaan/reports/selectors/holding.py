"""Which identifiers are held, for rooms that know them by their row ids only."""

from __future__ import annotations

from collections.abc import Sequence

from amaan.store.rows import select_in


def held_among(identifier_ids: Sequence[int]) -> set[int]:
    """Those of these identifiers that stand sealed, because somebody protected uses them."""
    rows = select_in(
        "SELECT id FROM reports_identifier WHERE clear IS NULL AND id IN {values}", list(identifier_ids)
    )
    return {row[0] for row in rows}
