"""Reading: the queue and its counts, who works on what, and the whole explanation of one band."""

from amaan.triage.rulebook import NoRulesAdopted
from amaan.triage.selectors.claims import ClaimPanel, claim_panel
from amaan.triage.selectors.explaining import (
    AxisExplained,
    Explanation,
    NoSuchReport,
    ReasonTold,
    Step,
    explanation_of,
)
from amaan.triage.selectors.left import LeftClaim, claims_left
from amaan.triage.selectors.queue import (
    EVERYTHING,
    BandCount,
    Choice,
    Deadlines,
    HeldBy,
    Holder,
    Place,
    QueueLine,
    QueuePage,
    counts_for,
    deadlines_for,
    held_for,
    holders_of,
    queue_for,
)

__all__ = [
    "EVERYTHING",
    "AxisExplained",
    "BandCount",
    "Choice",
    "ClaimPanel",
    "Deadlines",
    "Explanation",
    "HeldBy",
    "Holder",
    "LeftClaim",
    "NoRulesAdopted",
    "NoSuchReport",
    "Place",
    "QueueLine",
    "QueuePage",
    "ReasonTold",
    "Step",
    "claim_panel",
    "claims_left",
    "counts_for",
    "deadlines_for",
    "explanation_of",
    "held_for",
    "holders_of",
    "queue_for",
]
