"""Writing to the ledger: append, sequence, erase a body."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import urandom
from pathlib import Path
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.keyring.domain import Sealer
from amaan.keyring.services import new_sealer
from amaan.ledger.domain.faults import LedgerRolledBack
from amaan.ledger.domain.leaf import (
    ERASED,
    SALT_BYTES,
    UNLISTED,
    commitment,
    decode,
    encode,
    erased_reference,
    time_text,
)
from amaan.ledger.domain.merkle import leaf_hash
from amaan.ledger.head import check_head, read_head, set_aside_head, verifier_key, write_head
from amaan.ledger.models import About, Body, Checkpoint, Entry, Erasure, Leaf, Pending
from amaan.ledger.permissions import require_erasing
from amaan.ledger.reading import newest_checkpoint
from amaan.ledger.sealing import place
from amaan.ledger.sequencer import run_slice
from amaan.store.rows import allocate_ids, insert_rows

__all__ = [
    "Act",
    "BodyAlreadyErased",
    "BodyMustStay",
    "EntryNotInTree",
    "Made",
    "NoOrderNamed",
    "NotAsCommitted",
    "NothingWasRestored",
    "OutsideTransaction",
    "admit_restore",
    "append",
    "append_made",
    "erase_body",
    "sequence",
    "sequence_all",
]

_json: Final = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
).encode


class OutsideTransaction(Exception):
    """An act is recorded in the transaction that does it, or not at all."""


class EntryNotInTree(Exception):
    """There is no such entry, or the sequencer hasn't numbered it yet (about a second)."""


class BodyAlreadyErased(Exception):
    """The body is gone already; the ledger says by which order."""


class BodyMustStay(Exception):
    """The record of an erasure is what proves that the erasure was ordered."""


class NothingWasRestored(Exception):
    """The database continues the newest signed checkpoint; there is no gap to admit."""


class NoOrderNamed(Exception):
    """A body goes only by an order or a retention rule, and the record names it."""


@dataclass(frozen=True)
class Act:
    """What was done (`act`, such as report.received), to which reference (`on`), in which office (`unit`, may
    be "").

    These three stay for ever and name nobody (`domain.leaf` says which characters they take). `body` is
    JSON-able and sealed; names, reasons and search terms go there.
    """

    act: str
    on: str
    unit: str
    body: Mapping[str, object]


class NotAsCommitted(Exception):
    """A leaf that was made elsewhere does not commit to the body that came with it."""


@dataclass(frozen=True)
class Made:
    """An entry that was made before it reached this database: its leaf, and what it commits to."""

    leaf: bytes
    salt: bytes
    body: bytes


def append_made(made: Sequence[Made], *, sealer: Sealer | None = None) -> list[int]:
    """Record entries exactly as they were made elsewhere, in the caller's transaction; their ids, in order.

    Raises OutsideTransaction, LeafNotCanonical, NotAsCommitted.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction(
            "Call ledger.services.append_made inside the transaction of what it records."
        )
    texts = [decode(one.leaf) for one in made]
    for one, text in zip(made, texts, strict=True):
        if len(one.salt) != SALT_BYTES or commitment(one.salt, one.body) != text.body:
            raise NotAsCommitted(f"The entry for {text.on} is not what its leaf says.")
    ids = allocate_ids(Entry, len(made))
    seal = (sealer or new_sealer()).seal
    numbered = list(zip(ids, made, texts, strict=True))
    insert_rows(Entry, ["id", "leaf_bytes"], [(entry_id, one.leaf) for entry_id, one, _ in numbered])
    insert_rows(
        Body,
        ["entry_id", "salt", "ciphertext"],
        [(n, one.salt, seal(place(n, leaf_hash(one.leaf)), one.body)) for n, one, _ in numbered],
    )
    insert_rows(About, ["entry_id", "on", "who", "act"], [(n, t.on, t.who, t.act) for n, _, t in numbered])
    return ids


def append(actor: Actor, acts: Sequence[Act], *, sealer: Sealer | None = None) -> list[int]:
    """Record acts in the caller's transaction; their entry ids, in order. Many at once cost about 20 µs each.

    `sealer` is one made in this transaction or committed before it; without one a data key is made for the
    call. Raises OutsideTransaction, NotALedgerWord.
    """
    if not acts:
        return []
    if not connection.in_atomic_block:
        raise OutsideTransaction("Call ledger.services.append inside the transaction of what it records.")
    ids = allocate_ids(Entry, len(acts))
    seal = (sealer or new_sealer()).seal
    at, who, salts = time_text(timezone.now()), actor.key, urandom(SALT_BYTES * len(acts))
    entries, bodies = [], []
    for n, (entry_id, act) in enumerate(zip(ids, acts, strict=True)):
        salt = salts[n * SALT_BYTES : (n + 1) * SALT_BYTES]
        body = _json(act.body).encode()
        leaf = encode(act=act.act, at=at, body=commitment(salt, body), on=act.on, unit=act.unit, who=who)
        entries.append((entry_id, leaf))
        bodies.append((entry_id, salt, seal(place(entry_id, leaf_hash(leaf)), body)))
    insert_rows(Entry, ["id", "leaf_bytes"], entries)
    insert_rows(Body, ["entry_id", "salt", "ciphertext"], bodies)
    listed = [
        (entry_id, act.on, actor.key, act.act)
        for entry_id, act in zip(ids, acts, strict=True)
        if act.act not in UNLISTED
    ]
    if listed:
        insert_rows(About, ["entry_id", "on", "who", "act"], listed)
    return ids


def sequence(limit_ms: int = 50) -> Checkpoint | None:
    """Number what waits, for about `limit_ms`, and sign a checkpoint if the tree grew. The newest checkpoint,
    or None.

    Only one runs at a time; a second caller gets the newest checkpoint at once. Entries that this
    installation did not write are refused, kept waiting and logged as errors. Raises LedgerBroken where it
    must not sign.
    """
    return run_slice(limit_ms)


def sequence_all() -> Checkpoint | None:
    """Number everything that waits, giving refused entries another look (a key may have been put back)."""
    with transaction.atomic():
        Pending.objects.exclude(refused="").update(refused="")
    checkpoint, left = sequence(), None
    while (waiting := Pending.objects.filter(refused="").count()) and waiting != left:
        # No fewer than before: another sequencer is at work, and numbers them for us.
        checkpoint, left = sequence(), waiting
    return checkpoint


def erase_body(actor: Actor, *, entry_id: int, order: str) -> int:
    """Erase one body by an order or a retention rule (its reference); the entry that records it.

    The leaf stays: it proves that something was recorded, not what. Backups keep the body until they expire.
    Raises ErasingNotAllowed, NoOrderNamed, EntryNotInTree, BodyAlreadyErased, BodyMustStay.
    """
    require_erasing(actor)
    if not order.strip():
        raise NoOrderNamed("Name the order or the retention rule by which this body is erased.")
    with transaction.atomic():
        if not Leaf.objects.filter(entry_id=entry_id).exists():
            raise EntryNotInTree(
                f"Entry {entry_id} is not in the tree; a new one gets there within a second."
            )
        entry = Entry.objects.get(id=entry_id)
        leaf = decode(bytes(entry.leaf_bytes))
        if leaf.act == ERASED:
            raise BodyMustStay(f"Entry {entry_id} records an erasure itself, and must keep saying why.")
        if not Body.objects.filter(entry_id=entry_id).exists():
            raise BodyAlreadyErased(f"The body of entry {entry_id} was erased before.")
        act = Act(ERASED, on=erased_reference(entry_id), unit=leaf.unit, body={"order": order.strip()})
        (recorded,) = append(actor, [act])
        Erasure.objects.create(entry_id=entry_id, by_id=recorded, at=timezone.now())
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                # Freed pages would keep the ciphertext. The pragma is this connection's, and costs little.
                cursor.execute("PRAGMA secure_delete = ON")
            cursor.execute("DELETE FROM ledger_body WHERE entry_id = %s", [entry_id])
    return recorded


def admit_restore(actor: Actor, *, reason: str) -> Path:
    """Go on from an older database, openly: the lost checkpoint is kept beside the keys and named in the ledger.

    Returns where the old head lies now. Raises NothingWasRestored, NoOrderNamed, and LedgerBroken for a head that
    is missing or was changed.
    """
    require_erasing(actor)
    if not reason.strip():
        raise NoOrderNamed("Say why the newest database is lost; the reason goes into the ledger.")
    lost, newest = read_head(verifier_key()), newest_checkpoint()
    try:
        check_head(lost, newest)
    except LedgerRolledBack:
        assert lost is not None
    else:
        raise NothingWasRestored(
            "The database continues the newest signed checkpoint; nothing was rolled back."
        )
    kept = set_aside_head()
    if newest is not None:
        write_head(newest.note)
    body = {
        "reason": reason,
        "lost_size": lost.size,
        "lost_root": lost.root.hex(),
        "restored_size": newest.size if newest else 0,
    }
    with transaction.atomic():
        append(actor, [Act("ledger.restored", "ledger", "", body)])
    return kept
