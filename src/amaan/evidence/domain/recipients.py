"""The vault's format, version 2: one exhibit sealed to a recipient, who isn't here. docs/reference/vault-format.md.

    0    8   magic "AMAANVLT"
    8    1   version, 2
    9    1   chunk size as a power of two, 16
    10   8   recipient: the first 8 bytes of SHA-256 of their X25519 public key
    18  80   file key, sealed to that key (libsodium's crypto_box_seal: ephemeral key 32, tag 16, key 32)
    98  24   secretstream header
    122      chunks (keyring.domain.streams; bytes 0 to 17 are each chunk's associated data)

Whoever seals forgets: the file key and the ephemeral private key are gone when the stream ends, so nothing that
stays on the machine opens the file. A sealed box doesn't say who made it; that stands in the ledger.

Keys as text, with the recipient's id as a check against a mistyped character:

    amaan-media-1:BASE64:0123456789abcdef          public
    amaan-media-private-1:BASE64:0123456789abcdef  private
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from os import urandom
from typing import Final

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from amaan.evidence.domain.exhibits import MAGIC
from amaan.keyring.domain import KeyringError, SealBroken, fingerprint
from amaan.keyring.domain.streams import CHUNK, HEADER, OVERHEAD, StreamSealer, open_stream

RECIPIENT_VERSION: Final = 2
RECIPIENT_ID_BYTES: Final = 8
_FIXED: Final = MAGIC + bytes((RECIPIENT_VERSION, 16))
_BOUND_BYTES: Final = len(_FIXED) + RECIPIENT_ID_BYTES
_SEALED_KEY_BYTES: Final = 32 + 16 + 32
_STREAM_AT: Final = _BOUND_BYTES + _SEALED_KEY_BYTES
RECIPIENT_HEAD_BYTES: Final = _STREAM_AT + HEADER
_PUBLIC: Final = "amaan-media-1"
_PRIVATE: Final = "amaan-media-private-1"


class NotAMediaKey(KeyringError):
    """A text that is no media key: another thing, or mistyped."""


class WrongMediaKey(KeyringError):
    """The private key is another recipient's."""


class SealedToRecipient(KeyringError):
    """An exhibit that this installation keeps and can't open."""

    def __init__(self, exhibit_id: int) -> None:
        super().__init__(
            f"Exhibit {exhibit_id} is sealed to the examiner's key, which isn't here. Take it to the examiner: "
            f"amaan media export {exhibit_id} --out FILE (docs/how-to/media-policy.md)."
        )
        self.exhibit_id = exhibit_id

    def __reduce__(self) -> tuple[type[SealedToRecipient], tuple[int]]:
        return type(self), (self.exhibit_id,)


@dataclass(frozen=True)
class Recipient:
    """A public key to seal files to; 32 bytes."""

    public: bytes

    @property
    def id(self) -> bytes:
        """8 bytes, as they stand in a head."""
        return hashlib.sha256(self.public).digest()[:RECIPIENT_ID_BYTES]

    @property
    def fingerprint(self) -> str:
        """To compare by voice or on paper."""
        return fingerprint("media", self.public)

    @property
    def text(self) -> str:
        return f"{_PUBLIC}:{base64.b64encode(self.public).decode()}:{self.id.hex()}"

    @classmethod
    def parse(cls, text: str) -> Recipient:
        """Raises NotAMediaKey, also for points to which anybody could open what is sealed."""
        found = cls(_key(text, _PUBLIC))
        if text.strip() != found.text:
            raise NotAMediaKey("This media key is mistyped: its check characters don't fit. Copy it again.")
        try:
            found.seal(bytes(32))
        except (CryptoError, ValueError):
            raise NotAMediaKey("This is not the public half of a media key.") from None
        return found

    def seal(self, file_key: bytes) -> bytes:
        sealed: bytes = SealedBox(PublicKey(self.public)).encrypt(file_key)
        return sealed


@dataclass(frozen=True, repr=False)
class MediaKey:
    """The examiner's private key; 32 bytes. It is never on a server."""

    private: bytes

    @classmethod
    def make(cls) -> MediaKey:
        return cls(bytes(PrivateKey.generate()))

    @property
    def recipient(self) -> Recipient:
        return Recipient(bytes(PrivateKey(self.private).public_key))

    @property
    def text(self) -> str:
        return f"{_PRIVATE}:{base64.b64encode(self.private).decode()}:{self.recipient.id.hex()}"

    @classmethod
    def parse(cls, text: str) -> MediaKey:
        """Raises NotAMediaKey."""
        found = cls(_key(text, _PRIVATE))
        if text.strip() != found.text:
            raise NotAMediaKey("This private media key was changed: its check characters don't fit.")
        return found

    def open(self, sealed_key: bytes) -> bytes:
        """Raises SealBroken."""
        try:
            file_key: bytes = SealedBox(PrivateKey(self.private)).decrypt(sealed_key)
        except (CryptoError, ValueError):
            raise SealBroken("The file's key was changed, or sealed to another media key.") from None
        return file_key


def _key(text: str, kind: str) -> bytes:
    wanted = "a public media key" if kind == _PUBLIC else "a private media key"
    parts = text.strip().split(":")
    try:
        if len(parts) != 3 or parts[0] != kind:
            raise ValueError
        raw = base64.b64decode(parts[1], validate=True)
        if len(raw) != 32:
            raise ValueError
    except ValueError:
        # Never the text itself: it could be a private key in the wrong place.
        raise NotAMediaKey(f"This is not {wanted}, which begins with {kind}:") from None
    return raw


def sealed_length(size: int) -> int:
    """Bytes of the exhibit that `size` bytes of plaintext become."""
    return RECIPIENT_HEAD_BYTES + size + OVERHEAD * max(1, -(-size // CHUNK))


class RecipientStream:
    """Seals one file. `head` comes first, then what `push` returns; pieces may have any length."""

    def __init__(self, recipient: Recipient) -> None:
        file_key = urandom(32)
        bound = _FIXED + recipient.id
        self._chunks = StreamSealer(file_key, bound)
        self._waiting = b""
        self.head = bound + recipient.seal(file_key) + self._chunks.header

    def push(self, data: bytes) -> bytes:
        """What can be sealed by now. A full chunk waits, for it may be the last."""
        waiting = self._waiting + data
        sealed = []
        start = 0
        while len(waiting) - start > CHUNK:
            sealed.append(self._chunks.push(waiting[start : start + CHUNK], last=False))
            start += CHUNK
        self._waiting = waiting[start:]
        return b"".join(sealed)

    def end(self) -> bytes:
        """The last chunk, sealed."""
        waiting, self._waiting = self._waiting, b""
        return self._chunks.push(waiting, last=True)


def recipient_address(address_key: bytes, digest: bytes, recipient_id: bytes) -> bytes:
    """Where such an exhibit is found: HMAC-SHA256 of the plaintext's SHA-256 and the recipient.

    The recipient belongs to it: bytes that came as an upload must never answer for the same bytes that come as a
    document, which the installation must be able to open, nor for a file sealed to an older key.
    """
    return hmac.digest(address_key, digest + recipient_id, "sha256")


@dataclass(frozen=True, repr=False)
class RecipientHead:
    """The first RECIPIENT_HEAD_BYTES, taken apart. Nothing in it is proven before the stream opens."""

    recipient_id: bytes
    bound: bytes
    sealed_key: bytes
    stream_header: bytes

    @classmethod
    def read(cls, raw: bytes) -> RecipientHead:
        """Raises SealBroken."""
        if len(raw) != RECIPIENT_HEAD_BYTES or raw[: len(_FIXED)] != _FIXED:
            raise SealBroken("These bytes are no file sealed to a media key, or were changed.")
        return cls(
            recipient_id=raw[len(_FIXED) : _BOUND_BYTES],
            bound=raw[:_BOUND_BYTES],
            sealed_key=raw[_BOUND_BYTES:_STREAM_AT],
            stream_header=raw[_STREAM_AT:],
        )

    def open(self, key: MediaKey, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """The plaintext in chunks; act on nothing before the iterator is exhausted. `blocks` as `open_stream` takes
        them. Raises WrongMediaKey, SealBroken."""
        if self.recipient_id != key.recipient.id:
            raise WrongMediaKey(
                f"The file is sealed to the media key {self.recipient_id.hex()}, and this one is "
                f"{key.recipient.id.hex()}."
            )
        return open_stream(key.open(self.sealed_key), self.bound, self.stream_header, blocks)
