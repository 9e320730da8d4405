"""A case and what happens to it.

What happened, when, by whom and why stands in one place: `CaseEvent`. A report in a case and a person at work are
rows that point to the event that began them and, later, to the one that ended them. So the timeline is complete by
construction, and what holds now is held by constraints of the database.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from amaan.cases.domain import Kind


class Case(models.Model):
    """One case of a unit. `last_number` and `changed_at` are its newest event's; the title is sealed."""

    reference = models.CharField(max_length=20, unique=True)
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, db_index=False)
    title = models.BinaryField(null=True)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=40)
    last_number = models.PositiveIntegerField()
    changed_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["unit", "-changed_at", "-id"], name="case_unit_changed"),)

    def __str__(self) -> str:
        return self.reference


class CaseEvent(models.Model):
    """Something that happened to a case; append-only. `words` is the sealed reason or note."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="events", db_index=False)
    number = models.PositiveIntegerField()  # 1, 2, 3 … in a case: an order that no clock can disturb
    kind = models.CharField(max_length=20)
    person = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )  # whom it concerns, where it concerns a person
    words = models.BinaryField(null=True)
    by = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "number"], name="caseevent_case_number"),
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in Kind]), name="caseevent_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.number} {self.kind}"


class CaseReport(models.Model):
    """A report in a case, from the event `joined` until `left`. Only its end is ever written into it.

    A report is in one case. `also` says that somebody joined it to a further case and meant to.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="memberships", db_index=False)
    report = models.ForeignKey("reports.Report", on_delete=models.PROTECT, related_name="+")
    also = models.BooleanField(default=False)
    joined = models.ForeignKey(CaseEvent, on_delete=models.PROTECT, related_name="reports_joined")
    left = models.ForeignKey(CaseEvent, on_delete=models.PROTECT, related_name="reports_left", null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "report"], condition=models.Q(left=None), name="casereport_once_a_case"
            ),
            models.UniqueConstraint(
                fields=["report"], condition=models.Q(left=None, also=False), name="casereport_one_case"
            ),
        ]
        indexes = (models.Index(fields=["case", "-joined"], name="casereport_case_joined"),)

    def __str__(self) -> str:
        return f"{self.report_id} in {self.case_id}"


class Assignment(models.Model):
    """A person at work on a case, from the event `begun` until `ended`. Only its end is ever written into it."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="assignments", db_index=False)
    person = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    lead = models.BooleanField()
    begun = models.ForeignKey(CaseEvent, on_delete=models.PROTECT, related_name="assignments_begun")
    ended = models.ForeignKey(
        CaseEvent, on_delete=models.PROTECT, related_name="assignments_ended", null=True
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "person"], condition=models.Q(ended=None), name="assignment_once_a_person"
            ),
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(ended=None, lead=True), name="assignment_one_lead"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.case_id}"
