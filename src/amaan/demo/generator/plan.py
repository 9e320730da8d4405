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


# In the order in which a very small world is filled. Danger is as rare as it is in earnest: in a large world fifteen
# reports in a thousand tell of a child who is in danger now, and three times as many of something serious.
KINDS = (
    Kind("sextortion", 0.0025, 6, danger=NOW),
    Kind("recruitment", 0.008, 8, together=8, danger=SERIOUS),
    Kind("meeting", 0.001, 2, danger=NOW),
    Kind("live", 0.001, 2, danger=NOW),
    Kind("trusted", 0.004, 2, danger=SERIOUS),
    Kind("seller", 0.004, 2, danger=SERIOUS),
    Kind("escalated", 0.001, 2, danger=NOW),
    Kind("lookalike", 0.005, 10, together=2),  # the danger of each side is its own
    Kind("meme", 0.12, 4),
    Kind("thin", 0.15, 4),
    Kind("grooming", 0.012, 3, danger=SERIOUS),
    Kind("generated", 0.008, 1, danger=SERIOUS),
    Kind("minors", 0.02, 1),
    Kind("compromised", 0.01, 1),
    Kind("third_party", 0.01, 1),
    Kind("told", 0.01, 1),
    Kind("newer", 0.012, 2),
    Kind("text_only", 0.004, 1, danger=SERIOUS),
    # The hard cases (`hard.py`).
    Kind("words_threat", 0.0015, 2, danger=NOW),
    Kind("words_meeting", 0.001, 1, danger=NOW),
    Kind("words_self_harm", 0.001, 1, danger=NOW),
    Kind("words_live", 0.0005, 1, danger=NOW),
    Kind("words_with_suspect", 0.001, 1, danger=NOW),
    Kind("words_missing", 0.0005, 1, danger=NOW),
    Kind("access", 0.001, 1, danger=NOW),
    Kind("sadistic", 0.0005, 1, danger=NOW),
    Kind("peer_threat", 0.0005, 1, danger=NOW),
    Kind("known_new_victim", 0.001, 1, danger=NOW),
    Kind("settled", 0.01, 2),
    Kind("advice", 0.003, 1),
    Kind("mass_mail", 0.004, 1),
    Kind("adult", 0.002, 1),
    Kind("false_alarm", 0.005, 1),
    Kind("model", 0.02, 2),
    Kind("hoard", 0.01, 1),
    Kind("no_access", 0.004, 1),
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
