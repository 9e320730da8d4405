"""What links would weigh without one thing that their reports share, by the rules of weighing themselves. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from amaan.linking.domain.evidence import Evidence
from amaan.linking.domain.frequency import Counts, told_of
from amaan.linking.domain.strength import PLAIN_AT
from amaan.linking.domain.weighing import points_of, weigh


def rows_inside(evidence: Evidence, counts: Counts, reports: Sequence[int]) -> Evidence:
    """The rows of these reports alone, without hubs: which values are hubs is seen with everybody's rows only."""
    told = told_of(evidence)
    weighs = np.repeat(points_of(told, counts) > 0, told.reports)
    mine = np.isin(evidence.reports, np.array(reports, dtype=np.int64))[evidence.report]
    return _where(evidence, weighs & mine)


def plain_without(keys: Collection[int], inside: Evidence, counts: Counts) -> list[tuple[int, int, float]]:
    """The pairs (by ids) that are plain or stronger though nobody told of `keys`, with their weights."""
    pairs = weigh(_where(inside, ~_of(keys, inside)), counts)
    kept = pairs.weight >= PLAIN_AT
    low, high = inside.reports[pairs.low[kept]].tolist(), inside.reports[pairs.high[kept]].tolist()
    return list(zip(low, high, pairs.weight[kept].tolist(), strict=True))


def tellers_of(keys: Collection[int], inside: Evidence) -> dict[int, set[int]]:
    """Report (by id) → those of `keys` that it tells of."""
    rows = np.flatnonzero(_of(keys, inside))
    found: dict[int, set[int]] = {}
    for report, key in zip(
        inside.reports[inside.report[rows]].tolist(), inside.key[rows].tolist(), strict=True
    ):
        found.setdefault(report, set()).add(key)
    return found


def _of(keys: Collection[int], inside: Evidence) -> NDArray[np.bool_]:
    return np.isin(inside.key, np.array(sorted(keys), dtype=np.uint64))


def _where(evidence: Evidence, kept: NDArray[np.bool_]) -> Evidence:
    return evidence._replace(
        key=evidence.key[kept],
        report=evidence.report[kept],
        kind=evidence.kind[kept],
        stance=evidence.stance[kept],
    )
