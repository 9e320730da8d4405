"""Signed notes and checkpoints, after C2SP signed-note and tlog-checkpoint (c2sp.org), with Ed25519.

A note is text, an empty line, and a line a signature: `— NAME BASE64(key id ‖ signature)`. A checkpoint's
text is the origin, the tree's size, the base64 root, and extension lines. Ours has one, `previous SIZE`, so
that a checkpoint that was taken out is missed.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from amaan.ledger.domain.merkle import HASH_BYTES

_ED25519: Final = b"\x01"
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_PREVIOUS: Final = "previous "


class NoteRejected(Exception):
    """A note that must not be trusted. The message says why."""


class MalformedNote(NoteRejected):
    """Not a signed note, or not a checkpoint."""


class SignatureMissing(NoteRejected):
    """No signature by the key that was asked for."""


class SignatureWrong(NoteRejected):
    """A signature in that key's name does not belong to this text."""


class MalformedVerifierKey(Exception):
    """A verifier key reads NAME+8 hex digits+base64."""


def _unbase64(text: str, what: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise MalformedNote(f"The {what} is not base64.") from None
    if base64.b64encode(raw).decode() != text:
        raise MalformedNote(f"The {what} is not canonical base64.")
    return raw


def _good_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(c.isspace() for c in name)


@dataclass(frozen=True)
class VerifierKey:
    """`public` is 32 bytes. Its text is what outsiders are given: NAME+HEXKEYID+BASE64(type ‖ public key)."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """signed-note: the first 4 bytes of SHA-256(NAME ‖ newline ‖ type ‖ public key)."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(_ED25519 + self.public).decode()}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Raises MalformedVerifierKey."""
        try:
            name, key_id, encoded = text.strip().split("+", 2)
            raw = base64.b64decode(encoded, validate=True)
        except ValueError:
            raise MalformedVerifierKey("A verifier key reads NAME+8 hex digits+base64.") from None
        key = cls(name, raw[1:])
        if raw[:1] != _ED25519 or len(key.public) != 32 or not _good_name(name) or key.key_id.hex() != key_id:
            raise MalformedVerifierKey(
                "This verifier key is not Ed25519, or its key id does not fit its name and key."
            )
        return key

    def check(self, text: str, signature: bytes) -> None:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature:
            raise SignatureWrong(f"The signature of {self.name} does not belong to this note.") from None


def sign_note(text: str, key: VerifierKey, sign: Callable[[bytes], bytes]) -> str:
    """`text` ends with a newline and is valid UTF-8 without other control characters; `sign` gives 64
    bytes."""
    _refuse_odd_text(text)
    signature = base64.b64encode(key.key_id + sign(text.encode())).decode()
    return f"{text}\n— {key.name} {signature}\n"


def open_note(note: str, key: VerifierKey) -> str:
    """The text of a note that `key` signed. Signatures by unknown keys are passed over. Raises
    NoteRejected."""
    text, found, tail = note.rpartition("\n\n")
    if not found or not tail.endswith("\n"):
        raise MalformedNote("A signed note is a text, an empty line, and signature lines.")
    text += "\n"
    _refuse_odd_text(text)
    signed = False
    for line in tail[:-1].split("\n"):
        name, raw = _signature(line)
        if name == key.name and raw[:4] == key.key_id:
            key.check(text, raw[4:])
            signed = True
    if not signed:
        raise SignatureMissing(f"The note carries no signature of {key}.")
    return text


def _refuse_odd_text(text: str) -> None:
    # signed-note: no ASCII control characters below U+0020 except newline.
    if not text.endswith("\n") or any(c < " " and c != "\n" for c in text):
        raise MalformedNote("A note's text ends with a newline and holds no other control character.")


def _signature(line: str) -> tuple[str, bytes]:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    raw = _unbase64(encoded, "signature") if encoded else b""
    if dash != "—" or not _good_name(name) or len(raw) < 5:
        raise MalformedNote("A signature line reads: em dash, name, base64.")
    return name, raw


@dataclass(frozen=True)
class CheckpointText:
    """`size` leaves have this `root` (32 bytes). `previous` is the size of the checkpoint before, 0 at the
    first."""

    origin: str
    size: int
    root: bytes
    previous: int = 0

    def __str__(self) -> str:
        root = base64.b64encode(self.root).decode()
        return f"{self.origin}\n{self.size}\n{root}\n{_PREVIOUS}{self.previous}\n"

    @classmethod
    def parse(cls, text: str) -> CheckpointText:
        """Raises MalformedNote."""
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
            raise MalformedNote("A checkpoint has an origin, a size, a root and no empty line.")
        origin, size, encoded, *extensions = lines[:-1]
        root = _unbase64(encoded, "root")
        previous = [line.removeprefix(_PREVIOUS) for line in extensions if line.startswith(_PREVIOUS)] or [
            "0"
        ]
        if (
            len(root) != HASH_BYTES
            or len(previous) > 1
            or not (_SIZE.fullmatch(size) and _SIZE.fullmatch(previous[0]))
        ):
            raise MalformedNote("A checkpoint's size is decimal and its root 32 bytes.")
        return cls(origin, int(size), root, int(previous[0]))


def open_checkpoint(note: str, key: VerifierKey) -> CheckpointText:
    """A checkpoint that `key` signed under its own name as origin. Raises NoteRejected."""
    checkpoint = CheckpointText.parse(open_note(note, key))
    if checkpoint.origin != key.name:
        raise MalformedNote(f"The checkpoint belongs to {checkpoint.origin}, not to {key.name}.")
    return checkpoint
