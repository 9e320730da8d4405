"""Rule sets as they were read, assessments with their reasons, and a tally of the queue."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from amaan.triage.domain.ruleset import Band

_BANDS = [band.value for band in Band]


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

    `unit` and `received_at` repeat the report's, so that a page of the queue is one walk along one index.
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
    at = models.DateTimeField()
    current = models.BooleanField()

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
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["unit", "band", "due_at", "id"], condition=Q(current=True), name="assessment_queue"
            )
        ]

    def __str__(self) -> str:
        return f"{self.report_id}: {Band(self.band).slug}"


class QueueTally(models.Model):
    """How many current assessments a unit has in a band, kept in the transaction that makes them.

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
