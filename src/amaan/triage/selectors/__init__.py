"""Reading: the queue and its counts, who works on what, and the whole explanation of one band."""

from amaan.triage.rulebook import NoRulesAdopted, law
from amaan.triage.selectors.claims import ClaimPanel, claim_panel
from amaan.triage.selectors.counts import BandCount, Deadlines, counts_for, deadlines_for, waiting_in
from amaan.triage.selectors.emergencies import categories_beside, passed_over
from amaan.triage.selectors.explaining import (
    AxisExplained,
    Explanation,
    MissingTold,
    NoSuchReport,
    ReasonTold,
    Step,
    explanation_of,
)
from amaan.triage.selectors.left import LeftClaim, claims_left
from amaan.triage.selectors.queue import (
    EVERYTHING,
    Choice,
    HeldBy,
    Holder,
    Place,
    QueueLine,
    QueuePage,
    held_for,
    holders_of,
    queue_for,
)
from amaan.triage.selectors.queues import NamedQueue, NoSuchQueue, caught_by_none, queues_for
from amaan.triage.selectors.seen import Change, Read, changed_for, read_by

__all__ = [
    "EVERYTHING",
    "AxisExplained",
    "BandCount",
    "Change",
    "Choice",
    "ClaimPanel",
    "Deadlines",
    "Explanation",
    "HeldBy",
    "Holder",
    "LeftClaim",
    "MissingTold",
    "NamedQueue",
    "NoRulesAdopted",
    "NoSuchQueue",
    "NoSuchReport",
    "Place",
    "QueueLine",
    "QueuePage",
    "Read",
    "ReasonTold",
    "Step",
    "categories_beside",
    "caught_by_none",
    "changed_for",
    "claim_panel",
    "claims_left",
    "counts_for",
    "deadlines_for",
    "explanation_of",
    "held_for",
    "holders_of",
    "law",
    "passed_over",
    "queue_for",
    "queues_for",
    "read_by",
    "waiting_in",
]
