"""Reading once more what could not be read: after an update, with a key put back, or when its report is here."""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.db import transaction

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, require
from amaan.correspondence.domain.words import ArrivalState, Fault, ReadAlready
from amaan.correspondence.models import Arrival
from amaan.correspondence.services.carrying import DOOR, carry, open_envelope
from amaan.evidence.services import open_exhibit
from amaan.keyring.services import door_private_key
from amaan.ledger.services import Act, append
from amaan.portal.services import Waiting


@dataclass(frozen=True)
class Retried:
    """How many could be read now, and how many are still kept."""

    read: int
    left: int


def retry_unreadable(actor: Actor, *, number: int | None = None) -> Retried:
    """Try one again, or all, in the order in which they came; with one, also those that waited for its report.

    Raises NotAllowed, ReadAlready.
    """
    require(actor, Action.RETRY_QUARANTINE)
    waiting = Arrival.objects.filter(state=ArrivalState.UNREADABLE).order_by("id")
    rows = list(waiting) if number is None else list(waiting.filter(pk=number))
    if number is not None and not rows:
        raise ReadAlready("There is no such envelope, or it was read meanwhile.")
    with transaction.atomic():
        body: dict[str, object] = {"envelopes": [row.pk for row in rows]}
        append(actor, [Act("envelope.retried", "door", "", body)])
    private = door_private_key()
    _again(rows, private)
    if number is not None:
        _again(list(waiting.filter(fault=Fault.NO_CONVERSATION).exclude(pk=number)), private)
    left = waiting.filter(pk__in=[row.pk for row in rows]).count()
    return Retried(len(rows) - left, left)


def _again(rows: list[Arrival], private: bytes) -> None:
    for row in rows:
        sealed = open_exhibit(json.loads(row.exhibits)[0])
        envelope = Waiting(bytes(row.number), sealed, b"", b"", b"", row.many, row.received_at)
        carry(Actor.system(DOOR), [open_envelope(envelope, private, row)])
