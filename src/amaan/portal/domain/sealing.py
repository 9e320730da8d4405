"""Sealing at the door, all of it padded so that sizes tell little (ISO/IEC 7816-4, in steps of a kibibyte or more).

to the desk      libsodium sealed box (X25519, XSalsa20-Poly1305) to the desk's public key
to a reporter    the same, to the mailbox's public key
in the form      XChaCha20-Poly1305 under the day's key: key's day, 4 bytes big-endian | nonce | ciphertext
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any, Final

from nacl.bindings import sodium_pad
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.secret import Aead

_STEP: Final = 1024
_LETTER_STEP: Final = 2048
_DAY_BYTES: Final = 4


class NotOpened(Exception):
    """These bytes don't open: changed, cut, of another key, or of a key that is gone."""


def _padded(value: object, step: int) -> bytes:
    raw = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    # Steps grow with the size, an eighth at most, so that a long story doesn't stand out by the kibibyte.
    while step * 8 < len(raw):
        step *= 2
    padded: bytes = sodium_pad(raw, step)
    return padded


def _unpadded(raw: bytes) -> Any:
    # The step of padding is found again by trying: it is the end of the padding that says where it began.
    end = raw.rstrip(b"\0")
    if not end.endswith(b"\x80"):
        raise NotOpened("The padding is not as it was written.")
    return json.loads(end[:-1])


def seal_to(public: bytes, value: object) -> bytes:
    """`value` (JSON-able) for whoever holds the private half of `public`; the sealer can't open it again."""
    sealed: bytes = SealedBox(PublicKey(public)).encrypt(_padded(value, _LETTER_STEP))
    return sealed


def takes_letters(public: bytes) -> bool:
    """Whether something can be sealed to these 32 bytes: X25519 refuses a few points, such as zero."""
    try:
        SealedBox(PublicKey(public)).encrypt(b"")
    except (CryptoError, TypeError):
        return False
    return True


def open_with(private: bytes, sealed: bytes) -> Any:
    """Raises NotOpened."""
    try:
        return _unpadded(SealedBox(PrivateKey(private)).decrypt(bytes(sealed)))
    except (CryptoError, ValueError, TypeError) as fault:
        raise NotOpened("A sealed box does not open with this key.") from fault


def seal_form(day: int, key: bytes, purpose: str, value: object) -> str:
    """`value` as text for a hidden field. `day` names the key; `purpose` is bound to it."""
    sealed = Aead(key).encrypt(_padded(value, _STEP), purpose.encode())
    return base64.urlsafe_b64encode(day.to_bytes(_DAY_BYTES, "big") + bytes(sealed)).decode()


def open_form(keys: Mapping[int, bytes], purpose: str, text: str) -> Any:
    """What `seal_form` sealed. `keys` by day. Raises NotOpened."""
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii"))
        key = keys[int.from_bytes(raw[:_DAY_BYTES], "big")]
        return _unpadded(Aead(key).decrypt(raw[_DAY_BYTES:], purpose.encode()))
    except (KeyError, CryptoError, ValueError, TypeError, binascii.Error) as fault:
        raise NotOpened("The form was open too long, or it is not one of ours.") from fault
