"""Where rings that joined others lead to."""

from __future__ import annotations

from collections.abc import Collection

from amaan.store.rows import select_in


def leads(rings: Collection[int]) -> dict[int, int]:
    """Where each ring leads to by `into`: itself, where it leads nowhere."""
    into: dict[int, int] = {}
    todo = sorted(rings)
    while todo:
        rows = select_in(
            "SELECT id, into_id FROM linking_ring WHERE into_id IS NOT NULL AND id IN {values}", todo
        )
        into.update(rows)
        todo = sorted({row[1] for row in rows} - into.keys())
    found = {}
    for ring in rings:
        end = ring
        while end in into:
            end = into[end]
        found[ring] = end
    return found
