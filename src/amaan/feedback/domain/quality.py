"""How an entity's reports fare, month by month: counts, a median of bins, and what must not be shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Final

from amaan.feedback.domain.codes import vocabulary
from amaan.triage.domain.facts import Facts

BINS: Final = 11
"""Of the quality axis: 0 to 9, 10 to 19, …, 100."""
LEAST: Final = 5
"""The fewest reports that an outcome's cell may stand for, and the fewest that it may leave over."""
LEAST_DECIDED: Final = 10
_SEEN_BEFORE: Final = frozenset({"viral", "potential_meme"})


@dataclass
class Counted:
    """One entity's reports of one month. `missing` counts fields; `quality` reports in each bin of the axis."""

    reports: int = 0
    complete: int = 0  # no field that helps is missing
    with_files: int = 0
    viewed_not_said: int = 0
    not_understood: int = 0  # reading left something over
    informational: int = 0  # sent for information, in a batch, or of what is shared widely
    decided: int = 0
    useful: int = 0
    missing: dict[str, int] = field(default_factory=dict)
    quality: list[int] = field(default_factory=lambda: [0] * BINS)

    def add(self, facts: Facts, *, quality: int | None, useful: bool | None) -> None:
        """`useful` is None where nothing is decided yet; `quality` 0 to 100, None where there is no band yet."""
        lacks = vocabulary().missing(facts)
        self.reports += 1
        self.complete += not lacks
        for name in lacks:
            self.missing[name] = self.missing.get(name, 0) + 1
        self.with_files += _number(facts, "content.count") >= 1
        self.viewed_not_said += _number(facts, "content.viewed_not_said") >= 1
        self.not_understood += _number(facts, "receipt.not_understood") >= 1
        self.informational += _seen_before(facts)
        if quality is not None:
            self.quality[min(100, max(0, quality)) // 10] += 1
        if useful is not None:
            self.decided += 1
            self.useful += useful

    def merge(self, other: Counted) -> None:
        """Count both as one, such as two units' reports of one entity."""
        for one in fields(self):
            held, more = getattr(self, one.name), getattr(other, one.name)
            if one.name == "missing":
                self.missing = {k: held.get(k, 0) + more.get(k, 0) for k in {*held, *more}}
            elif one.name == "quality":
                self.quality = [a + b for a, b in zip(held, more, strict=True)]
            else:
                setattr(self, one.name, held + more)

    @property
    def median_quality(self) -> int | None:
        """The lower end of the bin that holds the median; None where no report has a band."""
        return median_bin(self.quality)

    def share_useful(self) -> float | None:
        """Of the decided; None where a cell would stand for, or leave over, too few to hide in."""
        return share(self.useful, self.decided)

    def most_missed(self, most: int = 3) -> list[tuple[str, int]]:
        """Fields missing most often, with how many reports lack each; rare ones are left out."""
        found = [(name, count) for name, count in self.missing.items() if count >= LEAST]
        return sorted(found, key=lambda one: (-one[1], one[0]))[:most]


def share(count: int, of: int) -> float | None:
    """None is suppressed: fewer than `LEAST_DECIDED` in all, or fewer than `LEAST` on either side."""
    if of < LEAST_DECIDED or count < LEAST or of - count < LEAST:
        return None
    return count / of


def median_bin(bins: Sequence[int]) -> int | None:
    half, passed = sum(bins) / 2, 0
    for n, count in enumerate(bins):
        passed += count
        if count and passed >= half:
            return 10 * n
    return None


def _number(facts: Facts, name: str) -> int:
    value = facts.get(name)
    return value if isinstance(value, int) else 0


def _seen_before(facts: Facts) -> bool:
    return (
        facts.get("incident.batched") is True
        or "informational" in _list(facts, "incident.annotations")
        or not _SEEN_BEFORE.isdisjoint(_list(facts, "content.annotations"))
    )


def _list(facts: Mapping[str, object], name: str) -> Iterable[object]:
    value = facts.get(name)
    return value if isinstance(value, list) else ()
