"""Triage's tables: rules and assessments, who works on what, queues, and who is woken."""

from amaan.triage.models.assessing import Assessment, Claim, QueueTally, RuleSet
from amaan.triage.models.proposing import Rebanding, RuleProposal
from amaan.triage.models.queues import DigestWish, Queue, QueueMember, Rerouting, Seen, Shift
from amaan.triage.models.waking import Notice, OnCall, Wake, WakingPlan, WokenFor

__all__ = [
    "Assessment",
    "Claim",
    "DigestWish",
    "Notice",
    "OnCall",
    "Queue",
    "QueueMember",
    "QueueTally",
    "Rebanding",
    "Rerouting",
    "RuleProposal",
    "RuleSet",
    "Seen",
    "Shift",
    "Wake",
    "WakingPlan",
    "WokenFor",
]
