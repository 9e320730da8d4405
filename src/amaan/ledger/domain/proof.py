"""A proof that somebody outside can check: one leaf, its path, and a signed checkpoint. Needs no database."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from amaan.ledger.domain import leaf as leaves
from amaan.ledger.domain.merkle import leaf_hash, verify_inclusion
from amaan.ledger.domain.note import VerifierKey, open_checkpoint

Document = Mapping[str, object]


class MalformedProof(Exception):
    """The file is not a proof as `ledger` gives it."""


@dataclass(frozen=True)
class ProvenLeaf:
    """What a proof shows: this leaf stands at `index` in the tree that `origin` signed at `size`."""

    leaf: leaves.LeafText
    index: int
    size: int
    origin: str


def proof_document(leaf: bytes, index: int, size: int, path: Sequence[bytes], note: str) -> dict[str, object]:
    """JSON-able: leaf (text), index and size (leaves), path (base64 hashes, sibling first), checkpoint
    (signed note)."""
    return {
        "leaf": leaf.decode("ascii"),
        "index": index,
        "size": size,
        "path": [base64.b64encode(part).decode() for part in path],
        "checkpoint": note,
    }


def check_proof(document: Document, key: VerifierKey) -> ProvenLeaf:
    """Raises MalformedProof, LeafNotCanonical, NoteRejected or ProofFailed."""
    match document:
        case {
            "leaf": str(text),
            "index": int(index),
            "size": int(size),
            "path": list(parts),
            "checkpoint": str(note),
        }:
            path = [_hash(part) for part in parts]
        case _:
            raise MalformedProof("A proof has a leaf, an index, a size, a path and a checkpoint.")
    checkpoint = open_checkpoint(note, key)
    if checkpoint.size != size:
        raise MalformedProof(f"The proof speaks of {size} leaves, its checkpoint of {checkpoint.size}.")
    leaf = text.encode()
    read = leaves.decode(leaf)
    verify_inclusion(leaf_hash(leaf), index, size, path, checkpoint.root)
    return ProvenLeaf(read, index, size, checkpoint.origin)


def _hash(part: object) -> bytes:
    try:
        return base64.b64decode(part if isinstance(part, str) else "?", validate=True)
    except (binascii.Error, ValueError):
        raise MalformedProof("A proof's path is a list of base64 hashes.") from None
