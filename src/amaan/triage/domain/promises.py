"""What every rule file must keep, whoever edits it. A file that breaks a promise is refused unused.

1. Danger only grows: no rule takes from it, none rests on something that was *not* told.
2. How well a report was made, and how often its material was seen, never touch danger.
3. Telling of a danger never costs points on any axis, and a generated picture lowers nothing.
4. Only danger sets a floor, and quality decides no band.
5. Every way into a band can be taken.
6. What counts once is of one kind: one axis, and never points given and points taken in one group.
7. No place and no sex is a reason: of a district a rule may ask only whether it was told.
8. A danger that happens now has a floor that nothing lowers: each of `AT_ONCE`, told alone, sets the soonest floor,
   and no band's hours go past `MOST_HOURS`.

They are held against a file that is to be proposed or put in force. What was put in force before is read without them,
so that an old assessment can be explained by its rules after the program has learned a promise.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from amaan.triage.domain.conditions import Leaf, holds, leaves
from amaan.triage.domain.facts import FACTS, Kind
from amaan.triage.domain.ruleset import Axis, BadRuleFile, Band, Rule, RuleSet

AT_ONCE: Final = (
    ("content.annotations", "live_streaming"),
    ("incident.annotations", "sextortion"),
    ("incident.annotations", "self_harm"),
    ("incident.annotations", "threat_now"),
    ("incident.annotations", "meeting_arranged"),
    ("reported.access_to_victim", "yes"),
    ("text.indicators", "live_stream"),
    ("text.indicators", "threat_to_share"),
    ("text.indicators", "self_harm_risk"),
    ("text.indicators", "meeting_arranged"),
    ("text.indicators", "child_with_suspect_now"),
    ("text.indicators", "missing_child"),
)
"""What can't wait for points. Danger rests on nothing that was not told, so what holds of each alone holds of it in
every report."""
MOST_HOURS: Final[Mapping[Band, int]] = {
    Band.ONE_DAY: 24,
    Band.ONE_WEEK: 168,
    Band.TWO_WEEKS: 336,
    Band.THIRTY_DAYS: 720,
}


def check_promises(ruleset: RuleSet, lines: Mapping[str, int]) -> None:
    """Raises BadRuleFile at the first promise that the file would break."""
    for rule in ruleset.rules:
        cause = _broken_by(rule)
        if cause:
            raise BadRuleFile(f"rule {rule.id}", cause, lines.get(rule.id))
    _check_groups(ruleset, lines)
    _check_bands(ruleset, lines)
    _check_floors(ruleset, lines)


def _check_floors(ruleset: RuleSet, lines: Mapping[str, int]) -> None:
    for fact, word in AT_ONCE:
        told = {fact: [word] if FACTS[fact].kind is Kind.WORDS else word}
        if not any(rule.floor is Band.ONE_DAY and holds(rule.when, told) for rule in ruleset.rules):
            cause = f"{fact} = {word}, told alone, must set the floor {Band.ONE_DAY.slug}; no rule does that"
            raise BadRuleFile("rule", cause)
    for band, spec in ruleset.bands.items():
        if spec.hours > MOST_HOURS[band]:
            cause = f"hours may not exceed {MOST_HOURS[band]}"
            raise BadRuleFile(f"band {band.slug}", cause, lines.get(band.slug))


def _broken_by(rule: Rule) -> str | None:
    if rule.axis is Axis.DANGER and rule.weight < 0:
        return "nothing lowers danger; give the weight to another axis"
    if rule.floor is not None and rule.axis is not Axis.DANGER:
        return f"only a rule about danger may set a floor; this one is about {rule.axis.value}"
    for leaf, positive in leaves(rule.when):
        cause = _broken_by_leaf(rule, leaf, positive)
        if cause:
            return cause
    return None


def _broken_by_leaf(rule: Rule, leaf: Leaf, positive: bool) -> str | None:
    if leaf.fact.endswith(".districts") and leaf.operator != "present":
        return f"where somebody lives is no reason; of {leaf.fact} ask only whether it is present"
    if leaf.fact == "victim.sexes":
        return "a child's sex is no reason: boys and girls weigh the same"
    if rule.axis is Axis.DANGER:
        if not positive:
            return f"danger may not rest on what was not told ({leaf.fact} {leaf.operator})"
        if _speaks(leaf, FACTS[leaf.fact].quiet):
            return f"{leaf.fact} tells of quality or of spread, and may not touch danger"
    if rule.weight and (rule.weight > 0) != positive and _speaks(leaf, FACTS[leaf.fact].danger):
        return f"{leaf.fact} tells of danger, and telling of a danger may never cost points"
    return None


def _speaks(leaf: Leaf, words: frozenset[str | bool]) -> bool:
    """Whether a question touches any of `words`; a question about the whole fact touches them all."""
    if not words:
        return False
    if True in words or isinstance(leaf.value, bool | int):
        return True
    asked = leaf.value if isinstance(leaf.value, frozenset) else {leaf.value}
    return bool(asked & words)


def _check_groups(ruleset: RuleSet, lines: Mapping[str, int]) -> None:
    kinds: dict[str, tuple[Axis, bool]] = {}
    for rule in ruleset.rules:
        if rule.once and rule.weight:
            kind = (rule.axis, rule.weight > 0)
            if kinds.setdefault(rule.once, kind) != kind:
                cause = f'once = "{rule.once}" stands for one axis, and for points given or for points taken'
                raise BadRuleFile(f"rule {rule.id}", cause, lines.get(rule.id))


def _check_bands(ruleset: RuleSet, lines: Mapping[str, int]) -> None:
    most = {axis: _most(ruleset, axis) for axis in Axis}
    taken: list[tuple[Band, Mapping[Axis, int]]] = []
    for band, spec in ruleset.bands.items():
        where, line = f"band {band.slug}", lines.get(band.slug)
        for way in spec.when:
            for axis, least in way.items():
                if axis is Axis.QUALITY:
                    cause = "quality may not decide a band: completeness is not priority"
                    raise BadRuleFile(where, cause, line)
                if least > most[axis]:
                    cause = f"can't be reached: {axis.value} never gets to {least}, at most {most[axis]}"
                    raise BadRuleFile(where, cause, line)
            for sooner, other in taken:
                if all(way.get(axis, 0) >= least for axis, least in other.items()):
                    cause = f"can't be reached: {_tell(way)} is caught by {sooner.slug} ({_tell(other)})"
                    raise BadRuleFile(where, cause, line)
            taken.append((band, way))


def _tell(way: Mapping[Axis, int]) -> str:
    return ", ".join(f"{axis.value} ≥ {least}" for axis, least in way.items())


def _most(ruleset: RuleSet, axis: Axis) -> int:
    gains: dict[str, int] = {}
    for rule in ruleset.rules:
        if rule.axis is axis and rule.weight > 0:
            group = rule.once or f"={rule.id}"
            gains[group] = max(gains.get(group, 0), rule.weight)
    return min(ruleset.axes[axis].cap, ruleset.axes[axis].base + sum(gains.values()))
