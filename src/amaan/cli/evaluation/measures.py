"""Recall and nDCG of an order, by what was planted. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2
from typing import Final

NOW: Final = "now"
GAINS: Final[Mapping[str, int]] = {NOW: 3, "serious": 1, "none": 0}
"""What it is worth to come upon a report early: a child in danger now, something serious, neither."""
SHARES: Final = (0.01, 0.05, 0.10)


@dataclass(frozen=True)
class Measured:
    """`recall` by share of the order; both between 0 and 1."""

    recall: Mapping[float, float]
    ndcg: float

    def as_json(self) -> dict[str, object]:
        return {
            "recall": {f"{share:.2f}": round(found, 4) for share, found in self.recall.items()},
            "ndcg": round(self.ndcg, 4),
        }


class NothingPlanted(ValueError):
    """An order without a child in danger cannot be measured."""

    def __init__(self) -> None:
        super().__init__("No danger is planted among these reports; ask for more of them.")


def reach(reports: int, share: float) -> int:
    """How many reports a share of all is: rounded down, one at least."""
    return max(1, int(reports * share + 1e-9))


def measure(dangers: Sequence[str]) -> Measured:
    """`dangers` are the labels (`now`, `serious`, `none`) of all reports in the order in which they are read.

    Recall counts `now` alone, in the first shares of all reports. nDCG is taken over the whole order with `GAINS`,
    discounted by log2(place + 1). Raises NothingPlanted.
    """
    planted = sum(danger == NOW for danger in dangers)
    if not planted:
        raise NothingPlanted
    recall = {
        share: sum(danger == NOW for danger in dangers[: reach(len(dangers), share)]) / planted
        for share in SHARES
    }
    gains = [GAINS[danger] for danger in dangers]
    return Measured(recall, _discounted(gains) / _discounted(sorted(gains, reverse=True)))


def _discounted(gains: Sequence[int]) -> float:
    return sum(gain / log2(place + 1) for place, gain in enumerate(gains, start=1) if gain)


@dataclass(frozen=True)
class KindFound:
    """Of a kind of story: how many were planted, and how many stand in the first 5 % of the order."""

    kind: str
    danger: str
    planted: int
    found: int


def found_by_kind(told: Sequence[tuple[str, str]], share: float = 0.05) -> list[KindFound]:
    """`told` are (kind, danger) in the order in which they are read. Danger first, then by name."""
    planted = Counter(told)
    found = Counter(told[: reach(len(told), share)])
    kinds = [KindFound(kind, danger, count, found[kind, danger]) for (kind, danger), count in planted.items()]
    return sorted(kinds, key=lambda one: (-GAINS[one.danger], one.kind))
