"""What can be wrong with a ledger. Each names the leaf, where there is one, in one plain sentence."""

from __future__ import annotations


class LedgerBroken(Exception):
    """The ledger is not what was written. `index` is the leaf's, `entry_id` the entry's, where they are
    known."""

    def __init__(self, cause: str, *, index: int | None = None, entry_id: int | None = None) -> None:
        places = [f"leaf {index}"] if index is not None else []
        if entry_id is not None:
            places.append(f"entry {entry_id}")
        super().__init__(f"{', '.join(places)}: {cause}" if places else cause)
        self.cause, self.index, self.entry_id = cause, index, entry_id


class LeafMissing(LedgerBroken):
    """A leaf that a checkpoint counts is gone."""


class LeafAdded(LedgerBroken):
    """A leaf stands outside the newest checkpoint, where the sequencer never leaves one."""


class LeafChanged(LedgerBroken):
    """The leaf's hash is not the hash of its entry."""


class EntryMissing(LedgerBroken):
    """The entry that a leaf counts is gone."""


class EntryForged(LedgerBroken):
    """An entry that this installation's keys did not write."""


class EntryOrphaned(LedgerBroken):
    """An entry is neither in the tree nor waiting for it."""


class ListingWrong(LedgerBroken):
    """What pages find an entry by says something else than its leaf, or is gone."""


class BodyMissing(LedgerBroken):
    """An entry's body is gone, and no erasure that is itself in the ledger says why."""


class BodyChanged(LedgerBroken):
    """A body is not the one that the leaf commits to."""


class ErasureUnfounded(LedgerBroken):
    """An erasure without the entry that records it."""


class TileChanged(LedgerBroken):
    """A tile is missing, was added, or holds other hashes than the leaves give."""


class CheckpointWrong(LedgerBroken):
    """A checkpoint is missing, badly signed, or names another root than the leaves give."""


class LedgerRolledBack(LedgerBroken):
    """The database is older than the newest checkpoint that was signed, or another one."""


class HeadMissing(LedgerBroken):
    """AMAAN_KEYS/ledger.head is gone, so a rolled-back database could not be told from a whole one."""
