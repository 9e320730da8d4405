"""Triage's tables: rules and assessments, who works on what, queues, and who is woken."""

from amaan.triage.models.assessing import Assessment, Claim, QueueTally, RuleSet

__all__ = ["Assessment", "Claim", "QueueTally", "RuleSet"]
