"""Keys of evidence: one number of 64 bits for what two reports may share. Pure.

An identifier's key is its row's number, so that forty million mentions need no digest and a page finds what a key
stands for. Every other key is a digest with the highest bit set, so that the two never meet. Digests of what was
unsealed are keyed: whoever holds the table without the keys cannot try names or venues on it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import datetime
from hashlib import blake2b
from typing import Final

from amaan.lexicon.domain.wording import BANDS, BYTES_A_BAND
from amaan.linking.domain.kinds import EvidenceKind

_DIGEST: Final = 1 << 63
_PERSONS: Final = {kind: bytes([kind]) for kind in EvidenceKind}
_WINDOW_SECONDS: Final = 15 * 60
"""Two moments within half of it share a key for certain, and two further apart than it never do."""


def identifier_of(key: int) -> int | None:
    """The row of `reports.Identifier` that a key (unsigned) stands for; None: the key is a digest."""
    return None if key & _DIGEST else key


def digest_key(secret: bytes, kind: EvidenceKind, value: bytes) -> int:
    """Unsigned, its highest bit set. `secret`: 32 bytes; empty for what stands in clear elsewhere in the database."""
    made = blake2b(value, digest_size=8, key=secret, person=_PERSONS[kind]).digest()
    return int.from_bytes(made, "big") | _DIGEST


def stored(key: int) -> int:
    """As the database holds it: signed."""
    return key - (1 << 64) if key & _DIGEST else key


def wording_keys(bands: bytes) -> Iterator[int]:
    """Keys of a wording's bands (`lexicon.domain.wording`), which are keyed digests of 48 bits already."""
    for band in range(BANDS):
        at = band * BYTES_A_BAND
        number = int.from_bytes(bands[at : at + BYTES_A_BAND], "big")
        yield _DIGEST | EvidenceKind.WORDING << 56 | band << 48 | number


def moment_keys(secret: bytes, identifier: int, port: int, at: datetime) -> Iterator[int]:
    """Keys of an address with its port at a time: two windows of a quarter of an hour that overlap by half."""
    seconds = int(at.timestamp())
    half = _WINDOW_SECONDS // 2
    for shift in (0, half):
        window = (seconds + shift) // _WINDOW_SECONDS
        value = struct.pack(">qiqB", identifier, port, window, bool(shift))
        yield digest_key(secret, EvidenceKind.IP_MOMENT, value)
