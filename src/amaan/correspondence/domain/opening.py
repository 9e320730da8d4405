"""What lies in an opened envelope, checked: the door can seal anything, and whoever holds the door too."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from amaan.correspondence.domain.words import CorrespondenceError, Safe
from amaan.ledger.domain.leaf import LeafNotCanonical, commitment, decode
from amaan.portal.domain.envelopes import Kind, NotAnEnvelope, Telling, read_telling
from amaan.portal.domain.receipts import ACT, WHO
from amaan.portal.domain.sealing import takes_letters
from amaan.reports.domain.references import NotAReference, read_reference

_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,4})?")
_ADDRESS_BYTES: Final = 16
_AHEAD: Final = timedelta(minutes=10)
"""By how much the door's clock may be ahead of the desk's."""
_WAITED: Final = timedelta(days=31)
"""How long an envelope may have waited at the door: longer than any worker stands still."""
_NUMBERED: Final = frozenset({Kind.REPORT, Kind.HASHES})


class NotUnderstood(CorrespondenceError):
    """What was opened is no telling that this version can store."""


def telling_in(value: object) -> Telling:
    """The telling, with every field of the kind that it should be. Raises NotUnderstood."""
    try:
        told = read_telling(value)
    except NotAnEnvelope as fault:
        raise NotUnderstood(str(fault)) from fault
    whole = (
        isinstance(told.answers, Mapping)
        and all(isinstance(key, str) for key in told.answers)
        and all(isinstance(one, Mapping) for one in told.hashes)
        and all(isinstance(text, str) for text in (told.at, told.language, told.text, told.hash, told.safe))
        and len(bytes.fromhex(told.address)) == _ADDRESS_BYTES
        and takes_letters(bytes.fromhex(told.public))
        and _is_time(told.at)
        and _is_submission(told.submission, needed=told.kind in _NUMBERED)
    )
    if not whole:
        raise NotUnderstood("A field of the telling is not of the kind that it should be.")
    known = _LANGUAGE.fullmatch(told.language)
    return replace(
        told,
        language=told.language if known else "en",
        safe=told.safe if told.safe in set(Safe) else str(Safe.NOT_SAID),
    )


def is_leaf_of(
    leaf: bytes, salt: bytes, body: bytes, sealed: bytes, submission: str = "", *, now: datetime
) -> bool:
    """Whether the door's entry says what it may say: that this envelope was sent, by a reporter, lately, and no more.

    Without this whoever takes the door could have the desk's ledger say anything. `submission` where it is known.
    """
    try:
        text = decode(leaf)
    except LeafNotCanonical:
        return False
    return (
        (text.act, text.who, text.unit) == (ACT, WHO, "")
        and -_AHEAD <= now - datetime.fromisoformat(text.at) <= _WAITED
        and _is_submission(text.on, needed=True)
        and submission in {"", text.on}
        and text.body == commitment(salt, body)
        and body == b'{"envelope":"%s"}' % sha256(sealed).hexdigest().encode()
    )


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _is_submission(text: Any, *, needed: bool) -> bool:
    if text == "":
        return not needed
    try:
        return isinstance(text, str) and read_reference(text, "S") == text
    except NotAReference:
        return False
