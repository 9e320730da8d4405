"""The sequencer: the only one that numbers entries, and the only one in Amaan that reads the signing key.

A slice reads what waits, checks that this installation wrote it, and writes leaves, full tiles and a signed
checkpoint in one transaction, so that the newest checkpoint's size is always the number of leaves.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction
from django.utils import timezone

from amaan.keyring.services import ledger_signing_key, opener
from amaan.ledger.domain.faults import CheckpointWrong, LeafAdded, LeafMissing
from amaan.ledger.domain.merkle import leaf_hash
from amaan.ledger.domain.note import CheckpointText, VerifierKey, sign_note
from amaan.ledger.domain.tiles import Frontier, edge_ranges
from amaan.ledger.head import check_head, named, read_head, verifier_key, write_head
from amaan.ledger.models import Checkpoint, Leaf, Pending, Tile
from amaan.ledger.reading import hashes_at, newest_checkpoint
from amaan.ledger.sealing import fault_of_body, fault_of_leaf, load_keys
from amaan.ledger.turn import only_sequencer
from amaan.store.rows import durable, insert_rows

log = logging.getLogger("amaan.ledger")

_CHUNK = 256
_SHARE_OF_READING = 0.6  # of a slice; the rest is writing, which is cheaper an entry

# The limit stands inside, so that a planner without statistics cannot begin with joining everything.
_WAITING = """
    SELECT e.id, e.leaf_bytes, b.salt, b.ciphertext
    FROM (
        SELECT entry_id FROM ledger_pending WHERE refused = '' AND entry_id > %s ORDER BY entry_id LIMIT %s
    ) p JOIN ledger_entry e ON e.id = p.entry_id LEFT JOIN ledger_body b ON b.entry_id = p.entry_id
    ORDER BY p.entry_id"""

_warm: dict[str, Frontier] = {}
"""The frontier of this process's last commit; used only where the newest checkpoint says the same."""


@dataclass
class _Slice:
    accepted: list[tuple[int, bytes]] = field(default_factory=list)  # entry id, leaf hash
    refused: list[tuple[int, str]] = field(default_factory=list)


def run_slice(limit_ms: int) -> Checkpoint | None:
    """See `services.sequence`."""
    with only_sequencer() as mine:
        if not mine:
            return newest_checkpoint()
        key = verifier_key()
        head = read_head(key)
        newest = newest_checkpoint()
        check_head(head, newest)
        found = _read_waiting(time.monotonic() + limit_ms / 1000 * _SHARE_OF_READING)
        if not found.accepted and not found.refused:
            return newest
        frontier = _frontier(newest)
        if head is None:
            # Before the first checkpoint, so that from then on a missing head always means a missing file.
            write_head(_sign(CheckpointText(key.name, 0, frontier.root()), key))
        # The head is synced right after: a power cut must never leave it ahead of the database, or an honest
        # machine would be told that it was put back.
        with durable():
            return _write(found, frontier, newest, key)


def _read_waiting(until: float) -> _Slice:
    """Outside any lock: entries don't change, and nobody else numbers them."""
    found, opening, last = _Slice(), opener(), 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_WAITING, [last, _CHUNK])
            rows = cursor.fetchall()
        load_keys(opening, [bytes(row[3]) for row in rows if row[3] is not None])
        for entry_id, raw, salt, blob in rows:
            leaf = bytes(raw)  # PostgreSQL hands out memoryviews
            value = leaf_hash(leaf)
            fault = fault_of_leaf(leaf)
            if fault is None:
                # An erasure is no excuse here: only an entry that is in the tree can have been erased.
                fault = "it has no body"
                if blob is not None:
                    fault = fault_of_body(opening, entry_id, leaf, salt=bytes(salt), blob=bytes(blob))
            if fault is None:
                found.accepted.append((entry_id, value))
            else:
                found.refused.append((entry_id, fault))
        if len(rows) < _CHUNK or time.monotonic() >= until:
            return found
        last = rows[-1][0]


def _write(
    found: _Slice, frontier: Frontier, newest: Checkpoint | None, key: VerifierKey
) -> Checkpoint | None:
    with transaction.atomic():
        for entry_id, fault in found.refused:
            log.error("ledger: entry %d was refused and is kept out of the tree: %s", entry_id, fault)
            Pending.objects.filter(entry_id=entry_id).update(refused=fault[:200])
        if not found.accepted:
            return newest
        first = frontier.size
        _refuse_other_count(first)
        for _, value in found.accepted:
            frontier.append(value)
        rows = ((index, entry_id, value) for index, (entry_id, value) in enumerate(found.accepted, first))
        insert_rows(Leaf, ["index", "entry_id", "hash"], rows)
        insert_rows(Tile, ["level", "n", "hashes"], [(t.level, t.n, t.hashes) for t in frontier.full])
        frontier.full.clear()
        with connection.cursor() as cursor:
            # By what was numbered, not by a range of ids: an id inside the range may have been committed
            # since.
            cursor.execute(
                "DELETE FROM ledger_pending WHERE entry_id IN"
                ' (SELECT entry_id FROM ledger_leaf WHERE "index" >= %s)',
                [first],
            )
        text = CheckpointText(key.name, frontier.size, frontier.root(), newest.size if newest else 0)
        checkpoint = Checkpoint(size=text.size, root=text.root, note=_sign(text, key), at=timezone.now())
        checkpoint.save(force_insert=True)
        transaction.on_commit(lambda: _committed(checkpoint, frontier))
    return checkpoint


def _committed(checkpoint: Checkpoint, frontier: Frontier) -> None:
    write_head(checkpoint.note)
    _warm["frontier"] = frontier


def _refuse_other_count(size: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute('SELECT MAX("index") FROM ledger_leaf')
        found = cursor.fetchone()[0]
    count = 0 if found is None else found + 1
    if count > size:
        raise LeafAdded(
            f"the newest checkpoint counts {size} leaves, and this one is beyond it.", index=found
        )
    if count < size:
        raise LeafMissing(
            f"the newest checkpoint counts {size} leaves, and the last ones are gone.", index=count
        )


def _frontier(newest: Checkpoint | None) -> Frontier:
    """The tree's right edge as the newest checkpoint has it: remembered, or read from tiles (about 0.1 s at
    worst)."""
    if newest is None:
        return Frontier()
    root = bytes(newest.root)
    warm = _warm.get("frontier")
    if warm is not None and warm.size == newest.size and warm.root() == root:
        return warm.copy()
    edges = [hashes_at(level, start, end) for level, (start, end) in enumerate(edge_ranges(newest.size))]
    frontier = Frontier.from_edges(newest.size, edges)
    if frontier.root() != root:
        raise CheckpointWrong(
            "leaves and tiles lead to another root than the newest checkpoint signed; nothing more is "
            "signed. `amaan ledger verify` finds the leaf.",
            index=newest.size - 1,
        )
    return frontier


def _sign(text: CheckpointText, key: VerifierKey) -> str:
    private = Ed25519PrivateKey.from_private_bytes(bytes(ledger_signing_key()))
    if named(private.public_key().public_bytes_raw()) != key:
        raise CheckpointWrong("the signing key and the public key in AMAAN_KEYS are not a pair.")
    return sign_note(str(text), key, private.sign)
