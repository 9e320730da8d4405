"""Reading: evidence, links, rings and what people decided."""

from amaan.linking.selectors.around import evidence_around
from amaan.linking.selectors.tellings import not_noted
from amaan.linking.selectors.whole import whole_evidence

__all__ = ["evidence_around", "not_noted", "whole_evidence"]
