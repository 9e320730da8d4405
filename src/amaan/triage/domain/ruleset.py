"""A rule file as a value: read from TOML, or refused with the rule's id, its line and the cause."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import cached_property, lru_cache

from amaan.triage.domain.conditions import Condition, leaves
from amaan.triage.domain.facts import FACTS
from amaan.triage.domain.rule_tables import (
    ID,
    BadRuleFile,
    Words,
    condition_of,
    line_of,
    lines_of,
    only_known,
    read_toml,
    tables_of,
    whole_number,
    words_of,
)

__all__ = [
    "BANDS_BY_SLUG",
    "Axis",
    "BadRuleFile",
    "Band",
    "BandSpec",
    "Gap",
    "Rule",
    "RuleSet",
    "Words",
    "load_ruleset",
    "read_ruleset",
]


class Axis(StrEnum):
    DANGER = "danger"
    ACTIONABILITY = "actionability"
    NOVELTY = "novelty"
    QUALITY = "quality"
    CLOCK = "clock"


class Band(IntEnum):
    """The smaller, the sooner. The four stand in every rule file; what each promises is in the file."""

    ONE_DAY = 1
    ONE_WEEK = 2
    TWO_WEEKS = 3
    THIRTY_DAYS = 4

    @property
    def slug(self) -> str:
        return self.name.lower()


BANDS_BY_SLUG: Mapping[str, Band] = {band.slug: band for band in Band}


@dataclass(frozen=True)
class AxisSpec:
    """`base` is where an axis starts; the sum of weights stays between 0 and `cap`."""

    base: int
    cap: int
    name: Words
    meaning: Words


@dataclass(frozen=True)
class BandSpec:
    """`when` holds alternatives; each names the least that its axes must reach. The last band has none."""

    band: Band
    hours: int
    name: Words
    promise: Words
    when: tuple[Mapping[Axis, int], ...]


@dataclass(frozen=True)
class Rule:
    """`floor` is the least urgent band that a report may get once the rule fired.

    Of the rules with the same `once` that fired, the heaviest alone counts: a field and a sentence that tell of one
    thing are not two things. Floors are never shared.
    """

    id: str
    axis: Axis
    weight: int
    floor: Band | None
    when: Condition
    reason: Words
    source: str
    once: str = ""


@dataclass(frozen=True)
class Gap:
    """Something that was not said and would matter; told in an explanation, worth no points.

    `asks` are the facts that an answer would tell; what it could change is tried out (`gaps`).
    """

    id: str
    when: Condition
    words: Words
    asks: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class RuleSet:
    """`digest` is the SHA-256 of the file's bytes, in hex: a comment changed is another rule set."""

    version: str
    digest: str
    body: str
    axes: Mapping[Axis, AxisSpec]
    bands: Mapping[Band, BandSpec]
    rules: tuple[Rule, ...]
    gaps: tuple[Gap, ...]

    @cached_property
    def _by_id(self) -> Mapping[str, Rule]:
        return {rule.id: rule for rule in self.rules}

    def rule(self, rule_id: str) -> Rule:
        """The rule with this id; KeyError when the file has none."""
        return self._by_id[rule_id]


_TABLES = frozenset({"version", "axis", "band", "rule", "missing"})


@lru_cache(maxsize=4)
def load_ruleset(data: bytes) -> RuleSet:
    """The rule set that the bytes of a file spell, if it keeps what `promises` asks of every rule file that is to be
    used; raises BadRuleFile."""
    from amaan.triage.domain.promises import check_promises  # it needs the types above

    ruleset = read_ruleset(data)
    lines = lines_of(ruleset.body, ("rule", "band"))
    begins = {rule.id: lines["rule"][n] for n, rule in enumerate(ruleset.rules)}
    check_promises(ruleset, begins | {band.slug: lines["band"][n] for n, band in enumerate(ruleset.bands)})
    return ruleset


def read_ruleset(data: bytes) -> RuleSet:
    """The rule set that the bytes of a file spell, its promises not asked: for rules that were in force before.

    Raises BadRuleFile.
    """
    body, table = read_toml(data, _TABLES)
    lines = lines_of(body, ("rule", "band", "missing"))
    return RuleSet(
        version=table["version"],
        digest=hashlib.sha256(data).hexdigest(),
        body=body,
        axes=_axes(table.get("axis"), body),
        bands=_bands(table.get("band"), lines),
        rules=_rules(table.get("rule"), lines),
        gaps=_gaps(table.get("missing"), lines),
    )


def _axes(value: object, body: str) -> Mapping[Axis, AxisSpec]:
    if not isinstance(value, dict) or set(value) != {axis.value for axis in Axis}:
        line = line_of(body, "axis")
        raise BadRuleFile("axis", f"the five axes are {', '.join(Axis)}; each needs its table", line)
    axes = {}
    for axis in Axis:
        table, where, line = value[axis.value], f"axis {axis.value}", line_of(body, f"axis.{axis.value}")
        if not isinstance(table, dict):
            raise BadRuleFile(where, f"must be a table: [axis.{axis.value}]", line)
        only_known(table, {"base", "cap", "name", "meaning"}, where, line)
        base = whole_number(table.get("base"), "base", where, line)
        cap = whole_number(table.get("cap"), "cap", where, line)
        if not 0 <= base <= cap <= 100:
            raise BadRuleFile(where, "0 ≤ base ≤ cap ≤ 100 must hold", line)
        name = words_of(table.get("name"), "name", where, line)
        axes[axis] = AxisSpec(base, cap, name, words_of(table.get("meaning"), "meaning", where, line))
    return axes


def _bands(value: object, lines: dict[str, list[int]]) -> Mapping[Band, BandSpec]:
    bands: dict[Band, BandSpec] = {}
    for table, where, line in tables_of(value, "band", lines, BANDS_BY_SLUG):
        only_known(table, {"id", "hours", "name", "promise", "when"}, where, line)
        band = BANDS_BY_SLUG.get(table["id"])
        if band is None or band != len(bands) + 1:
            raise BadRuleFile(where, f"the bands are {', '.join(BANDS_BY_SLUG)}, in this order", line)
        hours = whole_number(table.get("hours"), "hours", where, line)
        if hours <= (bands[Band(band - 1)].hours if bands else 0):
            raise BadRuleFile(where, "hours must grow from band to band", line)
        alternatives = table.get("when", [])
        if not isinstance(alternatives, list) or bool(alternatives) == (band is Band.THIRTY_DAYS):
            raise BadRuleFile(
                where, "every band but the last needs `when`; the last takes what is left", line
            )
        bands[band] = BandSpec(
            band,
            hours,
            words_of(table.get("name"), "name", where, line),
            words_of(table.get("promise"), "promise", where, line),
            tuple(_alternative(entry, where, line) for entry in alternatives),
        )
    if len(bands) != len(Band):
        raise BadRuleFile("band", f"needs all of {', '.join(BANDS_BY_SLUG)}", lines["band"][-1])
    return bands


def _alternative(entry: object, where: str, line: int) -> Mapping[Axis, int]:
    if not isinstance(entry, dict) or not entry or not set(entry) <= {axis.value for axis in Axis}:
        raise BadRuleFile(
            where, "each alternative is a table such as { danger = 50, actionability = 40 }", line
        )
    return {Axis(axis): whole_number(least, axis, where, line) for axis, least in entry.items()}


def _rules(value: object, lines: dict[str, list[int]]) -> tuple[Rule, ...]:
    rules = []
    for table, where, line in tables_of(value, "rule", lines):
        only_known(table, {"id", "axis", "weight", "floor", "once", "when", "reason", "source"}, where, line)
        if table.get("axis") not in {axis.value for axis in Axis}:
            raise BadRuleFile(where, f"axis must be one of {', '.join(Axis)}", line)
        weight = whole_number(table.get("weight"), "weight", where, line)
        if not -100 <= weight <= 100:
            raise BadRuleFile(where, "weight must lie between -100 and 100", line)
        floor = table.get("floor")
        if floor is not None and floor not in BANDS_BY_SLUG:
            raise BadRuleFile(where, f"floor must be one of {', '.join(BANDS_BY_SLUG)}", line)
        source = table.get("source")
        if not isinstance(source, str) or not source.strip():
            raise BadRuleFile(where, "source is missing: where does this rule come from?", line)
        once = table.get("once", "")
        if not isinstance(once, str) or (once and not ID.match(once)) or ("once" in table and not once):
            raise BadRuleFile(where, "once must be a name of small letters and hyphens", line)
        rules.append(
            Rule(
                id=table["id"],
                axis=Axis(table["axis"]),
                weight=weight,
                floor=BANDS_BY_SLUG[floor] if floor else None,
                when=condition_of(table.get("when"), where, line),
                reason=words_of(table.get("reason"), "reason", where, line),
                source=source,
                once=once,
            )
        )
    return tuple(rules)


def _gaps(value: object, lines: dict[str, list[int]]) -> tuple[Gap, ...]:
    if value is None:
        return ()
    gaps = []
    for table, where, line in tables_of(value, "missing", lines):
        only_known(table, {"id", "when", "words", "asks"}, where, line)
        condition = condition_of(table.get("when"), where, line)
        asks = table.get("asks", sorted({leaf.fact for leaf, _ in leaves(condition)}))
        if not isinstance(asks, list) or not asks or not all(one in FACTS for one in asks):
            raise BadRuleFile(where, "asks must be a list of facts that a rule may read", line)
        words = words_of(table.get("words"), "words", where, line)
        gaps.append(Gap(table["id"], condition, words, tuple(asks)))
    return tuple(gaps)
