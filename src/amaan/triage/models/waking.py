"""Who is on call, what somebody was woken for, and the messages that went out."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from amaan.triage.domain.waking import Cause, Channel, End

_CAUSES = [str(one) for one in Cause]
_CHANNELS = [str(one) for one in Channel]
_ENDS = [str(one) for one in End]


class WakingPlan(models.Model):
    """When a unit wakes somebody: how long before the promise of a day runs out, at which hours a floor does, and after
    how many minutes the next on the list is asked."""

    unit = models.OneToOneField("accounts.Unit", on_delete=models.PROTECT, related_name="+")
    on = models.BooleanField(default=False)
    before_due_minutes = models.PositiveIntegerField(default=360)
    next_after_minutes = models.PositiveIntegerField(default=15)
    night_from = models.PositiveSmallIntegerField(default=20)
    night_to = models.PositiveSmallIntegerField(default=8)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(night_from__lt=24, night_to__lt=24, next_after_minutes__gte=1),
                name="waking_plan_hours",
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit_id}: {'on' if self.on else 'off'}"


class OnCall(models.Model):
    """Somebody on a unit's list, in order; from which hour to which. `phone` is the office's number for them, or ""."""

    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    from_hour = models.PositiveSmallIntegerField(default=0)
    to_hour = models.PositiveSmallIntegerField(default=0)  # the same as `from_hour`: around the clock
    phone = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["unit", "person"], name="on_call_once"),
            models.CheckConstraint(condition=Q(from_hour__lt=24, to_hour__lt=24), name="on_call_hours"),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id}: {self.person_id}"


class Wake(models.Model):
    """One call for somebody of a unit. Open until somebody says that they are on it, or until nothing of it waits.

    `step` counts who was asked; `next_at` is when the next one is, null once nobody is left to ask.
    """

    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, related_name="+")
    cause = models.CharField(max_length=12)
    raised_at = models.DateTimeField()
    step = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end = models.CharField(max_length=12, blank=True)
    ended_by = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["unit", "cause"], condition=Q(ended_at__isnull=True), name="wake_one_open"
            ),
            models.CheckConstraint(condition=Q(cause__in=_CAUSES), name="wake_cause"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, end="", ended_by="")
                | (Q(ended_at__isnull=False, end__in=_ENDS) & ~Q(ended_by="")),
                name="wake_ends_once",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["unit", "raised_at"], name="wake_lately")]

    def __str__(self) -> str:
        return f"{self.unit_id}: {self.cause}"


class WokenFor(models.Model):
    """A report for which a unit was woken, in one call: once in each. A later call may be for it again."""

    wake = models.ForeignKey(Wake, on_delete=models.PROTECT, related_name="reports")
    report = models.ForeignKey("reports.Report", on_delete=models.PROTECT, related_name="+")
    version_id = models.BigIntegerField()
    cause = models.CharField(max_length=12)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["wake", "report"], name="woken_once_in_each_call")
        ]

    def __str__(self) -> str:
        return f"{self.wake_id}: {self.report_id}"


class Notice(models.Model):
    """A message that goes out, or went: references, counts and hours only, never what was told.

    `key` names the thing and the person, so that nothing is told twice; it is the message's own id too, so that what a
    killed worker sent and could not note is recognised where it arrives.
    """

    key = models.CharField(max_length=80, unique=True)
    person = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    unit = models.CharField(max_length=32, blank=True)
    wake = models.ForeignKey(Wake, on_delete=models.PROTECT, null=True, related_name="notices")
    channel = models.CharField(max_length=8)
    subject = models.CharField(max_length=120, blank=True)
    text = models.TextField()
    made_at = models.DateTimeField()
    try_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    fault = models.CharField(max_length=120, blank=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(channel__in=_CHANNELS), name="notice_channel"),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(try_at__isnull=True), name="notice_sent_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["try_at"], condition=Q(try_at__isnull=False), name="notice_to_send"),
            models.Index(fields=["unit", "made_at"], name="notice_lately"),
            models.Index(fields=["attempts"], condition=Q(sent_at__isnull=True), name="notice_unsent"),
        ]

    def __str__(self) -> str:
        return self.key
