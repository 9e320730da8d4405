"""Whether two samples come from one distribution: Mann and Whitney's test, in its normal approximation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True)
class RankTest:
    """`u` counts pairs in which the first sample's value is larger, ties as half; `p` is two-sided."""

    u: float
    p: float
    larger: float
    """u divided by all pairs: 0.5 where neither sample is the larger one."""


def rank_test(first: Sequence[float], second: Sequence[float]) -> RankTest:
    """Both hold at least one value. Ties share their middle rank, and the variance is corrected for them
    (Hollander, Wolfe and Chicken 2013, 4.1)."""
    n, m = len(first), len(second)
    ranked = sorted([(value, 0) for value in first] + [(value, 1) for value in second])
    sum_of_first, below, ties = 0.0, 0, []
    for _, group in groupby(ranked, key=lambda one: one[0]):
        members = [sample for _, sample in group]
        sum_of_first += members.count(0) * (below + (len(members) + 1) / 2)
        ties.append(len(members))
        below += len(members)
    u = sum_of_first - n * (n + 1) / 2
    variance = variance_of_u(n, m, ties)
    distance = max(0.0, abs(u - n * m / 2) - 0.5)  # a half for continuity
    p = math.erfc(distance / math.sqrt(2 * variance)) if variance > 0 else 1.0
    return RankTest(u, p, u / (n * m))


def variance_of_u(n: int, m: int, ties: Sequence[int]) -> float:
    """Of u where chance alone deals the values out; `ties` are the sizes of the groups of equal values, ones too."""
    correction = sum(count**3 - count for count in ties) / ((n + m) * (n + m - 1))
    return n * m / 12 * (n + m + 1 - correction)
