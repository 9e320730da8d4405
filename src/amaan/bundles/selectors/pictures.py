"""Which pictures are near to each other, for rooms that compare more than files."""

from __future__ import annotations

from collections.abc import Sequence

from amaan.store.rows import select_in


def pictures_near(keys: Sequence[int]) -> dict[int, int]:
    """Of those of these keys of PDQ hashes (`domain.keys`) that are near to another picture, that picture's key."""
    rows = select_in("SELECT id, other FROM bundles_key WHERE other <> 0 AND id IN {values}", list(keys))
    return dict(rows)
