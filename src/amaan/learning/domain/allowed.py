"""What a model may see of a report: a list, with reasons, and patterns that no list can open.

A feature is there (1) or not (0). "No" and "not said" are both "not", so that silence never counts for anything.
"""

from __future__ import annotations

import fnmatch
import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from amaan.triage.domain.facts import FACTS, Facts, Kind
from amaan.triage.domain.ruleset import Words

SHIPPED: Final = Path(__file__).parent / "allowed.toml"
NEVER: Final = re.compile(
    r"district|tehsil|city|country|place|rural|urban|lang|script|dialect|ethnic|\brace\b|racial|caste|tribe|relig|\bsect\b"
    r"|sexes|gender|nation|unit|office|entity|platform|sender|source|reporter|account_age|label|identifier",
    re.IGNORECASE,
)
"""Facts by these names never enter, whatever the list says: where people live, what they speak, who they are, who sent
the report, and who works on it."""


class BadAllowedList(ValueError):
    """The list of features can't be used. `where` names the feature."""

    def __init__(self, where: str, cause: str) -> None:
        super().__init__(f"{where}: {cause}")
        self.where = where


@dataclass(frozen=True)
class Feature:
    """One test on one fact. `danger`: that it is there tells of a danger, so it may never count against a report."""

    id: str
    fact: str
    word: str
    least: int
    words: Words
    why: Words
    danger: bool

    def of(self, facts: Facts) -> int:
        """1 where the report tells it, else 0; also where the fact is of a kind that nobody expected."""
        value = facts.get(self.fact)
        if self.word:
            return int(value == self.word or (isinstance(value, list) and self.word in value))
        if self.least:
            return int(isinstance(value, int) and not isinstance(value, bool) and value >= self.least)
        return int(value is True)


@dataclass(frozen=True)
class Allowed:
    """The features in their order, what must never enter with why, and the digest of the file (SHA-256, hex)."""

    features: tuple[Feature, ...]
    never: Mapping[str, str]
    digest: str

    def named(self, ids: Sequence[str]) -> tuple[Feature, ...]:
        """Raises BadAllowedList for a feature that is not allowed (any more)."""
        known = {feature.id: feature for feature in self.features}
        for one in ids:
            if one not in known:
                raise BadAllowedList(one, "it is not among the features that are allowed.")
        return tuple(known[one] for one in ids)


def vector(facts: Facts, features: Sequence[Feature]) -> tuple[int, ...]:
    """What the model sees of a report."""
    return tuple(feature.of(facts) for feature in features)


@cache
def allowed() -> Allowed:
    """The list that came with the program."""
    return load_allowed(SHIPPED.read_bytes())


def load_allowed(data: bytes) -> Allowed:
    """Raises BadAllowedList."""
    try:
        held = tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise BadAllowedList("the file", str(fault)) from fault
    never = {str(one["fact"]): str(one["why"]) for one in held.get("never", [])}
    reasons = {key: _words(key, value) for key, value in held.get("why", {}).items()}
    features = tuple(_feature(one, never, reasons) for one in held.get("feature", []))
    seen: set[str] = set()
    for feature in features:
        if feature.id in seen:
            raise BadAllowedList(feature.id, "the name stands twice.")
        seen.add(feature.id)
    return Allowed(features, never, hashlib.sha256(data).hexdigest())


def _feature(held: Mapping[str, Any], never: Mapping[str, str], reasons: Mapping[str, Words]) -> Feature:
    name, fact = str(held.get("id", "")), str(held.get("fact", ""))
    where = name or "a feature without id"
    if not re.fullmatch(r"[a-z0-9-]{2,60}", name):
        raise BadAllowedList(where, "an id has 2 to 60 of a-z, 0-9 and -.")
    if NEVER.search(fact) or any(fnmatch.fnmatchcase(fact, pattern) for pattern in never):
        raise BadAllowedList(where, f"{fact} must never enter a model.")
    spec = FACTS.get(fact)
    if spec is None:
        raise BadAllowedList(where, f"there is no fact {fact}.")
    if held.get("why") not in reasons:
        raise BadAllowedList(where, "it names no reason of the list.")
    word, least = str(held.get("word", "")), int(held.get("least", 0))
    if (bool(word), bool(least), held.get("set") is True).count(True) != 1:
        raise BadAllowedList(where, "it has exactly one of word, least and set = true.")
    kind = Kind.FLAG if not word and not least else Kind.NUMBER
    if word:
        # An open vocabulary could say anything, also where somebody lives.
        if word not in spec.words or word == "not_said":
            raise BadAllowedList(where, f"{word} is none of the words of {fact}.")
    elif spec.kind is not kind:
        raise BadAllowedList(where, f"{fact} is no {kind}.")
    danger = word in spec.danger if word else True in spec.danger
    return Feature(name, fact, word, least, _words(where, held.get("words")), reasons[held["why"]], danger)


def _words(where: str, held: Any) -> Words:
    if not isinstance(held, Mapping) or not held.get("en") or not held.get("ur"):
        raise BadAllowedList(where, "a sentence is missing in one of the languages.")
    return Words(str(held["en"]), str(held["ur"]))
