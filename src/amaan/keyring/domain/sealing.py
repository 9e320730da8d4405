"""Fields sealed with AES-256-GCM under a data key; data keys wrapped under a root key; blind indices.

    sealed value   01 | data key id, 8 bytes big-endian | nonce, 12 | ciphertext | tag, 16
    wrapped key    01 | nonce, 12 | ciphertext, 32 | tag, 16

A sealed value's associated data is its place ("table/row/column", UTF-8), so that a value copied to another
person's row doesn't open there. A wrapped key's associated data names its own id and its root key.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from os import urandom
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from amaan.keyring.domain.errors import HOW_TO, KeysDoNotFit, SealBroken

KEY_BYTES: Final = 32
INDEX_BYTES: Final = 16
_VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_HEAD_BYTES: Final = 1 + 8
_BLOCK_BYTES: Final = 64
_INNER: Final = bytes(byte ^ 0x36 for byte in range(256))
_OUTER: Final = bytes(byte ^ 0x5C for byte in range(256))


_nonces: list[bytes] = []
_NONCES_AT_ONCE: Final = 64
# A process that was forked must not go on with its parent's.
os.register_at_fork(after_in_child=_nonces.clear)


def fresh_nonce() -> bytes:
    """12 random bytes, given once. Drawn many at a time: asking the system takes twice as long as sealing a field."""
    try:
        return _nonces.pop()  # one step, so that no two threads get the same
    except IndexError:
        drawn = urandom(_NONCE_BYTES * _NONCES_AT_ONCE)
        _nonces.extend([drawn[n : n + _NONCE_BYTES] for n in range(_NONCE_BYTES, len(drawn), _NONCE_BYTES)])
        return drawn[:_NONCE_BYTES]


class Sealer:
    """Seals fields under one data key. Make one a batch with `keyring.services.new_sealer`.

    Nonces are random, 96 bits: one key may seal 2**32 values before a repeat is likelier than 2**-32 (NIST
    SP 800-38D, 8.3), far above any batch, in however many processes a copy of it works.
    """

    __slots__ = ("_cipher", "_head", "key", "key_id")

    def __init__(self, key_id: int, key: bytes) -> None:
        self.key_id = key_id
        self.key = key
        self._head = _VERSION + key_id.to_bytes(8, "big")
        self._cipher = AESGCM(key)

    def seal(self, place: str, plaintext: str | bytes) -> bytes:
        """`plaintext` sealed to `place`, "table/row/column"; 37 bytes longer than the plaintext's UTF-8."""
        nonce = fresh_nonce()
        clear = plaintext.encode() if isinstance(plaintext, str) else plaintext
        return self._head + nonce + self._cipher.encrypt(nonce, clear, place.encode())

    def __reduce__(self) -> tuple[type[Sealer], tuple[int, bytes]]:
        return type(self), (self.key_id, self.key)

    def __repr__(self) -> str:
        return f"Sealer(key_id={self.key_id})"  # never the key: reprs end in logs


def sealed_under(blob: bytes) -> int:
    """The id of the data key that a sealed value names. Raises SealBroken."""
    if len(blob) < _HEAD_BYTES + _NONCE_BYTES + _TAG_BYTES or blob[:1] != _VERSION:
        raise SealBroken("These bytes are no sealed value: too short, or of an unknown version.")
    return int.from_bytes(blob[1:_HEAD_BYTES], "big")


def open_sealed(key: bytes, place: str, blob: bytes) -> bytes:
    """The plaintext of a sealed value; `key` is the data key that `sealed_under` named. Raises SealBroken."""
    sealed_under(blob)
    return open_with(AESGCM(key), place, blob)


def open_with(cipher: AESGCM, place: str, blob: bytes) -> bytes:
    """The same for a blob that `sealed_under` took, with the key's cipher made once for many. Raises SealBroken."""
    body = _HEAD_BYTES + _NONCE_BYTES
    try:
        return cipher.decrypt(blob[_HEAD_BYTES:body], blob[body:], place.encode())
    except InvalidTag:
        raise SealBroken(
            f"The sealed value at {place} was changed, or it belongs to another place."
        ) from None


def derive(key: bytes, purpose: str) -> bytes:
    """A 32-byte key for one purpose only (HKDF-SHA256, RFC 5869, no salt: `key` is uniformly random)."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(key)


def wrapping_key(root: bytes) -> bytes:
    return derive(root, "amaan/keyring/wrap-data-key/1")


def _wrap_place(key_id: int, root_id: str) -> bytes:
    return b"amaan/data-key/1/" + key_id.to_bytes(8, "big") + root_id.encode()


def wrap_data_key(wrapping: bytes, root_id: str, key_id: int, key: bytes) -> bytes:
    """`wrapping` is `wrapping_key(root)`; 61 bytes."""
    nonce = urandom(_NONCE_BYTES)
    return _VERSION + nonce + AESGCM(wrapping).encrypt(nonce, key, _wrap_place(key_id, root_id))


def unwrap_data_key(wrapping: bytes, root_id: str, key_id: int, wrapped: bytes) -> bytes:
    """Raises KeysDoNotFit where the root key is another one, or the wrapped key was changed or moved."""
    body = 1 + _NONCE_BYTES
    try:
        if wrapped[:1] != _VERSION:
            raise InvalidTag
        return AESGCM(wrapping).decrypt(wrapped[1:body], wrapped[body:], _wrap_place(key_id, root_id))
    except (InvalidTag, ValueError):
        raise KeysDoNotFit(
            f"Root key {root_id} doesn't open data key {key_id}: the key files are another installation's, "
            "or the database was changed. Put back the key files that belong to this database "
            f"(see {HOW_TO})."
        ) from None


def blind_index(key: bytes, kind: str, normalised: str) -> bytes:
    """16 bytes by which equal values of one kind are found without being read: HMAC-SHA256, cut.

    The kind's length stands before it, so no kind and value read like another pair. The index hides a value
    only from those who don't hold `key`; with it a phone number is found by trying all of them.
    """
    return blind_indexer(key)(kind, normalised)


@lru_cache(maxsize=16)
def blind_indexer(key: bytes) -> Callable[[str, str], bytes]:
    """`blind_index` under one key, for whoever needs many: an import takes twenty a report."""
    inner, outer = _begun(key)
    begin, finish = inner.copy, outer.copy

    def index(kind: str, normalised: str) -> bytes:
        digest = begin()
        digest.update(_headed(kind) + normalised.encode())
        last = finish()
        last.update(digest.digest())
        return last.digest()[:INDEX_BYTES]

    return index


def keyed_digest(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA256, as hmac.digest gives it."""
    inner, outer = _begun(key)
    inner, outer = inner.copy(), outer.copy()
    inner.update(message)
    outer.update(inner.digest())
    return outer.digest()


@lru_cache(maxsize=16)
def _begun(key: bytes) -> tuple[hashlib._Hash, hashlib._Hash]:
    """HMAC's two digests with the key taken in (RFC 2104). Copying them is three times quicker than hmac.digest, of
    which an import would need twenty a report."""
    block = (key if len(key) <= _BLOCK_BYTES else hashlib.sha256(key).digest()).ljust(_BLOCK_BYTES, b"\0")
    return hashlib.sha256(block.translate(_INNER)), hashlib.sha256(block.translate(_OUTER))


@lru_cache(maxsize=64)
def _headed(kind: str) -> bytes:
    name = kind.encode()
    return len(name).to_bytes(2, "big") + name


@dataclass(frozen=True, slots=True, repr=False)
class IndexKeys:
    """One key a population: what is indexed under two of them never links."""

    parties: bytes
    reporters: bytes
    references: bytes
    vault: bytes


def fingerprint(name: str, secret: bytes) -> str:
    """Eight groups of four hex digits that tell keys apart on paper and give nothing away."""
    digest = hashlib.sha256(b"amaan/fingerprint/1/" + name.encode() + b"\x00" + secret).hexdigest()[:32]
    return " ".join(digest[i : i + 4] for i in range(0, 32, 4))
