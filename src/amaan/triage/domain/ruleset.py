"""A rule file as a value: read from TOML, or refused with the rule's id, its line and the cause."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import cached_property, lru_cache
from typing import Any

from amaan.triage.domain.conditions import BadCondition, Condition, leaves, parse
from amaan.triage.domain.facts import FACTS


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


class BadRuleFile(ValueError):
    """A rule file that was refused. `where` names the rule or table, `line` its first line when known."""

    def __init__(self, where: str, cause: str, line: int | None = None) -> None:
        self.where, self.cause, self.line = where, cause, line
        super().__init__(f"{where}{f' (line {line})' if line else ''}: {cause}")


@dataclass(frozen=True)
class Words:
    """A sentence in both languages; neither may be missing."""

    en: str
    ur: str


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


_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
_VERSION = re.compile(r"[a-z0-9][a-z0-9.\-]{0,31}\Z")
_URDU = re.compile("[\u0600-\u06ff]")


@lru_cache(maxsize=4)
def load_ruleset(data: bytes) -> RuleSet:
    """The rule set that the bytes of a file spell; raises BadRuleFile.

    What is promised of every rule file (danger only grows, quality never raises, every band can be reached)
    is checked here too, by `promises`.
    """
    from amaan.triage.domain.promises import check_promises  # it needs the types above

    try:
        body = data.decode("utf-8")
        table = tomllib.loads(body)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadRuleFile("the file", f"is not UTF-8 at byte {error.start}", line) from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise BadRuleFile("the file", f"is not TOML: {error}", int(line[1]) if line else None) from None
    lines = _lines(body)
    if unknown := sorted(set(table) - _TABLES):
        raise BadRuleFile("the file", f"unknown table {unknown[0]}", _line_of(body, unknown[0]))
    version = table.get("version")
    if not isinstance(version, str) or not _VERSION.match(version):
        raise BadRuleFile(
            "version",
            'must be a word such as "pk-2026.1" (small letters, digits, dots, hyphens)',
            _line_of(body, "version"),
        )
    ruleset = RuleSet(
        version=version,
        digest=hashlib.sha256(data).hexdigest(),
        body=body,
        axes=_axes(table.get("axis"), body),
        bands=_bands(table.get("band"), lines),
        rules=_rules(table.get("rule"), lines),
        gaps=_gaps(table.get("missing"), lines),
    )
    begins = {rule.id: lines["rule"][n] for n, rule in enumerate(ruleset.rules)}
    check_promises(ruleset, begins | {band.slug: lines["band"][n] for n, band in enumerate(ruleset.bands)})
    return ruleset


_TABLES = frozenset({"version", "axis", "band", "rule", "missing"})


def _line_of(body: str, name: str) -> int:
    """The line on which a key or a table of this name first stands; 1 where it stands nowhere."""
    for number, line in enumerate(body.splitlines(), 1):
        if re.match(rf"\s*\[*\s*[\"']?{re.escape(name)}\b", line):
            return number
    return 1


def _lines(body: str) -> dict[str, list[int]]:
    """For each kind of table, the line on which its n-th one begins: tomllib keeps no positions."""
    found: dict[str, list[int]] = {"rule": [], "band": [], "missing": []}
    for number, line in enumerate(body.splitlines(), 1):
        if match := re.match(r"\s*\[\[\s*(rule|band|missing)\s*\]\]", line):
            found[match[1]].append(number)
    return found


def _only(table: Mapping[str, Any], allowed: set[str], where: str, line: int | None = None) -> None:
    if unknown := sorted(set(table) - allowed):
        raise BadRuleFile(
            where, f"unknown key {', '.join(unknown)}; known are {', '.join(sorted(allowed))}", line
        )


def _words(value: object, what: str, where: str, line: int | None) -> Words:
    if not isinstance(value, dict):
        raise BadRuleFile(where, f"{what} needs {what}.en and {what}.ur", line)
    _only(value, {"en", "ur"}, where, line)
    for language in ("en", "ur"):
        text = value.get(language)
        if not isinstance(text, str) or not text.strip() or "\n" in text:
            raise BadRuleFile(where, f"{what}.{language} is missing, or is not one line of text", line)
    if not _URDU.search(value["ur"]):
        raise BadRuleFile(where, f"{what}.ur is not written in Urdu", line)
    return Words(value["en"], value["ur"])


def _whole(value: object, what: str, where: str, line: int | None) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadRuleFile(where, f"{what} must be a whole number", line)
    return value


def _tables(value: object, kind: str, lines: dict[str, list[int]]) -> list[tuple[dict[str, Any], str, int]]:
    if not isinstance(value, list) or not value or len(lines[kind]) != len(value):
        first = lines[kind][0] if lines[kind] else 1
        raise BadRuleFile("the file", f"needs [[{kind}]] tables, each heading on a line of its own", first)
    found = []
    seen: set[str] = set()
    for table, line in zip(value, lines[kind], strict=True):
        name = table.get("id")
        if not isinstance(name, str) or not (_ID.match(name) or name in BANDS_BY_SLUG):
            raise BadRuleFile(f"a {kind}", "needs an id of small letters and hyphens", line)
        if name in seen:
            raise BadRuleFile(f"{kind} {name}", "stands twice in the file", line)
        seen.add(name)
        found.append((table, f"{kind} {name}", line))
    return found


def _axes(value: object, body: str) -> Mapping[Axis, AxisSpec]:
    if not isinstance(value, dict) or set(value) != {axis.value for axis in Axis}:
        line = _line_of(body, "axis")
        raise BadRuleFile("axis", f"the five axes are {', '.join(Axis)}; each needs its table", line)
    axes = {}
    for axis in Axis:
        table, where, line = value[axis.value], f"axis {axis.value}", _line_of(body, f"axis.{axis.value}")
        if not isinstance(table, dict):
            raise BadRuleFile(where, f"must be a table: [axis.{axis.value}]", line)
        _only(table, {"base", "cap", "name", "meaning"}, where, line)
        base = _whole(table.get("base"), "base", where, line)
        cap = _whole(table.get("cap"), "cap", where, line)
        if not 0 <= base <= cap <= 100:
            raise BadRuleFile(where, "0 ≤ base ≤ cap ≤ 100 must hold", line)
        name = _words(table.get("name"), "name", where, line)
        axes[axis] = AxisSpec(base, cap, name, _words(table.get("meaning"), "meaning", where, line))
    return axes


def _bands(value: object, lines: dict[str, list[int]]) -> Mapping[Band, BandSpec]:
    bands: dict[Band, BandSpec] = {}
    for table, where, line in _tables(value, "band", lines):
        _only(table, {"id", "hours", "name", "promise", "when"}, where, line)
        band = BANDS_BY_SLUG.get(table["id"])
        if band is None or band != len(bands) + 1:
            raise BadRuleFile(where, f"the bands are {', '.join(BANDS_BY_SLUG)}, in this order", line)
        hours = _whole(table.get("hours"), "hours", where, line)
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
            _words(table.get("name"), "name", where, line),
            _words(table.get("promise"), "promise", where, line),
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
    return {Axis(axis): _whole(least, axis, where, line) for axis, least in entry.items()}


def _condition(value: object, where: str, line: int) -> Condition:
    try:
        return parse(value)
    except BadCondition as error:
        raise BadRuleFile(where, str(error), line) from None


def _rules(value: object, lines: dict[str, list[int]]) -> tuple[Rule, ...]:
    rules = []
    for table, where, line in _tables(value, "rule", lines):
        _only(table, {"id", "axis", "weight", "floor", "once", "when", "reason", "source"}, where, line)
        if table.get("axis") not in {axis.value for axis in Axis}:
            raise BadRuleFile(where, f"axis must be one of {', '.join(Axis)}", line)
        weight = _whole(table.get("weight"), "weight", where, line)
        if not -100 <= weight <= 100:
            raise BadRuleFile(where, "weight must lie between -100 and 100", line)
        floor = table.get("floor")
        if floor is not None and floor not in BANDS_BY_SLUG:
            raise BadRuleFile(where, f"floor must be one of {', '.join(BANDS_BY_SLUG)}", line)
        source = table.get("source")
        if not isinstance(source, str) or not source.strip():
            raise BadRuleFile(where, "source is missing: where does this rule come from?", line)
        once = table.get("once", "")
        if not isinstance(once, str) or (once and not _ID.match(once)) or ("once" in table and not once):
            raise BadRuleFile(where, "once must be a name of small letters and hyphens", line)
        rules.append(
            Rule(
                id=table["id"],
                axis=Axis(table["axis"]),
                weight=weight,
                floor=BANDS_BY_SLUG[floor] if floor else None,
                when=_condition(table.get("when"), where, line),
                reason=_words(table.get("reason"), "reason", where, line),
                source=source,
                once=once,
            )
        )
    return tuple(rules)


def _gaps(value: object, lines: dict[str, list[int]]) -> tuple[Gap, ...]:
    if value is None:
        return ()
    gaps = []
    for table, where, line in _tables(value, "missing", lines):
        _only(table, {"id", "when", "words", "asks"}, where, line)
        condition = _condition(table.get("when"), where, line)
        asks = table.get("asks", sorted({leaf.fact for leaf, _ in leaves(condition)}))
        if not isinstance(asks, list) or not asks or not all(one in FACTS for one in asks):
            raise BadRuleFile(where, "asks must be a list of facts that a rule may read", line)
        words = _words(table.get("words"), "words", where, line)
        gaps.append(Gap(table["id"], condition, words, tuple(asks)))
    return tuple(gaps)
