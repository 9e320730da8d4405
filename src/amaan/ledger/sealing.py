"""Bodies, bound to their entries: what seals one and what tells a forged entry from one that this
installation wrote."""

from __future__ import annotations

from amaan.keyring.domain import KeyringError, SealBroken, sealed_under
from amaan.keyring.services import Opener
from amaan.ledger.domain.leaf import SALT_BYTES, LeafNotCanonical, commitment, decode
from amaan.ledger.domain.merkle import leaf_hash


def place(entry_id: int, value: bytes) -> str:
    """Entry and leaf (`value` is its hash) both stand in it: a body moved to another entry, or an entry
    copied with its body, doesn't open."""
    return f"ledger_body/{entry_id}-{value.hex()}/ciphertext"


def fault_of_leaf(leaf: bytes) -> str | None:
    """What is wrong with an entry's bytes, or None."""
    try:
        decode(leaf)
    except LeafNotCanonical as fault:
        return str(fault)
    return None


def fault_of_body(opener: Opener, entry_id: int, leaf: bytes, *, salt: bytes, blob: bytes) -> str | None:
    """What is wrong with a body, or None. `leaf` is canonical; only who holds the keys can have made a body
    that opens."""
    try:
        body = opener.open(place(entry_id, leaf_hash(leaf)), blob)
    except KeyringError as fault:
        return f"its body does not open, so this installation did not write it so ({type(fault).__name__})"
    if len(salt) != SALT_BYTES or commitment(salt, body) != decode(leaf).body:
        return "its body is not the one that the leaf commits to"
    return None


def load_keys(opener: Opener, blobs: list[bytes]) -> None:
    """Ahead of opening many: one query instead of one a data key."""
    wanted = set()
    for blob in blobs:
        try:
            wanted.add(sealed_under(blob))
        except SealBroken:
            continue  # `fault_of_body` names the entry
    opener.load(wanted)
