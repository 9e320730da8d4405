"""Which report of a world tells which story. Arithmetic alone, so that report 73,412 costs the same as
report 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

NOW, SERIOUS, NONE = "now", "serious", "none"


@dataclass(frozen=True, slots=True)
class Kind:
    """A story: its share of a world, how many at least, and how many reports belong together."""

    name: str
    share: float
    least: int
    together: int = 1
    danger: str = NONE


# In the order in which a very small world is filled.
KINDS = (
    Kind("sextortion", 0.025, 3, danger=NOW),
    Kind("recruitment", 0.012, 8, together=8, danger=SERIOUS),
    Kind("meeting", 0.006, 2, danger=NOW),
    Kind("live", 0.006, 2, danger=NOW),
    Kind("trusted", 0.008, 2, danger=SERIOUS),
    Kind("seller", 0.006, 2, danger=SERIOUS),
    Kind("escalated", 0.005, 2, danger=NOW),
    Kind("lookalike", 0.008, 4, together=2),  # the danger of each side is its own
    Kind("meme", 0.12, 4),
    Kind("thin", 0.15, 4),
    Kind("grooming", 0.02, 2, danger=SERIOUS),
    Kind("generated", 0.015, 1, danger=SERIOUS),
    Kind("minors", 0.02, 1),
    Kind("compromised", 0.01, 1),
    Kind("third_party", 0.01, 1),
    Kind("told", 0.01, 1),
    Kind("newer", 0.012, 2),
    Kind("text_only", 0.005, 1, danger=SERIOUS),
)
ORDINARY = Kind("ordinary", 0.0, 0)


@dataclass(frozen=True, slots=True)
class Part:
    """What one report is: a kind, and within it the group (ring, pair) and the place in the group."""

    kind: Kind
    group: int
    member: int


class Plan:
    """`part(position)` for positions 0 … reports - 1."""

    def __init__(self, reports: int) -> None:
        if reports < 1:
            raise ValueError("A world holds at least one report.")
        self.reports = reports
        free = reports
        counts = dict.fromkeys(KINDS, 0)
        for kind in KINDS:
            counts[kind] = kind.least if kind.least <= free else 0
            free -= counts[kind]
        for kind in KINDS:
            wanted = round(kind.share * reports / kind.together) * kind.together
            more = max(0, min(wanted - counts[kind], free - free % kind.together))
            counts[kind] += more
            free -= more
        self._ends: list[tuple[int, Kind]] = []
        end = 0
        for kind in KINDS:
            if counts[kind]:
                end += counts[kind]
                self._ends.append((end, kind))
        # A step near the golden ratio spreads the members of a group and the kinds over the whole world.
        self._step = max(1, round(reports * 0.618))
        while gcd(self._step, reports) != 1:
            self._step += 1

    def part(self, position: int) -> Part:
        slot = position * self._step % self.reports
        start = 0
        for end, kind in self._ends:
            if slot < end:
                return Part(kind, *divmod(slot - start, kind.together))
            start = end
        return Part(ORDINARY, slot - start, 0)
