"""Proof of submission: the ledger's entry that the door makes for a report, and the signed text that may be kept."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from os import urandom
from typing import Final

from amaan.ledger.domain.leaf import SALT_BYTES, commitment, encode, time_text

ACT: Final = "report.sent"
WHO: Final = "reporter:door"


@dataclass(frozen=True)
class MadeLeaf:
    """A ledger leaf with what its `body` commits to."""

    leaf: bytes
    salt: bytes
    body: bytes


def leaf_for(submission: str, at: datetime, sealed: bytes) -> MadeLeaf:
    """The leaf that the desk's ledger must hold for this envelope: it commits to the envelope's digest."""
    salt = urandom(SALT_BYTES)
    body = json.dumps({"envelope": sha256(sealed).hexdigest()}, separators=(",", ":")).encode()
    leaf = encode(act=ACT, at=time_text(at), body=commitment(salt, body), on=submission, unit="", who=WHO)
    return MadeLeaf(leaf, salt, body)
