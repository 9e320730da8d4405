"""What a report may be hard to read for: coarse words from its facts, never from its texts.

They are nobody's diagnosis. They let somebody say "not this, today", and let a pull pass over it for that person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import IntFlag
from typing import Final

FactValue = bool | int | str | list[str]
Facts = Mapping[str, FactValue]


class Category(IntFlag):
    """Bits, kept beside a report's band. NONE: nothing that anybody opted out of."""

    NONE = 0
    YOUNG_CHILD = 1  # a child of ten or younger
    VIOLENCE = 2  # bodily harm, or abuse in person
    SEXTORTION = 4  # somebody is threatened with sharing pictures
    SELF_HARM = 8  # somebody may take their life
    LIVE = 16  # abuse made to order, or before a camera
    FAMILY = 32  # the reported person is a relative or a carer
    FILES = 64  # the report speaks of files; without it, it is words alone


CHOOSABLE: Final = (
    Category.YOUNG_CHILD,
    Category.VIOLENCE,
    Category.SEXTORTION,
    Category.SELF_HARM,
    Category.LIVE,
    Category.FAMILY,
    Category.FILES,
)
"""What somebody may opt out of."""
HEAVY: Final = Category.YOUNG_CHILD | Category.VIOLENCE | Category.LIVE | Category.SELF_HARM
"""After one of these, lighter work is offered for a while."""

_YOUNG: Final = frozenset({"0-5", "6-10"})
_VIOLENT: Final = frozenset({"physical_harm", "violence_gore", "bestiality"})
_FAMILY: Final = frozenset({"parent", "relative", "carer"})


def categories_of(facts: Facts) -> Category:
    """The categories of a report with these facts (docs/reference/facts.md); what was not said counts for none."""
    ages, files = _words(facts, "victim.age_bands"), _words(facts, "content.annotations")
    told, read = _words(facts, "incident.annotations"), _words(facts, "text.indicators")
    found = Category.NONE
    if ages & _YOUNG or "infant" in files or _words(facts, "content.classes") & {"A1", "A2"}:
        found |= Category.YOUNG_CHILD
    if files & _VIOLENT or "sadistic" in told or facts.get("incident.type") == "molestation":
        found |= Category.VIOLENCE
    if "sextortion" in told or read & {"threat_to_share", "money_demand"}:
        found |= Category.SEXTORTION
    if "self_harm" in told or "self_harm_risk" in read:
        found |= Category.SELF_HARM
    if "live_streaming" in files or "live_stream" in read:
        found |= Category.LIVE
    if facts.get("reported.relationship") in _FAMILY:
        found |= Category.FAMILY
    count = facts.get("content.count")
    if isinstance(count, int) and count > 0:
        found |= Category.FILES
    return found


def each(categories: Category) -> Iterator[Category]:
    """The single categories in a set of them."""
    return (one for one in CHOOSABLE if one in categories)


def _words(facts: Facts, name: str) -> frozenset[str]:
    value = facts.get(name)
    return frozenset(value) if isinstance(value, list) else frozenset()
