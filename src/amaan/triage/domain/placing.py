"""Where a report stands, without saying why: band and danger alone, for millions. The engine's quick twin.

`assess` asks every rule. Most rules need something that most reports don't tell: a word, a flag, a number that is
there at all. So each rule stands behind *gates*, of which at least one is open whenever its condition holds, and is
asked only then. Rules that rest on silence have no gate and are always asked. A property test holds it equal to
`assess`.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Final, NamedTuple

from amaan.triage.domain.conditions import Condition, Leaf, Test, compile_condition
from amaan.triage.domain.engine import AXES
from amaan.triage.domain.facts import FACTS, Facts, Kind
from amaan.triage.domain.ruleset import Axis, Band, RuleSet

Word = str | bool | int
Gate = tuple[str, Word | None]
"""A fact and what it reads. None: whatever it reads, so long as it is there. `MORE`: more than nothing."""
MORE: Final = ""
_DANGER: Final = AXES.index(Axis.DANGER)


class Place(NamedTuple):
    band: Band
    danger: int  # the axis' value, 0 to its cap


class _Asked(NamedTuple):
    test: Test | None  # None: its gate says it all
    axis: int
    weight: int
    floor: int  # a band, or one past the last for none
    once: str


_NO_FLOOR: Final = len(Band) + 1


def gates_of(condition: Condition) -> frozenset[Gate] | None:
    """Gates of which at least one is open whenever the condition holds; None where nobody can say."""
    if isinstance(condition, Leaf):
        return _leaf_gates(condition)
    if condition.how == "not":
        return None
    parts = [gates_of(part) for part in condition.parts]
    if condition.how == "all":
        return min((gates for gates in parts if gates is not None), key=_opens, default=None)
    known = [gates for gates in parts if gates is not None]
    return frozenset().union(*known) if len(known) == len(parts) else None


def _opens(gates: frozenset[Gate]) -> tuple[int, int]:
    """How readily some gate opens: a fact that is there at all opens more often than one that reads a word."""
    return sum(2 if word is None else word == MORE for _, word in gates), len(gates)


def _leaf_gates(leaf: Leaf) -> frozenset[Gate] | None:
    if leaf.operator in {"present", "said"}:
        kind = None if FACTS[leaf.fact].kind in {Kind.NUMBER, Kind.WORD} else MORE
        return frozenset({(leaf.fact, kind)}) if leaf.value else None
    if isinstance(leaf.value, frozenset):
        return frozenset((leaf.fact, word) for word in leaf.value)
    if isinstance(leaf.value, bool | str):
        return frozenset({(leaf.fact, leaf.value)})
    return frozenset({(leaf.fact, MORE if leaf.operator == "at_least" and leaf.value else None)})


def _suffice(condition: Condition) -> bool:
    """Whether an open gate is all that the condition asks."""
    return (
        isinstance(condition, Leaf)
        and isinstance(condition.value, frozenset | bool | str)
        and condition.operator in {"is", "in", "any_of"}
    )


class Placing:
    """A rule set, made ready to place many reports."""

    def __init__(self, ruleset: RuleSet) -> None:
        counted = [rule for rule in ruleset.rules if rule.weight or rule.floor is not None]
        self._rules = [
            _Asked(
                None if _suffice(rule.when) else compile_condition(rule.when),
                AXES.index(rule.axis),
                rule.weight,
                _NO_FLOOR if rule.floor is None else int(rule.floor),
                rule.once if rule.weight else "",
            )
            for rule in counted
        ]
        self._always: set[int] = set()
        there: dict[str, set[int]] = defaultdict(set)
        words: dict[str, dict[Word, set[int]]] = defaultdict(lambda: defaultdict(set))
        for number, rule in enumerate(counted):
            gates = gates_of(rule.when)
            if gates is None:
                self._always.add(number)
                continue
            for fact, word in gates:
                (there[fact] if word is None else words[fact][word]).add(number)
        more = {fact: found.pop(MORE, set()) for fact, found in words.items()}
        self._gates = [
            (fact, there.get(fact), more.get(fact), dict(words.get(fact, {}))) for fact in {*there, *words}
        ]
        self._bases = [ruleset.axes[axis].base for axis in AXES]
        self._caps = [ruleset.axes[axis].cap for axis in AXES]
        self._ways = [
            (band, [(AXES.index(axis), least) for axis, least in way.items()])
            for band, spec in ruleset.bands.items()
            for way in spec.when
        ]

    def place(self, facts: Facts) -> Place:
        sums = self._bases.copy()
        floor = _NO_FLOOR
        heaviest: dict[str, _Asked] = {}
        rules = self._rules
        for number in self._open(facts):
            test, axis, weight, rule_floor, once = asked = rules[number]
            if test is not None and not test(facts):
                continue
            floor = min(floor, rule_floor)
            if not once:
                sums[axis] += weight
            elif once not in heaviest or abs(weight) > abs(heaviest[once].weight):
                heaviest[once] = asked
        for _, axis, weight, _, _ in heaviest.values():
            sums[axis] += weight
        values = [min(max(total, 0), cap) for total, cap in zip(sums, self._caps, strict=True)]
        return Place(Band(min(self._reached(values), floor)), values[_DANGER])

    def _open(self, facts: Facts) -> set[int]:
        """The rules that may hold."""
        found = self._always.copy()
        for fact, there, more, words in self._gates:
            told = facts.get(fact)
            if told is None:
                continue
            if there:
                found |= there
            if more and told:
                found |= more
            if words:
                for word in told if isinstance(told, list) else (told,):
                    if word in words:
                        found |= words[word]
        return found

    def _reached(self, values: list[int]) -> Band:
        for band, needs in self._ways:
            if all(values[axis] >= least for axis, least in needs):
                return band
        return Band.THIRTY_DAYS
