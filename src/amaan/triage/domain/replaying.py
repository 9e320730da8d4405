"""A rule set run over past reports: which would move, and whom that would have served or hurt. Pure.

Both rule sets read the same facts, those that are stored now, so that what differs is the rules' doing alone. A report
*moves* when its band differs; it would have come *sooner* in a sooner band, *later* in a later one. What that would
have meant is read from what became of the report (`fate_of`, `effect_of`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, NamedTuple

from amaan.triage.domain.conditions import Test, compile_condition
from amaan.triage.domain.differences import compare
from amaan.triage.domain.facts import Facts
from amaan.triage.domain.placing import Placing
from amaan.triage.domain.ruleset import BANDS_BY_SLUG, Band, RuleSet

EXAMPLES: Final = 5
"""Reports that are kept as examples, of each unit and effect: the newest."""


class Fate(StrEnum):
    """What became of a report, as far as that says whether it was worth an officer's early time.

    A case says so, and that it was passed on to whoever can act; that there was no offence, or that it had gone round
    widely, are the only ones that say the contrary. A report that told too little, was told already or lay out of reach
    says neither: it speaks of what could be done, not of what the child needed. `learning` learns by the same words.
    """

    CASE = "case"
    REFERRED = "referred"
    NOTHING = "nothing"
    NEITHER = "neither"
    WAITING = "waiting"


class Effect(StrEnum):
    SERVED = "served"  # led to a case or was passed on, and would have come sooner
    HURT = "hurt"  # led to a case or was passed on, and would have come later
    COSTS = "costs"  # led to nothing, and would have taken somebody's time sooner
    SPARES = "spares"  # led to nothing, and would have let others go first


_TO_A_CASE: Final = frozenset({"case_opened", "case_joined"})
_TO_NOTHING: Final = frozenset({"no_offence", "shared_widely"})
_WAYS: Final = ("later", "sooner")
_EFFECTS: Final[Mapping[tuple[Fate, bool], Effect]] = {
    (Fate.CASE, True): Effect.SERVED,
    (Fate.CASE, False): Effect.HURT,
    (Fate.REFERRED, True): Effect.SERVED,
    (Fate.REFERRED, False): Effect.HURT,
    (Fate.NOTHING, True): Effect.COSTS,
    (Fate.NOTHING, False): Effect.SPARES,
}


def fate_of(decision: str, stage: str) -> Fate:
    """What the decision that stands says. "" is none; `stage` is the reason's code where a report was closed.

    A stage that a case reached is no decision of its own: its report stands in the case.
    """
    if not decision:
        return Fate.WAITING
    if decision in _TO_A_CASE:
        return Fate.CASE
    if decision == "referred":
        return Fate.REFERRED
    return Fate.NOTHING if decision == "closed" and stage in _TO_NOTHING else Fate.NEITHER


def effect_of(before: Band, after: Band, fate: Fate) -> Effect | None:
    """Whom a move would have served or hurt; None where nothing moved, or nobody can say."""
    return None if before == after else _EFFECTS.get((fate, after < before))


class Compared(NamedTuple):
    """One report by both rule sets; danger is the axis' value, which orders reports inside a band."""

    before: Band
    after: Band
    danger_before: int
    danger_after: int


class Comparison:
    """Two rule sets, made ready to be run over many reports."""

    def __init__(self, before: RuleSet, after: RuleSet) -> None:
        self._before, self._after = Placing(before), Placing(after)
        differences = compare(before, after)
        # Where axes and bands are the same, a report that no changed rule fires on, old or new, stays where it is.
        self._touched: tuple[Test, ...] | None = (
            None
            if differences.elsewhere
            else tuple(compile_condition(rule.when) for rule in differences.touched)
        )

    def compare(self, facts: Facts) -> Compared:
        old = self._before.place(facts)
        new = old if self._untouched(facts) else self._after.place(facts)
        return Compared(old.band, new.band, old.danger, new.danger)

    def _untouched(self, facts: Facts) -> bool:
        return self._touched is not None and not any(test(facts) for test in self._touched)


class Move(NamedTuple):
    """A report that would move."""

    report: int
    unit: int
    before: Band
    after: Band
    fate: Fate


@dataclass
class Replay:
    """What a replay found so far. `table` counts every report by its band before and after, moved or not.

    `fates` counts the moved by what became of them and whether sooner; `turned` those that stay in their band and
    change their turn inside it, by the same. `copies` are told apart and counted nowhere else: they fold behind another
    report, or were settled with it, and take nobody's time in any band. `examples`: effect → unit's row id → report's
    row ids, ascending.
    """

    reports: int = 0
    copies: int = 0
    table: Counter[tuple[Band, Band]] = field(default_factory=Counter)
    fates: Counter[tuple[Fate, bool]] = field(default_factory=Counter)
    turned: Counter[bool] = field(default_factory=Counter)
    examples: dict[str, dict[int, list[int]]] = field(default_factory=dict)

    def take(self, report: int, unit: int, found: Compared, fate: Fate) -> Move | None:
        """Count one report; the move, if it moves."""
        self.reports += 1
        self.table[found.before, found.after] += 1
        if found.before == found.after:
            if found.danger_before != found.danger_after:
                self.turned[found.danger_after > found.danger_before] += 1
            return None
        sooner = found.after < found.before
        self.fates[fate, sooner] += 1
        effect = effect_of(found.before, found.after, fate)
        kept = self.examples.setdefault(effect.value if effect else _WAYS[sooner], {}).setdefault(unit, [])
        kept.append(report)
        del kept[:-EXAMPLES]
        return Move(report, unit, found.before, found.after, fate)

    def add(self, other: Replay) -> None:
        """Count what another part of the same replay found."""
        self.reports += other.reports
        self.copies += other.copies
        self.table += other.table
        self.fates += other.fates
        self.turned += other.turned
        for kind, by_unit in other.examples.items():
            for unit, reports in by_unit.items():
                kept = self.examples.setdefault(kind, {}).setdefault(unit, [])
                kept[:] = sorted({*kept, *reports})[-EXAMPLES:]

    @property
    def sooner(self) -> int:
        return sum(count for (_, sooner), count in self.fates.items() if sooner)

    @property
    def later(self) -> int:
        return sum(count for (_, sooner), count in self.fates.items() if not sooner)

    @property
    def moved(self) -> int:
        return self.sooner + self.later

    @property
    def turned_sooner(self) -> int:
        """Those that stay in their band and whose turn comes sooner inside it."""
        return self.turned[True]

    @property
    def turned_later(self) -> int:
        return self.turned[False]

    def effect(self, effect: Effect) -> int:
        return sum(self.fates[key] for key, one in _EFFECTS.items() if one is effect)

    def as_json(self) -> dict[str, Any]:
        """JSON-able, and read back by `replay_from`. The examples' ids are the installation's own."""
        return {
            "reports": self.reports,
            "copies": self.copies,
            "moved": self.moved,
            "sooner": self.sooner,
            "later": self.later,
            "turned": {"sooner": self.turned[True], "later": self.turned[False]},
            "bands": {
                before.slug: {after.slug: self.table[before, after] for after in Band} for before in Band
            },
            "outcomes": {
                fate.value: {"sooner": self.fates[fate, True], "later": self.fates[fate, False]}
                for fate in Fate
            },
            **{effect.value: self.effect(effect) for effect in Effect},
            "examples": {
                kind: {str(unit): ids for unit, ids in by_unit.items()}
                for kind, by_unit in self.examples.items()
            },
        }


def replay_from(told: Mapping[str, Any]) -> Replay:
    """The replay that `as_json` told; an empty mapping is one that has not begun."""
    if not told:
        return Replay()
    return Replay(
        reports=told["reports"],
        copies=told.get("copies", 0),
        table=Counter(
            {
                (BANDS_BY_SLUG[before], BANDS_BY_SLUG[after]): count
                for before, row in told["bands"].items()
                for after, count in row.items()
                if count
            }
        ),
        fates=Counter(
            {
                (Fate(fate), way == "sooner"): count
                for fate, row in told["outcomes"].items()
                for way, count in row.items()
                if count
            }
        ),
        turned=Counter({way == "sooner": count for way, count in told["turned"].items() if count}),
        examples={
            kind: {int(unit): list(ids) for unit, ids in by_unit.items()}
            for kind, by_unit in told["examples"].items()
        },
    )
