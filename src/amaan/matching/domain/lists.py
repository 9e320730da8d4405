"""What a list is: whose word it is, what it is about, what counts as near. Pure.

The categories are closed: a list that fits none of them is refused, whoever wants it.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Final


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
    SURVIVOR = "survivor"  # sent by who is shown, from their own device; not confirmed


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
