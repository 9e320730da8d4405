"""Reading the ledger. Pages and commands decide who may see; what opens a body asks the matrix itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, require
from amaan.keyring.services import opener
from amaan.ledger.domain.faults import LeafMissing
from amaan.ledger.domain.leaf import decode
from amaan.ledger.domain.merkle import consistency_path, inclusion_path, leaf_hash
from amaan.ledger.domain.note import VerifierKey
from amaan.ledger.domain.proof import proof_document
from amaan.ledger.domain.tiles import range_root
from amaan.ledger.head import check_head, read_head, verifier_key
from amaan.ledger.models import About, Body, Checkpoint, Entry, Erasure, Leaf, Pending
from amaan.ledger.reading import hashes_at, newest_checkpoint
from amaan.ledger.sealing import place
from amaan.ledger.verification import Verified, verify

__all__ = [
    "BodyErased",
    "LedgerLine",
    "NoSuchEntry",
    "NotYetNumbered",
    "Verified",
    "body_of",
    "consistency_of",
    "find_leaf",
    "history_of",
    "known_acts",
    "line_of",
    "lines_for",
    "newest_checkpoint",
    "proof_of",
    "published_key",
    "require_whole",
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


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One entry as a list shows it: everything but its body. `index` is None until it is numbered (a second)."""

    entry_id: int
    at: datetime
    who: str
    act: str
    on: str
    unit: str
    index: int | None
    erased: bool


def history_of(on: str, *, also: Sequence[int] = (), limit: int = 200) -> list[LedgerLine]:
    """What was done to a reference, newest first, with the entries of `also`, which no list finds
    (`domain.leaf.UNLISTED`). Who may see it is the caller's question."""
    ids = About.objects.filter(on=on).order_by("-entry_id").values_list("entry_id", flat=True)[:limit]
    return _lines(sorted({*ids, *also}, reverse=True)[:limit])


def lines_for(
    actor: Actor, *, on: str = "", who: str = "", act: str = "", before: int | None = None, limit: int = 100
) -> list[LedgerLine]:
    """What was done, newest first, from before an entry; each filter is exact. Mass intake is not listed.

    Raises NotAllowed.
    """
    require(actor, Action.READ_LEDGER)
    asked = {name: value for name, value in (("on", on), ("who", who), ("act", act)) if value}
    rows = About.objects.filter(**asked)
    if before is not None:
        rows = rows.filter(entry_id__lt=before)
    return _lines(list(rows.order_by("-entry_id").values_list("entry_id", flat=True)[:limit]))


def line_of(actor: Actor, *, entry_id: int) -> LedgerLine:
    """One entry. Raises NotAllowed, NoSuchEntry."""
    require(actor, Action.READ_LEDGER)
    _entry(entry_id)
    return _lines([entry_id])[0]


def known_acts(actor: Actor) -> list[str]:
    """Every act that the lists hold, for a filter: one step along the index an act."""
    require(actor, Action.READ_LEDGER)
    found: list[str] = []
    while act := (
        About.objects.filter(act__gt=found[-1] if found else "")
        .order_by("act")
        .values_list("act", flat=True)
        .first()
    ):
        found.append(act)
    return found


def _lines(entry_ids: Sequence[int]) -> list[LedgerLine]:
    entries = Entry.objects.in_bulk(entry_ids)
    indices = dict(Leaf.objects.filter(entry_id__in=entry_ids).values_list("entry_id", "index"))
    erased = set(Erasure.objects.filter(entry_id__in=entry_ids).values_list("entry_id", flat=True))
    lines = []
    for entry_id in entry_ids:
        if entry_id in entries:
            leaf = decode(bytes(entries[entry_id].leaf_bytes))
            at = datetime.fromisoformat(leaf.at)
            index, gone = indices.get(entry_id), entry_id in erased
            lines.append(LedgerLine(entry_id, at, leaf.who, leaf.act, leaf.on, leaf.unit, index, gone))
    return lines


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


def find_leaf(leaf: bytes) -> int | None:
    """Where exactly these bytes stand in the tree; None where no entry has them. Raises LeafNotCanonical,
    NotYetNumbered."""
    listed = Entry.objects.filter(about__on=decode(leaf).on, leaf_bytes=leaf)
    entry_id = listed.values_list("id", flat=True).first()
    # The list beside the ledger doesn't decide what the ledger holds: where it is silent, all leaves are asked.
    place = (
        Leaf.objects.filter(hash=leaf_hash(leaf))
        if entry_id is None
        else Leaf.objects.filter(entry_id=entry_id)
    )
    index = place.values_list("index", flat=True).first()
    # Few wait for a number at any time: those are asked, not all entries.
    waiting = Entry.objects.filter(pk__in=Pending.objects.values("entry_id"), leaf_bytes=leaf)
    if index is None and (entry_id or waiting.exists()):
        raise NotYetNumbered("The entry is recorded and gets its number within a second.")
    return index


def require_whole() -> None:
    """That nothing which was signed is missing here, by count and by the newest signed checkpoint; `verify` computes it
    all again. Raises LedgerBroken, keyring's KeysMissing."""
    head = read_head(verifier_key())
    newest = newest_checkpoint()
    check_head(head, newest)
    size, leaves = newest.size if newest else 0, Leaf.objects.count()
    if leaves < size:
        raise LeafMissing(f"{size} leaves were signed, and {leaves} are here.", index=leaves)


def _entry(entry_id: int) -> Entry:
    entry = Entry.objects.filter(id=entry_id).first()
    if entry is None:
        raise NoSuchEntry(f"The ledger has no entry {entry_id}.")
    return entry
