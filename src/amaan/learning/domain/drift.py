"""Whether reports still look as they did when a model was fitted: the population stability index.

    PSI = Σ (now − then) · ln(now / then), over the bins of one feature or of the scores.

0 is no change. By the usage of credit scoring, from where it comes (Siddiqi, Credit Risk Scorecards, 2006), 0.1 is
worth a look and 0.25 a change that a model should not be trusted across.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from amaan.learning.domain.model import Profile

LOOK: Final = 0.10
REST: Final = 0.25
ENOUGH: Final = 300
"""Scored reports below which chance alone moves the index too far to mean anything."""


def psi(then: Sequence[float], now: Sequence[int]) -> float:
    """`then` are shares, `now` counts of the same bins. Half a report stands in every bin, so that none is empty."""
    total = sum(now) + 0.5 * len(now)
    found = 0.0
    for share, count in zip(then, now, strict=True):
        before, after = max(share, 1e-4), (count + 0.5) / total
        found += (after - before) * math.log(after / before)
    return found


@dataclass(frozen=True)
class Drift:
    """`scores` is the index of all scores; `features` those of each feature, in the model's order."""

    count: int
    scores: float
    features: tuple[float, ...]

    @property
    def enough(self) -> bool:
        return self.count >= ENOUGH

    @property
    def worst(self) -> float:
        return max((self.scores, *self.features), default=0.0)

    @property
    def look(self) -> bool:
        return self.enough and self.worst >= LOOK

    @property
    def rest(self) -> bool:
        """Whether the model stops proposing by itself, until somebody fits it again."""
        return self.enough and self.worst >= REST


def drift_of(profile: Profile, *, count: int, features: Sequence[int], bins: Sequence[int]) -> Drift:
    """`features` are how many of `count` reports have each feature, `bins` how many scored in each bin."""
    if not count:
        return Drift(0, 0.0, tuple(0.0 for _ in profile.shares))
    each = tuple(
        psi((share, 1 - share), (there, count - there))
        for share, there in zip(profile.shares, features, strict=True)
    )
    return Drift(count, psi(profile.bins, bins), each)
