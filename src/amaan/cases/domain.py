"""Rules of a case: its reference, what can happen to it, who works on it and who leads. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from amaan.reports.domain.references import read_reference, write_reference

LETTER: Final = "C"

REASON: Final = 2_000
"""The most characters of a reason; of a title and a note below."""
TITLE: Final = 120
NOTE: Final = 10_000


class Kind(StrEnum):
    """What can happen to a case. Each is a row of `CaseEvent`, for good."""

    OPENED = "opened"
    REPORT_JOINED = "report_joined"
    REPORT_TAKEN_OUT = "report_taken_out"
    ASSIGNED = "assigned"
    HANDED_OVER = "handed_over"
    ASSIGNMENT_ENDED = "assignment_ended"
    NOTED = "noted"


class CaseError(Exception):
    """What cannot be done to a case as it stands."""


class NothingWritten(CaseError):
    """A reason or a note is needed, and none was given."""


class TooLong(CaseError):
    """A text is longer than its field takes; `most` is the limit."""

    def __init__(self, most: int) -> None:
        super().__init__(f"Write at most {most} characters; what is longer is a document, not a note.")
        self.most = most


class AlreadyAtWork(CaseError):
    """The person works on the case already, as they were to."""


class NotAtWork(CaseError):
    """The person does not work on the case, so nothing of theirs can be handed over or ended."""


class NotToOneself(CaseError):
    """Work is handed over to somebody else."""


def new_reference(value: int) -> str:
    """A case's reference from a random number of `references.BITS` bits."""
    return write_reference(value, LETTER)


def read_case_reference(typed: str) -> str:
    """The written form of a case's reference, however typed. Raises NotAReference."""
    return read_reference(typed, LETTER)


def checked(text: str, most: int, *, needed: bool = True) -> str:
    """A text without the space around it. Raises NothingWritten, TooLong."""
    text = text.strip()
    if needed and not text:
        raise NothingWritten("Write why; whoever takes the case over reads it first.")
    if len(text) > most:
        raise TooLong(most)
    return text


def person_of(actor_key: str) -> int | None:
    """The row id of the person behind an actor's key (`staff:12`); None for a machine."""
    kind, _, number = actor_key.partition(":")
    return int(number) if kind == "staff" and number.isdecimal() else None


Work = Mapping[int, bool]
"""Who works on a case: a person's id, and whether they lead. At most one leads."""


def assigned(work: Work, person: int, *, lead: bool) -> dict[int, bool]:
    """`person` works on it; a new lead leaves the earlier one at work without the lead. Raises AlreadyAtWork."""
    if person in work and (work[person] or not lead):
        raise AlreadyAtWork(f"Person {person} works on this case already.")
    others = {other: leads and not lead for other, leads in work.items()}
    return others | {person: lead}


def handed_over(work: Work, giver: int, taker: int) -> dict[int, bool]:
    """`taker` stands where `giver` stood, who is gone. Raises NotAtWork, NotToOneself."""
    if giver == taker:
        raise NotToOneself("Hand your work over to somebody else.")
    if giver not in work:
        raise NotAtWork(f"Person {giver} does not work on this case.")
    left = {person: leads for person, leads in work.items() if person != giver}
    return left | {taker: work[giver] or work.get(taker, False)}


def ended(work: Work, person: int) -> dict[int, bool]:
    """`person` is gone; if they led, nobody leads until somebody is assigned. Raises NotAtWork."""
    if person not in work:
        raise NotAtWork(f"Person {person} does not work on this case.")
    return {other: leads for other, leads in work.items() if other != person}
