"""Reading. Other rooms and pages come in here."""

from amaan.matching.selectors.listing import (
    BatchLine,
    Fault,
    ListLine,
    access_list,
    batches_of,
    faults_of,
    list_line,
    lists_for,
)
from amaan.matching.selectors.proposals import (
    Hash,
    SurvivorLine,
    Waiting,
    access_proposal,
    answer_place,
    known_of_report,
    proposals_waiting,
    reason_place,
    survivors_waiting,
    waiting_proposal,
)

__all__ = [
    "BatchLine",
    "Fault",
    "Hash",
    "ListLine",
    "SurvivorLine",
    "Waiting",
    "access_list",
    "access_proposal",
    "answer_place",
    "batches_of",
    "faults_of",
    "known_of_report",
    "list_line",
    "lists_for",
    "proposals_waiting",
    "reason_place",
    "survivors_waiting",
    "waiting_proposal",
]
