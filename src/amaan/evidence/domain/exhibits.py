"""The vault's format, version 1: one sealed exhibit. docs/reference/vault-format.md says it byte by byte.

    0    8   magic "AMAANVLT"
    8    1   version, 1
    9    1   chunk size as a power of two, 16
    10   8   id of the data key that wraps the file key, big-endian
    18  12   nonce of the wrapping
    30  48   file key, wrapped (AES-256-GCM; bytes 0 to 17 are associated data)
    78  24   secretstream header
    102      chunks (keyring.domain.streams; bytes 0 to 17 are each chunk's associated data)

Pure, and picklable into a spawned process. File keys and nonces are random, as the ciphers demand.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from os import urandom
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from amaan.keyring.domain import SealBroken, derive, fresh_nonce, keyed_digest
from amaan.keyring.domain.streams import CHUNK, HEADER, StreamSealer, open_stream, seal_whole

MAGIC: Final = b"AMAANVLT"
VERSION: Final = 1
_CHUNK_POWER: Final = 16
_FIXED: Final = MAGIC + bytes((VERSION, _CHUNK_POWER))
_BOUND_BYTES: Final = len(_FIXED) + 8
_NONCE_BYTES: Final = 12
_WRAPPED_BYTES: Final = 32 + 16
HEAD_BYTES: Final = _BOUND_BYTES + _NONCE_BYTES + _WRAPPED_BYTES + HEADER
ADDRESS_BYTES: Final = 32

assert 1 << _CHUNK_POWER == CHUNK


class SealedExhibit(NamedTuple):
    """`address` 32 bytes, `blob` the sealed exhibit, `size` the plaintext's bytes."""

    address: bytes
    blob: bytes
    size: int


def address_of(address_key: bytes, digest: bytes) -> bytes:
    """Where an exhibit is found: HMAC-SHA256 of its plaintext's SHA-256, so that nobody without the key can
    ask whether a known file is held."""
    return keyed_digest(address_key, digest)


def wrapping_key(data_key: bytes) -> bytes:
    """A data key that seals fields never wraps file keys itself."""
    return derive(data_key, "amaan/vault/wrap-file-key/1")


class ExhibitSealer:
    """Seals exhibits under one data key. Make one a batch with `evidence.services.exhibit_sealer`."""

    __slots__ = ("_address_key", "_bound", "_cipher", "_key_id", "_wrapping")

    def __init__(self, key_id: int, wrapping: bytes, address_key: bytes) -> None:
        self._key_id = key_id
        self._wrapping = wrapping
        self._address_key = address_key
        self._bound = _FIXED + key_id.to_bytes(8, "big")
        self._cipher = AESGCM(wrapping)

    def seal(self, plaintext: bytes, digest: bytes | None = None) -> SealedExhibit:
        """`digest`: the plaintext's SHA-256, of whoever has it at hand."""
        key = urandom(32)
        nonce = fresh_nonce()
        bound = self._bound
        return SealedExhibit(
            address_of(self._address_key, digest or hashlib.sha256(plaintext).digest()),
            bound + nonce + self._cipher.encrypt(nonce, key, bound) + seal_whole(key, bound, plaintext),
            len(plaintext),
        )

    def stream(self) -> SealingStream:
        """For what doesn't fit in memory."""
        key = urandom(32)
        nonce = urandom(_NONCE_BYTES)
        chunks = StreamSealer(key, self._bound)
        head = self._bound + nonce + self._cipher.encrypt(nonce, key, self._bound) + chunks.header
        return SealingStream(head, chunks, self._address_key)

    def __reduce__(self) -> tuple[type[ExhibitSealer], tuple[int, bytes, bytes]]:
        return type(self), (self._key_id, self._wrapping, self._address_key)

    def __repr__(self) -> str:
        return f"ExhibitSealer(key_id={self._key_id})"


class SealingStream:
    """`head` comes first, then what `push` returns; the address is known when the last chunk was pushed."""

    def __init__(self, head: bytes, chunks: StreamSealer, address_key: bytes) -> None:
        self.head = head
        self.size = 0
        self._chunks = chunks
        self._address_key = address_key
        self._digest = hashlib.sha256()

    def push(self, chunk: bytes, *, last: bool) -> bytes:
        """`chunk` is CHUNK bytes long unless it is the last."""
        self.size += len(chunk)
        self._digest.update(chunk)
        return self._chunks.push(chunk, last=last)

    def address(self) -> bytes:
        return address_of(self._address_key, self._digest.digest())


@dataclass(frozen=True, repr=False)
class Head:
    """The first HEAD_BYTES of a sealed exhibit, taken apart. Nothing in it is proven before the stream
    opens."""

    key_id: int
    bound: bytes
    nonce: bytes
    wrapped: bytes
    stream_header: bytes

    @classmethod
    def read(cls, raw: bytes) -> Head:
        """Raises SealBroken."""
        if len(raw) != HEAD_BYTES or raw[: len(MAGIC)] != MAGIC:
            raise SealBroken("These bytes are no exhibit of this vault.")
        if raw[: len(_FIXED)] != _FIXED:
            raise SealBroken(
                "The exhibit's format is newer than this Amaan, or its first bytes were changed."
            )
        wrapped = _BOUND_BYTES + _NONCE_BYTES
        return cls(
            key_id=int.from_bytes(raw[len(_FIXED) : _BOUND_BYTES], "big"),
            bound=raw[:_BOUND_BYTES],
            nonce=raw[_BOUND_BYTES:wrapped],
            wrapped=raw[wrapped : wrapped + _WRAPPED_BYTES],
            stream_header=raw[wrapped + _WRAPPED_BYTES :],
        )

    def open(
        self, wrapping: bytes, address_key: bytes, address: bytes, blocks: Iterable[bytes]
    ) -> Iterator[bytes]:
        """The plaintext in chunks; `blocks` as `open_stream` takes them.

        The address is checked after the last chunk, so that a row that points to another exhibit is found
        out: act on nothing before the iterator is exhausted. Raises SealBroken.
        """
        try:
            key = AESGCM(wrapping).decrypt(self.nonce, self.wrapped, self.bound)
        except InvalidTag:
            raise SealBroken("The exhibit's file key was changed, or wrapped under another key.") from None
        digest = hashlib.sha256()
        for chunk in open_stream(key, self.bound, self.stream_header, blocks):
            digest.update(chunk)
            yield chunk
        if not hmac.compare_digest(address_of(address_key, digest.digest()), address):
            raise SealBroken("The exhibit opens, but it isn't the one that was stored under this number.")
