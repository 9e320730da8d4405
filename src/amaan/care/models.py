"""What somebody read, what they wish, what an office allows, check-ins, and what is left of it after a year."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class Exposure(models.Model):
    """A report on somebody's screen. `seconds` is null while it is open. It goes after a year (`services.drop_old`)."""

    person = models.ForeignKey("accounts.User", on_delete=models.PROTECT, db_index=False, related_name="+")
    unit = models.CharField(max_length=32)
    report_id = models.BigIntegerField()
    opened_at = models.DateTimeField()
    seconds = models.PositiveIntegerField(null=True)
    categories = models.SmallIntegerField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person", "opened_at"], name="exposure_of"),
            models.Index(fields=["opened_at"], name="exposure_old"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.report_id}"


class Wishes(models.Model):
    """What somebody chose for themselves: sealed, opened for their own page and their own pull alone.

    `shares_name`: the office's numbers may name them where they are near a cap; nobody else is named.
    """

    person = models.OneToOneField("accounts.User", on_delete=models.PROTECT, related_name="+")
    sealed = models.BinaryField()  # JSON: domain.wishes.Wishes
    shares_name = models.BooleanField(default=False)

    def __str__(self) -> str:
        return str(self.person_id)


class OfficeCaps(models.Model):
    """What an office (a unit's code) allows at most, and whom its own people can turn to."""

    unit = models.CharField(max_length=32, unique=True)
    minutes_day = models.PositiveIntegerField()
    minutes_week = models.PositiveIntegerField()
    heavy_day = models.PositiveIntegerField()
    cooling_minutes = models.PositiveIntegerField()
    help = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return self.unit


class CheckIn(models.Model):
    """Somebody asks a colleague for a few minutes. Nothing is written down of what they say."""

    person = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    buddy = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answer = models.CharField(max_length=8, blank=True)  # "", yes, later
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(answer__in=["", "yes", "later"]), name="check_in_answer"),
            models.CheckConstraint(condition=~Q(person=models.F("buddy")), name="check_in_of_two"),
            models.UniqueConstraint(
                fields=["person", "buddy"], condition=~Q(answer="yes"), name="check_in_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} → {self.buddy_id}"


class MonthCount(models.Model):
    """What is left of an office's month: how many people read, how many reports and minutes. No person's share."""

    unit = models.CharField(max_length=32)
    month = models.DateField()
    people = models.PositiveIntegerField()
    reports = models.PositiveIntegerField()
    minutes = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["unit", "month"], name="care_month_once")]

    def __str__(self) -> str:
        return f"{self.unit} {self.month:%Y-%m}"
