"""The ledger's tables. Triggers (migration 0002) refuse every change but the erasure of a body."""

from __future__ import annotations

from django.db import models


class Entry(models.Model):
    """Something that was done, as canonical leaf bytes. Insert-only."""

    leaf_bytes = models.BinaryField()

    def __str__(self) -> str:
        return f"entry {self.pk}"


class About(models.Model):
    """Not part of the ledger: an entry's words again, to find it by reference, person or act. Insert-only.

    `verify` holds it to the leaves. What comes by the hundred thousand (`domain.leaf.UNLISTED`) is not listed here.
    """

    entry = models.OneToOneField(Entry, models.PROTECT, primary_key=True)
    on = models.CharField(max_length=120)
    who = models.CharField(max_length=120)
    act = models.CharField(max_length=120)

    class Meta:
        indexes = (
            models.Index(fields=["on", "entry"], name="about_on"),
            models.Index(fields=["who", "entry"], name="about_who"),
            models.Index(fields=["act", "entry"], name="about_act"),
        )

    def __str__(self) -> str:
        return f"entry {self.pk}: {self.act} on {self.on}"


class Body(models.Model):
    """What an entry says, sealed to the entry's id and leaf. The only part that can be erased."""

    entry = models.OneToOneField(Entry, models.PROTECT, primary_key=True)
    salt = models.BinaryField()
    ciphertext = models.BinaryField()

    def __str__(self) -> str:
        return f"body of entry {self.pk}"


class Pending(models.Model):
    """Not part of the ledger: entries that the sequencer has not numbered. A trigger fills it, the sequencer
    empties it.

    A table, not a cursor over ids, because PostgreSQL commits ids out of order. `refused` says why an entry
    was turned away; it stays until somebody has looked.
    """

    entry = models.OneToOneField(Entry, models.PROTECT, primary_key=True)
    refused = models.CharField(max_length=200, default="", blank=True)

    def __str__(self) -> str:
        return f"entry {self.pk} waits"


class Leaf(models.Model):
    """The entry's place in the tree, counted from 0 without gaps; `hash` is RFC 9162's leaf hash.
    Insert-only."""

    index = models.PositiveBigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, models.PROTECT)
    hash = models.BinaryField()

    def __str__(self) -> str:
        return f"leaf {self.pk}"


class Tile(models.Model):
    """256 hashes of one level; only full ones. Insert-only."""

    pk = models.CompositePrimaryKey("level", "n")
    level = models.PositiveSmallIntegerField()
    n = models.PositiveBigIntegerField()
    hashes = models.BinaryField()

    def __str__(self) -> str:
        return f"tile {self.level}/{self.n}"


class Checkpoint(models.Model):
    """A signed statement that `size` leaves have this `root`. The newest one's size is the number of
    leaves."""

    size = models.PositiveBigIntegerField(primary_key=True)
    root = models.BinaryField()
    note = models.TextField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"checkpoint {self.pk}"


class Erasure(models.Model):
    """`entry`'s body was erased; entry `by` records it, and its own sealed body names the order."""

    entry = models.OneToOneField(Entry, models.PROTECT, primary_key=True, related_name="erasure")
    by = models.OneToOneField(Entry, models.PROTECT, related_name="erases")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"erasure of entry {self.pk}"
