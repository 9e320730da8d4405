"""Models as they were fitted, who turned which on or off, what each proposed, and how reports looked meanwhile."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from amaan.learning.domain.states import State


class LearnedModel(models.Model):
    """A model, whole, as canonical JSON; append-only. Its number is its version."""

    digest = models.CharField(max_length=64)  # SHA-256 of `body`, hex
    body = models.TextField()
    fitted_at = models.DateTimeField()
    seed = models.IntegerField()
    rules = models.CharField(max_length=32)  # the triage rules in force when it was fitted
    synthetic = models.BooleanField()  # fitted in a demo world, on invented outcomes

    def __str__(self) -> str:
        return f"model/{self.pk}"


class Switching(models.Model):
    """Somebody turned a model on or off, or it rests because of drift; append-only. The newest one counts.

    `number` counts up without a gap, so that of two who switch at once one is told. Why lies sealed in the ledger.
    """

    number = models.PositiveIntegerField(unique=True)
    state = models.CharField(max_length=8)
    model = models.ForeignKey(LearnedModel, on_delete=models.PROTECT, related_name="+", db_index=False)
    by = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=[str(state) for state in State]), name="switching_state"
            ),
        )

    def __str__(self) -> str:
        return f"{self.number}: {self.state}"


class Sweep(models.Model):
    """How far what waits was brought in line with a switching: forward, or back to the rules' turns.

    `reached` is the number of the assessment, or proposal, up to which it was done.
    """

    switching = models.OneToOneField(Switching, on_delete=models.PROTECT, related_name="sweep")
    reached = models.BigIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(ended_at__isnull=True), name="sweep_under_way")
        ]

    def __str__(self) -> str:
        return f"{self.switching_id}: {self.reached}"


class Proposal(models.Model):
    """A turn that a model proposed for one assessment. `standing`: it is the turn that counts."""

    assessment = models.ForeignKey(
        "triage.Assessment", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    report_id = models.BigIntegerField(db_index=True)
    model = models.ForeignKey(LearnedModel, on_delete=models.PROTECT, related_name="+", db_index=False)
    chance = models.FloatField()  # 0 to 1
    seen = models.TextField()  # space-separated: the features that were there
    rules_turn_at = models.DateTimeField()
    turn_at = models.DateTimeField()
    at = models.DateTimeField()
    standing = models.BooleanField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["assessment", "model"], name="proposal_once"),
            models.CheckConstraint(condition=Q(chance__gte=0.0, chance__lte=1.0), name="proposal_chance"),
            models.CheckConstraint(
                condition=Q(turn_at__lte=models.F("rules_turn_at")), name="proposal_never_later"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(standing=True), name="proposal_standing")
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id}: {self.turn_at:%Y-%m-%d %H:%M}"


class ScoredDay(models.Model):
    """What a model saw on one day: how many reports, how many with each feature, how many scores in each bin."""

    model = models.ForeignKey(LearnedModel, on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    count = models.PositiveIntegerField()
    features = models.TextField()  # JSON list, in the model's order
    bins = models.TextField()  # JSON list

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["model", "day"], name="scored_day_once")]

    def __str__(self) -> str:
        return f"{self.model_id}/{self.day}: {self.count}"
