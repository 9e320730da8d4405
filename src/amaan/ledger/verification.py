"""The whole ledger, computed again from its entries. Reads in pieces: memory stays flat, and no lock is held.

A million leaves take about half a minute on one core, most of it opening bodies.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NoReturn

from django.db import connection

from amaan.keyring.domain import KeysMissing
from amaan.keyring.services import Opener, opener
from amaan.ledger.domain.faults import (
    BodyChanged,
    BodyMissing,
    CheckpointWrong,
    EntryForged,
    EntryMissing,
    EntryOrphaned,
    ErasureUnfounded,
    LeafAdded,
    LeafChanged,
    LeafMissing,
    ListingWrong,
    TileChanged,
)
from amaan.ledger.domain.leaf import ERASED, UNLISTED, LeafNotCanonical, LeafText, decode, erased_reference
from amaan.ledger.domain.merkle import leaf_hash
from amaan.ledger.domain.note import NoteRejected, VerifierKey, open_checkpoint
from amaan.ledger.domain.tiles import Frontier, FullTile, full_tiles
from amaan.ledger.head import check_head, read_head, verifier_key
from amaan.ledger.models import Checkpoint, Entry, Leaf, Tile
from amaan.ledger.reading import newest_checkpoint, tile
from amaan.ledger.sealing import fault_of_body, load_keys

_CHUNK: Final = 2048

_LEAVES: Final = """
    SELECT l."index", l.entry_id, l.hash, e.leaf_bytes, b.salt, b.ciphertext, x.by_id, a."on", a.who, a.act
    FROM ledger_leaf l LEFT JOIN ledger_entry e ON e.id = l.entry_id
    LEFT JOIN ledger_body b ON b.entry_id = l.entry_id LEFT JOIN ledger_erasure x ON x.entry_id = l.entry_id
    LEFT JOIN ledger_about a ON a.entry_id = l.entry_id
    WHERE l."index" >= %s AND l."index" < %s ORDER BY l."index" """

_NOT_NUMBERED: Final = """
    SELECT e.id, e.leaf_bytes, b.salt, b.ciphertext, p.entry_id
    FROM ledger_entry e LEFT JOIN ledger_leaf l ON l.entry_id = e.id
    LEFT JOIN ledger_body b ON b.entry_id = e.id LEFT JOIN ledger_pending p ON p.entry_id = e.id
    WHERE l.entry_id IS NULL AND e.id > %s ORDER BY e.id LIMIT %s"""

_STRAY_BODY: Final = """
    SELECT b.entry_id FROM ledger_body b LEFT JOIN ledger_entry e ON e.id = b.entry_id WHERE e.id IS NULL
    LIMIT 1"""

_ERASED_WITHOUT_LEAF: Final = """
    SELECT x.entry_id FROM ledger_erasure x LEFT JOIN ledger_leaf l ON l.entry_id = x.entry_id
    WHERE l.entry_id IS NULL LIMIT 1"""


@dataclass
class Verified:
    """What was looked at. `bodies` were opened and fit their leaves; `erased` by recorded orders; `waiting`
    for the tree.

    `bodies_checked` is false where AMAAN_KEYS is not there: then only the tree and its signatures were
    checked.
    """

    leaves: int = 0
    checkpoints: int = 0
    tiles: int = 0
    bodies: int = 0
    erased: int = 0
    waiting: int = 0
    bodies_checked: bool = True
    root: str = ""


@dataclass
class _Pass:
    key: VerifierKey
    opening: Opener | None
    frontier: Frontier = field(default_factory=Frontier)
    previous: int = 0
    entry_id: int | None = None
    """The entry of the last leaf, to name it when a checkpoint ends here."""
    unlisted: tuple[int, int] | None = None
    """The first leaf, and its entry, that lists don't show as it is. Said last: the tree itself matters more."""
    seen: Verified = field(default_factory=Verified)


def verify(key: VerifierKey | None = None) -> Verified:
    """Every leaf, tile, checkpoint, body and erasure, the head, and what waits. Raises LedgerBroken, naming
    the leaf.

    Without `key` the installation's own is used. Where its keys are not there, bodies and the head can't be
    checked, and the result says so.
    """
    opening = _opener()
    state = _Pass(key or verifier_key(), opening)
    state.seen.bodies_checked = opening is not None
    head = read_head(state.key) if opening else None  # before the newest checkpoint: both may move
    newest = newest_checkpoint()
    if opening and head is None and newest:  # the first checkpoint came between the two
        head, newest = read_head(state.key), newest_checkpoint()
    if opening:
        check_head(head, newest)
    while newest is not None and newest.size > state.frontier.size:
        _walk(state, newest.size)
        newest = newest_checkpoint()  # the sequencer may have gone on meanwhile
    _nothing_beside(state)
    _not_numbered(state)
    if state.unlisted:
        index, entry_id = state.unlisted
        raise ListingWrong(
            "the list that pages search does not say what the leaf says.", index=index, entry_id=entry_id
        )
    state.seen.leaves, state.seen.root = state.frontier.size, state.frontier.root().hex()
    return state.seen


def _opener() -> Opener | None:
    try:
        return opener()
    except KeysMissing:
        return None


def _walk(state: _Pass, size: int) -> None:
    """From the frontier to `size`, which is a checkpoint's."""
    while (index := state.frontier.size) < size:
        end = min(index + _CHUNK, size)
        # A page at a time, and no `iterator()`: a fault would leave its server-side cursor open on
        # PostgreSQL.
        due = {row.size: row for row in Checkpoint.objects.filter(size__gt=index, size__lte=end)}
        with connection.cursor() as cursor:
            cursor.execute(_LEAVES, [index, end])
            rows = cursor.fetchall()
        if state.opening:
            load_keys(state.opening, [bytes(row[5]) for row in rows if row[5] is not None])
        for row in rows:
            _leaf(state, row)
            if checkpoint := due.get(state.frontier.size):
                _checkpoint(state, checkpoint)
        if state.frontier.size < end:
            raise LeafMissing("a checkpoint counts this leaf, and it is gone.", index=state.frontier.size)


def _leaf(state: _Pass, row: tuple[object, ...]) -> None:
    index, entry_id, stored, raw, salt, blob, by, *listed = row
    assert isinstance(index, int)
    assert isinstance(entry_id, int)
    expected = state.frontier.size
    if index != expected:
        raise LeafMissing("a checkpoint counts this leaf, and it is gone.", index=expected)
    if raw is None:
        raise EntryMissing("the entry that this leaf counts is gone.", index=index, entry_id=entry_id)
    leaf = _bytes(raw)
    value = leaf_hash(leaf)
    if value != _bytes(stored):
        raise LeafChanged("the leaf's hash is not the hash of the entry.", index=index, entry_id=entry_id)
    if not _listed(_text(leaf, index, entry_id), listed) and state.unlisted is None:
        state.unlisted = (index, entry_id)
    if isinstance(by, int):
        _erasure(entry_id, by, index, blob is not None)
        state.seen.erased += 1
    elif blob is None or salt is None:
        raise BodyMissing(
            "its body is gone, and no recorded order erased it.", index=index, entry_id=entry_id
        )
    elif state.opening:
        fault = fault_of_body(state.opening, entry_id, leaf, salt=_bytes(salt), blob=_bytes(blob))
        if fault:
            raise BodyChanged(f"{fault}.", index=index, entry_id=entry_id)
        state.seen.bodies += 1
    state.entry_id = entry_id
    state.frontier.append(value)
    if state.frontier.full:
        for full in state.frontier.full:
            _tile(full)
        state.seen.tiles += len(state.frontier.full)
        state.frontier.full.clear()


def _text(leaf: bytes, index: int | None, entry_id: int) -> LeafText:
    try:
        return decode(leaf)
    except LeafNotCanonical as fault:
        raise EntryForged(str(fault), index=index, entry_id=entry_id) from None


def _listed(text: LeafText, listed: list[object]) -> bool:
    """Whether pages find an entry by what its leaf says: otherwise it could be hidden from who looks."""
    return listed == ([None] * 3 if text.act in UNLISTED else [text.on, text.who, text.act])


def _bytes(value: object) -> bytes:
    assert isinstance(value, bytes | memoryview)
    return bytes(value)


def _erasure(entry_id: int, by: int, index: int, body_there: bool) -> None:
    if body_there:
        raise ErasureUnfounded(
            "an erasure is recorded, and the body is still there.", index=index, entry_id=entry_id
        )
    record = Entry.objects.filter(id=by).values_list("leaf_bytes", flat=True).first()
    if record is not None:
        _text(bytes(record), None, by)
        read = decode(bytes(record))
        if read.act == ERASED and read.on == erased_reference(entry_id):
            return  # the record is an entry like any other, so its own body is checked in its own place
    raise ErasureUnfounded(
        "its body is gone, and no entry records the order.", index=index, entry_id=entry_id
    )


def _tile(full: FullTile) -> None:
    stored = tile(full.level, full.n)
    if stored == full.hashes:
        return
    index = full.first_leaf if stored is None else full.first_difference(stored)
    entry_id = Leaf.objects.filter(index=index).values_list("entry_id", flat=True).first()
    cause = "is missing" if stored is None else "holds another hash here than the entries give"
    raise TileChanged(f"tile {full.level}/{full.n} {cause}.", index=index, entry_id=entry_id)


def _checkpoint(state: _Pass, row: Checkpoint) -> None:
    """The stored columns, the signature, the root that the leaves give, and the link to the checkpoint
    before."""

    def wrong(cause: str) -> NoReturn:
        raise CheckpointWrong(
            f"the checkpoint of {row.size} leaves {cause}", index=row.size - 1, entry_id=state.entry_id
        )

    try:
        text = open_checkpoint(row.note, state.key)
    except NoteRejected as fault:
        wrong(f"is not one that this ledger signed: {fault}")
    if text.size != row.size or text.root != bytes(row.root):
        wrong("says something else than its signed note.")
    if text.root != state.frontier.root():
        wrong(f"names another root than the leaves give; one from leaf {state.previous} to here was changed.")
    if text.previous != state.previous:
        wrong(f"follows the one of {text.previous} leaves, and the one before it here has {state.previous}.")
    state.previous = row.size
    state.seen.checkpoints += 1


def _nothing_beside(state: _Pass) -> None:
    """No leaf and no tile that the newest checkpoint does not count."""
    # Rows first, then the checkpoint that must count them: the sequencer writes both in one transaction.
    last = Leaf.objects.order_by("-index").first()
    first = Leaf.objects.order_by("index").first()
    tiles = list(Tile.objects.order_by("level", "n").values_list("level", "n"))
    newest = newest_checkpoint()
    size = newest.size if newest else 0
    for leaf in filter(None, (first, last)):
        if not 0 <= leaf.index < size:
            raise LeafAdded("no checkpoint counts this leaf.", index=leaf.index, entry_id=leaf.entry_id)
    counts = dict(full_tiles(size))
    for level, n in tiles:
        if not 0 <= n < counts.get(level, 0):
            raise TileChanged(f"tile {level}/{n} was added: it cannot be full yet.", index=size)


def _not_numbered(state: _Pass) -> None:
    """Entries outside the tree must be waiting for it, and must be ours."""
    last = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_NOT_NUMBERED, [last, _CHUNK])
            rows = cursor.fetchall()
        for entry_id, raw, salt, blob, waits in rows:
            leaf = bytes(raw)
            _text(leaf, None, entry_id)
            if waits is None:
                raise EntryOrphaned("it is neither in the tree nor waiting for it.", entry_id=entry_id)
            if blob is None:
                raise EntryForged("it waits for the tree and has no body.", entry_id=entry_id)
            if state.opening:
                fault = fault_of_body(state.opening, entry_id, leaf, salt=bytes(salt), blob=bytes(blob))
                if fault:
                    raise EntryForged(f"it waits for the tree, but {fault}.", entry_id=entry_id)
            state.seen.waiting += 1
        if len(rows) < _CHUNK:
            break
        last = rows[-1][0]
    for sql, cause in (
        (_STRAY_BODY, "a body has no entry."),
        (_ERASED_WITHOUT_LEAF, "it was erased outside the tree."),
    ):
        with connection.cursor() as cursor:
            cursor.execute(sql)
            row = cursor.fetchone()
        if row:
            raise EntryMissing(cause, entry_id=row[0])
