"""What can be unsealed, for how long, and what became of a request."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

LONGEST: Final = timedelta(hours=24)
SHORTEST_REASON: Final = 20
"""Characters. A reason that a second person can weigh is a sentence."""


class PartKind(StrEnum):
    """A party (victim, recipient, reporter, a reported child), the free texts, or the documents as they came."""

    PARTY = "party"
    TEXTS = "texts"
    DOCUMENT = "document"


class Answer(StrEnum):
    WAITING = ""
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class State(StrEnum):
    """How a request stands at a moment. Expiry is a matter of time alone."""

    WAITING = "waiting"
    OPEN = "open"
    EXPIRED = "expired"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class NoSuchPart(ValueError):
    """What was asked for is no sealed part of this report."""


class Part(NamedTuple):
    """`party` is the party's number for the kind `party`, else None. Written `party-3`, `texts`, `document`."""

    kind: PartKind
    party: int | None = None

    def __str__(self) -> str:
        return str(self.kind) if self.party is None else f"{self.kind}-{self.party}"


def read_part(text: str) -> Part:
    """From its written form. Raises NoSuchPart."""
    kind, dash, number = text.partition("-")
    if kind == PartKind.PARTY and dash and number.isascii() and number.isdigit() and len(number) <= 6:
        return Part(PartKind.PARTY, int(number))
    if not dash and kind in {PartKind.TEXTS, PartKind.DOCUMENT}:
        return Part(PartKind(kind))
    raise NoSuchPart("A sealed part is written party-NUMBER, texts or document.")


def state_of(answer: str, open_until: datetime | None, now: datetime) -> State:
    """`open_until` is set exactly when the answer is granted; at that moment it is closed already."""
    if answer == Answer.GRANTED:
        return State.OPEN if open_until is not None and now < open_until else State.EXPIRED
    return {
        Answer.WAITING: State.WAITING,
        Answer.REFUSED: State.REFUSED,
        Answer.WITHDRAWN: State.WITHDRAWN,
    }[Answer(answer)]
