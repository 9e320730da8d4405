"""Where each sealed value of this room is sealed to: table, row, column."""

from __future__ import annotations


def letter_taken(submission: str) -> str:
    return f"correspondence_conversation/{submission}/letter"


def message(submission: str, number: int) -> str:
    return f"correspondence_message/{submission}.{number}/body"


def note(reference: str) -> str:
    return f"correspondence_note/{reference}/body"


def flag(reference: str, kind: str) -> str:
    return f"correspondence_flag/{reference}.{kind}/detail"


def text_mark(reference: str) -> str:
    return f"correspondence_textmark/{reference}/reason"


def offered(key: bytes) -> str:
    return f"correspondence_offeredhash/{key.hex()}/sealed"


def offered_references(key: bytes) -> str:
    return f"correspondence_offeredhash/{key.hex()}/references"


def outgoing(number: bytes) -> str:
    return f"correspondence_outgoing/{number.hex()}/sealed"
