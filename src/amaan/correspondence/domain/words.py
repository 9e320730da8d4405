"""The words that this room's rows hold, and how long a text may be. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

MOST_MESSAGE: Final = 4_000
"""Characters of a message to a reporter: it is read on a small screen."""
MOST_NOTE: Final = 10_000
MOST_REASON: Final = 2_000


class ArrivalState(StrEnum):
    """What became of an envelope: carried at once, kept unread, or carried after all."""

    CARRIED = "carried"
    UNREADABLE = "unreadable"
    RESOLVED = "resolved"


class Fault(StrEnum):
    """Why an envelope could not be carried, so that somebody knows what to do."""

    NOTHING = ""
    NOT_OPENED = "not_opened"  # sealed to another key, or changed
    NOT_UNDERSTOOD = "not_understood"  # opened, and no telling of this version
    NO_CONVERSATION = "no_conversation"  # it belongs to a report that isn't here (yet)
    STORE = "store"  # the database refused it
    FAULT = "fault"  # a fault of ours


class LeafState(StrEnum):
    """What the ledger holds of the entry that the door made for an envelope."""

    NONE = ""  # a message and the like have none
    KEPT = "kept"
    REFUSED = "refused"  # it does not fit the envelope; the reporter's proof will not be found


class Channel(StrEnum):
    """How somebody told it. The public's door, or what staff take down."""

    DOOR = "door"
    TELEPHONE = "telephone"
    WALK_IN = "walk_in"
    LETTER = "letter"


class Sender(StrEnum):
    """Who wrote a letter that staff take down."""

    INTERPOL_NCB = "interpol_ncb"
    COURT = "court"
    HOTLINE = "hotline"
    POLICE = "police"
    OTHER = "other"


class Direction(StrEnum):
    """IN: from the reporter; OUT: to them."""

    IN = "in"
    OUT = "out"


class MessageKind(StrEnum):
    MESSAGE = "message"
    WITHDRAW = "withdraw"
    CLOSING = "closing"


class Safe(StrEnum):
    """The answer to «are you safe?» of somebody who wants to withdraw."""

    YES = "yes"
    NO = "no"
    NOT_SAID = "not_said"


class Contact(StrEnum):
    """What a reporter wishes: no contact, by the code alone, or it is safe to reach them."""

    NO = "no"
    CODE = "code"
    YES = "yes"


class FlagKind(StrEnum):
    """Marks for the analyst. None of them changes a band."""

    FLOOD = "flood"
    SAME_STORY = "same_story"
    POSSIBLE_CAMPAIGN = "possible_campaign"


class CorrespondenceError(Exception):
    """What cannot be done with a conversation as it stands; the message says why."""


class NothingWritten(CorrespondenceError):
    """A text is needed, and none was given."""


class TooLong(CorrespondenceError):
    """A text is longer than its field takes; `most` is the limit in characters."""

    def __init__(self, most: int) -> None:
        super().__init__(f"Write at most {most} characters.")
        self.most = most


class NoConversation(CorrespondenceError):
    """The report has no reporter whom a letter could reach."""


class ReadAlready(CorrespondenceError):
    """The envelope was carried meanwhile, or there is none of this number."""


def checked(text: str, most: int) -> str:
    """A text without the space around it. Raises NothingWritten, TooLong."""
    text = text.strip()
    if not text:
        raise NothingWritten("Nothing was written.")
    if len(text) > most:
        raise TooLong(most)
    return text
