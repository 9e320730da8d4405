"""What is to be told of a report, what went out to each entity, what arrived, and how entities’ reports fare."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from amaan.feedback.domain.codes import Hold


class Feedback(models.Model):
    """How useful one report was, as it stands. Each change is a revision; the ledger keeps them all.

    `tell_from` is when it may go out; `withheld` keeps it back whatever the time. `told` is the revision that went out
    last, 0 for none.
    """

    report = models.OneToOneField("reports.Report", on_delete=models.PROTECT, related_name="+")
    entity = models.ForeignKey("reports.Entity", on_delete=models.PROTECT, related_name="+", db_index=False)
    code = models.CharField(max_length=24)
    missing = models.TextField(blank=True)  # space-separated fields
    derived = models.BooleanField()  # from the decision, and no person's word yet
    revision = models.PositiveIntegerField()
    told = models.PositiveIntegerField(default=0)
    hold = models.CharField(max_length=16, blank=True)
    withheld = models.BooleanField(default=False)
    tell_from = models.DateTimeField()
    by = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(told__lte=F("revision")), name="feedback_told_is_a_revision"),
            models.CheckConstraint(condition=Q(hold__in=[str(h) for h in Hold]), name="feedback_hold"),
            models.CheckConstraint(
                condition=Q(withheld=False) | ~Q(hold=""), name="feedback_withheld_with_a_reason"
            ),
        )
        indexes: ClassVar = [
            models.Index(
                fields=["tell_from", "id"],
                condition=Q(withheld=False, revision__gt=F("told")),
                name="feedback_to_tell",
            )
        ]

    def __str__(self) -> str:
        return f"{self.report_id}: {self.code}"


class Stream(models.Model):
    """How far an entity's stream of feedback has come. Its row is held while numbers are given, so none is skipped."""

    entity = models.OneToOneField("reports.Entity", on_delete=models.PROTECT, related_name="+")
    last = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.entity_id}: {self.last}"


class Told(models.Model):
    """One item of an entity's stream, as it went out; append-only. `report_number` is the entity's own number."""

    entity = models.ForeignKey("reports.Entity", on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveBigIntegerField()
    report = models.ForeignKey("reports.Report", on_delete=models.PROTECT, related_name="+")
    report_number = models.CharField(max_length=120)
    revision = models.PositiveIntegerField()
    code = models.CharField(max_length=24)
    missing = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["entity", "number"], name="told_number"),
            models.UniqueConstraint(fields=["report", "revision"], name="told_revision"),
        ]
        indexes: ClassVar = [models.Index(fields=["entity", "at"], name="told_entity_at")]

    def __str__(self) -> str:
        return f"{self.entity_id}/{self.number}: {self.code}"


class Acknowledged(models.Model):
    """That an item arrived, by the partner's first word; append-only."""

    told = models.OneToOneField(Told, on_delete=models.PROTECT, related_name="acknowledged")
    by = models.CharField(max_length=40)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.told_id)


class EntityMonth(models.Model):
    """How one entity's reports to one unit fared in one month (`domain.quality.Counted`); counted anew now and then."""

    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, related_name="+", db_index=False)
    entity = models.ForeignKey("reports.Entity", on_delete=models.PROTECT, related_name="+", db_index=False)
    month = models.DateField()  # its first day
    counted = models.TextField()  # JSON

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["month", "entity", "unit"], name="entity_month_once")
        ]

    def __str__(self) -> str:
        return f"{self.entity_id}/{self.month:%Y-%m}"


class MonthCounted(models.Model):
    """When a month was counted last."""

    month = models.DateField(unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
