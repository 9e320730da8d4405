"""Evidence that has no row elsewhere, what values weigh, links, what people decided, rings, and their alerts."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class Noted(models.Model):
    """Which telling of a report was read for evidence, and from where it came: read whole, by the million.

    `source`: `domain.evidence.source_of`; `trust`: bits of `Trust`.
    """

    report = models.OneToOneField(
        "reports.Report", on_delete=models.PROTECT, primary_key=True, db_constraint=False, related_name="+"
    )
    version_id = models.BigIntegerField()
    source = models.BigIntegerField()
    trust = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return f"{self.report_id} by {self.version_id}"


class Clue(models.Model):
    """One thing that a report's telling tells of and that no mention holds: a file, a wording, a name, a stem, a venue.

    `key` is a digest of kind and value (`domain.keys`), as a signed 64-bit number. Identifiers are read where they lie,
    in `reports.Mention`. The telling is that of `Noted`.
    """

    report = models.ForeignKey(
        "reports.Report", on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    kind = models.PositiveSmallIntegerField()
    key = models.BigIntegerField()
    stance = models.PositiveSmallIntegerField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["key", "report"], name="clue_key_report"),
            models.Index(fields=["report"], name="clue_report"),
        ]

    def __str__(self) -> str:
        return f"clue {self.kind} of {self.report_id}"


class Snapshot(models.Model):
    """How often each value was told when it was counted; the newest one weighs. Older ones keep number and counts only.

    `keys` and `counts`: little-endian uint64 and uint32, ascending by key; only values with three or more independent
    sources stand here, since fewer weigh alike.
    """

    number = models.PositiveIntegerField(unique=True)
    made_at = models.DateTimeField()
    reports = models.PositiveBigIntegerField()
    weights = models.CharField(max_length=64)  # SHA-256 of the table of kinds, hex
    keys = models.BinaryField(null=True)
    counts = models.BinaryField(null=True)

    def __str__(self) -> str:
        return f"snapshot {self.number}"


class Run(models.Model):
    """A whole rebuild: when, how long, under which snapshot, and the links that crossed a threshold by it.

    `ended_at` is None while it goes on, or where it broke off; the next one ends it then.
    """

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, null=True)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    reports = models.PositiveBigIntegerField(default=0)
    links = models.PositiveBigIntegerField(default=0)
    crossed = models.PositiveBigIntegerField(default=0)
    rings = models.PositiveBigIntegerField(default=0)
    peak_memory = models.PositiveBigIntegerField(default=0)  # bytes

    def __str__(self) -> str:
        return f"run {self.pk}"


class Late(models.Model):
    """A report that was linked while a run went on, and that the run links again at its end."""

    report = models.OneToOneField(
        "reports.Report", on_delete=models.PROTECT, primary_key=True, db_constraint=False, related_name="+"
    )

    def __str__(self) -> str:
        return str(self.report_id)


class Hub(models.Model):
    """A value that so many reports tell that it links nothing, as of when links were last made of it.

    Where what stands here and what is told now differ, every link that the value had a part in is weighed anew.
    """

    key = models.BigIntegerField(primary_key=True)  # as in Clue
    kind = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return f"hub {self.kind}"


class Kept(models.Model):
    """What an identifier was found to be while it stood in clear, so that its being sealed changes no link unasked.

    It leads to `twin_of`, a row that says the same (`selectors.wallets`); where that is None, it is an address that
    says no more than whose site it is.
    """

    identifier_id = models.BigIntegerField(primary_key=True)
    twin_of = models.BigIntegerField(null=True, db_index=True)

    def __str__(self) -> str:
        return str(self.identifier_id)


class Crossing(models.Model):
    """A link that a run moved over a threshold; of very many the first ones.

    Weights are None where there was, or is, no link.
    """

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="crossings")
    low_id = models.BigIntegerField()
    high_id = models.BigIntegerField()
    before = models.FloatField(null=True)
    after = models.FloatField(null=True)

    def __str__(self) -> str:
        return f"{self.low_id}–{self.high_id}"


class Link(models.Model):
    """What the machine proposes of a pair of reports; wholly derived from the evidence and a snapshot.

    `kinds`: bit k is set where evidence of kind k counted. What people decided stands in `Decision`, and outlives this.
    """

    low = models.ForeignKey(
        "reports.Report", on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    high = models.ForeignKey(
        "reports.Report", on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    weight = models.FloatField()
    kinds = models.BigIntegerField()
    snapshot = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["low", "high"], name="link_pair"),
            models.CheckConstraint(condition=Q(low__lt=F("high")), name="link_low_high"),
        ]
        indexes: ClassVar = [models.Index(fields=["high"], name="link_high")]

    def __str__(self) -> str:
        return f"{self.low_id}–{self.high_id}: {self.weight:.1f}"


class Decision(models.Model):
    """What somebody decided; append-only, in the order of ids; `undoes` names an earlier one that counts no more.

    confirm, reject: the pair `low`, `high`. split: the reports stand in `Side`. undo: `undoes`. `reason` is sealed.
    `together`: the first decision of those taken in one act, None of one that was taken alone.
    """

    kind = models.CharField(max_length=8)
    low_id = models.BigIntegerField(null=True)
    high_id = models.BigIntegerField(null=True)
    undoes = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="undone_by")
    ring = models.ForeignKey("linking.Ring", on_delete=models.PROTECT, null=True, related_name="decisions")
    together = models.BigIntegerField(null=True)
    weight = models.FloatField(null=True)  # what the machine proposed when it was decided
    reason = models.BinaryField()
    by = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=["confirm", "reject"], low_id__lt=F("high_id"), undoes=None)
                | Q(kind="split", low_id=None, high_id=None, undoes=None)
                | Q(kind="undo", low_id=None, high_id=None, undoes__isnull=False),
                name="decision_shape",
            ),
            models.UniqueConstraint(
                fields=["undoes"], condition=Q(undoes__isnull=False), name="decision_undone_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["low_id", "high_id"], name="decision_pair"),
            models.Index(fields=["high_id"], name="decision_high"),
            models.Index(fields=["together"], condition=Q(together__isnull=False), name="decision_together"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Side(models.Model):
    """A report that a split speaks of, and whether it stands apart or was one of the others; append-only."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="sides")
    report_id = models.BigIntegerField()
    apart = models.BooleanField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report_id", "decision"], name="side_once"),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} by {self.decision_id}"


class Ring(models.Model):
    """A ring's name. It survives growth; where rings become one, the lesser leads to the greater by `into`.

    A ring with no members is gone until its reports stand together again; its reference still resolves.
    """

    reference = models.CharField(max_length=20, unique=True)
    formed_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    size = models.PositiveIntegerField()
    narrow = models.BooleanField(default=False)  # so much hangs together that only strong links were counted
    into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="joined")
    came_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="split_off")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-changed_at"], name="ring_changed")]

    def __str__(self) -> str:
        return self.reference


class Member(models.Model):
    """A report in a ring now; what was before stands in `RingChange`."""

    report = models.OneToOneField(
        "reports.Report", on_delete=models.PROTECT, primary_key=True, db_constraint=False, related_name="+"
    )
    ring = models.ForeignKey(Ring, on_delete=models.PROTECT, related_name="members")
    unit_id = models.BigIntegerField()  # the report's: who may see it

    class Meta:
        indexes: ClassVar = [models.Index(fields=["unit_id", "ring"], name="member_unit_ring")]

    def __str__(self) -> str:
        return f"{self.report_id} in {self.ring_id}"


class Former(models.Model):
    """A report that stood last in a ring which has no members now; gone when the ring has members again."""

    ring = models.ForeignKey(Ring, on_delete=models.PROTECT, related_name="formers")
    report_id = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report_id", "ring"], name="former_once"),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} once in {self.ring_id}"


class RingChange(models.Model):
    """What happened to a ring; append-only. `came`, `left`: JSON lists of report ids.

    `decision`: what somebody decided, None where evidence did it.
    """

    ring = models.ForeignKey(Ring, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=8)  # formed, grew, shrank, joined, split, gone, back
    other = models.ForeignKey(Ring, on_delete=models.PROTECT, null=True, related_name="+")
    came = models.TextField(default="[]")
    left = models.TextField(default="[]")
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.ring_id} {self.kind}"


class Alert(models.Model):
    """Something about a ring that a unit should know. One a (ring, kind, unit, detail), ever."""

    ring = models.ForeignKey(Ring, on_delete=models.PROTECT, related_name="alerts")
    kind = models.CharField(max_length=8)  # formed, grew, units, country, case
    unit_id = models.BigIntegerField()
    detail = models.CharField(
        max_length=40, blank=True
    )  # a size, a unit's code, a country, a case's reference
    at = models.DateTimeField()
    seen_by = models.CharField(max_length=40, blank=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ring", "kind", "unit_id", "detail"], name="alert_once")
        ]
        # Of those alone that nobody has seen: the desk's first page asks for them, and years of seen ones stay.
        indexes: ClassVar = [
            models.Index(fields=["unit_id", "-at"], condition=Q(seen_at=None), name="alert_unseen")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.ring_id}"
