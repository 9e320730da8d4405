"""How useful a report was, as codes; which of its fields were missing; and why something may be held back."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

from amaan.reports.domain.outcomes import CloseReason, Decision
from amaan.triage.domain.facts import FACTS, NOT_SAID, Facts
from amaan.triage.domain.ruleset import Words

SHIPPED: Final = Path(__file__).parent / "codes.toml"
WITHDRAWN: Final = "withdrawn"
TOO_LITTLE: Final = "too_little"
_TESTS: Final = ("least", "most", "set", "said", "any")

_BY_DECISION: Final[Mapping[str, str]] = {
    Decision.CASE_OPENED: "case",
    Decision.CASE_JOINED: "added",
    Decision.REFERRED: "passed_on",
}
_BY_REASON: Final[Mapping[str, str]] = {
    CloseReason.NO_OFFENCE: "no_offence",
    CloseReason.TOO_LITTLE: TOO_LITTLE,
    CloseReason.TOLD_ALREADY: "already_known",
    CloseReason.SHARED_WIDELY: "shared_widely",
    CloseReason.OUT_OF_REACH: "out_of_reach",
}


class Hold(StrEnum):
    """Why a partner is not told (yet)."""

    NONE = ""
    COULD_WARN = "could_warn"  # the reported person could be warned
    OPERATION = "operation"  # it would tell of work that is under way
    SAFETY = "safety"  # a child would be less safe
    ORDER = "order"  # a court or a prosecutor ordered it


class BadCodes(ValueError):
    """The file of codes can't be used; the message names the entry."""


@dataclass(frozen=True)
class Code:
    """`wait_days` until it is told. `by_hand`: only a person says it. `offered`: it stands on the desk's form."""

    id: str
    words: Words
    useful: bool
    wait_days: int
    by_hand: bool
    offered: bool


@dataclass(frozen=True)
class Field:
    """A field that helps, found by one test on one fact; `given` says only where `needs` is at least 1."""

    id: str
    words: Words
    fact: str
    test: str
    bound: int
    needs: str

    def missing(self, facts: Facts) -> bool:
        if self.needs and not (isinstance(held := facts.get(self.needs), int) and held >= 1):
            return False
        value = facts.get(self.fact)
        number = value if isinstance(value, int) and not isinstance(value, bool) else 0
        if self.test == "least":
            return number < self.bound
        if self.test == "most":
            return number > self.bound
        if self.test == "set":
            return value is not True
        if self.test == "said":
            return value is None or value == NOT_SAID
        return not isinstance(value, list) or not set(value) - {NOT_SAID}


@dataclass(frozen=True)
class Vocabulary:
    version: str
    codes: Mapping[str, Code]
    fields: Mapping[str, Field]

    def missing(self, facts: Facts) -> tuple[str, ...]:
        """The fields that a report lacks, in the file's order."""
        return tuple(name for name, field in self.fields.items() if field.missing(facts))

    def known_fields(self, names: Iterable[str]) -> tuple[str, ...]:
        """Those of `names` that are fields, in the file's order."""
        wanted = set(names)
        return tuple(name for name in self.fields if name in wanted)


@cache
def vocabulary() -> Vocabulary:
    return load_codes(SHIPPED.read_bytes())


def load_codes(data: bytes) -> Vocabulary:
    """Raises BadCodes."""
    try:
        held = tomllib.loads(data.decode())
        codes = [_code(one) for one in held["code"]]
        fields = [_field(one) for one in held["field"]]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError) as fault:
        raise BadCodes(f"The file of codes lacks something: {fault}") from fault
    known = {code.id for code in codes}
    if lost := {*_BY_DECISION.values(), *_BY_REASON.values(), "looked_at", WITHDRAWN} - known:
        raise BadCodes(f"These codes are given by decisions and must stand in the file: {sorted(lost)}.")
    return Vocabulary(str(held["version"]), {c.id: c for c in codes}, {f.id: f for f in fields})


def _code(held: Mapping[str, Any]) -> Code:
    return Code(
        held["id"],
        Words(held["en"], held["ur"]),
        bool(held["useful"]),
        int(held["wait_days"]),
        bool(held.get("by_hand")),
        not held.get("never_offered"),
    )


def _field(held: Mapping[str, Any]) -> Field:
    tests = [name for name in _TESTS if name in held]
    if len(tests) != 1 or held["fact"] not in FACTS or held.get("if", held["fact"]) not in FACTS:
        raise BadCodes(f"The field {held['id']} needs exactly one test, on a fact that there is.")
    bound = int(held[tests[0]])
    return Field(held["id"], Words(held["en"], held["ur"]), held["fact"], tests[0], bound, held.get("if", ""))


def derived(decision: str, stage: str) -> str:
    """The code that follows from a decision and, where it was closed, its reason."""
    return _BY_DECISION.get(decision) or _BY_REASON.get(stage, "looked_at")
