"""Piles of reports about the same material, bundles of piles, the keys that find them, and what was taken apart."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class Pile(models.Model):
    """Reports that tell of the very same files, or of one address or account where there are none.

    `bundle` is the number of the pile that gave its bundle its name; of that one pile `size` counts the bundle's
    reports. `sources` counts independent ones (entity, day, door) up to `folding.WIDE`; the first stands here, further
    ones in `Source`.
    """

    bundle = models.BigIntegerField(db_index=True)
    count = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    sources = models.PositiveSmallIntegerField()
    wide = models.BooleanField()
    entity = models.ForeignKey("reports.Entity", on_delete=models.PROTECT, db_index=False, related_name="+")
    day = models.PositiveIntegerField()  # days since the year 1, in UTC
    door = models.CharField(max_length=20)

    def __str__(self) -> str:
        return f"pile {self.pk}"


class Key(models.Model):
    """Something that reports share (`domain.keys`): where it leads, and how many told it.

    The id is the key itself, so that finding it is one walk of the table's own tree. `other` as in `keys.FileKey`;
    `told` counts the independent sources of an account.
    """

    id = models.BigAutoField(primary_key=True)
    pile = models.ForeignKey(Pile, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    count = models.PositiveIntegerField()
    other = models.BigIntegerField(default=0)
    told = models.PositiveSmallIntegerField(default=1)

    def __str__(self) -> str:
        return f"key {self.pk}"


class Anchor(models.Model):
    """A PDQ hash to which others are near. What is near to one is none itself, so that no chain of likenesses grows."""

    value = models.BinaryField(max_length=32)
    key = models.BigIntegerField()

    def __str__(self) -> str:
        return f"anchor {self.pk}"


class Member(models.Model):
    """A report in its pile. `why`: the kinds of evidence by which it joined others; `told`: see `Key.told`.

    It `stands` in the queue in its own right, once; or it is `folded` behind a report (`behind`) that stands, or stood
    until it was decided. `new` names what it tells beyond that.
    """

    report = models.OneToOneField(
        "reports.Report", on_delete=models.PROTECT, primary_key=True, db_constraint=False, related_name="+"
    )
    version_id = models.BigIntegerField()
    pile = models.ForeignKey(Pile, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    unit_id = models.BigIntegerField()
    why = models.CharField(max_length=80, blank=True)
    told = models.PositiveSmallIntegerField(default=1)
    stands = models.BooleanField(default=False)
    folded = models.BooleanField(default=False)
    new = models.CharField(max_length=120, blank=True)
    behind = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(folded=False) | Q(stands=False, behind__isnull=False), name="member_folds_behind"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["pile", "unit_id", "report"], name="member_pile"),
            models.Index(fields=["behind"], condition=Q(folded=True), name="member_behind"),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} in {self.pile_id}"


class Front(models.Model):
    """Of a pile in one unit: its canonical report, and what those tell together that stand (`folding.Standing`)."""

    pile = models.ForeignKey(Pile, on_delete=models.PROTECT, db_index=False)
    unit_id = models.BigIntegerField()
    report_id = models.BigIntegerField()
    known = models.TextField()  # JSON

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["pile", "unit_id"], name="front_pile_unit")]

    def __str__(self) -> str:
        return f"front of {self.pile_id} in {self.unit_id}"


class Source(models.Model):
    """A further independent source of a pile's material."""

    pile = models.ForeignKey(Pile, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    entity = models.ForeignKey("reports.Entity", on_delete=models.PROTECT, db_index=False, related_name="+")
    day = models.PositiveIntegerField()
    door = models.CharField(max_length=20)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["pile", "entity", "day", "door"], name="source_once")
        ]

    def __str__(self) -> str:
        return f"source of {self.pile_id}"


class Split(models.Model):
    """A report that a person took out of its bundle. While it stands the two bundles stay two.

    `pile` is the report's since; `apart` the one that it was taken from; `keys` (JSON) the evidence that was looked at.
    """

    report = models.ForeignKey("reports.Report", on_delete=models.PROTECT, related_name="+")
    pile = models.ForeignKey(Pile, on_delete=models.PROTECT, related_name="+")
    apart = models.ForeignKey(Pile, on_delete=models.PROTECT, related_name="+")
    keys = models.TextField()
    reason = models.BinaryField()  # sealed
    by = models.CharField(max_length=40)
    at = models.DateTimeField()
    undone_by = models.CharField(max_length=40, blank=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["report"], condition=Q(undone_at__isnull=True), name="split_one_stands"
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by="")
                | (Q(undone_at__isnull=False) & ~Q(undone_by="")),
                name="split_undone_once",
            ),
        ]

    def __str__(self) -> str:
        return f"split of {self.report_id}"
