"""What a list is: whose word it is, what it is about, what counts as near. Pure.

The categories are closed: a list that fits none of them is refused, whoever wants it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Final

from amaan.matching.domain.errors import BadList, ReasonNeeded


class ListKind(StrEnum):
    """Whose word a list is (docs/explanation/matching.md)."""

    IMPORTED = "imported"
    EXCHANGE = "exchange"
    OWN = "own"
    SURVIVOR = "survivor"


class Category(StrEnum):
    """What the members of a list show, in the field's words (Terminology Guidelines 2016; INHOPE baseline)."""

    CSAM = "csam"  # child sexual abuse material, confirmed
    CSAM_SUSPECTED = "csam_suspected"  # held to be so by the source, not confirmed
    EXPLOITATIVE = "exploitative"  # sexualised or exploitative, short of abuse material
    SELF_GENERATED = (
        "self_generated"  # made by the child under pressure or deceit, or shared against its will
    )
    GENERATED = "generated"  # made or altered by a machine to show the same
    SURVIVOR = "survivor"  # sent by who is shown, an adult perhaps, from their own device; not confirmed


class ListState(StrEnum):
    """A list matches only as APPROVED, and while it is enabled."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


class MemberState(StrEnum):
    """A member counts only as ACTIVE."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    WITHDRAWN = "withdrawn"


class Answer(StrEnum):
    """What a second person said of a member that is proposed for the own list."""

    WAITING = ""
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class SignalType(IntEnum):
    """What was compared. The numbers stand in the database and never change."""

    SHA256 = 1
    SHA1 = 2
    MD5 = 3
    PDQ = 4

    @property
    def size(self) -> int:
        """Bytes of a value."""
        return {1: 32, 2: 20, 3: 16, 4: 32}[self.value]

    @property
    def label(self) -> str:
        """As it is written, in every language."""
        return {1: "SHA-256", 2: "SHA-1", 3: "MD5", 4: "PDQ"}[self.value]

    @property
    def cryptographic(self) -> bool:
        """Whether equality means the same bytes."""
        return self is not SignalType.PDQ


MAY_RAISE_DANGER: Final = frozenset({ListKind.IMPORTED, ListKind.EXCHANGE, ListKind.OWN})
"""What a survivor's own hash tells is kept from every axis of danger, until a person has confirmed it."""

DISTANCE: Final = 31
"""Bits of 256 that a near match may differ: the value that the PDQ reference recommends."""
MOST_DISTANCE: Final = 63
QUALITY: Final = 50
"""Below it a PDQ hash says little: the reference's own limit (python-threatexchange, QUALITY_THRESHOLD)."""

OWN: Final = "own"
"""The slug of the operator's own list: what was decided here, by two people."""
SURVIVORS: Final = "survivors"
"""The slug of the list that the public fills from their own devices."""
HOUSE: Final = "system:amaan"
"""Who proposes these two: they come with the program, and a person approves them."""
ALWAYS_THERE: Final[Mapping[str, tuple[ListKind, Category, str, str, str]]] = MappingProxyType(
    {
        OWN: (
            ListKind.OWN,
            Category.CSAM,
            "Own list",
            "Decisions made here",
            "Each member was decided upon by one trained person and confirmed by a second one.",
        ),
        SURVIVORS: (
            ListKind.SURVIVOR,
            Category.SURVIVOR,
            "Survivors' own hashes",
            "Survivors, from their own devices",
            "Whoever is shown sent the hash, wants the picture found, and may take it back.",
        ),
    }
)
"""Slug: kind, category, title, source, ground."""

REASON: Final = 2_000
EXCHANGES: Final[Mapping[str, str]] = MappingProxyType(
    {"ncmec": "AMAAN_NCMEC_HASHES", "stopncii": "AMAAN_STOPNCII"}
)
"""The services that can fill a list, and the variable that holds the address and credential of each."""
OF_SURVIVORS: Final = frozenset({"stopncii"})
"""Exchanges of what people sent of themselves, adults too, unconfirmed: theirs, and no word of danger."""
_SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])")
_LENGTHS: Final = {"title": 120, "source": 200, "ground": 2_000}


def checked_slug(slug: str) -> str:
    """Raises BadList."""
    if not _SLUG.fullmatch(slug):
        raise BadList("slug", "A slug is 2 to 40 of the characters a-z 0-9 and -, not at its ends.")
    return slug


def checked_words(field: str, text: str, *, needed: bool = True) -> str:
    """A title, source or ground without blanks around it. Raises BadList."""
    text = " ".join(text.split())
    if (needed and not text) or len(text) > _LENGTHS[field]:
        raise BadList(field, f"Say the list's {field} in 1 to {_LENGTHS[field]} characters.")
    return text


def checked_exchange(text: str, *, needed: bool) -> str:
    """Raises BadList."""
    text = text.strip()
    if text not in EXCHANGES if needed else text:
        raise BadList("exchange", f"An exchange is one of: {', '.join(EXCHANGES)}.")
    return text


def checked_category(text: str, *, field: str = "category") -> Category:
    """A category that a list may have; survivors' own list has its own. Raises BadList."""
    if text not in CATEGORIES:
        raise BadList(
            field,
            f"{text!r} is no category of child sexual exploitation. There are: {', '.join(CATEGORIES)}. "
            "A list that fits none of them does not belong here.",
        )
    return Category(text)


CATEGORIES: Final = tuple(category.value for category in Category if category is not Category.SURVIVOR)


def checked_map(classes: Mapping[str, str]) -> dict[str, str]:
    """The source's own classes → our categories. Raises BadList."""
    return {
        theirs.strip(): checked_category(ours, field="categories").value for theirs, ours in classes.items()
    }


def checked_threshold(distance: int, quality: int) -> None:
    """Raises BadList."""
    if not 0 <= distance <= MOST_DISTANCE:
        raise BadList("distance", f"A distance is 0 to {MOST_DISTANCE} bits of 256; {DISTANCE} is usual.")
    if not 0 <= quality <= 100:
        raise BadList("quality", f"A quality is 0 to 100; {QUALITY} is usual.")


def checked_reason(text: str) -> str:
    """Raises ReasonNeeded."""
    text = text.strip()
    if not 1 <= len(text) <= REASON:
        raise ReasonNeeded(f"Say why, in 1 to {REASON:,} characters.")
    return text


def widens(*, distance: int, quality: int, to_distance: int, to_quality: int) -> bool:
    """Whether a list would match more than a second person agreed to."""
    return to_distance > distance or to_quality < quality
