"""What differs between two rule sets: rule by rule, and line by line. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Final, NamedTuple

from amaan.triage.domain.conditions import implies, spell
from amaan.triage.domain.ruleset import Rule, RuleSet, Words

_SAYS_NOTHING: Final = frozenset({"reason", "source", "name", "meaning", "promise", "words"})
"""Parts that people read and no band rests on."""
_NO_PARTS: Final = frozenset({"version", "digest", "body", "rules"})


class Kind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class Part(NamedTuple):
    """One part of a rule, band, axis or question that differs; `before` or `after` is None where it was absent."""

    name: str
    before: Any
    after: Any

    @property
    def moves(self) -> bool:
        """Whether a report's band could rest on it."""
        return self.name not in _SAYS_NOTHING


@dataclass(frozen=True)
class RuleChange:
    """A rule that was added, removed or changed. `parts` are those that differ, of a changed one only."""

    id: str
    before: Rule | None
    after: Rule | None
    parts: tuple[Part, ...] = ()

    @property
    def kind(self) -> Kind:
        if self.before is None:
            return Kind.ADDED
        return Kind.REMOVED if self.after is None else Kind.CHANGED

    @property
    def rule(self) -> Rule:
        """The rule as it is to be; one that goes, as it was."""
        rule = self.after or self.before
        assert rule is not None
        return rule

    @property
    def moves(self) -> bool:
        return self.kind is not Kind.CHANGED or any(part.moves for part in self.parts)


@dataclass(frozen=True)
class OtherChange:
    """Something else of the file: `table` is a field of the rule set (`axes`, `bands`, `gaps`), `id` its own name."""

    table: str
    id: str
    kind: Kind
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Differences:
    """Rules in the new file's order, those that go at the end. `touched`: rules, old or new, that bands rest on."""

    rules: tuple[RuleChange, ...]
    others: tuple[OtherChange, ...]

    @property
    def nothing(self) -> bool:
        """Whether no more than comments, order or the version's name differ."""
        return not self.rules and not self.others

    @property
    def touched(self) -> tuple[Rule, ...]:
        return tuple(
            rule
            for change in self.rules
            if change.moves
            for rule in (change.before, change.after)
            if rule is not None
        )

    @property
    def floors_lost(self) -> tuple[RuleChange, ...]:
        """Rules whose floor goes, holds less soon, or asks for something else without being plainly wider."""
        return tuple(change for change in self.rules if _loses_floor(change.before, change.after))

    @property
    def hours_grown(self) -> tuple[tuple[str, Part], ...]:
        """Bands that leave more time than before, by name: each floor on such a band holds less."""
        return tuple(
            (other.id, part)
            for other in self.others
            if other.table == "bands"
            for part in other.parts
            if part.name == "hours" and part.after > part.before
        )

    @property
    def elsewhere(self) -> bool:
        """Whether axes or bands themselves lead elsewhere, so that any report may move."""
        return any(
            other.table in {"axes", "bands"} and (not other.parts or any(part.moves for part in other.parts))
            for other in self.others
        )


def compare(before: RuleSet, after: RuleSet) -> Differences:
    """What `after` changes of `before`. The order of rules is no difference: it moves nothing."""
    return Differences(tuple(_rules(before, after)), tuple(_others(before, after)))


def _loses_floor(before: Rule | None, after: Rule | None) -> bool:
    if before is None or before.floor is None:
        return False
    if after is None or after.floor is None or after.floor > before.floor:
        return True
    return not implies(before.when, after.when)


def _rules(before: RuleSet, after: RuleSet) -> Iterator[RuleChange]:
    earlier = {rule.id: rule for rule in before.rules}
    later = {rule.id: rule for rule in after.rules}
    for rule in after.rules:
        old = earlier.get(rule.id)
        if old is None:
            yield RuleChange(rule.id, None, rule)
        elif parts := _parts(old, rule):
            yield RuleChange(rule.id, old, rule, parts)
    for rule in before.rules:
        if rule.id not in later:
            yield RuleChange(rule.id, rule, None)


def _others(before: RuleSet, after: RuleSet) -> Iterator[OtherChange]:
    for field in fields(RuleSet):
        if field.name in _NO_PARTS:
            continue
        earlier, later = _named(getattr(before, field.name)), _named(getattr(after, field.name))
        for name in dict.fromkeys([*later, *earlier]):
            old, new = earlier.get(name), later.get(name)
            if old is None or new is None:
                yield OtherChange(field.name, name, Kind.ADDED if old is None else Kind.REMOVED)
            elif parts := _parts(old, new):
                yield OtherChange(field.name, name, Kind.CHANGED, parts)


def _named(table: Any) -> dict[str, Any]:
    """A field of the rule set as its entries by name: a mapping by axis or band, or a row of named entries."""
    if isinstance(table, Mapping):
        return {getattr(key, "slug", str(key)): entry for key, entry in table.items()}
    return {entry.id: entry for entry in table}


def _parts(old: Any, new: Any) -> tuple[Part, ...]:
    found = []
    for field in fields(old):
        before, after = getattr(old, field.name), getattr(new, field.name)
        if before != after:
            found.append(Part(field.name, before, after))
    return tuple(found)


def written(value: Any) -> str:
    """A part's value as code that reads the same in every language; "" for none. Words are told by language instead."""
    if value is None or value == "":
        return ""
    if isinstance(value, Words):
        return value.en
    if isinstance(value, int | str) and not hasattr(value, "slug"):
        return str(value)
    if hasattr(value, "slug"):
        return str(value.slug)
    if isinstance(value, tuple):
        return "; ".join(_way(one) for one in value)
    return spell(value)


def _way(one: Any) -> str:
    if isinstance(one, Mapping):
        return ", ".join(f"{axis} ≥ {least}" for axis, least in one.items())
    return str(one)


class Line(NamedTuple):
    """A line of the text diff. `sign`: "+" new, "-" gone, " " the same, "@" where lines are left out.

    `old` and `new` are its numbers in the two files, None where it has none.
    """

    sign: str
    old: int | None
    new: int | None
    text: str


def text_diff(before: str, after: str, *, around: int = 2) -> list[Line]:
    """The lines that differ, with `around` lines about them; [] where the texts are equal."""
    old, new = before.splitlines(), after.splitlines()
    lines: list[Line] = []
    # Not junk: the lines of a rule file that are often alike (`axis = "danger"`) are what it is made of.
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for group in matcher.get_grouped_opcodes(around):
        if lines or group[0][1] or group[0][3]:
            lines.append(Line("@", group[0][1] + 1, group[0][3] + 1, ""))
        for tag, a, b, c, d in group:
            if tag == "equal":
                lines += [Line(" ", a + n + 1, c + n + 1, old[a + n]) for n in range(b - a)]
                continue
            lines += [Line("-", n + 1, None, old[n]) for n in range(a, b)]
            lines += [Line("+", None, n + 1, new[n]) for n in range(c, d)]
    return lines
