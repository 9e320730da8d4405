"""Named queues inside a unit, who works them, what somebody has seen, and when their shift began."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class Queue(models.Model):
    """A named part of a unit's queue: the reports that fit its terms and none of an earlier one's.

    It filters within the unit and gives nobody a right. One that is retired catches nothing more; it is never deleted.
    """

    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    name_ur = models.CharField(max_length=80, blank=True)
    terms = models.TextField()  # JSON: domain.queues.Terms
    position = models.PositiveSmallIntegerField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["unit", "name"], condition=Q(retired_at__isnull=True), name="queue_one_name"
            )
        ]

    def __str__(self) -> str:
        return self.name


class QueueMember(models.Model):
    """Somebody whose next report comes from this queue first, wherever that report is as urgent as another."""

    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="members")
    person = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["queue", "person"], name="queue_member_once")
        ]

    def __str__(self) -> str:
        return f"{self.queue_id}: {self.person_id}"


class Rerouting(models.Model):
    """A unit whose queues changed: how far its waiting reports were looked at again (`after`, an assessment's id)."""

    unit = models.OneToOneField("accounts.Unit", on_delete=models.PROTECT, related_name="+")
    after = models.BigIntegerField(default=0)
    not_before = models.DateTimeField()
    passes_left = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return f"{self.unit_id}: after {self.after}"


class Seen(models.Model):
    """What of a report somebody saw last: which telling, in which band, when."""

    by = models.CharField(max_length=40)  # an actor's key
    report = models.ForeignKey("reports.Report", on_delete=models.PROTECT, db_index=False, related_name="+")
    version_id = models.BigIntegerField()
    band = models.SmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["by", "report"], name="seen_once_by_each")]
        indexes: ClassVar = [models.Index(fields=["by", "at"], name="seen_lately")]

    def __str__(self) -> str:
        return f"{self.by}: {self.report_id}"


class Shift(models.Model):
    """When somebody began to work without a long break, when they did something last, and when they had left before."""

    by = models.CharField(max_length=40, unique=True)
    began_at = models.DateTimeField()
    last_at = models.DateTimeField()
    before_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.by


class DigestWish(models.Model):
    """Somebody who wants their digest by mail, at an hour of the day (`domain.hours`)."""

    person = models.OneToOneField("accounts.User", on_delete=models.PROTECT, related_name="+")
    hour = models.PositiveSmallIntegerField()
    next_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(hour__lt=24), name="digest_hour")]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.hour}"
