"""Reading the ledger. Pages and commands decide who may see; what opens a body asks the matrix itself."""

from __future__ import annotations

import json

from django.db import connection

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, require
from amaan.keyring.services import opener
from amaan.ledger.domain.leaf import decode
from amaan.ledger.domain.merkle import consistency_path, inclusion_path, leaf_hash
from amaan.ledger.domain.note import VerifierKey
from amaan.ledger.domain.proof import proof_document
from amaan.ledger.domain.tiles import range_root
from amaan.ledger.head import verifier_key
from amaan.ledger.models import Body, Checkpoint, Entry, Leaf
from amaan.ledger.reading import hashes_at, newest_checkpoint
from amaan.ledger.sealing import place
from amaan.ledger.verification import Verified, verify

__all__ = [
    "BodyErased",
    "NoSuchEntry",
    "NotYetNumbered",
    "Verified",
    "body_of",
    "consistency_of",
    "entries_of",
    "newest_checkpoint",
    "proof_of",
    "published_key",
    "verify",
]


class NoSuchEntry(Exception):
    """The ledger has no entry of this number."""


class NotYetNumbered(Exception):
    """The entry is not in the tree yet, or no checkpoint has this size."""


class BodyErased(Exception):
    """The body is gone, by an order that the ledger records."""


def published_key() -> VerifierKey:
    """The key that outsiders check with; `str` of it is what they are given."""
    return verifier_key()


def entries_of(on: str) -> list[int]:
    """The ids of entries about a reference, oldest first. Reads the whole table: for an auditor, not for a
    page."""
    needle = f'"on":"{on}"'.encode()
    sql = "SELECT id FROM ledger_entry WHERE instr(leaf_bytes, %s) > 0 ORDER BY id"
    if connection.vendor == "postgresql":
        sql = "SELECT id FROM ledger_entry WHERE position(%s::bytea in leaf_bytes) > 0 ORDER BY id"
    with connection.cursor() as cursor:
        cursor.execute(sql, [needle])
        return [row[0] for row in cursor.fetchall()]


def proof_of(entry_id: int) -> dict[str, object]:
    """`domain.proof.proof_document` of an entry in the newest checkpoint. Raises NoSuchEntry,
    NotYetNumbered."""
    entry = _entry(entry_id)
    checkpoint = newest_checkpoint()
    leaf = Leaf.objects.filter(entry_id=entry_id).first()
    if leaf is None or checkpoint is None:
        raise NotYetNumbered(f"Entry {entry_id} is not in the tree yet; it gets there within a second.")
    path = inclusion_path(leaf.index, checkpoint.size, range_root(hashes_at))
    return proof_document(bytes(entry.leaf_bytes), leaf.index, checkpoint.size, path, checkpoint.note)


def consistency_of(first: int, second: int) -> list[bytes]:
    """That the tree of `first` leaves began the tree of `second`; both are sizes of checkpoints. Raises
    NotYetNumbered."""
    if Checkpoint.objects.filter(size__in=[first, second]).count() != len({first, second}):
        raise NotYetNumbered(f"There are no checkpoints of both {first} and {second} leaves.")
    return consistency_path(first, second, range_root(hashes_at))


def body_of(actor: Actor, *, entry_id: int) -> dict[str, object]:
    """What an entry says. Raises NotAllowed, NoSuchEntry, BodyErased, SealBroken, KeyMissing."""
    require(actor, Action.READ_LEDGER)
    leaf = bytes(_entry(entry_id).leaf_bytes)
    body = Body.objects.filter(entry_id=entry_id).first()
    if body is None:
        raise BodyErased(f"The body of entry {entry_id} was erased; the ledger records by which order.")
    read = json.loads(opener().open(place(entry_id, leaf_hash(leaf)), bytes(body.ciphertext)))
    assert isinstance(read, dict), f"body of {decode(leaf).act}"
    return read


def _entry(entry_id: int) -> Entry:
    entry = Entry.objects.filter(id=entry_id).first()
    if entry is None:
        raise NoSuchEntry(f"The ledger has no entry {entry_id}.")
    return entry
