"""What leaves this room as a list, or is explained at the machine, stands in the ledger before it does."""

from __future__ import annotations

from django.db import transaction

from amaan.authority.actors import Actor
from amaan.ledger.services import Act, append
from amaan.linking.permissions import require_system
from amaan.reports.selectors.recurring import Standing


def record_export(actor: Actor, *, what: str) -> None:
    """All `rings` or all `links`, with the references of their reports: the operator's own, at the machine."""
    require_system(actor)
    with transaction.atomic(durable=True):
        append(actor, [Act("ring.exported", "linking", "", {"what": what})])


def record_explanation(actor: Actor, *, reports: tuple[Standing, Standing]) -> None:
    """What these two reports share is told at the machine: it stands under both of them."""
    require_system(actor)
    low, high = reports
    with transaction.atomic(durable=True):
        append(
            actor,
            [
                Act("link.read", one.reference, one.unit, {"reports": [low.reference, high.reference]})
                for one in reports
            ],
        )
