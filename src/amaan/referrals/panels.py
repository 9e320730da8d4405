"""The documents of a report as they came, covered, for its page."""

from __future__ import annotations

from amaan.authority.actors import Actor
from amaan.evidence.services import open_exhibit
from amaan.referrals.domain.document_trees import MOST_NODES, Cover, DocumentTree, trees_of
from amaan.reports.panels import shield_of


def document_trees(actor: Actor, reference: str, *, most: int = MOST_NODES) -> tuple[DocumentTree, ...]:
    """The documents of a report's newest telling as trees, in order; they name nobody protected.

    Together they have `most` nodes. Raises ReportNotFound, SealBroken, ExhibitBytesMissing.
    """
    shield = shield_of(actor, reference)
    cover = Cover(shield.veil, shield.reported, shield.associated, shield.clear, shield.uploader)
    return trees_of(((kind, open_exhibit(exhibit)) for exhibit, kind in shield.exhibits if kind), cover, most)
