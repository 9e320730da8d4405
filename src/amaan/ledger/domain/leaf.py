"""Leaves: canonical JSON (RFC 8785's form) of seven fields, readable for ever, naming nobody.

    {"act":…,"at":…,"body":…,"on":…,"unit":…,"v":1,"who":…}

`at` is UTC to the microsecond, `who` an actor's key, `act` what was done, `on` a reference, `unit` an
office's code or nothing, `body` the hex of SHA-256(salt ‖ body). The words are plain ASCII without spaces or
"@": a name, a sentence, a mail address or a search term cannot get into what can never be erased.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

SALT_BYTES: Final = 16
ERASED: Final = "ledger.body_erased"
"""The act of the entry that records an erasure."""

UNLISTED: Final = frozenset({"report.received"})
"""Acts that come by the hundred thousand. Who wrote them keeps the entry's number beside its own row, so that a list
of them needs no index that every import would pay for."""

_WORD: Final = r"[A-Za-z0-9][A-Za-z0-9:._/#-]{0,119}"
_LEAF: Final = re.compile(
    rf'\{{"act":"({_WORD})"'
    r',"at":"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z)"'
    r',"body":"([0-9a-f]{64})"'
    rf',"on":"({_WORD})","unit":"({_WORD}|)","v":1,"who":"({_WORD})"\}}'.encode()
)
_is_word: Final = re.compile(_WORD).fullmatch


class NotALedgerWord(Exception):
    """A leaf's words are short plain references; whatever could name a person belongs in the body."""

    def __init__(self, field: str) -> None:
        # The word itself may be what must not be written down, so it isn't quoted.
        super().__init__(
            f"The ledger's field {field!r} takes 1 to 120 of the characters A-Z a-z 0-9 : . _ / # - "
            "and nothing else. Put what names or describes somebody in the body."
        )


class LeafNotCanonical(Exception):
    """Bytes that are not exactly what `encode` writes."""


@dataclass(frozen=True)
class LeafText:
    """A leaf as read. `body` is hex."""

    act: str
    at: str
    body: str
    on: str
    unit: str
    who: str


def time_text(at: datetime) -> str:
    """`at` is aware; UTC to the microsecond, such as 2026-01-31T09:30:00.000000Z."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def commitment(salt: bytes, body: bytes) -> str:
    """Hex of SHA-256(salt ‖ body). The salt's length is fixed, so that no two pairs read as one."""
    return sha256(salt + body).hexdigest()


def encode(*, act: str, at: str, body: str, on: str, unit: str, who: str) -> bytes:
    """`at` from `time_text`, `body` from `commitment`. Raises NotALedgerWord."""
    if not _is_word(act):
        raise NotALedgerWord("act")
    if not _is_word(on):
        raise NotALedgerWord("on")
    if unit and not _is_word(unit):
        raise NotALedgerWord("unit")
    if not _is_word(who):
        raise NotALedgerWord("who")
    # Such words need no escaping, so this is what a canonical JSON writer gives, in a tenth of the time.
    head = f'{{"act":"{act}","at":"{at}","body":"{body}","on":"{on}"'
    return f'{head},"unit":"{unit}","v":1,"who":"{who}"}}'.encode()


def decode(leaf: bytes) -> LeafText:
    """Raises LeafNotCanonical for every other byte sequence, equal JSON in another order or spacing
    included."""
    match = _LEAF.fullmatch(leaf)
    if match is None:
        raise LeafNotCanonical("These bytes are not a leaf in canonical form (version 1).")
    act, at, body, on, unit, who = match.groups()
    return LeafText(act.decode(), at.decode(), body.decode(), on.decode(), unit.decode(), who.decode())


def erased_reference(entry_id: int) -> str:
    """What the record of an erasure has as `on`."""
    return f"entry:{entry_id}"
