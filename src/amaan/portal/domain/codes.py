"""A reporter's code: sixteen digits in four groups, easy to write down; what it opens is derived from it alone.

Fifteen digits are random (49.8 bits), the last is Damm's check digit, which notices every wrong digit and every swap of
neighbours. From the digits come, by Argon2id (RFC 9106) with the installation's salt, the address of a mailbox and its
X25519 key pair. Whoever steals the door's database must pay Argon2id for every guess, and needs the pepper, a file that
is not in the database, to compare a guess at all.
"""

from __future__ import annotations

import secrets
import threading
import unicodedata
from dataclasses import dataclass, field
from typing import Final

from nacl.public import PrivateKey
from nacl.pwhash import argon2id

from amaan.keyring.domain import derive, keyed_digest

DIGITS: Final = 16
SALT_BYTES: Final[int] = argon2id.SALTBYTES
PEPPER_BYTES: Final = 32
_OPERATIONS: Final = 3
_MEMORY: Final = 32 * 1024 * 1024
_TOGETHER: Final = threading.BoundedSemaphore(2)
"""At most two at once: 64 MB, however many people type a code in the same second."""

# Damm, H. M. (2004): a totally anti-symmetric quasigroup of order 10.
_DAMM: Final = (
    *((0, 3, 1, 7, 5, 9, 8, 6, 4, 2), (7, 0, 9, 2, 1, 5, 4, 8, 6, 3), (4, 2, 0, 6, 8, 7, 1, 3, 5, 9)),
    *((1, 7, 5, 0, 9, 8, 3, 4, 2, 6), (6, 1, 2, 3, 0, 4, 5, 9, 7, 8), (3, 6, 7, 4, 2, 0, 9, 5, 8, 1)),
    *((5, 8, 6, 9, 7, 2, 0, 1, 3, 4), (8, 9, 4, 5, 3, 6, 2, 0, 1, 7), (9, 4, 3, 8, 6, 1, 7, 2, 0, 5)),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


@dataclass(frozen=True)
class BoxKeys:
    """What a code opens: `address` (16 bytes) and the X25519 key pair (32 bytes each)."""

    address: bytes
    public: bytes
    private: bytes = field(repr=False)


def check_digit(digits: str) -> str:
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][int(digit)]
    return str(interim)


def make_code() -> str:
    """Sixteen fresh digits, unseparated."""
    body = "".join(secrets.choice("0123456789") for _ in range(DIGITS - 1))
    return body + check_digit(body)


def in_groups(code: str) -> str:
    """`1234-5678-9012-3456`, as it is shown, read out and written down.

    Hyphens make it one thing on one line, as on an identity card: of groups apart from each other, a reader of Urdu
    can't know whether the first stands left or right.
    """
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def digits_of(typed: str) -> str:
    """The digits of what was typed, whatever stands between them and whichever script they are in (۱ ١ 1)."""
    return "".join(str(unicodedata.digit(c)) for c in typed[:200] if c.isdigit())


def is_whole(digits: str) -> bool:
    """Whether these are sixteen digits that fit together. It tells nothing about a code's existence."""
    return len(digits) == DIGITS and check_digit(digits[:-1]) == digits[-1]


def keys_of(digits: str, salt: bytes, pepper: bytes) -> BoxKeys:
    """What `digits` open: about 60 ms of one core and 32 MB, for right and wrong codes alike."""
    with _TOGETHER:
        seed = argon2id.kdf(32, digits.encode(), salt, opslimit=_OPERATIONS, memlimit=_MEMORY)
    address = keyed_digest(derive(pepper, "amaan/portal/address/1"), seed)[:16]
    private = PrivateKey(derive(seed, "amaan/portal/mailbox/1"))
    return BoxKeys(address, bytes(private.public_key), bytes(private))
