"""How alike two reports are, by facts that identify nobody.

What two reports both tell counts for them, what only one tells or what they tell differently counts against them, and
what neither tells counts for nothing: two silences are no agreement. Where people live, how a report was sent and how
long its texts are play no part, and neither does anybody's identity, which no fact holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final

from amaan.triage.domain.facts import FACTS, NOT_SAID, Facts, FactValue, Kind

COMPARED: Final = (
    *("incident.type", "incident.channels", "incident.annotations", "incident.escalated", "incident.batched"),
    *("law_enforcement.reported", "law_enforcement.legal_process"),
    *("victim.count", "victim.age_bands", "victim.sexes", "victim.named", "victim.school", "victim.contact"),
    *("victim.located", "victim.possibly_coerced"),
    *(
        "reported.count",
        "reported.named",
        "reported.age_bands",
        "reported.minor",
        "reported.contact_verified",
    ),
    *("reported.ip_with_port_time", "reported.ip_upload", "reported.ip_proxy", "reported.in_country"),
    *("reported.prior_reports", "reported.group", "reported.associated_accounts", "reported.compromised"),
    *("reported.third_party", "reported.devices", "reported.payment", "reported.access_to_children"),
    *(
        "reported.access_to_victim",
        "reported.convicted",
        "reported.relationship",
        "reported.works_with_children",
    ),
    *("reported.told_independently", "recipient.count"),
    *("content.count", "content.classes", "content.annotations", "content.public"),
    *("text.indicators", "match.exact", "match.near", "match.viral"),
    *(
        "told.happening",
        "told.demanded",
        "told.promised",
        "told.person",
        "told.paid",
        "told.others",
        "told.when",
    ),
)
"""The facts that two reports are compared by, in the order in which an officer would go through them."""

_COMPARED: Final = frozenset(COMPARED)
_OF_DANGER, _OF_QUIET, _PLAIN = 6, 1, 2
"""A word that tells of a child at risk weighs three times as much as another; how widely something spread, half."""
_STEPS: Final = (1, 3, 9)
"""Numbers are alike in steps: 1, 2 to 3, 4 to 9, more."""

Feature = tuple[str, bool | int | str]


class Grade(StrEnum):
    """Likeness in a word."""

    NEARLY_SAME = "nearly_same"
    MUCH = "much"
    PARTLY = "partly"


GRADES: Final[Mapping[Grade, float]] = {Grade.NEARLY_SAME: 0.85, Grade.MUCH: 0.65, Grade.PARTLY: 0.5}
"""From how much likeness on, the strongest first. What is less alike is not called alike."""


@dataclass(frozen=True)
class Difference:
    """One fact that two reports tell differently. None is "not said"."""

    fact: str
    here: FactValue | None
    there: FactValue | None


def grade_of(score: float) -> Grade | None:
    return next((grade for grade, least in GRADES.items() if score >= least), None)


def features(facts: Facts) -> frozenset[Feature]:
    """What a report tells, one feature a word; what is not said has none."""
    return frozenset(_features(facts))


def _features(facts: Facts) -> Iterator[Feature]:
    # A page compares a thousand reports: most facts are empty, and are passed over first.
    for name, value in facts.items():
        if not value or value == NOT_SAID or name not in _COMPARED:
            continue
        if isinstance(value, list):
            for word in value:
                if word != NOT_SAID:
                    yield name, word
        elif isinstance(value, bool | str):
            yield name, value
        else:
            yield name, sum(value > step for step in _STEPS)


def told(facts: Facts, name: str) -> FactValue | None:
    """What is told of a fact; None where nothing is: absent, not said, a flag that is not set, none of a number."""
    value = facts.get(name)
    if isinstance(value, list):
        return sorted(word for word in value if word != NOT_SAID) or None
    return None if value in (None, NOT_SAID, False, 0, "") else value


@cache
def _weight(feature: Feature) -> int:
    name, value = feature
    spec = FACTS[name]
    read = value if spec.kind in {Kind.WORD, Kind.WORDS} and isinstance(value, str) else True
    if read in spec.danger or (True in spec.danger):
        return _OF_DANGER
    return _OF_QUIET if read in spec.quiet or True in spec.quiet else _PLAIN


def _sum(found: frozenset[Feature]) -> int:
    return sum(map(_weight, found))


def likeness(here: frozenset[Feature], there: frozenset[Feature]) -> float:
    """0 to 1: the weight of what both tell, of all that either tells. 0 where neither tells anything."""
    both = _sum(here & there)
    return both / _sum(here | there) if both else 0.0


def differences(here: Facts, there: Facts) -> list[Difference]:
    """The facts that two reports tell differently, the weightiest first, then in the order of `COMPARED`."""
    mine, theirs = features(here), features(there)
    weights: dict[str, int] = {}
    for feature in mine ^ theirs:
        weights[feature[0]] = max(weights.get(feature[0], 0), _weight(feature))
    return [
        Difference(name, told(here, name), told(there, name))
        for name in sorted(weights, key=lambda name: (-weights[name], COMPARED.index(name)))
    ]
