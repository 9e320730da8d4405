"""Rules that somebody proposes, the second person's one answer, and how far reports were banded again since."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from amaan.triage.domain.proposals import State
from amaan.triage.models.assessing import RuleSet


class RuleProposal(models.Model):
    """A rule file that would follow `base`, the one in force when it was proposed or last laid upon newer rules.

    What it would move is found out by a replay, whose state stands here: `replay` is JSON
    (`domain.replaying.Replay.as_json`), and `replayed_at` says that it is whole.
    """

    base = models.ForeignKey(RuleSet, on_delete=models.PROTECT, db_index=False, related_name="+")
    version = models.CharField(max_length=32)
    digest = models.CharField(max_length=64)  # SHA-256 of the file's bytes, hex
    body = models.TextField()
    reason = models.TextField()
    by = models.CharField(max_length=40)  # an actor's key: `staff:12`
    at = models.DateTimeField()
    state = models.CharField(max_length=12, default=State.PROPOSED)
    answered_by = models.CharField(max_length=40, blank=True)
    answered_at = models.DateTimeField(null=True)
    answer_reason = models.TextField(blank=True)
    replay_after = models.BigIntegerField(default=0)  # the last report that was replayed
    replay_of = models.PositiveBigIntegerField(default=0)  # reports that there were when it began
    replay = models.TextField(blank=True)
    replayed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state=State.PROPOSED, answered_by="", answered_at__isnull=True)
                | Q(state=State.WITHDRAWN, answered_by=F("by"), answered_at__isnull=False)
                | (
                    Q(state__in=[State.REJECTED, State.ADOPTED], answered_at__isnull=False)
                    & ~Q(answered_by="")
                ),
                name="ruleproposal_answered",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[State.REJECTED, State.ADOPTED]) | ~Q(answered_by=F("by")),
                name="ruleproposal_second_person",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.ADOPTED) | Q(replayed_at__isnull=False),
                name="ruleproposal_replayed_before_adopted",
            ),
            models.UniqueConstraint(
                fields=["digest"], condition=Q(state=State.PROPOSED), name="ruleproposal_waits_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["id"],
                condition=Q(state=State.PROPOSED, replayed_at__isnull=True),
                name="ruleproposal_to_replay",
            )
        ]

    def __str__(self) -> str:
        return f"rules/{self.pk}: {self.version}"


class Rebanding(models.Model):
    """How far the waiting reports were banded again since rules were put in force. The newest one counts."""

    ruleset = models.ForeignKey(RuleSet, on_delete=models.PROTECT, db_index=False, related_name="+")
    after_report = models.BigIntegerField(default=0)
    waiting = models.PositiveBigIntegerField()  # reports that waited when it began
    seen = models.PositiveBigIntegerField(default=0)
    banded = models.PositiveBigIntegerField(default=0)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["ruleset"], condition=Q(ended_at__isnull=True), name="rebanding_once_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ruleset_id} after {self.after_report}"
