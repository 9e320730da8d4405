"""Proof of submission: the ledger's entry that the door makes for a report, and the signed text that may be kept.

The text, version 1, is seven lines, each ended by one newline, and nothing else:

    Amaan receipt, version 1
    reference: S-XXXX-XXXX-XXXX
    time: UTC to the microsecond, as in the leaf
    envelope: hex SHA-256 of the sealed envelope
    leaf: base64 of the ledger's leaf
    key: id of the signing key, 16 hex digits of SHA-256 of its public half
    signature: base64 of Ed25519 over every byte before this line

It holds nothing of what was told and no code. Whoever has it can show that this door took a report in at this time, and
which leaf the desk's ledger must hold; a ledger without that leaf has dropped the report.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from os import urandom
from typing import Final

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from amaan.ledger.domain.leaf import SALT_BYTES, LeafNotCanonical, commitment, decode, encode, time_text

ACT: Final = "report.sent"
WHO: Final = "reporter:door"
FILE_NAME: Final = "receipt.txt"
MOST_TEXT: Final = 4_000
"""Characters of a pasted text; a proof has about 600."""
_KEY_BYTES: Final = 32
_BASE64: Final = r"[A-Za-z0-9+/]+={0,2}"
_PROOF: Final = re.compile(
    r"(?P<signed>Amaan receipt, version 1\n"
    r"reference: (?P<reference>[A-Z0-9-]{3,40})\n"
    r"time: (?P<time>[0-9T:.Z-]{27})\n"
    r"envelope: (?P<envelope>[0-9a-f]{64})\n"
    rf"leaf: (?P<leaf>{_BASE64})\n"
    r"key: (?P<key>[0-9a-f]{16})\n)"
    rf"signature: (?P<signature>{_BASE64})\n",
    re.ASCII,
)
_PUBLISHED: Final = re.compile(r"key: ([0-9a-f]{16})\npublic: (\S+)")


class ProofRejected(Exception):
    """A text that must not be taken for a proof. The message says why."""


class MalformedProof(ProofRejected):
    """Not the seven lines of a proof of version 1, to the letter."""


class OtherKey(ProofRejected):
    """Signed by another key than the one at hand; it may be good there."""


class SignatureWrong(ProofRejected):
    """One of its characters is not what was signed."""


class ProofContradictsItself(ProofRejected):
    """Signed, and yet its leaf is for another report or another time: no door of ours writes that."""


class MalformedReceiptKey(Exception):
    """Neither the base64 of 32 bytes nor what /.well-known/amaan-receipt-key shows."""


@dataclass(frozen=True)
class MadeLeaf:
    """A ledger leaf with what its `body` commits to."""

    leaf: bytes
    salt: bytes
    body: bytes


@dataclass(frozen=True)
class Proof:
    """A proof as read, not yet believed. `envelope` is hex; `key` names who signed; `signature` is 64 bytes."""

    reference: str
    time: str
    envelope: str
    leaf: bytes
    key: str
    signature: bytes
    signed: bytes


def leaf_for(submission: str, at: datetime, sealed: bytes) -> MadeLeaf:
    """The leaf that the desk's ledger must hold for this envelope: it commits to the envelope's digest."""
    salt = urandom(SALT_BYTES)
    body = json.dumps({"envelope": sha256(sealed).hexdigest()}, separators=(",", ":")).encode()
    leaf = encode(act=ACT, at=time_text(at), body=commitment(salt, body), on=submission, unit="", who=WHO)
    return MadeLeaf(leaf, salt, body)


def key_id(public: bytes) -> str:
    """16 hex digits."""
    return sha256(public).hexdigest()[:16]


def publish_key(public: bytes) -> str:
    """What /.well-known/amaan-receipt-key shows: two lines."""
    return f"key: {key_id(public)}\npublic: {base64.b64encode(public).decode()}\n"


def read_key(text: str) -> bytes:
    """The 32 bytes of a public key, from its base64 or from what `publish_key` wrote. Raises MalformedReceiptKey."""
    published = _PUBLISHED.fullmatch(text.replace("\r\n", "\n").strip())
    try:
        public = _unbase64(published[2] if published else text.strip())
    except MalformedProof as fault:
        raise MalformedReceiptKey("A receipt key is the base64 of 32 bytes.") from fault
    if len(public) != _KEY_BYTES or (published and key_id(public) != published[1]):
        raise MalformedReceiptKey("A receipt key is the base64 of 32 bytes, and its id must fit.")
    return public


def write_proof(leaf: bytes, sealed: bytes, signer: SigningKey) -> str:
    """`leaf` as `leaf_for` made it, `sealed` the envelope that it commits to. Raises LeafNotCanonical."""
    told = decode(leaf)
    text = (
        "Amaan receipt, version 1\n"
        f"reference: {told.on}\n"
        f"time: {told.at}\n"
        f"envelope: {sha256(sealed).hexdigest()}\n"
        f"leaf: {base64.b64encode(leaf).decode()}\n"
        f"key: {key_id(bytes(signer.verify_key))}\n"
    )
    signature = signer.sign(text.encode()).signature
    return f"{text}signature: {base64.b64encode(signature).decode()}\n"


def as_pasted(text: str) -> str:
    """A proof as forms and other systems hand it on: their line ends and the space around it are not part of it."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").strip() + "\n"


def read_proof(text: str) -> Proof:
    """What it says, to the letter; nothing is believed yet. Raises MalformedProof."""
    found = _PROOF.fullmatch(text) if len(text) <= MOST_TEXT else None
    if found is None:
        raise MalformedProof("This is not a receipt: it has seven lines, and the first says so.")
    return Proof(
        found["reference"],
        found["time"],
        found["envelope"],
        _unbase64(found["leaf"]),
        found["key"],
        _unbase64(found["signature"]),
        found["signed"].encode(),
    )


def verify_proof(text: str, public: bytes) -> Proof:
    """A proof that the holder of `public` (32 bytes) signed. Raises MalformedProof, OtherKey, SignatureWrong,
    ProofContradictsItself."""
    proof = read_proof(text)
    if proof.key != key_id(public):
        raise OtherKey(f"This receipt was signed with the key {proof.key}, and not with {key_id(public)}.")
    try:
        VerifyKey(public).verify(proof.signed, proof.signature)
    except (BadSignatureError, ValueError) as fault:
        raise SignatureWrong(
            "The signature does not belong to this text: something in it was changed."
        ) from fault
    try:
        told = decode(proof.leaf)
    except LeafNotCanonical as fault:
        raise ProofContradictsItself("What stands at «leaf» is no entry of a ledger.") from fault
    if (told.on, told.at, told.act) != (proof.reference, proof.time, ACT):
        raise ProofContradictsItself("The entry at «leaf» is about something else than the lines above it.")
    return proof


def _unbase64(text: str) -> bytes:
    """Base64 in the one way of writing it: otherwise a letter could change and the bytes stay."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as fault:
        raise MalformedProof("A part of this receipt is not base64.") from fault
    if base64.b64encode(raw).decode() != text:
        raise MalformedProof("A part of this receipt is not written as base64 is written.")
    return raw
