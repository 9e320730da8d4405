"""Rules, differences and replays as a page tells them, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from amaan.accounts.selectors import names_of
from amaan.desk.acts import who_in_words
from amaan.desk.sentences import said
from amaan.triage.domain.conditions import spell
from amaan.triage.domain.differences import Differences, Part, RuleChange, written
from amaan.triage.domain.proposals import State
from amaan.triage.domain.replaying import Replay
from amaan.triage.domain.ruleset import Axis, BadRuleFile, Band, Rule, RuleSet, Words
from amaan.triage.rule_words import EFFECTS, FATES, KINDS, PARTS, STATES, cause_of, place_of
from amaan.triage.selectors.proposals import ProposalLine

_SIGNS: Mapping[State, tuple[str, str]] = {
    State.PROPOSED: ("soon", "◆"),
    State.WITHDRAWN: ("", "○"),
    State.REJECTED: ("", "✕"),
    State.ADOPTED: ("", "●"),
}
_AROUND = 2
"""Lines that are shown above and below the one that is wrong."""


@dataclass(frozen=True)
class RuleTold:
    """A rule as a line: `why` and `floor` in the reader's language, `when` as it reads in every language."""

    id: str
    weight: int
    floor: str
    why: str
    when: str
    source: str


@dataclass(frozen=True)
class AxisTold:
    id: str
    name: str
    meaning: str
    rules: tuple[RuleTold, ...]


def axes_told(ruleset: RuleSet) -> list[AxisTold]:
    """Every rule under its axis, the heaviest first, floors before all."""
    told = []
    for axis in Axis:
        rules = sorted(
            (rule for rule in ruleset.rules if rule.axis is axis),
            key=lambda rule: (rule.floor or Band.THIRTY_DAYS + 1, -rule.weight, rule.id),
        )
        spec = ruleset.axes[axis]
        lines = tuple(rule_told(rule, ruleset) for rule in rules)
        told.append(AxisTold(axis.value, said(spec.name), said(spec.meaning), lines))
    return told


def rule_told(rule: Rule, ruleset: RuleSet) -> RuleTold:
    floor = said(ruleset.bands[rule.floor].name) if rule.floor else ""
    return RuleTold(rule.id, rule.weight, floor, said(rule.reason), spell(rule.when), rule.source)


@dataclass(frozen=True)
class PartTold:
    """What a part was and is to be; `prose` for sentences, which are not code."""

    name: str
    before: str
    after: str
    prose: bool


@dataclass(frozen=True)
class ChangeTold:
    """A rule, or something else of the file, that differs. `kind` is the word, `sign` the shape beside it."""

    id: str
    kind: str
    sign: str
    about: str
    parts: tuple[PartTold, ...]


_KIND_SIGNS = {"added": "+", "removed": "−", "changed": "~"}


def changes_told(found: Differences, before: RuleSet, after: RuleSet) -> list[ChangeTold]:
    """Rule by rule, then what else differs."""
    rules = [
        ChangeTold(
            change.id,
            str(KINDS[change.kind]),
            _KIND_SIGNS[change.kind],
            said(change.rule.reason),
            tuple(_part(part, before, after) for part in change.parts or _whole(change)),
        )
        for change in found.rules
    ]
    tables = {"axes": _("axis"), "bands": _("band"), "gaps": _("question that was not answered")}
    others = [
        ChangeTold(
            other.id,
            str(KINDS[other.kind]),
            _KIND_SIGNS[other.kind],
            tables.get(other.table, other.table),
            tuple(_part(part, before, after) for part in other.parts),
        )
        for other in found.others
    ]
    return [*rules, *others]


def _whole(change: RuleChange) -> list[Part]:
    """What a rule that comes or goes does: its parts with nothing on the other side."""
    parts = [(name, getattr(change.rule, name)) for name in ("axis", "weight", "floor", "when")]
    told = [(name, value) for name, value in parts if value is not None]
    if change.before is None:
        return [Part(name, None, value) for name, value in told]
    return [Part(name, value, None) for name, value in told]


def _part(part: Part, before: RuleSet, after: RuleSet) -> PartTold:
    name = str(PARTS.get(part.name, part.name))
    prose = part.name not in {"when", "once", "asks"}
    return PartTold(name, _side(part.before, before), _side(part.after, after), prose)


def _side(value: Any, ruleset: RuleSet) -> str:
    if isinstance(value, Words):
        return said(value)
    if isinstance(value, Band):
        return said(ruleset.bands[value].name)
    if isinstance(value, Axis):
        return said(ruleset.axes[value].name)
    return written(value)


@dataclass(frozen=True)
class EffectTold:
    """How many reports a change would have served, hurt, cost or spared, and those that the reader may open."""

    words: str
    count: int
    references: Sequence[str]


@dataclass(frozen=True)
class ReplayTold:
    """`rows`: a band's name and, for each band after, how many and whether that is a move. `fates`: what became of the
    reports that move, how many would have come sooner, how many later."""

    bands: Sequence[str]
    rows: Sequence[tuple[str, Sequence[tuple[int, bool]]]]
    effects: Sequence[EffectTold]
    fates: Sequence[tuple[str, int, int]]
    others: Sequence[str]


def replay_told(replay: Replay, ruleset: RuleSet, examples: Mapping[str, list[str]]) -> ReplayTold:
    names = {band: said(spec.name) for band, spec in ruleset.bands.items()}
    return ReplayTold(
        bands=list(names.values()),
        rows=[
            (name, [(replay.table[before, after], before != after) for after in Band])
            for before, name in names.items()
        ],
        effects=[
            EffectTold(str(words), replay.effect(effect), examples.get(effect, []))
            for effect, words in EFFECTS.items()
        ],
        fates=[
            (str(words), replay.fates[fate, True], replay.fates[fate, False]) for fate, words in FATES.items()
        ],
        others=[*examples.get("sooner", []), *examples.get("later", [])],
    )


@dataclass(frozen=True)
class LineTold:
    """A proposal as a list shows it. `mark` is a css class and `sign` a shape that differs without colour."""

    line: ProposalLine
    by: str
    answered_by: str
    state: str
    mark: str
    sign: str


def proposals_told(lines: Sequence[ProposalLine]) -> list[LineTold]:
    names = names_of([key for one in lines for key in (one.by, one.answered_by)])
    return [
        LineTold(
            one,
            who_in_words(one.by, names),
            who_in_words(one.answered_by, names) if one.answered_by else "",
            str(STATES[one.state]),
            *_SIGNS[one.state],
        )
        for one in lines
    ]


@dataclass(frozen=True)
class FaultTold:
    """Why a rule file is refused: where, on which line, the cause, and the lines about it with their numbers."""

    place: str
    line: int | None
    cause: str
    lines: Sequence[tuple[int, str]]


def fault_told(error: BadRuleFile, text: str) -> FaultTold:
    lines: list[tuple[int, str]] = []
    if error.line is not None:
        numbered = list(enumerate(text.split("\n"), 1))
        lines = numbered[max(0, error.line - 1 - _AROUND) : error.line + _AROUND]
    return FaultTold(place_of(error), error.line, cause_of(error), lines)
