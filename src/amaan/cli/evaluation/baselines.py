"""The orders that a simpler product would make of the same reports, from the same facts. Pure.

Each gives a number; the highest comes first, and what is equal comes in the order of arrival.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from amaan.triage.domain.facts import NOT_SAID, Facts, FactValue

_ACTS: Final = {"enticement", "sex_trafficking", "molestation"}
_MARKS: Final = {"sextortion", "csam_solicitation", "sadistic", "threat_now", "meeting_arranged", "self_harm"}
_HARM: Final = {"live_streaming", "infant", "physical_harm"}
_YOUNG: Final = {"0-5", "6-10", "11-13"}
_NO_FIELD: Final = {"source", "version", "receipt.not_understood", "text.length"}


def said(value: FactValue) -> bool:
    """Whether anything was told: a field that is absent, empty, false or not said is not filled."""
    return value not in (NOT_SAID, False, 0, "", [], [NOT_SAID])


def oldest_first(facts: Facts) -> float:
    """Everything is equal: what came first is read first."""
    return 0.0


def completeness(facts: Facts) -> float:
    """The share of fields that are filled, 0 to 1."""
    fields = [name for name in facts if name not in _NO_FIELD]
    return sum(said(facts[name]) for name in fields) / max(1, len(fields))


def file_count(facts: Facts) -> float:
    """How many files the report speaks of."""
    return float(_number(facts, "content.count"))


WEIGHTS: Final[tuple[tuple[str, float, Callable[[Facts], float]], ...]] = (
    ("the sender asks for haste", 30, lambda facts: bool(facts.get("incident.escalated"))),
    ("enticement, trafficking or molestation", 20, lambda facts: facts.get("incident.type") in _ACTS),
    (
        "a mark of danger by the sender",
        15,
        lambda facts: bool(_MARKS & _words(facts, "incident.annotations")),
    ),
    ("a victim is described", 10, lambda facts: _number(facts, "victim.count") > 0),
    ("a victim under 14", 10, lambda facts: bool(_YOUNG & _words(facts, "victim.age_bands"))),
    (
        "a file of live streaming, an infant, harm",
        10,
        lambda facts: bool(_HARM & _words(facts, "content.annotations")),
    ),
    ("each earlier report, two at most", 5, lambda facts: min(2, _number(facts, "reported.prior_reports"))),
    ("each file, ten at most", 1, lambda facts: min(10, _number(facts, "content.count"))),
    ("a file of class A", 5, lambda facts: bool({"A1", "A2"} & _words(facts, "content.classes"))),
    ("a verified contact", 5, lambda facts: bool(facts.get("reported.contact_verified"))),
    ("an address with port and time", 5, lambda facts: _number(facts, "reported.ip_with_port_time") > 0),
    ("the share of fields that are filled", 10, completeness),
    ("a bundle of one viral file", -10, lambda facts: bool(facts.get("incident.batched"))),
)
"""One weighted sum, as a simple product would make it: what each part is, its weight, and how much of it there is."""


def weighted_score(facts: Facts) -> float:
    """Danger, completeness and actionability in one sum (`WEIGHTS`)."""
    return sum(weight * amount(facts) for _, weight, amount in WEIGHTS)


BASELINES: Final[Mapping[str, Callable[[Facts], float]]] = {
    order.__name__: order for order in (oldest_first, completeness, file_count, weighted_score)
}


def _number(facts: Facts, name: str) -> int:
    value = facts.get(name, 0)
    return value if isinstance(value, int) else 0


def _words(facts: Facts, name: str) -> set[str]:
    value = facts.get(name)
    return set(value) if isinstance(value, list) else set()
