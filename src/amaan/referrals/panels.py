"""How a report came, as panels of its page: the documents' completeness, and the documents themselves, covered."""

from __future__ import annotations

import json

from amaan.authority.actors import Actor
from amaan.evidence.services import open_exhibit
from amaan.referrals.domain.document_trees import MOST_NODES, Cover, DocumentTree, trees_of
from amaan.referrals.domain.receipts import Receipt, in_words
from amaan.referrals.models import Shape
from amaan.reports.panels import shield_of
from amaan.reports.selectors import access_report, newest_telling


def completeness(actor: Actor, reference: str) -> tuple[Receipt, ...]:
    """The receipts of a report's newest telling, one a document. Raises ReportNotFound.

    Where the list of paths of an old shape is not kept, the receipt says only what was not understood.
    """
    stored = json.loads(newest_telling(access_report(actor, reference)).receipt)
    shapes = Shape.objects.filter(digest__in={one[1] for one in stored})
    names = {shape.digest: tuple(json.loads(shape.names)) for shape in shapes}
    return tuple(in_words(one, names.get(one[1], ())) for one in stored)


def document_trees(actor: Actor, reference: str, *, most: int = MOST_NODES) -> tuple[DocumentTree, ...]:
    """The documents of a report's newest telling as trees, in order; they name nobody protected.

    Together they have `most` nodes. Raises ReportNotFound, SealBroken, ExhibitBytesMissing.
    """
    shield = shield_of(actor, reference)
    cover = Cover(shield.veil, shield.reported, shield.associated, shield.clear, shield.uploader)
    return trees_of(((kind, open_exhibit(exhibit)) for exhibit, kind in shield.exhibits if kind), cover, most)
