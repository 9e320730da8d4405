"""Messages of a conversation, numbered under its lock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from amaan.correspondence.domain import places
from amaan.correspondence.domain.words import Direction, MessageKind, Safe
from amaan.correspondence.models import Conversation, Message
from amaan.keyring.domain import Sealer
from amaan.reports.domain.preparing import dumps


def add_message(
    conversation: Conversation,
    *,
    direction: Direction,
    kind: MessageKind,
    body: Mapping[str, object],
    by: str,
    at: datetime,
    sealer: Sealer,
    safe: str = Safe.NOT_SAID,
) -> int:
    """Its number. The caller holds the conversation's row."""
    number = conversation.last_number + 1
    Message.objects.create(
        conversation=conversation,
        number=number,
        direction=direction,
        kind=kind,
        safe=safe,
        body=sealer.seal(places.message(conversation.submission, number), dumps(dict(body))),
        by=by,
        at=at,
    )
    conversation.last_number = number
    conversation.save(update_fields=["last_number"])
    return number


def wake(conversation: Conversation, at: datetime) -> None:
    """The reporter wrote: it waits from the first word on that nobody has looked at."""
    if conversation.waits_since is None:
        conversation.waits_since = at
        conversation.save(update_fields=["waits_since"])


def rest(conversation: Conversation) -> None:
    """Somebody has looked."""
    conversation.waits_since = None
    conversation.save(update_fields=["waits_since"])
