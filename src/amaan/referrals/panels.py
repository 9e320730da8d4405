"""How a report came, as panels of its page: the documents' completeness, and the documents themselves, covered."""

from __future__ import annotations

import json

from amaan.authority.actors import Actor
from amaan.evidence.services import open_exhibit
from amaan.referrals.domain.document_trees import Cover, DocumentTree, tree_of
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


def document_trees(actor: Actor, reference: str, *, masked: bool = True) -> tuple[DocumentTree, ...]:
    """The documents of a report's newest telling as trees, in order.

    Masked, they name nobody protected. `masked=False` covers nothing: whoever calls it so has seen a grant that is
    open and has recorded the reading. Raises ReportNotFound, SealBroken, ExhibitBytesMissing.
    """
    shield = shield_of(actor, reference)
    cover = (
        Cover(shield.veil, shield.reported, shield.associated, shield.clear, shield.uploader)
        if masked
        else None
    )
    return tuple(tree_of(kind, open_exhibit(exhibit), cover) for exhibit, kind in shield.exhibits if kind)
