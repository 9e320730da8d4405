"""What leaves this room as a list stands in the ledger before it does."""

from __future__ import annotations

from django.db import transaction

from amaan.authority.actors import Actor
from amaan.ledger.services import Act, append
from amaan.linking.permissions import require_system


def record_export(actor: Actor, *, what: str) -> None:
    """All `rings` or all `links`, with the references of their reports: the operator's own, at the machine."""
    require_system(actor)
    with transaction.atomic(durable=True):
        append(actor, [Act("ring.exported", "linking", "", {"what": what})])
