"""Reading: evidence, links, rings and what people decided."""

from amaan.linking.selectors.around import evidence_around
from amaan.linking.selectors.rings_of import (
    RingAt,
    RingExported,
    ring_at,
    ring_of_report,
    rings_exported,
    rings_of_reports,
)
from amaan.linking.selectors.states import (
    DecisionTold,
    LinkTold,
    decisions_told,
    links_among,
    links_of,
    state_of_pairs,
)
from amaan.linking.selectors.tellings import not_noted
from amaan.linking.selectors.whole import whole_evidence

__all__ = [
    "DecisionTold",
    "LinkTold",
    "RingAt",
    "RingExported",
    "decisions_told",
    "evidence_around",
    "links_among",
    "links_of",
    "not_noted",
    "ring_at",
    "ring_of_report",
    "rings_exported",
    "rings_of_reports",
    "state_of_pairs",
    "whole_evidence",
]
