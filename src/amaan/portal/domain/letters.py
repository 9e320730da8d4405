"""What a letter to a reporter may hold, as JSON. The desk writes it, the door shows it to whoever holds the code.

    {"v": 1, "kind": "status",      "at": "2026-11-22", "status": a PublicStatus}
    {"v": 1, "kind": "message",     "at": …, "number": 3, "text": …}
    {"v": 1, "kind": "hash_status", "at": …, "hash": sha256 hex, "file": photo|video|other, "status": a HashStatus}
    {"v": 1, "kind": "closing",     "at": …, "became": a Became, "text": … or ""}

`at` is a day, never an hour: who reads over a shoulder learns no more. None of them repeats what was told. A letter of
a kind or word that the door doesn't know is shown as a letter without its words.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any, Final

VERSION: Final = 1


class LetterKind(StrEnum):
    STATUS = "status"
    MESSAGE = "message"
    HASH_STATUS = "hash_status"
    CLOSING = "closing"


class HashStatus(StrEnum):
    """What became of a hash that somebody made of their own picture."""

    WAITING = "waiting"
    HELD = "held"
    EXACT_ONLY = "exact_only"
    NOT_USED = "not_used"
    WITHDRAWN = "withdrawn"


class Became(StrEnum):
    """What became of a report, said to whoever told it. Each has a sentence in every language; none names anybody."""

    WORKED_ON = "worked_on"
    PASSED_ON = "passed_on"
    TAKEN_DOWN = "taken_down"
    KNOWN = "known"
    TOO_LITTLE = "too_little"
    NO_OFFENCE = "no_offence"
    OUT_OF_REACH = "out_of_reach"
    OTHER = "other"


Letter = dict[str, Any]


def status_letter(on: date, status: str) -> Letter:
    return _letter(LetterKind.STATUS, on, status=status)


def message_letter(on: date, number: int, text: str) -> Letter:
    return _letter(LetterKind.MESSAGE, on, number=number, text=text)


def hash_letter(on: date, sha256: str, file: str, status: HashStatus) -> Letter:
    return _letter(LetterKind.HASH_STATUS, on, hash=sha256, file=file, status=str(status))


def closing_letter(on: date, became: Became, text: str) -> Letter:
    return _letter(LetterKind.CLOSING, on, became=str(became), text=text)


def _letter(kind: LetterKind, on: date, **said: object) -> Letter:
    return {"v": VERSION, "kind": str(kind), "at": on.isoformat(), **said}
