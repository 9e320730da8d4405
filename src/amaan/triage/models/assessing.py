"""Rule sets as they were read, assessments with their reasons, who holds what, and a tally of the queue."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from amaan.triage.domain.claims import Ending
from amaan.triage.domain.ruleset import Band

_BANDS = [band.value for band in Band]
_ENDINGS = [ending.value for ending in Ending]


class RuleSet(models.Model):
    """A rule file, whole: an old assessment is explained by the rules of its day, not by today's."""

    version = models.CharField(max_length=32, unique=True)
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of the file's bytes, hex
    body = models.TextField()
    loaded_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.version


class Assessment(models.Model):
    """How urgent one version of a report is by one rule set. Superseded, never changed; one is current.

    `unit` and `received_at` repeat the report's, so that a page of the queue is one walk along one index. A current
    one waits until the report is decided (`settled_at`); `told_again` says that something new came after a decision.
    Inside its band its turn comes at `turn_at`, between receipt and `due_at` (`domain.turns`). One that is `folded`
    waits behind the canonical report of its bundle, and takes nobody's time.

    `queue` is the unit's first queue that it fits, if any; `categories` are care's (bits of `care.domain`);
    `preserve_until` is when the platform may delete what it keeps (`domain.preserving`).
    """

    report = models.ForeignKey("reports.Report", on_delete=models.PROTECT, db_index=False, related_name="+")
    version_id = models.BigIntegerField()
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, db_index=False, related_name="+")
    received_at = models.DateTimeField()
    ruleset = models.ForeignKey(RuleSet, on_delete=models.PROTECT, db_index=False)
    band = models.SmallIntegerField()
    danger = models.SmallIntegerField()
    actionability = models.SmallIntegerField()
    novelty = models.SmallIntegerField()
    quality = models.SmallIntegerField()
    clock = models.SmallIntegerField()
    floor = models.SmallIntegerField(null=True)
    reasons = models.TextField()  # JSON: [[rule, weight, {fact: value}], …]
    due_at = models.DateTimeField()
    turn_at = models.DateTimeField()
    at = models.DateTimeField()
    current = models.BooleanField()
    waiting = models.BooleanField(default=False)
    folded = models.BooleanField(default=False)
    told_again = models.BooleanField(default=False)
    settled_at = models.DateTimeField(null=True)
    # What the facts that other rooms found hash to (`selectors.inputs`), so that it is banded again when they change;
    # null: none.
    found = models.BinaryField(max_length=8, null=True)
    queue = models.ForeignKey(
        "triage.Queue", on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    categories = models.SmallIntegerField(default=0, db_default=0)
    preserve_until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["report"], condition=Q(current=True), name="assessment_one_current"
            ),
            models.CheckConstraint(condition=Q(band__in=_BANDS), name="assessment_band"),
            models.CheckConstraint(
                condition=Q(floor__isnull=True) | Q(floor__in=_BANDS, band__lte=models.F("floor")),
                name="assessment_floor_holds",
            ),
            models.CheckConstraint(
                condition=Q(waiting=False) | Q(current=True, settled_at__isnull=True),
                name="assessment_waits_while_current",
            ),
            models.CheckConstraint(
                condition=Q(turn_at__gte=models.F("received_at"), turn_at__lte=models.F("due_at")),
                name="assessment_turn_in_time",
            ),
            models.CheckConstraint(
                condition=Q(folded=False) | Q(waiting=True), name="assessment_folds_while_waiting"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["unit", "band", "turn_at", "id", "due_at"],
                condition=Q(waiting=True, folded=False),
                name="assessment_queue",
            ),
            models.Index(
                fields=["unit", "queue", "band", "turn_at", "id", "due_at"],
                condition=Q(waiting=True, folded=False),
                name="assessment_routed",
            ),
            models.Index(
                fields=["unit", "preserve_until"],
                condition=Q(waiting=True, preserve_until__isnull=False),
                name="assessment_preserved",
            ),
            models.Index(
                fields=["unit", "settled_at"],
                condition=Q(current=True, settled_at__isnull=False),
                name="assessment_settled",
            ),
            models.Index(fields=["report"], condition=Q(current=False), name="assessment_past"),
            models.Index(fields=["unit"], condition=Q(folded=True), name="assessment_folded"),
        ]

    def __str__(self) -> str:
        return f"{self.report_id}: {Band(self.band).slug}"


class Claim(models.Model):
    """Somebody works on a report: from when until when, and how it ended. A report has one open claim at most."""

    report = models.ForeignKey("reports.Report", on_delete=models.PROTECT, db_index=False, related_name="+")
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, db_index=False, related_name="+")
    by = models.CharField(max_length=40)  # an actor's key: `staff:12`
    claimed_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    ending = models.CharField(max_length=12, blank=True)
    ended_by = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["report"], condition=Q(released_at__isnull=True), name="claim_one_open"
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True, ending="", ended_by="")
                | (Q(released_at__isnull=False, ending__in=_ENDINGS) & ~Q(ended_by="")),
                name="claim_ends_once",
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True) | Q(released_at__gte=models.F("claimed_at")),
                name="claim_ends_after_it_began",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["by"], condition=Q(released_at__isnull=True), name="claim_held_by"),
            models.Index(fields=["unit"], condition=Q(released_at__isnull=True), name="claim_held_in"),
            models.Index(
                fields=["by", "released_at"], condition=Q(released_at__isnull=False), name="claim_ended_of"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id}: {self.by}"


class QueueTally(models.Model):
    """How many reports wait for a unit in a band, folded ones left out; kept in the transaction that changes it.

    Counting a million index entries takes longer than the page may.
    """

    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, db_index=False, related_name="+")
    band = models.SmallIntegerField()
    count = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["unit", "band"], name="tally_unit_band"),
            models.CheckConstraint(condition=Q(count__gte=0), name="tally_never_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id}/{self.band}: {self.count}"
