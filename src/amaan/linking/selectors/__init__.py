"""Reading: links, rings and what people decided.

Evidence is arrays: `around.evidence_around`, `whole.whole_evidence` and `tellings.not_noted` stand in their files only,
so that no process reads numpy before somebody weighs.
"""

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

__all__ = [
    "DecisionTold",
    "LinkTold",
    "RingAt",
    "RingExported",
    "decisions_told",
    "links_among",
    "links_of",
    "ring_at",
    "ring_of_report",
    "rings_exported",
    "rings_of_reports",
    "state_of_pairs",
]
